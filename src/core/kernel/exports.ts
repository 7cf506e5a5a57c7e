/** What `assembly/index.ts` exports: addresses, offsets and counts are unsigned words, in bytes. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  regionsFrom(): number;
  setDialect(delimiter: number, lineEnd: number, lineEndLength: number): void;
  setHashKey(first: bigint, second: bigint): void;
  setColumns(columns: number, count: number, steps: number, stepCount: number): void;
  setRegions(fieldEnds: number, records: number, scratch: number, rooms: number): void;
  setTables(
    slots: number,
    slotCount: number,
    entryRecords: number,
    entryEnds: number,
    messages: number,
  ): void;
  restrictedZip3Bitmap(): number;

  indexFields(from: number, length: number, marked: number, complete: number): number;
  indexFault(): number;
  indexFaultAt(): number;
  linesInQuotes(): number;
  sawNul(): number;
  sawAsciiOnly(): number;
  firstInvalid(from: number, to: number): number;

  scan(from: number, records: number, output: number): number;
  scanFault(): number;
  scannedTo(): number;
  raggedFields(): number;
  rows(): number;
  roomsUsed(): number;
  tokenFoundRow(): number;
  tokenFoundColumn(): number;
  tokenFoundRecordAt(): number;

  entries(): number;
  messagesUsed(): number;
  columnOf(entry: number): number;
  forgetEntries(): void;
  settleEntries(first: number, count: number, digests: number): void;
  fillRooms(output: number, count: number): void;
  mapTextBound(first: number, count: number): number;
  writeMapText(first: number, count: number, text: number, ends: number): number;

  checkOutput(output: number, length: number, findings: number): number;
  findingsKept(): number;
  checkedRecords(): number;

  setHmacState(state: number): void;
  wipeHmacState(): void;
  hmac(messages: number, start: number, ends: number, count: number, digests: number): void;
}

/** Of `indexFault`. */
export const textAfterQuoteFault = 1;
export const unterminatedQuoteFault = 2;
/** Of `scanFault`. */
export const raggedFault = 3;
export const recordTooLongFault = 4;
