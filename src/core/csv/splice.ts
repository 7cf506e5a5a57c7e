import type { ReadRun } from './read.ts';
import type { Segment } from './split.ts';
import type { OutputDialect } from './write.ts';

/** What becomes of a column's cells on their way into the output. */
export type ColumnUse = 'copy' | 'replace' | 'skip';

const QUOTE = 0x22;
const SPACE = 0x20;

/**
 * Writes records of a segment that holds neither a quote nor a character outside ASCII: there each
 * field stands as it is, as many bytes as the cell has characters, so that what is kept can be
 * copied byte by byte. Most segments are like that, and this is several times faster than text.
 * @param replacement gives the texts for `replace` cells, in order; ASCII, nothing that needs quotes
 * @returns null where the general writer has to do it
 */
export function spliceRecords(
  { bytes, records: count }: Segment,
  read: readonly ReadRun[],
  uses: readonly ColumnUse[],
  replacement: () => string,
  { delimiter, lineEnd }: OutputDialect,
): Uint8Array<ArrayBuffer> | null {
  const written = uses.filter((use) => use !== 'skip').length;
  if (written < 2 || bytes.includes(QUOTE) || read.some(({ ascii }) => !ascii)) return null;
  const replaced = uses.filter((use) => use === 'replace').length;
  const out = new Uint8Array(bytes.length + count * (longestReplacement * replaced + 2));
  const separator = delimiter.charCodeAt(0);
  let length = 0;
  for (const { run, records } of read) {
    let from = run.start;
    for (const record of records) {
      for (let column = 0; column < uses.length; column += 1) {
        const to = from + (record[column] as string).length;
        const use = uses[column];
        if (use === 'copy') {
          if (to > from && (bytes[from] === SPACE || bytes[to - 1] === SPACE)) return null;
          for (let i = from; i < to; i += 1) out[length + i - from] = bytes[i] as number;
          length += to - from;
        } else if (use === 'replace') {
          const text = replacement();
          for (let i = 0; i < text.length; i += 1) out[length + i] = text.charCodeAt(i);
          length += text.length;
        }
        if (use !== 'skip') {
          out[length] = separator;
          length += 1;
        }
        from = to + 1;
      }
      // The last delimiter gives way to the line end.
      length -= 1;
      for (let i = 0; i < lineEnd.length; i += 1) out[length + i] = lineEnd.charCodeAt(i);
      length += lineEnd.length;
      from += run.lineEnd.length - 1;
    }
  }
  return out.slice(0, length);
}

/** A token; years, three digits and what is left as it is are shorter. */
const longestReplacement = 20;
