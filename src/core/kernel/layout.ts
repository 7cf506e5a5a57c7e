import { tokenLength } from '../token.ts';

/** What is remembered across segments: past either limit all is forgotten before the next one. */
export interface MemoryLimits {
  readonly entries: number;
  /** Of the messages, `<canonical column>:<value>`, of all entries. */
  readonly bytes: number;
}

/** Bytes of assembly's `SLACK`: what may be read and written beyond a region. */
const slack = 128;
const pageLength = 65536;
const slotLength = 8;
const recordLength = 32;
const findingsRoom = 20 * 12;

/** Addresses of the regions for segments up to a length. */
export interface Layout {
  readonly longest: number;
  readonly slots: number;
  readonly slotCount: number;
  readonly entryRecords: number;
  readonly entryEnds: number;
  readonly messages: number;
  readonly fieldEnds: number;
  readonly records: number;
  readonly scratch: number;
  readonly rooms: number;
  readonly input: number;
  readonly output: number;
  readonly digests: number;
  readonly findings: number;
  /** What follows all of them is free: the map's text is put there. */
  readonly end: number;
}

/**
 * Lays the regions out. All are as large as the worst segment of the length would need, which
 * costs addresses only: memory that is never touched is never taken.
 * @param from first free address
 * @param longest bytes of a segment
 * @param longestHead bytes of the longest `<canonical column>:`
 */
export function layOut(
  from: number,
  longest: number,
  longestHead: number,
  limits: MemoryLimits,
): Layout {
  // A cell that is not empty takes a byte, and one that ends it.
  const cells = (longest >> 1) + 1;
  const entries = limits.entries + cells;
  // What would fill more than three quarters of them is not remembered.
  const slotCount = 2 ** Math.max(8, Math.ceil(Math.log2((4 / 3) * limits.entries)));
  let at = from;
  const region = (length: number): number => {
    const start = Math.ceil(at / 64) * 64;
    at = start + length + slack;
    return start;
  };
  return {
    longest,
    slotCount,
    slots: region(slotLength * slotCount),
    entryRecords: region(recordLength * entries),
    entryEnds: region(4 * entries),
    messages: region(limits.bytes + longest + longestHead * cells),
    fieldEnds: region(4 * (longest + 1)),
    records: region(8 * (longest + 1)),
    scratch: region(longest),
    rooms: region(8 * cells),
    input: region(longest),
    output: region(2 * longest + (tokenLength + 2) * (cells + 1)),
    digests: region(32 * cells),
    findings: region(findingsRoom),
    end: region(0),
  };
}

/** Makes a memory reach up to an address. */
export function reach(memory: WebAssembly.Memory, end: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageLength));
}
