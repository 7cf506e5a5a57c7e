import { createHash, createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring } from '../../src/server/access/keyring.ts';
import { createTenants } from '../../src/server/access/tenants.ts';
import { createAuditLog } from '../../src/server/audit/audit-log.ts';
import type { Database } from '../../src/server/store/database.ts';
import type { OriginalEntry } from '../../src/core/originals.ts';
import { createVault, type Vault } from '../../src/server/vault/entries.ts';
import { seal, sealOverhead, unseal } from '../../src/server/vault/sealing.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { eachDatabase } from './support/databases.ts';

const keyring = createKeyring(Buffer.alloc(32, 0x4b));
const ssn = '900-12-3456';

const token = (index: number, prefix = 'MBR'): string =>
  `${prefix}_${index.toString(16).padStart(16, '0')}`;
const uploadId = (index: number): string => `upl_${index.toString(16).padStart(32, '0')}`;
const entry = (index: number, original = `Zebra ${String(index)}`): OriginalEntry => ({
  column: 'member_id',
  token: token(index),
  original,
  identity: identityOf(original),
});
const identityOf = (original: string): Uint8Array =>
  createHash('sha256').update(original).digest().subarray(0, 8);

interface Fixture {
  readonly database: Database;
  readonly vault: Vault;
  readonly vaultOf: (days: number) => Vault;
  /** Begins an upload, stores its entries and completes it, unless told otherwise. */
  readonly upload: (
    of: { tenant?: string; id: number; completed?: Date | null; days?: number },
    entries: readonly OriginalEntry[],
  ) => Promise<void>;
}

async function fixture(database: Database): Promise<Fixture> {
  const tenants = createTenants(database, keyring);
  await tenants.ensure('zebra');
  await tenants.ensure('acme');
  const audit = createAuditLog(database, keyring);
  const vaultOf = (days: number): Vault => createVault(database, tenants, audit, days);
  return {
    database,
    vault: vaultOf(90),
    vaultOf,
    async upload({ tenant = 'zebra', id, completed = new Date(), days = 90 }, entries) {
      await database.as(tenant, (transaction) =>
        transaction.query(
          `insert into velora.uploads (id, tenant, instance, product, schema_version, mode, key_prefix)
           values ($1, $2, 'here', 'claims', '1.0.0', 'server', '00000000')`,
          [uploadId(id), tenant],
        ),
      );
      const writer = vaultOf(days).writer(tenant, uploadId(id));
      await writer.add(entries);
      await writer.finish();
      await database.as(tenant, (transaction) =>
        transaction.query('update velora.uploads set completed_at = $2 where id = $1', [
          uploadId(id),
          completed,
        ]),
      );
    },
  };
}

const rowsSeenBy = async (database: Database, tenant: string | null): Promise<number> => {
  const [row] = await database.as(tenant, (transaction) =>
    transaction.query<{ count: number }>('select count(*) as count from velora.vault_entries'),
  );
  return row?.count ?? -1;
};

describe('a sealed original', () => {
  const key = createSecretKey(Buffer.alloc(32, 1));
  const place = { tenant: 'zebra', column: 'ssn', token: token(1, 'SSN') };

  test('opens at its place and nowhere else', () => {
    const sealed = seal(key, place, ssn);
    expect(sealed).toHaveLength(ssn.length + sealOverhead);
    expect(sealed.includes(ssn)).toBe(false);
    expect(unseal(key, place, sealed)).toBe(ssn);
    const others = [
      { ...place, tenant: 'acme' },
      { ...place, column: 'member_id' },
      { ...place, token: token(2, 'SSN') },
      { tenant: 'zebra","ssn', column: '', token: place.token },
    ];
    for (const other of others) {
      expect(() => unseal(key, other, sealed)).toThrow(
        expect.objectContaining({ code: 'receiver-unusable', rule: 'vault-broken' }),
      );
    }
    expect(() => unseal(createSecretKey(Buffer.alloc(32, 2)), place, sealed)).toThrow(
      expect.objectContaining({ rule: 'vault-broken' }),
    );
  });

  test('does not open with any byte changed, nor cut short', () => {
    const sealed = seal(key, place, ssn);
    const broken = [
      ...Array.from(sealed, (_, at) => sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))),
      ...Array.from(sealed, (_, length) => sealed.subarray(0, length)),
    ];
    expect(broken).toHaveLength(2 * sealed.length);
    for (const bytes of broken) {
      expect(() => unseal(key, place, bytes)).toThrow(
        expect.objectContaining({ rule: 'vault-broken' }),
      );
    }
  });

  test('is another one each time, and may be empty', () => {
    const sealed = Array.from({ length: 20 }, () => seal(key, place, '').toString('hex'));
    expect(new Set(sealed).size).toBe(20);
    expect(unseal(key, place, Buffer.from(sealed[0] ?? '', 'hex'))).toBe('');
  });
});

