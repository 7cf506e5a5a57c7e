import { gzipSync } from 'node:zlib';

/** How a file is written. */
export interface Form {
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly newline: '\n' | '\r\n';
}

const plain: Form = { delimiter: ',', newline: '\n' };

const header = ['Claim ID', 'Member ID', 'Patient Last Name', 'DOB', 'Zip Code', 'Paid Amount'];

const names = ['Ada', "O'Hara", 'Zoë', 'Müster', 'Lin "Bo"', 'van der\nBerg', 'Ng; Lee, jr.'];

function record(i: number): string[] {
  return [
    `C-${String(i)}`,
    `M${String(1000 + (i % 97))}`,
    names[i % names.length] ?? '',
    `19${String(30 + (i % 60))}-02-03`,
    String(60604 + (i % 9)),
    `${String(i)}.50`,
  ];
}

function line(cells: readonly string[], { delimiter, newline }: Form): string {
  const quoted = cells.map((cell) =>
    /[",;\t|\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return quoted.join(delimiter) + newline;
}

/** Claims of which every column is known to `claims_replay`: nobody has to decide anything. */
export function claims(rows: number, form: Form = plain): string {
  const records = Array.from({ length: rows }, (_, i) => line(record(i), form));
  return line(header, form) + records.join('');
}

/** Claims of at least so many bytes, quick to make. */
export function largeClaims(bytes: number): string {
  const [head, ...records] = claims(20_000).split(/(?<=\.50\n)/);
  const block = records.join('');
  return `${head ?? ''}${block.repeat(Math.ceil(bytes / block.length))}`;
}

/** UTF-16 with its byte order mark. */
export function utf16(text: string, end: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return end === 'le' ? bytes : bytes.swap16();
}

/** The characters used here have the same bytes in ISO 8859-1. */
export const windows1252 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Gzip in two members, the second of which begins within a line. */
export function gzipInTwo(text: string): Buffer {
  const bytes = Buffer.from(text);
  const cut = Math.floor(bytes.length / 2) + 3;
  return Buffer.concat([gzipSync(bytes.subarray(0, cut)), gzipSync(bytes.subarray(cut))]);
}
