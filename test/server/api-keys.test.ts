import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type ApiKeySources,
  type ApiKeys,
  createApiKeys,
  scopes,
} from '../../src/server/access/api-keys.ts';
import { keyOfAuthorization } from '../../src/server/access/bearer.ts';
import { createKeyring } from '../../src/server/access/keyring.ts';
import { createTenants } from '../../src/server/access/tenants.ts';
import { type AuditRecord, createAuditLog } from '../../src/server/audit/audit-log.ts';
import { type Database, systemTenant } from '../../src/server/store/database.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { eachDatabase, newTenant, shared } from './support/databases.ts';

const keyring = createKeyring(Buffer.alloc(32, 0x4b));
const start = new Date('2026-11-22T12:00:00.000Z');
const seconds = (count: number): Date => new Date(start.getTime() + 1000 * count);

function keysOf(database: Database, sources?: ApiKeySources): ApiKeys {
  const audit = createAuditLog(database, keyring);
  return createApiKeys(database, createTenants(database, keyring), audit, keyring, sources);
}

async function auditOf(database: Database, tenant: string): Promise<AuditRecord[]> {
  const page = await createAuditLog(database, keyring).page(tenant, { limit: 100 });
  return page.records.reverse();
}

const wanted = {
  tenant: 'zebra',
  name: 'nightly upload',
  scopes: ['upload:write', 'uploads:read'],
  expiresAt: null,
} as const;

/** The same key with its last character changed. */
const wrongSecret = (key: string): string => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;

describe('the header Authorization', () => {
  const prefix = '0123abcd';
  const secret = '00112233445566778899aabbccddeeff';
  const key = `vlk_live_${prefix}_${secret}`;

  test.each([`Bearer ${key}`, `bearer ${key}`, `BEARER ${key}`, `Bearer    ${key}`])(
    'is read as %j',
    (authorization) => {
      expect(keyOfAuthorization(authorization)).toEqual({ prefix, secret });
    },
  );

  test.each([
    'Bearer',
    'Bearer ',
    key,
    `Bearer${key}`,
    `Basic ${key}`,
    ` Bearer ${key}`,
    `Bearer ${key} `,
    `Bearer ${key},`,
    `Bearer ${key} ${key}`,
    `Bearer\t${key}`,
    `Bearer ${key.toUpperCase()}`,
    `Bearer ${key.replace('live', 'test')}`,
    `Bearer ${key}0`,
    `Bearer ${key.slice(0, -1)}`,
    `Bearer ${key}\n`,
    `Bearer "${key}"`,
  ])('is not read as %j', (authorization) => {
    expect(keyOfAuthorization(authorization)).toBeNull();
  });
});

