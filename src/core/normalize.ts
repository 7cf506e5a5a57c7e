/**
 * The form in which headers are compared: a leading U+FEFF removed, every run of characters other
 * than ASCII letters and digits one underscore, lower case, no underscore at either end.
 */
export function normalizeHeader(header: string): string {
  return header
    .replace(/^\uFEFF/, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
    .replace(/^_|_$/g, '');
}
