import type { Transaction } from '../store/database.ts';
import { isAuthentic, keyMac, type KeyWorth } from './key-mac.ts';
import type { Keyring } from './keyring.ts';

/** What a key may be allowed to do. */
export const scopes = [
  'upload:write',
  'uploads:read',
  'vault:resolve',
  'audit:read',
  'audit:export',
] as const;

export type Scope = (typeof scopes)[number];

/** Whether a text is one of the scopes. */
export const isScope = (text: string): text is Scope =>
  (scopes as readonly string[]).includes(text);

/** A key as it is listed: everything but its secret. */
export interface ApiKeyRecord {
  /** 8 hexadecimal characters, its look-up name: no secret. */
  readonly prefix: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** Exact to a minute. */
  readonly lastUsedAt: Date | null;
}

/** A row as `velora.find_api_key` gives it before there is a tenant. */
export interface FoundKey extends KeyWorth {
  readonly name: string;
  readonly last_used_at: Date | null;
  /** See `keyMac`. */
  readonly mac: Uint8Array;
}

type KeyRow = Omit<FoundKey, 'secret_hash' | 'mac'> & { readonly created_at: Date };

const columns = 'prefix, tenant, name, scopes, created_at, expires_at, revoked_at, last_used_at';

/** The key with this prefix, whoever it belongs to: asked in a transaction without tenant. */
export async function findKey(transaction: Transaction, prefix: string): Promise<FoundKey | null> {
  const [row] = await transaction.query<FoundKey>('select * from velora.find_api_key($1)', [
    prefix,
  ]);
  return row ?? null;
}

/** Adds a key. Null where its prefix is taken, whoever has it. */
export async function addKey(
  transaction: Transaction,
  keyring: Keyring,
  key: Pick<ApiKeyRecord, 'prefix' | 'tenant' | 'name' | 'scopes' | 'expiresAt'>,
  secretHash: Uint8Array,
): Promise<ApiKeyRecord | null> {
  const { prefix, tenant, name, scopes, expiresAt } = key;
  const mac = keyMac(keyring, {
    prefix,
    tenant,
    secret_hash: secretHash,
    scopes,
    expires_at: expiresAt,
    revoked_at: null,
  });
  const [row] = await transaction.query<KeyRow>(
    `insert into velora.api_keys (prefix, tenant, name, secret_hash, scopes, expires_at, mac)
     values ($1, $2, $3, $4, $5::text[], $6, $7) on conflict (prefix) do nothing returning ${columns}`,
    [prefix, tenant, name, secretHash, scopes, expiresAt, mac],
  );
  return row === undefined ? null : recordOf(row);
}

/** A tenant's keys, oldest first. */
export async function listKeys(transaction: Transaction, tenant: string): Promise<ApiKeyRecord[]> {
  const rows = await transaction.query<KeyRow>(
    `select ${columns} from velora.api_keys where tenant = $1 order by created_at, prefix`,
    [tenant],
  );
  return rows.map(recordOf);
}

/**
 * Revokes a key. One that is revoked already keeps its time, unless that time is not authentic.
 * @returns null where there is none with this prefix
 */
export async function revokeKey(
  transaction: Transaction,
  keyring: Keyring,
  prefix: string,
  at: Date,
): Promise<{ record: ApiKeyRecord; already: boolean } | null> {
  const [found] = await transaction.query<KeyWorth & Pick<FoundKey, 'mac'>>(
    `select prefix, tenant, secret_hash, scopes, expires_at, revoked_at, mac
     from velora.api_keys where prefix = $1 for update`,
    [prefix],
  );
  if (found === undefined) return null;
  const before = isAuthentic(keyring, found) ? found.revoked_at : null;
  const revoked = { ...found, revoked_at: before ?? at };
  const [row] = await transaction.query<KeyRow>(
    `update velora.api_keys set revoked_at = $2, mac = $3 where prefix = $1 returning ${columns}`,
    [prefix, revoked.revoked_at, keyMac(keyring, revoked)],
  );
  return row === undefined ? null : { record: recordOf(row), already: before !== null };
}

/** Notes when a key was used, unless that was done less than a minute before. */
export async function noteUse(transaction: Transaction, prefix: string, at: Date): Promise<void> {
  await transaction.query(
    `update velora.api_keys set last_used_at = $2::timestamptz where prefix = $1
     and (last_used_at is null or last_used_at <= $2::timestamptz - interval '1 minute')`,
    [prefix, at],
  );
}

function recordOf(row: KeyRow): ApiKeyRecord {
  return {
    prefix: row.prefix,
    tenant: row.tenant,
    name: row.name,
    scopes: row.scopes.filter(isScope),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
