export { generalizeAge90, generalizeYear, generalizeZip3 } from './generalize';
export { hmac, setHmacState, wipeHmacState } from './hmac';
export { sha256Blocks } from './sha256-stream';
