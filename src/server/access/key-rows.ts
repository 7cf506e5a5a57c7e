import type { Transaction } from '../store/database.ts';

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
export interface FoundKey {
  readonly prefix: string;
  readonly tenant: string;
  readonly name: string;
  readonly secret_hash: Uint8Array;
  readonly scopes: readonly string[];
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

type KeyRow = Omit<FoundKey, 'secret_hash'> & { readonly created_at: Date };

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
  key: Pick<ApiKeyRecord, 'prefix' | 'tenant' | 'name' | 'scopes' | 'expiresAt'>,
  secretHash: Uint8Array,
): Promise<ApiKeyRecord | null> {
  const [row] = await transaction.query<KeyRow>(
    `insert into velora.api_keys (prefix, tenant, name, secret_hash, scopes, expires_at)
     values ($1, $2, $3, $4, $5::text[], $6) on conflict (prefix) do nothing returning ${columns}`,
    [key.prefix, key.tenant, key.name, secretHash, key.scopes, key.expiresAt],
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

/** Revokes a key. One that is revoked already keeps its time. */
export async function revokeKey(
  transaction: Transaction,
  prefix: string,
): Promise<ApiKeyRecord | null> {
  const [row] = await transaction.query<KeyRow>(
    `update velora.api_keys set revoked_at = coalesce(revoked_at, now())
     where prefix = $1 returning ${columns}`,
    [prefix],
  );
  return row === undefined ? null : recordOf(row);
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
