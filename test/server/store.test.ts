import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDuplicate } from '../../src/server/store/database.ts';
import { openPglite } from '../../src/server/store/pglite.ts';
import { withAdministrator } from '../../src/server/store/postgres.ts';
import { eachDatabase } from './support/databases.ts';

eachDatabase('a transaction', (open, place, kind) => {
  test('gives values back as JavaScript has them', async () => {
    const database = await open();
    const at = new Date('2026-11-22T10:11:12.345Z');
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const [row] = await database.as(null, (transaction) =>
      transaction.query(
        `select 9007199254740991::bigint as large, $1::bytea as bytes, $2::timestamptz as at,
           $3::boolean as yes, $4::text as nothing, $5::text[] as words, $6::bytea[] as several`,
        [bytes, at, true, null, ['a', 'b "c"'], [bytes, new Uint8Array()]],
      ),
    );
    expect(row).toMatchObject({ large: 9007199254740991, at, yes: true, nothing: null });
    expect(row?.['words']).toEqual(['a', 'b "c"']);
    expect(new Uint8Array(row?.['bytes'] as Uint8Array)).toEqual(bytes);
    expect((row?.['several'] as Uint8Array[]).map((each) => [...each])).toEqual([[...bytes], []]);
  });
  test('is rolled back when its work throws, and a duplicate is told', async () => {
    const database = await open();
    const insert = `insert into velora.tenants (id, data_key) values ('acme', '\\x00')`;
    const ids = () =>
      database.as('acme', (transaction) => transaction.query('select id from velora.tenants'));
    await expect(
      database.as('acme', async (transaction) => {
        await transaction.query(insert);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(await ids()).toEqual([]);
    await database.as('acme', (transaction) => transaction.query(insert));
    expect(await ids()).toEqual([{ id: 'acme' }]);
    const again = database.as('acme', (transaction) => transaction.query(insert));
    await expect(again).rejects.toSatisfy(isDuplicate);
  });

  test('is not committed after a failure that its work has swallowed', async () => {
    const database = await open();
    const add = `insert into velora.tenants (id, data_key) values ('acme', '\\x00')`;
    await expect(
      database.as('acme', async (transaction) => {
        await transaction.query(add);
        await transaction.query('select 1 / 0').catch(() => undefined);
      }),
    ).rejects.toThrow();
    const ids = await database.as('acme', (transaction) =>
      transaction.query('select id from velora.tenants'),
    );
    expect(ids).toEqual([]);
  });

  test('runs beside many others, each in its own name', async () => {
    const database = await open();
    const names = Array.from({ length: 40 }, (_, i) => `tenant${String(i)}`);
    const found = await Promise.all(
      names.map((name) =>
        database.as(name, async (transaction) => {
          await transaction.query('insert into velora.tenants (id, data_key) values ($1, $2)', [
            name,
            new Uint8Array([0]),
          ]);
          const rows = await transaction.query<{ id: string }>('select id from velora.tenants');
          return rows.map(({ id }) => id).join();
        }),
      ),
    );
    expect(found).toEqual(names);
  });

  test('keeps what was committed when the database is opened again', async () => {
    const { open: openThere } = await place();
    const first = await openThere();
    expect(first.kind).toBe(kind);
    await first.as('acme', (transaction) =>
      transaction.query(`insert into velora.tenants (id, data_key) values ('acme', '\\x00')`),
    );
    await first.close();
    const second = await openThere();
    const ids = await second.as('acme', (transaction) =>
      transaction.query('select id from velora.tenants'),
    );
    expect(ids).toEqual([{ id: 'acme' }]);
  });

  test('goes on after a parameter that no text can hold, and takes long ones', async () => {
    const database = await open();
    const told = (text: string) =>
      database.as(null, (transaction) =>
        transaction.query<{ length: number }>('select octet_length($1::text) as length', [text]),
      );
    await expect(told('Zebra\0')).rejects.toMatchObject({ code: '22021' });
    expect(await told('\ud800')).toEqual([{ length: 3 }]);
    expect(await told('ä'.repeat(2_000_000))).toEqual([{ length: 4_000_000 }]);
  });

  if (kind !== 'postgresql') return;

  test('fails with its connection, and the next one has another', async () => {
    const { open: openThere, administratorUrl } = await place();
    const database = await openThere();
    const working = database.as(null, async (transaction) => {
      const [row] = await transaction.query<{ pid: number }>('select pg_backend_pid() as pid');
      await withAdministrator(administratorUrl ?? '', (runner) =>
        runner.execute(`select pg_terminate_backend(${String(row?.pid)})`),
      );
      await transaction.query('select 1');
    });
    await expect(working).rejects.toThrow();
    const rows = await database.as(null, (transaction) => transaction.query('select 1 as one'));
    expect(rows).toEqual([{ one: 1 }]);
  });
});

test('a folder that holds something else is no embedded database', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'velora-other-'));
  writeFileSync(join(folder, 'PG_VERSION'), 'Zebra');
  const opening = openPglite(folder);
  await expect(opening).rejects.toMatchObject({
    code: 'receiver-unusable',
    rule: 'database-unreachable',
  });
  rmSync(folder, { recursive: true, force: true });
});
