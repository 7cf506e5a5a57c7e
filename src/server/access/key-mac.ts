import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from './keyring.ts';

/** What a key is worth: all of its row but its name and what is only noted. */
export interface KeyWorth {
  readonly prefix: string;
  readonly tenant: string;
  readonly secret_hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/**
 * HMAC-SHA-256 (RFC 2104) of a key's row, by a key that the database does not have: whoever may only
 * write to the database can neither make a key nor give one another tenant, more scopes, more time
 * or its life back. Not seen is an older row that is put back whole, with its MAC: so who keeps
 * what a row was before can undo a revocation.
 */
export function keyMac(keyring: Keyring, row: KeyWorth): Buffer {
  // A JSON array of a label and all fields in a fixed order: no two rows have the same text.
  const fields = [
    'velora-receiver:api-key:v1',
    row.prefix,
    row.tenant,
    Buffer.from(row.secret_hash).toString('hex'),
    row.scopes,
    timeText(row.expires_at),
    timeText(row.revoked_at),
  ];
  return keyring.authenticate(Buffer.from(JSON.stringify(fields)));
}

/** Whether a key's row is as it was written. Compares in constant time. */
export function isAuthentic(
  keyring: Keyring,
  row: KeyWorth & { readonly mac: Uint8Array },
): boolean {
  const mac = keyMac(keyring, row);
  return row.mac.length === mac.length && timingSafeEqual(row.mac, mac);
}

/** ISO 8601. PostgreSQL's `infinity` is no time of ours, and no `Date` either with some drivers. */
function timeText(time: Date | null): string | null {
  if (time === null) return null;
  const at = Number(time);
  return Number.isFinite(at) ? new Date(at).toISOString() : 'infinity';
}
