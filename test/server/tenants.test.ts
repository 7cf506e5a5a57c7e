import { expect, test } from 'vitest';
import { importSecret } from '../../src/core/secret.ts';
import { createKeyring } from '../../src/server/access/keyring.ts';
import { createTenants } from '../../src/server/access/tenants.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { eachDatabase, newTenant, shared } from './support/databases.ts';

const keyring = createKeyring(Buffer.alloc(32, 0x4b));
const otherKeyring = createKeyring(Buffer.alloc(32, 0x4c));

eachDatabase('tenants', (open, makePlace) => {
  const openShared = shared(open);

  test('are made once, with a data key that stays', async () => {
    const database = await open();
    const tenants = createTenants(database, keyring);
    await tenants.ensure('zebra');
    await tenants.ensure('acme-2_x');
    const key = await tenants.dataKey('zebra');
    expect(key).toHaveLength(32);
    expect(await tenants.dataKey('acme-2_x')).not.toEqual(key);

    const later = createTenants(database, keyring);
    await later.ensure('zebra');
    expect(await later.dataKey('zebra')).toEqual(key);
    expect(await later.ids()).toEqual(['acme-2_x', 'zebra']);
  });

  test('made by several at once have one data key', async () => {
    const database = await openShared();
    const tenant = newTenant();
    const several = Array.from({ length: 10 }, () => createTenants(database, keyring));
    await Promise.all(several.map((tenants) => tenants.ensure(tenant)));
    const keys = await Promise.all(several.map((tenants) => tenants.dataKey(tenant)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });

  test('have ids that the table takes, and no others', async () => {
    const tenants = createTenants(await open(), keyring);
    const longest = 'a'.repeat(63);
    await tenants.ensure(longest);
    for (const id of ['', 'Acme', '-acme', '@system', 'a b', 'ä', `${longest}a`, 'a\n', "a'--"]) {
      await expect(tenants.ensure(id)).rejects.toMatchObject({ code: 'option-invalid' });
    }
    expect(await tenants.ids()).toEqual([longest]);
  });

  test('that are not there have no keys', async () => {
    const tenants = createTenants(await openShared(), keyring);
    await expect(tenants.dataKey('nobody')).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(tenants.tokenSecret('nobody')).rejects.toMatchObject({ code: 'option-invalid' });
  });

  test('get one token secret, however many ask for it first', async () => {
    const database = await openShared();
    const [tenant, other] = [newTenant(), newTenant()];
    await createTenants(database, keyring).ensure(tenant);
    await createTenants(database, keyring).ensure(other);
    const several = Array.from({ length: 20 }, () => createTenants(database, keyring));
    const secrets = await Promise.all(several.map((tenants) => tenants.tokenSecret(tenant)));
    expect(new Set(secrets.map(({ fingerprint }) => fingerprint)).size).toBe(1);

    const tenants = createTenants(database, keyring);
    const bytes = await tenants.tokenKey(tenant);
    expect(bytes).toHaveLength(32);
    expect((await importSecret(bytes.toString('hex'))).fingerprint).toBe(secrets[0]?.fingerprint);
    expect(await tenants.tokenKey(other)).not.toEqual(bytes);
    expect(await tenants.dataKey(tenant)).not.toEqual(bytes);
  });

  test('lend copies of their keys', async () => {
    const tenants = createTenants(await openShared(), keyring);
    const tenant = newTenant();
    await tenants.ensure(tenant);
    for (const method of ['dataKey', 'tokenKey'] as const) {
      const lent = await tenants[method](tenant);
      const before = Buffer.from(lent);
      lent.fill(0);
      expect(await tenants[method](tenant)).toEqual(before);
    }
  });

  test('leave no key in memory but under lock', async () => {
    const unwrapped: Buffer[] = [];
    const tenants = createTenants(await openShared(), {
      ...keyring,
      unwrap(wrapped, use) {
        const key = keyring.unwrap(wrapped, use);
        unwrapped.push(key);
        return key;
      },
    });
    const tenant = newTenant();
    await tenants.ensure(tenant);
    const keys = [await tenants.dataKey(tenant), await tenants.tokenKey(tenant)];
    for (const key of keys) expect(key).not.toEqual(Buffer.alloc(32));
    expect(unwrapped).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
    expect([await tenants.dataKey(tenant), await tenants.tokenKey(tenant)]).toEqual(keys);
    expect(unwrapped).toHaveLength(2);
  });

  test('are told that another key-encryption key wrapped their keys', async () => {
    const database = await openShared();
    const tenant = newTenant();
    const tenants = createTenants(database, keyring);
    await tenants.ensure(tenant);
    await tenants.tokenSecret(tenant);
    const others = createTenants(database, otherKeyring);
    for (const method of ['dataKey', 'tokenSecret'] as const) {
      await expect(others[method](tenant)).rejects.toMatchObject({
        code: 'receiver-unusable',
        rule: 'kek-wrong',
      });
    }
  });

  test('do not take each other’s wrapped keys, and no key lies in the database as it is', async () => {
    const place = await makePlace();
    const database = await place.open();
    const tenants = createTenants(database, keyring);
    await tenants.ensure('zebra');
    await tenants.ensure('acme');
    const keys = [await tenants.dataKey('zebra'), await tenants.tokenKey('zebra')];
    await tenants.tokenKey('acme');
    await database.close();

    const rows = await asAdministrator<{ text: string }>(
      place,
      'select row_to_json(t)::text as text from velora.tenants t order by id',
    );
    expect(rows).toHaveLength(2);
    const text = rows.map((row) => row.text).join('\n');
    expect(text).toContain('zebra');
    for (const key of keys) expect(text).not.toContain(key.toString('hex'));

    await asAdministrator(
      place,
      `update velora.tenants set data_key = (select data_key from velora.tenants where id = 'acme'),
         token_key = (select token_key from velora.tenants where id = 'acme') where id = 'zebra'`,
    );
    const changed = createTenants(await place.open(), keyring);
    await expect(changed.dataKey('zebra')).rejects.toMatchObject({ rule: 'key-broken' });
    await expect(changed.tokenSecret('zebra')).rejects.toMatchObject({ rule: 'key-broken' });
    expect(await changed.dataKey('acme')).toHaveLength(32);
  });

  test('see neither each other’s rows nor, without a tenant, any', async () => {
    const database = await openShared();
    const [one, other] = [newTenant(), newTenant()];
    const tenants = createTenants(database, keyring);
    await tenants.ensure(one);
    await tenants.ensure(other);
    const seenBy = (tenant: string | null) =>
      database.as(tenant, (transaction) =>
        transaction.query<{ id: string }>('select id from velora.tenants'),
      );
    expect(await seenBy(one)).toEqual([{ id: one }]);
    expect(await seenBy('nobody')).toEqual([]);
    expect(await seenBy(null)).toEqual([]);
  });
});
