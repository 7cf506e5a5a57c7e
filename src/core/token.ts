import { webCryptoFunction } from './prf.ts';
import type { Secret } from './secret.ts';
import { tokenColumn } from './schema.ts';

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

/**
 * The token of one value: PREFIX_ and the first 16 hexadecimal characters of
 * HMAC-SHA-256(key, utf8(column + ":" + value)). The value is taken exactly as it is.
 * @param column canonical name of a column that is tokenized, e.g. `member_id`
 * @throws VaultError `option-invalid` where the catalogue tokenizes no such column
 */
export async function token(secret: Secret, column: string, value: string): Promise<Token> {
  const { prefix } = tokenColumn(column);
  const message = new TextEncoder().encode(`${column}:${value}`);
  const digest = await webCryptoFunction(secret.key)(message, Uint32Array.of(message.length));
  return formatToken(prefix, digest, 0);
}
