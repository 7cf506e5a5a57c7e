import { rmSync } from 'node:fs';
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
import { findPostgres, startPostgres } from './support/postgres-server.ts';

const names = migrations.map(({ name }) => name);
const newer = { code: 'receiver-unusable', rule: 'migrations-newer' };

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

const roles = async (runner: MigrationRunner) =>
  (
    await runner.query<{ name: string }>(
      "select rolname as name from pg_roles where rolname like 'velora%' order by name",
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

  test('of a newer receiver are left alone: nothing older opens or changes that database', async () => {
    const place = await makePlace();
    await administer(place, async (runner) => {
      await migrateUp(runner);
      const made = await ours(runner);
      await runner.query("insert into public.velora_migrations (name) values ('9999-zebra')");
      for (const change of [migrateUp(runner), migrateDown(runner, 1)]) {
        const error: unknown = await change.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject(newer);
        expect(String(error)).not.toContain('zebra');
      }
      expect(await ours(runner)).toEqual(made);
    });
    await expect(place.open()).rejects.toMatchObject(newer);
    await administer(place, async (runner) => {
      await runner.query("delete from public.velora_migrations where name = '9999-zebra'");
    });
    expect((await place.open()).kind).toBe(kind);
  });

  if (kind === 'pglite') {
    test('make a database in an empty folder, and take its roles back too', async () => {
      const place = await makePlace();
      rmSync(`${place.folder}/database`, { recursive: true });
      await (await place.open()).close();
      await administer(place, async (runner) => {
        expect(await roles(runner)).toEqual(['velora_app', 'velora_owner']);
        expect(await migrateDown(runner, names.length)).toEqual([...names].reverse());
        expect(await roles(runner)).toEqual([]);
      });
    });
    return;
  }

  test('begun by several at once are applied once', async () => {
    const place = await makePlace({ migrated: false });
    const applied = await Promise.all(
      Array.from({ length: 4 }, () => administer(place, migrateUp)),
    );
    expect(applied.flat()).toEqual(names);
    const takenBack = await Promise.all(
      Array.from({ length: 4 }, () =>
        administer(place, (runner) => migrateDown(runner, names.length)),
      ),
    );
    expect(takenBack.flat()).toEqual([...names].reverse());
  });

  test('of one database leave another one of the same server alone; the last one takes the roles', async () => {
    const server = await startPostgres(findPostgres() ?? '');
    const within = <Result>(name: string, work: (runner: MigrationRunner) => Promise<Result>) =>
      withAdministrator(server.administrator(name), work);
    try {
      await within('postgres', async (runner) => {
        for (const name of ['one', 'other']) await runner.execute(`create database ${name}`);
      });
      await Promise.all([within('one', migrateUp), within('other', migrateUp)]);
      const reading = 'set role velora_app; select id from velora.tenants';

      await within('one', (runner) => migrateDown(runner, names.length));
      await within('other', async (runner) => {
        await runner.execute(`${reading}; reset role`);
        expect(await roles(runner)).toEqual(['velora_app', 'velora_owner']);
      });
      await within('one', (runner) => expect(runner.execute(reading)).rejects.toThrow());

      await within('other', async (runner) => {
        await migrateDown(runner, names.length);
        expect(await roles(runner)).toEqual([]);
      });
    } finally {
      await server.stop();
    }
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
