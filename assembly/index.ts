export { checkedRecords, checkOutput, findingsKept } from './check';
export { rows, roomsUsed, tokenFoundColumn, tokenFoundRecordAt, tokenFoundRow } from './cells';
export { setColumns } from './columns';
export { setDialect } from './dialect';
export {
  indexFault,
  indexFaultAt,
  indexFields,
  linesInQuotes,
  sawAsciiOnly,
  sawNul,
} from './fields';
export {
  generalizeAge90,
  generalizeYear,
  generalizeZip3,
  restrictedZip3Bitmap,
} from './generalize';
export { setHashKey } from './hash';
export { hmac, setHmacState, wipeHmacState } from './hmac';
export { areDigits, isAgeTo90, isEmail, isSsn, isToken } from './identifiers';
export { mapTextBound, writeMapText } from './map-text';
export { setRegions, setTables } from './regions';
export { raggedFields, scan, scanFault, scannedTo } from './scan';
export { columnOf, entries, forgetEntries, messagesUsed, settleEntries } from './table';
export { fillRooms } from './tokens';
export { sha256Blocks } from './sha256-stream';
export { firstInvalid } from './utf8';

/** The first byte of memory that the kernel leaves to whoever lays out the regions. */
export function regionsFrom(): usize {
  return __heap_base;
}