eachDatabase('API keys', (open, makePlace) => {
  const openShared = shared(open);

  test('let their holder in, as their tenant and with their scopes', async () => {
    const keys = keysOf(await openShared());
    const tenant = newTenant();
    const mine = { ...wanted, tenant };
    const { key, record } = await keys.create(mine);
    expect(key).toMatch(/^vlk_live_[0-9a-f]{8}_[0-9a-f]{32}$/);
    expect(record).toMatchObject({ ...mine, revokedAt: null, lastUsedAt: null });
    expect(key.split('_')[2]).toBe(record.prefix);
    expect(await keys.authenticate(`Bearer ${key}`)).toEqual({
      caller: { tenant, keyPrefix: record.prefix, scopes: new Set(wanted.scopes) },
    });
  });

  test('are refused when missing, malformed, unknown or wrong', async () => {
    const keys = keysOf(await openShared());
    const { key, record } = await keys.create(wanted);
    const keyPrefix = record.prefix;
    const unknown = keyPrefix === '00000000' ? '11111111' : '00000000';
    expect(await keys.authenticate(undefined)).toEqual({ refused: 'missing' });
    expect(await keys.authenticate('')).toEqual({ refused: 'missing' });
    expect(await keys.authenticate(key)).toEqual({ refused: 'malformed' });
    expect(await keys.authenticate(`Bearer ${key.replace(keyPrefix, unknown)}`)).toEqual({
      refused: 'unknown',
      keyPrefix: unknown,
    });
    expect(await keys.authenticate(`Bearer ${wrongSecret(key)}`)).toEqual({
      refused: 'wrong',
      keyPrefix,
    });
  });

  test('end when they expire or are revoked, which only who has the secret is told', async () => {
    const database = await openShared();
    let now = start;
    const keys = keysOf(database, { now: () => now });
    const { key, record } = await keys.create({ ...wanted, expiresAt: seconds(60) });
    const keyPrefix = record.prefix;
    now = seconds(59);
    expect(await keys.authenticate(`Bearer ${key}`)).toHaveProperty('caller');
    now = seconds(60);
    expect(await keys.authenticate(`Bearer ${key}`)).toEqual({
      refused: 'expired',
      keyPrefix,
      tenant: 'zebra',
    });

    const lasting = await keys.create(wanted);
    const revoked = await keys.revoke(lasting.record.prefix);
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect(await keys.authenticate(`Bearer ${lasting.key}`)).toEqual({
      refused: 'revoked',
      keyPrefix: lasting.record.prefix,
      tenant: 'zebra',
    });
    expect(await keys.authenticate(`Bearer ${wrongSecret(lasting.key)}`)).toEqual({
      refused: 'wrong',
      keyPrefix: lasting.record.prefix,
    });
    expect((await keys.revoke(lasting.record.prefix))?.revokedAt).toEqual(revoked?.revokedAt);
    expect(await keys.revoke('ffffffff')).toBeNull();
    expect(await keys.revoke("' or true --")).toBeNull();
  });

  test('note when they were used, at most once a minute', async () => {
    const database = await openShared();
    const tenant = newTenant();
    const mine = { ...wanted, tenant };
    let now = start;
    const keys = keysOf(database, { now: () => now });
    const { key, record } = await keys.create(mine);
    const usedAt = async () => {
      const found = (await keys.list(tenant)).find(({ prefix }) => prefix === record.prefix);
      return found?.lastUsedAt;
    };
    expect(await usedAt()).toBeNull();
    const seen = [];
    for (const second of [0, 30, 59, 60, 61, 200]) {
      now = seconds(second);
      await keys.authenticate(`Bearer ${key}`);
      await keys.authenticate(`Bearer ${wrongSecret(key)}`);
      seen.push(await usedAt());
    }
    expect(seen).toEqual([0, 0, 0, 60, 60, 200].map(seconds));
  });

  test('used by many at once let all of them in', async () => {
    const keys = keysOf(await openShared());
    const { key } = await keys.create(wanted);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => keys.authenticate(`Bearer ${key}`)),
    );
    expect(answers.filter((answer) => 'caller' in answer)).toHaveLength(30);
  });

  test('take another prefix where one is taken, also by another tenant', async () => {
    const database = await openShared();
    const [tenant, other] = [newTenant(), newTenant()];
    const mine = { ...wanted, tenant };
    const drawn = ['aaaaaaaa', 'aaaaaaaa', 'aaaaaaaa', 'bbbbbbbb'];
    const keys = keysOf(database, { randomPrefix: () => drawn.shift() ?? 'aaaaaaaa' });
    const first = await keys.create(mine);
    const second = await keys.create({ ...wanted, tenant: other });
    expect([first.record.prefix, second.record.prefix]).toEqual(['aaaaaaaa', 'bbbbbbbb']);
    expect(await keys.authenticate(`Bearer ${first.key}`)).toMatchObject({
      caller: { tenant },
    });
    expect(await keys.authenticate(`Bearer ${second.key}`)).toMatchObject({
      caller: { tenant: other },
    });
    await expect(keys.create(mine)).rejects.toMatchObject({ code: 'internal' });
    expect(await keys.list(tenant)).toHaveLength(1);
  });

  test('are not made without a sensible name, scope, expiry and tenant', async () => {
    const database = await open();
    const keys = keysOf(database, { now: () => start });
    const bad = [
      { name: '' },
      { name: 'a'.repeat(101) },
      { name: 'a\u0000b' },
      { scopes: [] },
      { scopes: ['upload:all' as 'upload:write'] },
      { expiresAt: start },
      { expiresAt: new Date(Number.NaN) },
      { tenant: 'Zebra' },
    ];
    for (const change of bad) {
      await expect(keys.create({ ...wanted, ...change })).rejects.toMatchObject({
        code: 'option-invalid',
      });
    }
    const longest = { name: '🔑'.repeat(100), scopes, expiresAt: seconds(1) };
    expect((await keys.create({ ...wanted, ...longest })).record).toMatchObject(longest);
    expect(await createTenants(database, keyring).ids()).toEqual(['zebra']);
  });

  test('are listed by tenant, oldest first', async () => {
    const keys = keysOf(await openShared());
    const tenant = newTenant();
    const mine = [
      await keys.create({ ...wanted, tenant }),
      await keys.create({ ...wanted, tenant, name: 'second' }),
    ];
    await keys.create({ ...wanted, tenant: newTenant() });
    expect(await keys.list(tenant)).toEqual(mine.map(({ record }) => record));
    expect(await keys.list('nobody')).toEqual([]);
  });

  test('leave a record of each action in the chain of their tenant', async () => {
    const database = await openShared();
    const tenant = newTenant();
    const mine = { ...wanted, tenant };
    const keys = keysOf(database);
    const { record } = await keys.create(mine);
    await keys.list(tenant);
    await keys.list('nobody');
    await keys.revoke(record.prefix);
    await keys.revoke(record.prefix);
    const key = `key:${record.prefix}`;
    const shared = { actor: 'operator', success: true, address: null, userAgent: null };
    expect(await auditOf(database, tenant)).toMatchObject([
      {
        ...shared,
        action: 'key.create',
        resource: key,
        details: { scopes: 'upload:write uploads:read', expires: 'never' },
      },
      { ...shared, action: 'key.list', resource: 'keys', details: { keys: 1 } },
      { ...shared, action: 'key.revoke', resource: key, details: { already: false } },
      { ...shared, action: 'key.revoke', resource: key, details: { already: true } },
    ]);
    expect(await auditOf(database, 'nobody')).toEqual([]);
  });

  test('make their tenant with a record in the system’s chain, once', async () => {
    const database = await open();
    const keys = keysOf(database);
    await keys.create(wanted);
    await keys.create(wanted);
    await keys.create({ ...wanted, tenant: 'acme' });
    await expect(keys.create({ ...wanted, tenant: 'Zebra' })).rejects.toThrow();
    const shared = { actor: 'operator', action: 'tenant.create', success: true };
    const records = await auditOf(database, systemTenant);
    expect(records).toHaveLength(2);
    expect(records).toMatchObject([
      { ...shared, resource: 'tenant:zebra' },
      { ...shared, resource: 'tenant:acme' },
    ]);
  });

  test('do not let in whoever changed or added their rows in the database', async () => {
    const place = await makePlace();
    const database = await place.open();
    const made = keysOf(database);
    const changes = {
      'moved to another tenant': "tenant = 'acme'",
      'with a widened scope': "scopes = array_append(scopes, 'vault:resolve')",
      'with scopes joined': "scopes = array['upload:write,uploads:read']",
      'that lives longer': "expires_at = expires_at + interval '1 day'",
      'that never ends': 'expires_at = null',
      'that ends at infinity': "expires_at = 'infinity'",
      'revived after its revocation': 'revoked_at = null',
      'revoked for another time': "revoked_at = revoked_at - interval '1 day'",
      'with another secret': "secret_hash = sha256('00112233445566778899aabbccddeeff')",
      'with another MAC': "mac = sha256('forged')",
    };
    await made.create({ ...wanted, tenant: 'acme' });
    const untouched = await made.create(wanted);
    const expiresAt = new Date(Date.now() + 3_600_000);
    const changed = [];
    for (const [how, change] of Object.entries(changes)) {
      const { key, record } = await made.create({ ...wanted, expiresAt });
      if (how.includes('revo')) await made.revoke(record.prefix);
      expect(await made.authenticate(`Bearer ${key}`)).not.toMatchObject({ refused: 'unknown' });
      changed.push({ how, change, key, prefix: record.prefix });
    }
    await database.close();

    const secret = '00112233445566778899aabbccddeeff';
    await asAdministrator(
      place,
      ...changed.map(
        ({ change, prefix }) => `update velora.api_keys set ${change} where prefix = '${prefix}'`,
      ),
      `insert into velora.api_keys (prefix, tenant, name, secret_hash, scopes, mac)
         select '0123abcd', tenant, name, sha256('${secret}'), scopes, mac
         from velora.api_keys where prefix = '${untouched.record.prefix}'`,
    );
    const reopened = await place.open();
    const keys = keysOf(reopened);
    // What a thief of the login may do: no more than the administrator.
    await reopened.as('zebra', (transaction) =>
      transaction.query(
        `insert into velora.api_keys (prefix, tenant, name, secret_hash, scopes, mac)
         values ('4567cdef', 'zebra', 'thief', sha256('${secret}'), '{vault:resolve}', sha256('x'))`,
      ),
    );
    const tried = [
      ...changed,
      ...['0123abcd', '4567cdef'].map((prefix) => ({
        how: `added as ${prefix}`,
        key: `vlk_live_${prefix}_${secret}`,
        prefix,
      })),
    ];
    for (const { how, key, prefix } of tried) {
      const text = how === 'with another secret' ? `${key.slice(0, -32)}${secret}` : key;
      expect(await keys.authenticate(`Bearer ${text}`), how).toEqual({
        refused: 'unknown',
        keyPrefix: prefix,
      });
    }
    expect(await keys.authenticate(`Bearer ${untouched.key}`)).toHaveProperty('caller');

    // Revoking such a row ends it all the same.
    for (const { key, prefix } of tried.slice(-2)) {
      expect((await keys.revoke(prefix))?.revokedAt).toBeInstanceOf(Date);
      expect(await keys.authenticate(`Bearer ${key}`)).toMatchObject({ refused: 'revoked' });
    }
  });

  test('stay known after their use was noted, and unknown under another key-encryption key', async () => {
    const database = await open();
    const keys = keysOf(database);
    const { key, record } = await keys.create(wanted);
    await keys.authenticate(`Bearer ${key}`);
    expect(await keys.authenticate(`Bearer ${key}`)).toHaveProperty('caller');
    const otherKeyring = createKeyring(Buffer.alloc(32, 0x4c));
    const others = createApiKeys(
      database,
      createTenants(database, otherKeyring),
      createAuditLog(database, otherKeyring),
      otherKeyring,
    );
    expect(await others.authenticate(`Bearer ${key}`)).toEqual({
      refused: 'unknown',
      keyPrefix: record.prefix,
    });
  });

  test('are not made where that cannot be recorded', async () => {
    const place = await makePlace();
    const database = await place.open();
    await keysOf(database).create(wanted);
    await database.close();
    await asAdministrator(place, "update velora.audit_heads set mac = sha256('forged')");
    const reopened = await place.open();
    await expect(keysOf(reopened).create(wanted)).rejects.toMatchObject({ rule: 'audit-broken' });
    await reopened.close();
    expect(await asAdministrator(place, 'select prefix from velora.api_keys')).toHaveLength(1);
  });

  test('lie in the database as a hash of their secret, which no other tenant sees', async () => {
    const place = await makePlace();
    const database = await place.open();
    const { key, record } = await keysOf(database).create(wanted);
    const secret = key.slice(-32);
    const seenBy = (tenant: string | null) =>
      database.as(tenant, (transaction) => transaction.query('select prefix from velora.api_keys'));
    expect(await seenBy('zebra')).toEqual([{ prefix: record.prefix }]);
    expect(await seenBy('acme')).toEqual([]);
    expect(await seenBy(null)).toEqual([]);
    await database.close();

    const rows = await asAdministrator<{ text: string }>(
      place,
      `select row_to_json(k)::text as text from velora.api_keys k union all
       select row_to_json(r)::text from velora.audit_records r`,
    );
    expect(rows).toHaveLength(3);
    const text = rows.map((row) => row.text).join('\n');
    expect(text).toContain(createHash('sha256').update(secret).digest('hex'));
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('hex'));
  });
});
