import { webCryptoFunction } from './prf.ts';
import { tokenColumn } from './schema.ts';
import type { Secret } from './secret.ts';
import { formatToken, type Token } from './token.ts';

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