eachDatabase('the vault', (open, makePlace) => {
  test('gives back originals of completed uploads, character by character', async () => {
    const { vault, upload } = await fixture(await open());
    const originals = ['Zebra', '', '\ufeffZébrä 🦓', 'a"b\\c\'d,{e}\r\n\t', '\u0000', 'NULL'];
    await upload(
      { id: 1 },
      originals.map((original, index) => ({
        column: `member_id "${String(index)}" {,\\}`,
        token: token(index),
        original,
        identity: identityOf(original),
      })),
    );
    for (const [index, original] of originals.entries()) {
      expect(await vault.resolve('zebra', token(index))).toEqual({
        token: token(index),
        column: `member_id "${String(index)}" {,\\}`,
        original,
      });
    }
    expect(await vault.resolve('zebra', token(99))).toBeNull();
  });

  test('knows nothing of what is no token, and nothing of another tenant', async () => {
    const { database, vault, upload } = await fixture(await open());
    await upload({ id: 1 }, [entry(1)]);
    await upload({ id: 2, tenant: 'acme' }, [entry(2)]);
    const noTokens = [
      '',
      'MBR_',
      token(1).toLowerCase(),
      ` ${token(1)}`,
      `${token(1)}\n`,
      'a\u0000',
    ];
    for (const text of noTokens) expect(await vault.resolve('zebra', text)).toBeNull();
    expect(await vault.resolve('acme', token(1))).toBeNull();
    expect(await vault.resolve('zebra', token(1))).toMatchObject({ original: 'Zebra 1' });
    expect(await rowsSeenBy(database, 'zebra')).toBe(1);
    expect(await rowsSeenBy(database, 'nobody')).toBe(0);
    expect(await rowsSeenBy(database, null)).toBe(0);
  });

  test('does not count uploads that are not completed, and prefers the newest', async () => {
    const { vault, upload } = await fixture(await open());
    await upload({ id: 5, completed: null }, [entry(1, 'never finished')]);
    expect(await vault.resolve('zebra', token(1))).toBeNull();
    await upload({ id: 4, completed: new Date('2026-01-01') }, [entry(1, 'first spelling')]);
    await upload({ id: 3, completed: new Date('2026-02-01') }, [entry(1, 'newest spelling')]);
    await upload({ id: 2, completed: new Date('2026-01-15') }, [entry(1, 'middle spelling')]);
    expect(await vault.resolve('zebra', token(1))).toMatchObject({ original: 'newest spelling' });
  });

  test('loses the entries of an upload with its row', async () => {
    const { database, vault, upload } = await fixture(await open());
    await upload({ id: 1, completed: null }, [entry(1)]);
    await upload({ id: 2 }, [entry(2)]);
    expect(await rowsSeenBy(database, 'zebra')).toBe(2);
    await database.as('zebra', (transaction) =>
      transaction.query('delete from velora.uploads where id = $1', [uploadId(1)]),
    );
    expect(await vault.resolve('zebra', token(2))).not.toBeNull();
    expect(await rowsSeenBy(database, 'zebra')).toBe(1);
  });

  test('takes many entries and long ones, in bounded batches', async () => {
    const bare = await open();
    const batches: { rows: number; bytes: number }[] = [];
    const { vault, upload } = await fixture({
      ...bare,
      as: (tenant, work) =>
        bare.as(tenant, (transaction) =>
          work({
            query: (sql, parameters = []) => {
              const originals = parameters[4];
              if (sql.includes('velora.vault_entries') && Array.isArray(originals)) {
                const bytes = (originals as Uint8Array[]).map(({ length }) => length);
                batches.push({ rows: bytes.length, bytes: bytes.reduce((a, b) => a + b) });
              }
              return transaction.query(sql, parameters);
            },
          }),
        ),
    });
    const long = 'Zebra'.repeat(600_000);
    await upload({ id: 1 }, [
      ...Array.from({ length: 2500 }, (_, index) => entry(index)),
      entry(3000, long),
      entry(3001, 'after it'),
      ...Array.from({ length: 30 }, (_, index) => entry(4000 + index, 'Z'.repeat(99_000))),
    ]);
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    expect(rows).toBe(2532);
    for (const batch of batches) {
      expect(batch.rows).toBeLessThanOrEqual(1000);
      if (batch.rows > 1) expect(batch.bytes).toBeLessThanOrEqual(1_000_000);
    }
    expect(batches.some((batch) => batch.bytes > long.length)).toBe(true);
    for (const [index, original] of [
      [0, 'Zebra 0'],
      [2499, 'Zebra 2499'],
      [3000, long],
      [3001, 'after it'],
      [4029, 'Z'.repeat(99_000)],
    ] as const) {
      const found = await vault.resolve('zebra', token(index));
      expect(found?.original === original).toBe(true);
    }
  });

  test('writes nothing before there is something, and an original that comes again once', async () => {
    const { database, vault, upload } = await fixture(await open());
    await upload({ id: 1 }, []);
    expect(await rowsSeenBy(database, 'zebra')).toBe(0);
    const many = Array.from({ length: 1500 }, (_, index) => entry(index));
    await upload({ id: 2 }, [...many, entry(1), ...many]);
    expect(await rowsSeenBy(database, 'zebra')).toBe(1500);
    expect(await vault.resolve('zebra', token(1))).toMatchObject({ original: 'Zebra 1' });
  });

  test('refuses two originals with one token, in one batch or in two', async () => {
    const { upload } = await fixture(await open());
    const collision = { code: 'token-collision', rule: 'collision' };
    const many = Array.from({ length: 1500 }, (_, index) => entry(index));
    await expect(upload({ id: 1 }, [entry(1), entry(1, 'other')])).rejects.toMatchObject(collision);
    await expect(upload({ id: 2 }, [...many, entry(1, 'other')])).rejects.toMatchObject(collision);
  });

  test('forgets and removes what has run out, of all tenants, and records that', async () => {
    const { database, vault, upload } = await fixture(await open());
    const old = (count: number) => Array.from({ length: count }, (_, index) => entry(index));
    await upload({ id: 1, days: -1 }, old(5001));
    await upload({ id: 2, tenant: 'acme', days: -1 }, old(3));
    await upload({ id: 3 }, [entry(9000)]);
    expect(await vault.resolve('zebra', token(0))).toBeNull();

    expect(await vault.purge()).toEqual([
      { tenant: 'acme', removed: 3 },
      { tenant: 'zebra', removed: 5001 },
    ]);
    expect(await rowsSeenBy(database, 'zebra')).toBe(1);
    expect(await rowsSeenBy(database, 'acme')).toBe(0);
    expect(await vault.resolve('zebra', token(9000))).not.toBeNull();
    expect(await vault.purge()).toEqual([]);

    const audit = createAuditLog(database, keyring);
    const removed = async (tenant: string) =>
      (await audit.page(tenant, { limit: 10, action: 'vault.purge' })).records.map(
        ({ actor, details }) => [actor, details['removed']],
      );
    expect(await removed('zebra')).toEqual([
      ['receiver', 1],
      ['receiver', 5000],
    ]);
    expect(await removed('acme')).toEqual([['receiver', 3]]);
  });

  test('purged ends after the batch in which it is told to, and goes on another time', async () => {
    const bare = await open();
    const stopping = new AbortController();
    const { database, vault, upload } = await fixture({
      ...bare,
      as: (tenant, work) =>
        bare.as(tenant, (transaction) =>
          work({
            query: (sql, parameters) => {
              if (sql.includes('delete from velora.vault_entries')) stopping.abort();
              return transaction.query(sql, parameters);
            },
          }),
        ),
    });
    const old = Array.from({ length: 5001 }, (_, index) => entry(index));
    await upload({ id: 1, days: -1 }, old);
    await upload({ id: 2, tenant: 'acme', days: -1 }, old);
    expect(await vault.purge(stopping.signal)).toEqual([{ tenant: 'acme', removed: 5000 }]);
    expect(await rowsSeenBy(database, 'zebra')).toBe(5001);
    expect(await vault.purge(stopping.signal)).toEqual([]);
    expect(await vault.purge()).toEqual([
      { tenant: 'acme', removed: 1 },
      { tenant: 'zebra', removed: 5001 },
    ]);
  });

  test('purged by several at once removes and records each entry once', async () => {
    const { database, vaultOf, upload } = await fixture(await open());
    await upload(
      { id: 1, days: -1 },
      Array.from({ length: 2000 }, (_, index) => entry(index)),
    );
    const purged = await Promise.all(Array.from({ length: 5 }, () => vaultOf(90).purge()));
    expect(purged.flat()).toEqual([{ tenant: 'zebra', removed: 2000 }]);
    expect(await rowsSeenBy(database, 'zebra')).toBe(0);
    const audit = createAuditLog(database, keyring);
    expect(await audit.verify('zebra')).toMatchObject({ ok: true, count: 1 });
  });

  test('holds no original as it is, and gives none that was changed or moved', async () => {
    const place = await makePlace();
    const { database, upload } = await fixture(await place.open());
    await upload({ id: 1 }, [entry(1, ssn), entry(2, 'Zebra Zacharias'), entry(3)]);
    await upload({ id: 2, completed: new Date('2020-01-01') }, [entry(1, 'older')]);
    await database.close();

    const rows = await asAdministrator<{ text: string; original: Uint8Array }>(
      place,
      'select row_to_json(e)::text as text, original from velora.vault_entries e',
    );
    expect(rows).toHaveLength(4);
    for (const original of [ssn, 'Zebra Zacharias', 'Zebra 3']) {
      const hex = Buffer.from(original).toString('hex');
      for (const { text } of rows) {
        expect(text.includes(original) || text.includes(hex)).toBe(false);
      }
    }

    await asAdministrator(
      place,
      `update velora.vault_entries e set original = o.original from velora.vault_entries o
       where e.upload_id = '${uploadId(1)}' and e.token = '${token(1)}'
         and o.upload_id = '${uploadId(2)}'`,
      `update velora.vault_entries set column_name = 'ssn' where token = '${token(2)}'`,
      `update velora.vault_entries set original = set_byte(original, 20, 255 - get_byte(original, 20))
       where token = '${token(3)}'`,
    );
    const { vault } = await fixture(await place.open());
    for (const index of [1, 2, 3]) {
      await expect(vault.resolve('zebra', token(index))).rejects.toMatchObject({
        code: 'receiver-unusable',
        rule: 'vault-broken',
      });
    }
  });

  test('keeps the tenant’s entries from being written in another’s name', async () => {
    const { database, upload } = await fixture(await open());
    await upload({ id: 1 }, []);
    await expect(
      database.as('acme', (transaction) =>
        transaction.query(
          `insert into velora.vault_entries (upload_id, tenant, token, column_name, original, expires_at)
           values ($1, 'zebra', $2, 'member_id', $3, now())`,
          [uploadId(1), token(1), new Uint8Array(30)],
        ),
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });
});
