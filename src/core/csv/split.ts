import { VaultError } from '../errors.ts';
import {
  notText,
  quoteUnterminated,
  ragged,
  recordLengthLimit,
  recordTooLong,
  textAfterQuote,
} from './faults.ts';
import { CR, LF } from './lines.ts';

type LineEnd = '\n' | '\r\n' | '\r';

/** Records one after another that share a line end, with no blank line between them. */
export interface RecordRun {
  /** Offset of the first record's first byte, and the offset after the last record's last byte. */
  readonly start: number;
  end: number;
  /** What ends each record but the last, and the last too, just after `end`. */
  readonly lineEnd: LineEnd;
  /** Line number of the first record. */
  readonly firstLine: number;
  /** Data row of the first record, from 1; 0 for the header. */
  readonly firstRow: number;
  records: number;
}

/** About a megabyte of whole records, in UTF-8, that keep the quote rule and the field count. */
export interface Segment {
  /** Position in the file: 0 is the header alone, data begins with 1. */
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly runs: readonly RecordRun[];
  readonly records: number;
}

export const segmentSizeDefault = 1 << 20;
/** A file that mixes line ends in every record is cut here, before its runs outgrow its bytes. */
const runsLimit = 4096;

const QUOTE = 0x22;
const FIELD_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
const AFTER_QUOTE = 3;

export interface SplitterOptions {
  readonly delimiter: string;
  /** A segment is cut at the first record end past this many bytes. */
  readonly segmentSize?: number;
  /** Fields of each record, where the header is known: then the first record is data. */
  readonly fields?: number;
}

/**
 * Splits UTF-8 bytes into record-aligned segments and holds every record to the strict rule:
 * a quote opens a field only as its first character; after the closing quote only a delimiter, a
 * line end or the end of the file may follow; every record has as many fields as the header
 * (RFC 4180, section 2, rules 4 to 7, and with LF and CR as line ends as well).
 * Bytes may arrive cut anywhere. The first segment that comes out is the header alone.
 * Errors: `not-text`, `quote-text-after`, `quote-unterminated`, `ragged`, `record-too-long`, `empty`.
 */
export class RecordSplitter {
  readonly #delimiter: number;
  readonly #segmentSize: number;
  #buffer = new Uint8Array(0);
  #length = 0;
  #position = 0;
  #state = FIELD_START;
  #line = 1;
  #quoteLine = 1;
  #segmentStart = 0;
  #recordStart = 0;
  #recordLine = 1;
  #recordFields = 1;
  #headerFields: number | undefined;
  #records = 0;
  #segmentRecords = 0;
  #segmentIndex = 0;
  #runs: RecordRun[] = [];
  #run: RecordRun | undefined;
  #done: Segment[] = [];

  constructor(options: SplitterOptions) {
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#segmentSize = options.segmentSize ?? segmentSizeDefault;
    if (options.fields !== undefined) {
      this.#headerFields = options.fields;
      // As if the header had been read.
      this.#records = 1;
      this.#segmentIndex = 1;
    }
  }

  /** Fields of the header, once it is complete. */
  get fields(): number | undefined {
    return this.#headerFields;
  }

  /** Line ends so far, within quotes too. */
  get lines(): number {
    return this.#line - 1;
  }

  /** Complete records so far, the header among them. */
  get records(): number {
    return this.#records;
  }

