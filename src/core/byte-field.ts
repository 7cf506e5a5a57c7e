import { CR, LF } from './csv/lines.ts';

export const QUOTE = 0x22;
export const SPACE = 0x20;
/** First byte of U+FEFF, which is EF BB BF. */
const BOM_LEAD = 0xef;

/** A byte of a field like any other. */
export const ORDINARY = 0;
/** The delimiter, LF or CR: outside of quotes it ends the field. */
export const END = 1;
/** A quote, or perhaps U+FEFF: the field has to be looked at closely. */
const SPECIAL = 2;

/** What each byte is to somebody who looks for the end of a field. */
export function byteClasses(delimiter: number): Uint8Array {
  const classes = new Uint8Array(256);
  classes[delimiter] = END;
  classes[LF] = END;
  classes[CR] = END;
  classes[QUOTE] = SPECIAL;
  classes[BOM_LEAD] = SPECIAL;
  return classes;
}

/**
 * Reads fields that are quoted or hold a special byte. What it found stays in its properties until
 * the next field: a result object for each would cost more than the reading.
 */
export class FieldReader {
  readonly #classes: Uint8Array;
  /** The decoded value's first byte, and the one after its last. */
  from = 0;
  to = 0;
  /** The byte after the field as it stands in the file. */
  next = 0;
  /** Whether the field was unescaped in place, so that it no longer stands as it did. */
  unescaped = false;
  /** Whether the value holds a delimiter, quote, CR, LF or U+FEFF. */
  special = false;

  constructor(classes: Uint8Array) {
    this.#classes = classes;
  }

  /** @param bytes must hold a quote and a line end after its last record, lest the search go on */
  read(bytes: Uint8Array, start: number): void {
    const classes = this.#classes;
    const quoted = bytes[start] === QUOTE;
    let i = quoted ? start + 1 : start;
    let special = false;
    this.from = i;
    this.unescaped = false;
    for (;;) {
      const byte = bytes[i] as number;
      const kind = classes[byte];
      if (kind !== ORDINARY) {
        if (!quoted) {
          if (kind === END) break;
        } else if (byte === QUOTE) {
          if (bytes[i + 1] !== QUOTE) break;
          this.unescaped = true;
          i += 1;
        }
        special ||= byte !== BOM_LEAD || (bytes[i + 1] === 0xbb && bytes[i + 2] === 0xbf);
      }
      i += 1;
    }
    this.special = special;
    this.next = quoted ? i + 1 : i;
    this.to = this.unescaped ? unescape(bytes, this.from, i) : i;
  }
}

/** Makes one quote of two, in place; gives the new end. */
function unescape(bytes: Uint8Array, from: number, to: number): number {
  let length = from;
  for (let i = from; i < to; i += 1, length += 1) {
    const byte = bytes[i] as number;
    bytes[length] = byte;
    if (byte === QUOTE) i += 1;
  }
  return length;
}

/**
 * Writes a value as a field, quoted if it is special or begins or ends with a space.
 * @returns the offset after the field
 */
export function writeField(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  special: boolean,
): number {
  const quoted = special || (to > from && (bytes[from] === SPACE || bytes[to - 1] === SPACE));
  let length = at;
  if (quoted) {
    out[length] = QUOTE;
    length += 1;
  }
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i] as number;
    out[length] = byte;
    length += 1;
    if (byte === QUOTE) {
      out[length] = QUOTE;
      length += 1;
    }
  }
  if (quoted) {
    out[length] = QUOTE;
    length += 1;
  }
  return length;
}
