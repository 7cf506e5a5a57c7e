import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import { importSecret, type Secret } from '../../core/secret.ts';
import type { Database } from '../store/database.ts';
import type { Keyring } from './keyring.ts';
import { Recent } from './recent.ts';

/** What a tenant may be called: also what the table holds ids to. */
export const tenantPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** Customers and their keys. No method may be called inside a transaction: each has its own. */
export interface Tenants {
  /**
   * Makes a tenant, with a random data key, where it is not there yet.
   * @throws VaultError as `assertTenantId`
   */
  ensure(tenant: string): Promise<void>;
  /** All of them, sorted. */
  ids(): Promise<string[]>;
  /**
   * The 32 bytes that everything stored for this tenant is encrypted under: a copy.
   * @throws VaultError `option-invalid` for a tenant that is not there; `receiver-unusable` as
   *   `Keyring.unwrap`
   */
  dataKey(tenant: string): Promise<Buffer>;
  /**
   * The HMAC secret of this tenant's managed tokens, made on first use; whoever else asks at the
   * same time, in whichever process, gets the same one.
   * @throws VaultError as `dataKey`
   */
  tokenSecret(tenant: string): Promise<Secret>;
  /** The 32 bytes of `tokenSecret`: a copy. */
  tokenKey(tenant: string): Promise<Buffer>;
}

interface TokenKey {
  readonly key: KeyObject;
  readonly secret: Secret;
}

/** Tenants whose keys stay in memory. */
const remembered = 256;

/** @throws VaultError `option-invalid` for an id that does not match `tenantPattern` */
export function assertTenantId(tenant: string): void {
  if (tenantPattern.test(tenant)) return;
  throw new VaultError(
    'option-invalid',
    'invalid tenant: expected 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit',
  );
}

/** Tenants of a store, their keys wrapped by `keyring`. */
export function createTenants(database: Database, keyring: Keyring): Tenants {
  const dataKeys = new Recent<KeyObject>(remembered);
  const tokenKeys = new Recent<TokenKey>(remembered);

  const tokenKey = async (tenant: string): Promise<TokenKey> => {
    const known = tokenKeys.get(tenant);
    if (known !== undefined) return known;
    const wrapped =
      (await storedKey(database, tenant, 'token_key')) ??
      (await addTokenKey(database, keyring, tenant));
    const bytes = keyring.unwrap(wrapped, { tenant, purpose: 'token' });
    const secret = await importSecret(bytes.toString('hex'));
    const made = { key: lockedAway(bytes), secret };
    tokenKeys.set(tenant, made);
    return made;
  };

  return {
    async ensure(tenant) {
      assertTenantId(tenant);
      await database.as(tenant, async (transaction) => {
        const there = await transaction.query('select 1 from velora.tenants where id = $1', [
          tenant,
        ]);
        if (there.length > 0) return;
        await transaction.query(
          'insert into velora.tenants (id, data_key) values ($1, $2) on conflict (id) do nothing',
          [tenant, newKey(keyring, { tenant, purpose: 'data' })],
        );
      });
    },
    ids: () =>
      database.as(null, async (transaction) => {
        const rows = await transaction.query<{ id: string }>(
          'select id from velora.tenant_ids() as id',
        );
        return rows.map(({ id }) => id).sort();
      }),
    async dataKey(tenant) {
      let key = dataKeys.get(tenant);
      if (key === undefined) {
        const wrapped = await storedKey(database, tenant, 'data_key');
        if (wrapped === null) throw unknownTenant();
        key = lockedAway(keyring.unwrap(wrapped, { tenant, purpose: 'data' }));
        dataKeys.set(tenant, key);
      }
      return key.export();
    },
    tokenSecret: async (tenant) => (await tokenKey(tenant)).secret,
    tokenKey: async (tenant) => (await tokenKey(tenant)).key.export(),
  };
}

/** A key for memory: outside of the JavaScript heap, and overwritten when it is given up. Wipes `bytes`. */
function lockedAway(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/** 32 random bytes, wrapped. */
function newKey(keyring: Keyring, use: Parameters<Keyring['wrap']>[1]): Uint8Array {
  const key = randomBytes(32);
  const wrapped = keyring.wrap(key, use);
  key.fill(0);
  return wrapped;
}

function storedKey(
  database: Database,
  tenant: string,
  column: 'data_key' | 'token_key',
): Promise<Uint8Array | null> {
  return database.as(tenant, async (transaction) => {
    const [row] = await transaction.query<{ key: Uint8Array | null }>(
      `select ${column} as key from velora.tenants where id = $1`,
      [tenant],
    );
    if (row === undefined) throw unknownTenant();
    return row.key;
  });
}

/** Adds a token key unless somebody was faster, and gives the one that is there then. */
function addTokenKey(database: Database, keyring: Keyring, tenant: string): Promise<Uint8Array> {
  return database.as(tenant, async (transaction) => {
    await transaction.query(
      'update velora.tenants set token_key = $1 where id = $2 and token_key is null',
      [newKey(keyring, { tenant, purpose: 'token' }), tenant],
    );
    const [row] = await transaction.query<{ key: Uint8Array | null }>(
      'select token_key as key from velora.tenants where id = $1',
      [tenant],
    );
    if (!row?.key) throw unknownTenant();
    return row.key;
  });
}

function unknownTenant(): VaultError {
  return new VaultError('option-invalid', 'unknown tenant: expected one that was made before');
}
