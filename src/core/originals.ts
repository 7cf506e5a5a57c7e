import { identityLength, type MapEntries, type Transform } from './engine.ts';
import { tokenLength } from './token.ts';

/** An original and what stands for it. PHI. */
export interface OriginalEntry {
  /** Canonical name. */
  readonly column: string;
  readonly token: string;
  readonly original: string;
  /** Eight further bytes of the HMAC: two originals with one token differ in them. */
  readonly identity: Uint8Array;
}

/** Bytes of the HMAC that the token tells. */
const toldLength = 8;
/** Where an original begins in an entry's text, `"<token>": "<original>"`. */
const originalAt = tokenLength + 4;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The entries of a segment, read from the text in which they stand in the map. */
export function originalsOf(
  { count, text, ends, columns, identities }: MapEntries,
  { treatments }: Pick<Transform, 'treatments'>,
): OriginalEntry[] {
  return Array.from({ length: count }, (_, i) => {
    const entry = decoder.decode(text.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
    const treatment = treatments[columns[i] ?? 0];
    return {
      column: treatment?.kind === 'tokenize' ? treatment.column : '',
      token: entry.slice(1, 1 + tokenLength),
      original: JSON.parse(entry.slice(originalAt)) as string,
      identity: identities.slice(identityLength * i + toldLength, identityLength * (i + 1)),
    };
  });
}
