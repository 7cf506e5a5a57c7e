import { VaultError } from '../errors.ts';

/** Bytes that a record may have: a quote that is never closed must not take a whole file. */
export const recordLengthLimit = 16 * 1024 * 1024;

/** A file with a NUL character. */
export function notText(line: number): VaultError {
  return new VaultError(
    'not-text',
    'a NUL character: expected a text file; is it UTF-16 without a byte order mark? then name the encoding',
    { line, rule: 'nul' },
  );
}

/** @param line on which the quote opens */
export function quoteUnterminated(line: number): VaultError {
  return new VaultError(
    'quote-unterminated',
    'a quoted field that opens on this line is never closed: expected a closing quote',
    { line, rule: 'quote' },
  );
}

/** @param column of the quoted field, from 1 */
export function textAfterQuote(line: number, column: number): VaultError {
  return new VaultError(
    'quote-text-after',
    'text after a closing quote: expected a delimiter or the end of the record',
    { line, column, rule: 'quote' },
  );
}

/** @param line on which the record begins */
export function recordTooLong(line: number): VaultError {
  return new VaultError(
    'record-too-long',
    'a record of more than 16 MiB begins on this line: expected shorter ones; is a quote never closed?',
    { line, rule: 'record-length' },
  );
}

/** @param line on which the record begins */
export function ragged(line: number, fields: number, expected: number): VaultError {
  return new VaultError(
    'ragged',
    `a record of ${String(fields)} field${fields === 1 ? '' : 's'}: expected ${String(expected)} as in the header`,
    { line, rule: 'field-count' },
  );
}

/** @param place of the cell: the line on which its record begins, row and column */
export function tokensFound(place: {
  readonly line: number;
  readonly row: number;
  readonly column: number;
}): VaultError {
  return new VaultError(
    'tokens-found',
    'a cell that is a token of its own column already: expected originals; was this file tokenized before?',
    { ...place, rule: 'already-token' },
  );
}
