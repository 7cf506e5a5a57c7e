import { CR, LF, LineCounter } from './lines.ts';
import { copyInto, type SpareMemory } from '../spare-memory.ts';
import { recordLengthLimit } from './faults.ts';

const QUOTE = 0x22;

/** About a megabyte of whole records in UTF-8. Whoever reads them holds them to the strict rule. */
export interface RawSegment {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** False where the last record breaks off because it is too long. */
  readonly complete: boolean;
  /** Memory for the output, where some is to spare. */
  readonly room?: Uint8Array<ArrayBuffer>;
}

/**
 * Cuts UTF-8 bytes at record ends, for readers that hold records to the strict rule themselves.
 * It knows as much as that takes: a quote opens a field only as its first byte, so that a line end
 * may lie within quotes. Bytes may arrive cut anywhere; the header is cut off and counted.
 */
export class SegmentCutter {
  readonly #delimiter: number;
  readonly #segmentSize: number;
  readonly #spare: SpareMemory | undefined;
  #buffer = new Uint8Array(0);
  #length = 0;
  #position = 0;
  #quoted = false;
  /** Whether the byte at the position begins a field. */
  #fieldStart = true;
  /** Offset after the last record end. */
  #recordEnd = 0;
  #headerLines: number | undefined;

  /** @param spare memory for segments, if there is any */
  constructor(delimiter: string, segmentSize: number, spare?: SpareMemory) {
    this.#spare = spare;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#segmentSize = segmentSize;
  }

  /** Lines of the header and of what is blank before it, once it is complete. */
  get headerLines(): number | undefined {
    return this.#headerLines;
  }

  /** Takes the next bytes; gives the segments that they complete, at most two. */
  push(chunk: Uint8Array): RawSegment[] {
    this.#append(chunk);
    this.#scan(false);
    const segments: RawSegment[] = [];
    if (this.#headerLines === undefined) return segments;
    if (this.#recordEnd > this.#segmentSize / 2) segments.push(this.#take(this.#recordEnd, true));
    // A byte more than a record may have: the reader tells the line.
    if (this.#length - this.#recordEnd > recordLengthLimit + 1) {
      segments.push(this.#take(this.#length, false));
    }
    return segments;
  }

  /** The end of the file: gives what is left. */
  finish(): RawSegment[] {
    this.#scan(true);
    if (this.#headerLines === undefined || this.#length === 0) return [];
    return [this.#take(this.#length, this.#length - this.#recordEnd <= recordLengthLimit + 1)];
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  /** `last`: no byte will come that could turn a CR into a CRLF. */
  #scan(last: boolean): void {
    if (this.#headerLines === undefined) this.#findHeader(this.#length, last);
    if (this.#headerLines === undefined) return;
    const limit = this.#length;
    if (!this.#quoted && this.#buffer.subarray(this.#position, limit).indexOf(QUOTE) < 0) {
      this.#scanUnquoted(limit, last);
    } else {
      this.#scanQuoted(limit, last);
    }
  }

  /** Without a quote each line end ends a record, so only the last one has to be found. */
  #scanUnquoted(limit: number, last: boolean): void {
    const buffer = this.#buffer;
    const end = !last && buffer[limit - 1] === CR ? limit - 1 : limit;
    if (end <= this.#position) return;
    let i = end - 1;
    while (i >= this.#position && buffer[i] !== LF && buffer[i] !== CR) i -= 1;
    if (i >= this.#position) this.#recordEnd = i + 1;
    const before = buffer[end - 1];
    this.#fieldStart = before === this.#delimiter || before === LF || before === CR;
    this.#position = end;
  }

  #scanQuoted(limit: number, last: boolean): void {
    const buffer = this.#buffer;
    const delimiter = this.#delimiter;
    let quoted = this.#quoted;
    let fieldStart = this.#fieldStart;
    let recordEnd = this.#recordEnd;
    let i = this.#position;
    for (; i < limit; i += 1) {
      const byte = buffer[i];
      if (quoted) {
        // Of a quote that is doubled each half closes and opens: what stands between is nothing.
        if (byte === QUOTE) quoted = false;
        fieldStart = !quoted;
      } else if (byte === QUOTE) {
        quoted = fieldStart;
        fieldStart = false;
      } else if (byte === delimiter) {
        fieldStart = true;
      } else if (byte === LF) {
        fieldStart = true;
        recordEnd = i + 1;
      } else if (byte === CR) {
        if (i + 1 >= limit && !last) break;
        fieldStart = true;
        recordEnd = i + 1 < limit && buffer[i + 1] === LF ? i + 2 : i + 1;
        i = recordEnd - 1;
      } else {
        fieldStart = false;
      }
    }
    this.#quoted = quoted;
    this.#fieldStart = fieldStart;
    this.#recordEnd = recordEnd;
    this.#position = i;
  }

  /** The first record that is not blank; its bytes go. */
  #findHeader(limit: number, last: boolean): void {
    for (;;) {
      const from = this.#recordEnd;
      const end = this.#nextRecordEnd(limit, last);
      if (end < 0) return;
      const first = this.#buffer[from];
      if (end > from && first !== LF && first !== CR) break;
      if (end >= limit) return;
    }
    const lines = new LineCounter();
    for (const byte of this.#buffer.subarray(0, this.#recordEnd)) lines.see(byte);
    this.#headerLines = lines.line - 1;
    this.#drop(this.#recordEnd);
  }

  /** Scans one record; gives the offset after its line end, or -1 where it does not end yet. */
  #nextRecordEnd(limit: number, last: boolean): number {
    const before = this.#recordEnd;
    for (let to = this.#position + 1; to <= limit; to += 1) {
      this.#scanQuoted(to, last && to === limit);
      if (this.#recordEnd > before) {
        // A CR may be half of a line end.
        return this.#recordEnd;
      }
    }
    if (last && limit > before) {
      this.#recordEnd = limit;
      return limit;
    }
    return -1;
  }

  #take(end: number, complete: boolean): RawSegment {
    const bytes = copyInto(this.#spare?.find(end), this.#buffer.subarray(0, end));
    this.#drop(end);
    return { bytes, complete };
  }

  /** Moves what is left to the front. */
  #drop(end: number): void {
    this.#buffer.copyWithin(0, end, this.#length);
    this.#length -= end;
    this.#position -= end;
    this.#recordEnd = 0;
  }
}
