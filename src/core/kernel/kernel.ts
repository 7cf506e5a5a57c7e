import type { SegmentCounts } from '../counts.ts';
import { decodeUtf8 } from '../csv/encoding.ts';
import {
  notText,
  quoteUnterminated,
  ragged,
  recordLengthLimit,
  recordTooLong,
  textAfterQuote,
  tokensFound,
} from '../csv/faults.ts';
import type { RawSegment } from '../csv/cut.ts';
import { CR, LF, LineCounter } from '../csv/lines.ts';
import { hmacStateLength } from '../hmac-state.ts';
import { identityLength, type MapEntries, type Transform } from '../engine.ts';
import { VaultError } from '../errors.ts';
import { digestLength } from '../prf.ts';
import { copyInto } from '../spare-memory.ts';
import type { ValidationResult } from '../validate.ts';
import { ColumnTable } from './column-table.ts';
import {
  type KernelExports,
  raggedFault,
  recordTooLongFault,
  textAfterQuoteFault,
  unterminatedQuoteFault,
} from './exports.ts';
import type { TokenSample } from './spot-check.ts';
import { tokenLength } from '../token.ts';
import { type Layout, layOut, type MemoryLimits, reach } from './layout.ts';

/** First byte of U+FEFF: its record is looked at closely. */
const bomLead = 0xef;
const smallestLayout = 1 << 16;
const decoder = new TextDecoder();

/** What a scan has left in the kernel's memory, and what it counted. */
export interface Scanned {
  readonly outputLength: number;
  readonly rooms: number;
  /** New (column, value) pairs: entries `first` to `first + count - 1`. */
  readonly first: number;
  readonly count: number;
  readonly records: number;
  readonly lines: number;
  readonly counts: SegmentCounts;
}

/** One instance of the WebAssembly kernel and its memory, for one transform. */
export class Kernel {
  readonly #exports: KernelExports;
  readonly #transform: Transform;
  readonly #limits: MemoryLimits;
  readonly #columns: ColumnTable;
  #laidOut: Layout | undefined;
  #bytes: Uint8Array<ArrayBuffer>;
  /** After a fault: values were listed that nobody has asked for. */
  #spoiled = false;

