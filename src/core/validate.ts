import { CR, LF } from './csv/lines.ts';

/** What the cells of an output column must be. */
export type ColumnRule =
  | { readonly kind: 'token'; readonly prefix: string }
  | { readonly kind: 'year' | 'zip3' | 'age90' }
  /** Kept or unknown: no cell may as a whole be an SSN or an e-mail address. */
  | { readonly kind: 'plain' }
  /** Kept by a decision on this very column: nothing is checked. */
  | { readonly kind: 'exempt' }
  /** Must not be there at all. */
  | { readonly kind: 'absent' };

/** A breach of a rule: where, and which; never what the cell holds. */
export interface Finding {
  /** Column of the checked file, from 1. */
  readonly column: number;
  /** Data row, from 1; 0 where the column itself should not be there. */
  readonly row: number;
  readonly rule: 'token' | 'year' | 'zip3' | 'age90' | 'ssn' | 'email' | 'absent';
}

export interface ValidationResult {
  readonly rows: number;
  /** The first findings, at most 20, in the order of the file. */
  readonly findings: readonly Finding[];
  /** Findings of each column. */
  readonly counts: readonly number[];
}

/** Findings that are told with their place. */
export const findingsKept = 20;

const QUOTE = 0x22;
const HYPHEN = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const AT = 0x40;
const UNDERSCORE = 0x5f;

/** After a token's prefix come an underscore and 16 digits. */
const tokenTail = 17;
const hexDigits = Uint8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

const ssn = /^\d{3}-\d{2}-\d{4}$/;
const email = /^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$/;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What no cell of a kept column may be as a whole, where a cell is that; the check's own rule. */
export function identifierForm(cell: string): 'ssn' | 'email' | null {
  if (cell.length === 11 && ssn.test(cell)) return 'ssn';
  return cell.includes('@') && email.test(cell) ? 'email' : null;
}

/**
 * Checks finished CSV, byte by byte and apart from the reader and the writer that made it: the
 * same check that the receiver makes, and that runs on every output before it is let go.
 * Takes well-formed CSV in pieces of whole records; the first record is the header.
 */
export class Validator {
  readonly #rules: readonly ColumnRule[];
  readonly #delimiter: number;
  readonly #findings: Finding[] = [];
  readonly #counts: number[];
  #records = 0;

  /** @param headless whether the first record is data already */
  constructor(rules: readonly ColumnRule[], delimiter: string, headless = false) {
    this.#rules = rules;
    if (headless) this.#records = 1;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#counts = rules.map(() => 0);
    rules.forEach(({ kind }, column) => {
      if (kind === 'absent') this.#find(column, 'absent');
    });
  }

  push(bytes: Uint8Array): void {
    const length = bytes.length;
    const delimiter = this.#delimiter;
    const rules = this.#rules;
    let at = bytes.indexOf(AT);
    let column = 0;
    let i = 0;
    while (i < length) {
      const first = bytes[i] as number;
      if (column === 0 && (first === LF || first === CR)) {
        i += 1;
        continue;
      }
      const quoted = first === QUOTE;
      const start = quoted ? i + 1 : i;
      let end: number;
      let tokenEnd = -1;
      if (quoted) {
        end = closingQuote(bytes, start);
        i = end + 1;
      } else {
        const rule = rules[column];
        if (rule?.kind === 'token') {
          // A token holds nothing that ends a field: what follows it is looked at next.
          tokenEnd = start + rule.prefix.length + tokenTail;
          if (tokenEnd <= length && isToken(bytes, start, tokenEnd, rule.prefix)) i = tokenEnd;
          else tokenEnd = -1;
        }
        let byte = bytes[i] as number;
        while (byte !== delimiter && byte !== LF && byte !== CR && i < length) {
          i += 1;
          byte = bytes[i] as number;
        }
        end = i;
      }
      if (this.#records > 0 && end !== tokenEnd) {
        while (at >= 0 && at < start) at = bytes.indexOf(AT, start);
        this.#check(column, bytes, start, end, at >= 0 && at < end);
      }
      if (i < length && bytes[i] === delimiter) {
        column += 1;
        i += 1;
        if (i < length && bytes[i] !== LF && bytes[i] !== CR) continue;
        // A delimiter before the line end: the last field is empty, and nothing is wrong with that.
      }
      column = 0;
      this.#records += 1;
    }
  }

  finish(): ValidationResult {
    return {
      rows: Math.max(0, this.#records - 1),
      findings: this.#findings,
      counts: this.#counts,
    };
  }

  #check(column: number, bytes: Uint8Array, start: number, end: number, hasAt: boolean): void {
    if (start === end) return;
    const rule = this.#rules[column];
    switch (rule?.kind) {
      case 'token':
        if (!isToken(bytes, start, end, rule.prefix)) this.#find(column, 'token');
        return;
      case 'year':
        if (end - start !== 4 || !areDigits(bytes, start, end)) this.#find(column, 'year');
        return;
      case 'zip3':
        if (end - start !== 3 || !areDigits(bytes, start, end)) this.#find(column, 'zip3');
        return;
      case 'age90':
        if (!isAgeTo90(bytes, start, end)) this.#find(column, 'age90');
        return;
      case 'plain':
        if (isSsn(bytes, start, end)) this.#find(column, 'ssn');
        else if (hasAt && isEmail(bytes, start, end)) this.#find(column, 'email');
        return;
      case 'exempt':
      case 'absent':
      case undefined:
    }
  }

  #find(column: number, rule: Finding['rule']): void {
    this.#counts[column] = (this.#counts[column] ?? 0) + 1;
    if (this.#findings.length >= findingsKept) return;
    this.#findings.push({ column: column + 1, row: this.#records, rule });
  }
}

/** Offset of the quote that closes a quoted field whose first inner byte is at `from`. */
function closingQuote(bytes: Uint8Array, from: number): number {
  let quote = bytes.indexOf(QUOTE, from);
  while (quote >= 0 && bytes[quote + 1] === QUOTE) quote = bytes.indexOf(QUOTE, quote + 2);
  return quote < 0 ? bytes.length : quote;
}

function areDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

function isToken(bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  if (end - start !== prefix.length + tokenTail) return false;
  for (let i = 0; i < prefix.length; i += 1) {
    if (bytes[start + i] !== prefix.charCodeAt(i)) return false;
  }
  if (bytes[start + prefix.length] !== UNDERSCORE) return false;
  for (let i = start + prefix.length + 1; i < end; i += 1) {
    if (hexDigits[bytes[i] as number] !== 1) return false;
  }
  return true;
}

function isAgeTo90(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 2 || !areDigits(bytes, start, end)) return false;
  const tens = end - start === 2 ? (bytes[start] as number) - ZERO : 0;
  return 10 * tens + (bytes[end - 1] as number) - ZERO <= 90;
}

function isSsn(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 11 &&
    bytes[start + 3] === HYPHEN &&
    bytes[start + 6] === HYPHEN &&
    areDigits(bytes, start, start + 3) &&
    areDigits(bytes, start + 4, start + 6) &&
    areDigits(bytes, start + 7, end)
  );
}

function isEmail(bytes: Uint8Array, start: number, end: number): boolean {
  return email.test(decoder.decode(bytes.subarray(start, end)).replaceAll('""', '"'));
}
