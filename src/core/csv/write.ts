import Papa from 'papaparse';

/** How records are written: the input's delimiter, and one line end throughout. */
export interface OutputDialect {
  readonly delimiter: string;
  readonly lineEnd: '\n' | '\r\n';
}

const encoder = new TextEncoder();

/**
 * Records as CSV bytes in UTF-8, each with its line end. A field is quoted if it holds the
 * delimiter, a quote, CR, LF or U+FEFF or begins or ends with a space; the only field of a record,
 * when empty, is written `""`, so that the record does not vanish.
 */
export function writeRecords(
  records: readonly string[][],
  dialect: OutputDialect,
): Uint8Array<ArrayBuffer> {
  const [first] = records;
  if (first === undefined) return new Uint8Array(0);
  const text = Papa.unparse(records as string[][], {
    delimiter: dialect.delimiter,
    newline: dialect.lineEnd,
    header: false,
    quotes: first.length === 1 ? (value: unknown) => value === '' : false,
  });
  return encoder.encode(text + dialect.lineEnd);
}