  constructor(module: WebAssembly.Module, transform: Transform, limits: MemoryLimits) {
    const instance = new WebAssembly.Instance(module);
    const kernel = instance.exports as unknown as KernelExports;
    const { delimiter, lineEnd } = transform.output;
    const end = lineEnd === '\n' ? LF : CR | (LF << 8);
    kernel.setDialect(delimiter.charCodeAt(0), end, lineEnd.length);
    const [first = 0n, second = 0n] = crypto.getRandomValues(new BigUint64Array(2));
    kernel.setHashKey(first, second);
    this.#exports = kernel;
    this.#transform = transform;
    this.#limits = limits;
    this.#columns = new ColumnTable(kernel, kernel.regionsFrom(), transform);
    reach(kernel.memory, this.#columns.end + hmacStateLength);
    this.#bytes = new Uint8Array(kernel.memory.buffer);
  }

  /** Whether a segment of so many bytes can be scanned before `prepare`. */
  takes(length: number): boolean {
    const kernel = this.#exports;
    return (
      !this.#spoiled &&
      length <= (this.#laidOut?.longest ?? 0) &&
      kernel.entries() <= this.#limits.entries &&
      kernel.messagesUsed() <= this.#limits.bytes
    );
  }

  /** Forgets all values, and makes room for segments of a length. No token may be awaited. */
  prepare(length: number): void {
    const before = this.#laidOut;
    if (length > (before?.longest ?? 0)) {
      this.#layOut(2 ** Math.ceil(Math.log2(Math.max(1.25 * length, smallestLayout))));
    }
    // Memory that was never used holds zeros.
    if (before !== undefined) this.#exports.forgetEntries();
    this.#spoiled = false;
  }

  get #layout(): Layout {
    if (this.#laidOut === undefined) throw new VaultError('internal', 'a kernel without regions');
    return this.#laidOut;
  }

  #layOut(longest: number): void {
    const kernel = this.#exports;
    const layout = layOut(
      this.#columns.end + hmacStateLength,
      longest,
      this.#columns.longestHead,
      this.#limits,
    );
    reach(kernel.memory, layout.end);
    this.#bytes = new Uint8Array(kernel.memory.buffer);
    kernel.setRegions(layout.fieldEnds, layout.records, layout.scratch, layout.rooms);
    kernel.setTables(
      layout.slots,
      layout.slotCount,
      layout.entryRecords,
      layout.entryEnds,
      layout.messages,
    );
    this.#laidOut = layout;
  }

  /**
   * The first phase.
   * @throws VaultError as of `SegmentEngine`
   */
  scan({ bytes, complete }: RawSegment): Scanned {
    const kernel = this.#exports;
    const { input, output } = this.#layout;
    const { length } = bytes;
    this.#spoiled = true;
    this.#bytes.set(bytes, input);
    this.#bytes[input + length] = LF;
    let found = kernel.indexFields(input, length, bomLead, complete ? 1 : 0);
    const ascii = kernel.sawAsciiOnly() === 1;
    const nul = kernel.sawNul() === 1 ? bytes.indexOf(0) : -1;
    if (nul >= 0) found = kernel.indexFields(input, nul, bomLead, 0);
    const first = kernel.entries();
    const outputLength = kernel.scan(input, found, output);
    const scannedTo = kernel.scannedTo() - input;
    if (!ascii && kernel.firstInvalid(input, input + scannedTo) < input + scannedTo) {
      decodeUtf8(bytes.subarray(0, Math.min(scannedTo, length)), 1);
      throw new VaultError('internal', 'two readers disagree about what is UTF-8');
    }
    if (kernel.tokenFoundRow() > 0 && !this.#transform.allowTokens) {
      throw tokensFound({
        line: lineAt(bytes, kernel.tokenFoundRecordAt() - input),
        row: kernel.tokenFoundRow(),
        column: kernel.tokenFoundColumn() + 1,
      });
    }
    this.#assertWhole(bytes, complete, scannedTo, nul);
    this.#spoiled = false;
    return {
      outputLength,
      rooms: kernel.roomsUsed(),
      first,
      count: kernel.entries() - first,
      records: kernel.rows(),
      lines: found - (endsLine(bytes.at(-1)) ? 0 : 1) + kernel.linesInQuotes(),
      counts: this.#columns.counts(),
    };
  }

  #assertWhole(bytes: Uint8Array, complete: boolean, scannedTo: number, nul: number): void {
    const kernel = this.#exports;
    const line = (at: number): number => lineAt(bytes, at);
    const scanFault = kernel.scanFault();
    if (scanFault === raggedFault) {
      throw ragged(line(scannedTo), kernel.raggedFields(), this.#transform.treatments.length);
    }
    if (scanFault === recordTooLongFault) throw recordTooLong(line(scannedTo));
    const at = kernel.indexFaultAt();
    const indexFault = kernel.indexFault();
    if (indexFault === textAfterQuoteFault) {
      throw textAfterQuote(line(at), this.#fieldAt(bytes, scannedTo, at));
    }
    if (nul >= 0) throw notText(line(nul));
    if (!complete && bytes.length - scannedTo > recordLengthLimit) {
      throw recordTooLong(line(scannedTo));
    }
    if (indexFault === unterminatedQuoteFault) throw quoteUnterminated(line(at));
    if (scannedTo < bytes.length) {
      throw new VaultError('internal', 'a segment that was not read to its end');
    }
  }

  /** Number of the field that a faulty record has at an offset, from 1. */
  #fieldAt(bytes: Uint8Array, recordStart: number, at: number): number {
    const kernel = this.#exports;
    const record = bytes.slice(recordStart, at);
    const { input } = this.#layout;
    this.#bytes.set(record, input);
    this.#bytes[input + record.length] = LF;
    // Up to the fault the record is as it should be: each of its ends but the last is a delimiter.
    kernel.indexFields(input, record.length, bomLead, 1);
    const { fieldEnds } = this.#layout;
    const view = new DataView(this.#bytes.buffer);
    let field = 1;
    while (view.getUint32(fieldEnds + 4 * (field - 1), true) < record.length) field += 1;
    return field;
  }

  /** The messages of new pairs, and the offset after each. */
  messages({ first, count }: Scanned): { messages: Uint8Array<ArrayBuffer>; ends: Uint32Array } {
    const { entryEnds, messages } = this.#layout;
    const start = this.#messageStart(first);
    const words = new Uint32Array(this.#bytes.buffer, entryEnds + 4 * first, count);
    const end = words.at(-1) ?? start;
    return {
      messages: this.#bytes.slice(messages + start, messages + end),
      ends: words.map((word) => word - start),
    };
  }

  #messageStart(entry: number): number {
    if (entry === 0) return 0;
    const view = new DataView(this.#bytes.buffer);
    return view.getUint32(this.#layout.entryEnds + 4 * (entry - 1), true);
  }

  /** What a scan has made, so that another may follow before its tokens are there. */
  save({ outputLength, rooms }: Scanned): Saved {
    const { output, rooms: roomsAt } = this.#layout;
    return {
      output: this.#bytes.slice(output, output + outputLength),
      rooms: this.#bytes.slice(roomsAt, roomsAt + 8 * rooms),
    };
  }

  /** Puts back what `save` gave. */
  load({ output, rooms }: Saved): void {
    this.#bytes.set(output, this.#layout.output);
    this.#bytes.set(rooms, this.#layout.rooms);
  }

  /** Takes the digests of new pairs. */
  settle({ first, count }: Scanned, digests: Uint8Array): void {
    if (digests.length !== digestLength * count) {
      throw new VaultError('internal', 'the pseudo-random function gave too few or too many bytes');
    }
    this.#bytes.set(digests, this.#layout.digests);
    this.#exports.settleEntries(first, count, this.#layout.digests);
  }

  /** Computes the digests of new pairs itself, by the state that it was given, and takes them. */
  settleItself({ first, count }: Scanned): void {
    const { messages, entryEnds, digests } = this.#layout;
    const ends = entryEnds + 4 * first;
    this.#exports.hmac(messages, this.#messageStart(first), ends, count, digests);
    this.#exports.settleEntries(first, count, digests);
  }

  /** The second phase: tokens go where room was left, and what came out is checked. */
  fill(
    { outputLength, rooms }: Scanned,
    room?: Uint8Array<ArrayBuffer>,
  ): {
    readonly output: Uint8Array<ArrayBuffer>;
    readonly check: ValidationResult;
  } {
    const kernel = this.#exports;
    const { output, findings } = this.#layout;
    kernel.fillRooms(output, rooms);
    const made = copyInto(room, this.#bytes.subarray(output, output + outputLength));
    this.#bytes[output + outputLength] = LF;
    if (kernel.checkOutput(output, outputLength, findings) !== 1) {
      throw new VaultError(
        'output-check',
        'the output is no well-formed CSV: expected records as they came in',
        { rule: 'records' },
      );
    }
    return { output: made, check: this.#columns.findings(findings) };
  }

  /** Some of the tokens that were put into the output, with their messages. */
  samples({ rooms }: Scanned, wanted: number): TokenSample[] {
    const count = Math.min(rooms, wanted);
    const { rooms: roomsAt, output, entryEnds, messages } = this.#layout;
    const view = new DataView(this.#bytes.buffer);
    return Array.from({ length: count }, (_, i) => {
      const room = roomsAt + 8 * Math.floor((i * rooms) / count);
      const at = output + view.getUint32(room, true);
      const entry = view.getUint32(room + 4, true);
      const end = view.getUint32(entryEnds + 4 * entry, true);
      return {
        column: this.#exports.columnOf(entry),
        message: this.#bytes.slice(messages + this.#messageStart(entry), messages + end),
        token: decoder.decode(this.#bytes.subarray(at, at + tokenLength)),
      };
    });
  }

  /** The map entries of new pairs, whose digests were taken just now. */
  mapEntries({ first, count }: Scanned): MapEntries {
    const kernel = this.#exports;
    const wanted = this.#transform.map ? count : 0;
    const { digests, end } = this.#layout;
    const textAt = end;
    const endsAt = textAt + Math.ceil((kernel.mapTextBound(first, wanted) + 128) / 4) * 4;
    this.#reach(endsAt + 4 * wanted + 128);
    const length = kernel.writeMapText(first, wanted, textAt, endsAt);
    const identities = new Uint8Array(identityLength * wanted);
    for (let i = 0; i < wanted; i += 1) {
      const at = digests + digestLength * i;
      identities.set(this.#bytes.subarray(at, at + identityLength), identityLength * i);
    }
    const { buffer } = this.#bytes;
    return {
      count: wanted,
      identities,
      columns: Uint32Array.from({ length: wanted }, (_, i) => kernel.columnOf(first + i)),
      text: this.#bytes.slice(textAt, textAt + length),
      ends: new Uint32Array(buffer, endsAt, wanted).slice(),
    };
  }

  #reach(end: number): void {
    reach(this.#exports.memory, end);
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    }
  }

  /** Gives the kernel the state of its own HMAC, or takes it away again. */
  setHmacState(state: Uint8Array | null): void {
    if (state === null) {
      this.#exports.wipeHmacState();
      return;
    }
    const at = this.#columns.end;
    this.#bytes.set(state, at);
    this.#exports.setHmacState(at);
    this.#bytes.fill(0, at, at + state.length);
  }
}

/** What stands between a scan and its tokens. */
export interface Saved {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly rooms: Uint8Array<ArrayBuffer>;
}

const endsLine = (byte: number | undefined): boolean => byte === LF || byte === CR;

/** The line that an offset is on, from 1. */
function lineAt(bytes: Uint8Array, at: number): number {
  const lines = new LineCounter();
  for (let i = 0; i < at; i += 1) lines.see(bytes[i] as number);
  // Between the two halves of a CRLF nothing begins.
  return bytes[at - 1] === CR && bytes[at] === LF ? lines.line - 1 : lines.line;
}
