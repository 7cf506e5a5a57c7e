export {
  generalizeAge90,
  generalizeYear,
  generalizeZip3,
  restrictedZip3Bitmap,
} from './generalize';
export { areDigits, isAgeTo90, isEmail, isSsn, isToken } from './identifiers';
