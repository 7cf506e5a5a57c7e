/**
 * Where things lie in memory. JavaScript lays the regions out before each segment and tells the
 * kernel once; nothing here is ever freed.
 */

/** Bytes that may be read, and written, beyond the end of any region. */
export const SLACK: usize = 128;

/** Offsets of field ends in the bytes that were indexed last, u32 each. */
export let fieldEnds: usize = 0;
/** Records of those bytes: `RECORD_SIZE` bytes each, see `fields.ts`. */
export let recordList: usize = 0;
/** Where an unescaped value is put: as large as the segment. */
export let scratch: usize = 0;
/** Where room was left for tokens: offset in the output and entry, u32 each. */
export let rooms: usize = 0;

export function setRegions(ends: usize, records: usize, unescaped: usize, tokenRooms: usize): void {
  fieldEnds = ends;
  recordList = records;
  scratch = unescaped;
  rooms = tokenRooms;
}

/** The table that leads to distinct values: eight bytes a slot, a power of two of them. */
export let slots: usize = 0;
export let slotMask: u32 = 0;
/** Values that are remembered at most: a table that is nearly full is slow. */
export let capacity: u32 = 0;
/** Records of the entries, see `table.ts`, and where each one's message ends, u32. */
export let entryRecords: usize = 0;
export let entryEnds: usize = 0;
/** The messages of all entries one after another: `<canonical column>:<value>`. */
export let messages: usize = 0;

export function setTables(
  slotsAt: usize,
  slotCount: u32,
  recordsAt: usize,
  endsAt: usize,
  messagesAt: usize,
): void {
  slots = slotsAt;
  slotMask = slotCount - 1;
  capacity = slotCount - (slotCount >> 2);
  entryRecords = recordsAt;
  entryEnds = endsAt;
  messages = messagesAt;
}
