declare const tokenBrand: unique symbol;

/** A pseudonym: `PREFIX_` and 16 lower-case hexadecimal characters. */
export type Token = string & { readonly [tokenBrand]: true };

/** Characters of every token: three letters, an underscore, sixteen digits. */
export const tokenLength = 20;

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The token that the digest at `offset` of `digests` gives under a column's prefix. */
export function formatToken(prefix: string, digests: Uint8Array, offset: number): Token {
  let text = `${prefix}_`;
  for (let i = offset; i < offset + 8; i += 1) text += hexPairs[digests[i] ?? 0] ?? '';
  return text as Token;
}

/** Whether a cell is a token of the column with this prefix: hexadecimal digits in lower case only. */
export function isTokenOf(prefix: string, cell: string): cell is Token {
  return (
    cell.length === tokenLength && cell.startsWith(prefix) && /^_[0-9a-f]{16}$/.test(cell.slice(3))
  );
}
