import { randomBytes } from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import { importSecret, type Secret } from '../../core/secret.ts';
import type { Database } from '../store/database.ts';
import type { Keyring } from './keyring.ts';
import { Recent } from './recent.ts';

/** What a tenant may be called: also what the table holds ids to. */
const tenantPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

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
  readonly bytes: Buffer;
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
  const dataKeys = new Recent<Buffer>(remembered);
  const tokenKeys = new Recent<TokenKey>(remembered);

  const tokenKey = async (tenant: string): Promise<TokenKey> => {
    const known = tokenKeys.get(tenant);
    if (known !== undefined) return known;
    const wrapped =
      (await storedKey(database, tenant, 'token_key')) ??
      (await addTokenKey(database, keyring, tenant));
    const bytes = keyring.unwrap(wrapped, { tenant, purpose: 'token' });
    const key = { bytes, secret: await importSecret(bytes.toString('hex')) };
    tokenKeys.set(tenant, key);
    return key;
  };

  return {
    async ensure(tenant) {
      assertTenantId(tenant);
      await database.as(tenant, async (transaction) => {
        const there = await transaction.query('select 1 from velora.tenants where id = $1', [
          tenant,
        ]);
        if (there.length > 0) return;
        const key = randomBytes(32);
        await transaction.query(
          'insert into velora.tenants (id, data_key) values ($1, $2) on conflict (id) do nothing',
          [tenant, keyring.wrap(key, { tenant, purpose: 'data' })],
        );
        key.fill(0);
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
        key = keyring.unwrap(wrapped, { tenant, purpose: 'data' });
        dataKeys.set(tenant, key);
      }
      return Buffer.from(key);
    },
    tokenSecret: async (tenant) => (await tokenKey(tenant)).secret,
    tokenKey: async (tenant) => Buffer.from((await tokenKey(tenant)).bytes),
  };
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
    const key = randomBytes(32);
    await transaction.query(
      'update velora.tenants set token_key = $1 where id = $2 and token_key is null',
      [keyring.wrap(key, { tenant, purpose: 'token' }), tenant],
    );
    key.fill(0);
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
