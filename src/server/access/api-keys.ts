import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { type Database, systemTenant, type Transaction } from '../store/database.ts';
import { keyOfAuthorization, keyText } from './bearer.ts';
import { isAuthentic } from './key-mac.ts';
import {
  addKey,
  type ApiKeyRecord,
  findKey,
  type FoundKey,
  isScope,
  listKeys,
  noteUse,
  revokeKey,
  type Scope,
  scopes,
} from './key-rows.ts';
import type { Keyring } from './keyring.ts';
import { assertTenantId, type Tenants } from './tenants.ts';

export { type ApiKeyRecord, isScope, type Scope, scopes } from './key-rows.ts';

/** Who a request comes from: the tenant is that of the key and nothing else. */
export interface Caller {
  readonly tenant: string;
  readonly keyPrefix: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** Why a request comes from nobody. The tenant is told only to who knew the key's secret. */
interface RefusedKey {
  readonly refused: 'missing' | 'malformed' | 'unknown' | 'wrong' | 'revoked' | 'expired';
  readonly keyPrefix?: string;
  readonly tenant?: string;
}

/**
 * API keys, `vlk_live_<8 hex>_<32 hex>`. No method may be called inside a transaction.
 *
 * What the database says of a key counts only with its MAC: see `keyMac` for what that stops and
 * what it does not.
 */
export interface ApiKeys {
  /**
   * Makes a key; audited as `key.create`. Makes its tenant where that is not there yet; audited in
   * the system's chain as `tenant.create`, before it is made.
   * @param of its name has 1 to 100 characters, none of them a control character
   * @returns the key's text, which cannot be had again, and what is kept of it
   * @throws VaultError `option-invalid`
   */
  create(of: {
    readonly tenant: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt: Date | null;
  }): Promise<{ key: string; record: ApiKeyRecord }>;
  /** A tenant's keys, oldest first; audited as `key.list`. None where there is no such tenant. */
  list(tenant: string): Promise<ApiKeyRecord[]>;
  /** Ends a key for good; audited as `key.revoke`. Null where there is none with this prefix. */
  revoke(prefix: string): Promise<ApiKeyRecord | null>;
  /**
   * Who the key in an `Authorization` header belongs to. Compares in constant time, also where
   * there is no such key. A key whose row is not as it was written is unknown. Notes the time of
   * use, at most once a minute. Does not audit.
   */
  authenticate(authorization: string | undefined): Promise<{ caller: Caller } | RefusedKey>;
}

/** What tests take the place of. */
export interface ApiKeySources {
  readonly now?: () => Date;
  /** 8 lower-case hexadecimal characters. */
  readonly randomPrefix?: () => string;
}

const prefixPattern = /^[0-9a-f]{8}$/;
const prefixAttempts = 20;
const minute = 60_000;
const hashLength = 32;
/** Compared with where there is no key, so that this takes no less time. */
const noKey: FoundKey = {
  prefix: '00000000',
  tenant: 'nobody',
  name: 'nobody',
  secret_hash: randomBytes(32),
  scopes,
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  mac: randomBytes(32),
};

/** The API keys of a store, their rows authenticated by `keyring`. */
export function createApiKeys(
  database: Database,
  tenants: Tenants,
  audit: AuditLog,
  keyring: Keyring,
  sources: ApiKeySources = {},
): ApiKeys {
  const now = sources.now ?? (() => new Date());
  const randomPrefix = sources.randomPrefix ?? (() => randomBytes(4).toString('hex'));

  const isTenant = (transaction: Transaction, tenant: string): Promise<boolean> =>
    transaction
      .query('select 1 from velora.tenants where id = $1', [tenant])
      .then((rows) => rows.length > 0);

  /** Recorded first, so that the system's chain names every tenant, whenever we are killed. */
  const ensureTenant = async (tenant: string): Promise<void> => {
    assertTenantId(tenant);
    if (await database.as(tenant, (transaction) => isTenant(transaction, tenant))) return;
    await audit.record(systemTenant, {
      actor: 'operator',
      action: 'tenant.create',
      resource: `tenant:${tenant}`,
      success: true,
    });
    await tenants.ensure(tenant);
  };

  return {
    async create(of) {
      assertKey(of, now());
      await ensureTenant(of.tenant);
      const secret = randomBytes(16).toString('hex');
      return database.as(of.tenant, async (transaction) => {
        for (let attempt = 0; attempt < prefixAttempts; attempt += 1) {
          const prefix = randomPrefix();
          const record = await addKey(transaction, keyring, { ...of, prefix }, hashOf(secret));
          if (record === null) continue;
          await audit.append(transaction, of.tenant, {
            actor: 'operator',
            action: 'key.create',
            resource: `key:${prefix}`,
            success: true,
            details: {
              scopes: record.scopes.join(' '),
              expires: record.expiresAt?.toISOString() ?? 'never',
            },
          });
          return { key: keyText({ prefix, secret }), record };
        }
        throw new VaultError('internal', 'no free prefix for an API key was found');
      });
    },
    list: (tenant) =>
      database.as(tenant, async (transaction) => {
        if (!(await isTenant(transaction, tenant))) return [];
        const records = await listKeys(transaction, tenant);
        await audit.append(transaction, tenant, {
          actor: 'operator',
          action: 'key.list',
          resource: 'keys',
          success: true,
          details: { keys: records.length },
        });
        return records;
      }),
    async revoke(prefix) {
      if (!prefixPattern.test(prefix)) return null;
      const found = await database.as(null, (transaction) => findKey(transaction, prefix));
      if (found === null) return null;
      const { tenant } = found;
      return database.as(tenant, async (transaction) => {
        const revoked = await revokeKey(transaction, keyring, prefix, now());
        if (revoked === null) return null;
        await audit.append(transaction, tenant, {
          actor: 'operator',
          action: 'key.revoke',
          resource: `key:${prefix}`,
          success: true,
          details: { already: revoked.already },
        });
        return revoked.record;
      });
    },
    async authenticate(authorization) {
      if (authorization === undefined || authorization === '') return { refused: 'missing' };
      const parts = keyOfAuthorization(authorization);
      if (parts === null) return { refused: 'malformed' };
      const keyPrefix = parts.prefix;
      const found = await database.as(null, (transaction) => findKey(transaction, keyPrefix));
      const { secret_hash: hash } = found ?? noKey;
      const same = hash.length === hashLength && timingSafeEqual(hashOf(parts.secret), hash);
      const authentic = isAuthentic(keyring, found ?? noKey);
      if (found === null || !authentic) return { refused: 'unknown', keyPrefix };
      if (!same) return { refused: 'wrong', keyPrefix };
      const { tenant } = found;
      const at = now();
      if (found.revoked_at !== null) return { refused: 'revoked', keyPrefix, tenant };
      if (found.expires_at !== null && found.expires_at.getTime() <= at.getTime()) {
        return { refused: 'expired', keyPrefix, tenant };
      }
      const used = found.last_used_at?.getTime() ?? -Infinity;
      if (at.getTime() - used >= minute) {
        await database.as(tenant, (transaction) => noteUse(transaction, keyPrefix, at));
      }
      return { caller: { tenant, keyPrefix, scopes: new Set(found.scopes.filter(isScope)) } };
    },
  };
}

/** SHA-256 (FIPS 180-4) of the 32 hexadecimal characters of a secret: 128 random bits need no salt. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function assertKey(of: Parameters<ApiKeys['create']>[0], now: Date): void {
  const invalid = (expected: string): VaultError => new VaultError('option-invalid', expected);
  if (!/^\P{Cc}{1,100}$/u.test(of.name)) {
    throw invalid('expected a name of 1 to 100 characters, without control characters');
  }
  if (of.scopes.length === 0 || !of.scopes.every(isScope)) {
    throw invalid('expected at least one scope, and none but the documented ones');
  }
  if (of.expiresAt !== null && !(of.expiresAt.getTime() > now.getTime())) {
    throw invalid('expected a time of expiry that is still to come');
  }
}
