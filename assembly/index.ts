export { generalizeAge90, generalizeYear, generalizeZip3 } from './generalize';