  /** Takes the next bytes; gives the segments that they complete. */
  push(chunk: Uint8Array): Segment[] {
    this.#append(chunk);
    const nul = chunk.indexOf(0);
    if (nul >= 0) {
      this.#scan(this.#length - chunk.length + nul, true);
      throw notText(this.#line);
    }
    this.#scan(this.#length, false);
    this.#compact();
    return this.#take();
  }

  /** The end of the file: gives the last segments. */
  finish(): Segment[] {
    this.#scan(this.#length, true);
    if (this.#state === QUOTED) {
      throw quoteUnterminated(this.#quoteLine);
    }
    if (this.#length > this.#recordStart) this.#endRecord(this.#length, 0);
    if (this.#headerFields === undefined) {
      throw new VaultError('empty', 'the file holds no record: expected a header row', {
        rule: 'header',
      });
    }
    this.#cut(this.#length);
    return this.#take();
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

  /** `last`: no byte after `limit` can turn a CR into a CRLF. */
  #scan(limit: number, last: boolean): void {
    const buffer = this.#buffer;
    const delimiter = this.#delimiter;
    let i = this.#position;
    let state = this.#state;
    let byte = 0;
    for (;;) {
      if (state === FIELD_START && i < limit) {
        if (buffer[i] === QUOTE) {
          state = QUOTED;
          this.#quoteLine = this.#line;
          i += 1;
        } else {
          state = UNQUOTED;
        }
      }
      if (state === QUOTED) {
        while (i < limit && (byte = buffer[i] as number) !== QUOTE && byte !== LF && byte !== CR) {
          i += 1;
        }
      } else if (state === UNQUOTED) {
        while (
          i < limit &&
          (byte = buffer[i] as number) !== delimiter &&
          byte !== LF &&
          byte !== CR
        ) {
          i += 1;
        }
      } else {
        byte = buffer[i] as number;
      }
      if (i >= limit) break;
      if (byte === LF || byte === CR) {
        if (byte === CR && i + 1 >= limit && !last) break;
        const lineEndLength = byte === CR && i + 1 < limit && buffer[i + 1] === LF ? 2 : 1;
        if (state !== QUOTED) {
          this.#endRecord(i, lineEndLength);
          state = FIELD_START;
        }
        this.#line += 1;
        if (state !== QUOTED) this.#recordLine = this.#line;
        i += lineEndLength;
      } else if (state === QUOTED) {
        state = AFTER_QUOTE;
        i += 1;
      } else if (byte === delimiter) {
        this.#recordFields += 1;
        state = FIELD_START;
        i += 1;
      } else if (byte === QUOTE) {
        state = QUOTED;
        i += 1;
      } else {
        throw textAfterQuote(this.#line, this.#recordFields);
      }
    }
    this.#position = i;
    this.#state = state;
    this.#checkLength(i);
  }

  #checkLength(end: number): void {
    if (end - this.#recordStart <= recordLengthLimit) return;
    throw recordTooLong(this.#recordLine);
  }

  #endRecord(end: number, lineEndLength: number): void {
    const start = this.#recordStart;
    this.#recordStart = end + lineEndLength;
    if (end === start) {
      this.#run = undefined;
      // Nothing but blank lines may follow, for gigabytes.
      if (this.#recordStart - this.#segmentStart >= this.#segmentSize) this.#cut(this.#recordStart);
      return;
    }
    if (end - start > recordLengthLimit) {
      this.#recordStart = start;
      this.#checkLength(end);
    }
    const fields = this.#recordFields;
    this.#recordFields = 1;
    const headerFields = (this.#headerFields ??= fields);
    if (fields !== headerFields) {
      this.#recordStart = start;
      throw ragged(this.#recordLine, fields, headerFields);
    }
    this.#addToRun(start, end, lineEndLength);
    this.#records += 1;
    this.#segmentRecords += 1;
    const size = this.#recordStart - this.#segmentStart;
    if (this.#records === 1 || size >= this.#segmentSize || this.#runs.length >= runsLimit) {
      this.#cut(this.#recordStart);
    }
  }

  #addToRun(start: number, end: number, lineEndLength: number): void {
    let lineEnd: LineEnd = lineEndLength === 2 ? '\r\n' : '\n';
    if (lineEndLength === 1 && this.#buffer[end] === CR) lineEnd = '\r';
    const run = this.#run;
    if (run !== undefined && (lineEndLength === 0 || run.lineEnd === lineEnd)) {
      run.end = end - this.#segmentStart;
      run.records += 1;
      return;
    }
    this.#run = {
      start: start - this.#segmentStart,
      end: end - this.#segmentStart,
      lineEnd,
      firstLine: this.#recordLine,
      firstRow: this.#records,
      records: 1,
    };
    this.#runs.push(this.#run);
  }

  #cut(end: number): void {
    if (this.#segmentRecords > 0) {
      this.#done.push({
        index: this.#segmentIndex,
        bytes: this.#buffer.slice(this.#segmentStart, end),
        runs: this.#runs,
        records: this.#segmentRecords,
      });
      this.#segmentIndex += 1;
    }
    this.#segmentStart = end;
    this.#segmentRecords = 0;
    this.#runs = [];
    this.#run = undefined;
  }

  /** Moves the bytes of the unfinished segment to the front. */
  #compact(): void {
    const start = this.#segmentRecords === 0 ? this.#recordStart : this.#segmentStart;
    if (start === 0) return;
    this.#buffer.copyWithin(0, start, this.#length);
    this.#length -= start;
    this.#position -= start;
    this.#recordStart -= start;
    this.#segmentStart = 0;
  }

  /** After an error: what is complete before the record at fault. */
  takeBeforeFault(): Segment[] {
    this.#cut(this.#recordStart);
    return this.#take();
  }

  #take(): Segment[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }
}
