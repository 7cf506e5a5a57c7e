import { expect, test } from 'vitest';
import {
  migrateDown,
  type MigrationRunner,
  migrations,
  migrateUp,
} from '../../src/server/store/migrations.ts';
import { withEmbedded } from '../../src/server/store/pglite.ts';
import { withAdministrator } from '../../src/server/store/postgres.ts';
import { eachDatabase, type Place } from './support/databases.ts';

const names = migrations.map(({ name }) => name);

/** An administrator's runner of an empty place. */
function administer<Result>(
  { administratorUrl, folder }: Place,
  work: (runner: MigrationRunner) => Promise<Result>,
): Promise<Result> {
  return administratorUrl === null
    ? withEmbedded(`${folder}/database`, work)
    : withAdministrator(administratorUrl, work);
}

const ours = async (runner: MigrationRunner) =>
  (
    await runner.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c
       where c.relnamespace = to_regnamespace('velora') and c.relkind = 'r'
       union all select p.proname from pg_proc p where p.pronamespace = to_regnamespace('velora')
       order by name`,
    )
  ).map(({ name }) => name);

eachDatabase('migrations', (_open, makePlace, kind) => {
  test('go up, up again, down, down again and up', async () => {
    const place = await makePlace({ migrated: false });
    await administer(place, async (runner) => {
      expect(await ours(runner)).toEqual([]);
      expect(await migrateUp(runner)).toEqual(names);
      const made = await ours(runner);
      expect(made).toContain('velora.vault_entries');
      expect(made).toContain('find_api_key');
      await runner.query("insert into velora.tenants (id, data_key) values ('zebra', '\\x00')");

      expect(await migrateUp(runner)).toEqual([]);
      expect(await ours(runner)).toEqual(made);
      expect(await runner.query('select id from velora.tenants')).toEqual([{ id: 'zebra' }]);

      expect(await migrateDown(runner, names.length)).toEqual([...names].reverse());
      expect(await ours(runner)).toEqual([]);
      expect(await runner.query("select 1 from pg_namespace where nspname = 'velora'")).toEqual([]);
      expect(await migrateDown(runner, 1)).toEqual([]);

      expect(await migrateUp(runner)).toEqual(names);
      expect(await ours(runner)).toEqual(made);
    });
  });

  test.each(migrations.map((migration) => [migration.name, migration] as const))(
    '%s can be applied and taken back twice',
    async (_, { up, down }) => {
      const place = await makePlace({ migrated: false });
      await administer(place, async (runner) => {
        await migrateUp(runner);
        const made = await ours(runner);
        await runner.execute(up);
        expect(await ours(runner)).toEqual(made);
        await runner.execute(down);
        const left = await ours(runner);
        expect(left).not.toEqual(made);
        await runner.execute(down);
        expect(await ours(runner)).toEqual(left);
      });
    },
  );

  test('leave nothing of a step that fails half way', async () => {
    const place = await makePlace({ migrated: false });
    await administer(place, async (runner) => {
      const failing: MigrationRunner = {
        execute: (sql) => runner.execute(sql),
        query: (sql, parameters) =>
          sql.startsWith('insert')
            ? Promise.reject(new Error('stop'))
            : runner.query(sql, parameters),
      };
      await expect(migrateUp(failing)).rejects.toThrow('stop');
      expect(await ours(runner)).toEqual([]);
      expect(await migrateUp(runner)).toEqual(names);
    });
  });

  if (kind !== 'postgresql') return;

  test('of one database leave another one of the same server alone', async () => {
    const [one, other] = [await makePlace(), await makePlace()];
    await administer(one, (runner) => migrateDown(runner, names.length));
    const database = await other.open();
    expect(
      await database.as(null, (transaction) => transaction.query('select id from velora.tenants')),
    ).toEqual([]);
    await expect(one.open()).rejects.toMatchObject({ rule: 'migrations-open' });
  });

  test('need no superuser', async () => {
    const place = await makePlace({ migrated: false });
    const url = new URL(place.administratorUrl ?? '');
    const name = `manager_${url.pathname.slice(-12)}`;
    await administer(place, async (runner) => {
      await runner.execute(`create role ${name} login createrole password 'password'`);
      await runner.execute(`alter database ${url.pathname.slice(1)} owner to ${name}`);
    });
    url.username = name;
    url.password = 'password';
    await withAdministrator(url.href, async (runner) => {
      expect(await migrateUp(runner)).toEqual(names);
      await runner.execute(`grant velora_app to ${new URL(place.databaseUrl ?? '').username}`);
    });
    const database = await place.open();
    const insert =
      "insert into velora.tenants (id, data_key) values ('acme', '\\x00') returning id";
    const ids = 'select * from velora.tenant_ids() as id';
    expect(await database.as('acme', (transaction) => transaction.query(insert))).toEqual([
      { id: 'acme' },
    ]);
    expect(await database.as(null, (transaction) => transaction.query(ids))).toEqual([
      { id: 'acme' },
    ]);
    await database.close();
    await withAdministrator(url.href, async (runner) => {
      expect(await migrateDown(runner, names.length)).toEqual([...names].reverse());
      expect(await ours(runner)).toEqual([]);
    });
  });
});
