import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/server/store/database.ts';
import { openPostgres, withAdministrator } from '../../src/server/store/postgres.ts';
import { eachDatabase, shared } from './support/databases.ts';

const tables = {
  tenants: 'id',
  api_keys: 'tenant',
  uploads: 'tenant',
  vault_entries: 'tenant',
  audit_records: 'tenant',
  audit_heads: 'tenant',
} as const;

/** One row of each table, that of a tenant: statements for it, in its own name. */
const rowsOf = (tenant: string, digit: string): readonly string[] => [
  `insert into velora.tenants (id, data_key) values ('${tenant}', '\\x00')`,
  `insert into velora.api_keys (prefix, tenant, name, secret_hash, scopes, mac)
   values ('${digit.repeat(8)}', '${tenant}', 'Zebra', decode(repeat('00', 32), 'hex'), '{}',
     decode(repeat('00', 32), 'hex'))`,
  `insert into velora.uploads (id, tenant, instance, product, schema_version, mode, key_prefix)
   values ('upl_${digit.repeat(32)}', '${tenant}', 'i', 'p', '1', 'server', '${digit.repeat(8)}')`,
  `insert into velora.vault_entries (upload_id, tenant, token, column_name, original, identity, expires_at)
   values ('upl_${digit.repeat(32)}', '${tenant}', 'MBR_0123456789abcdef', 'c', '\\x00', '\\x0000000000000000', now())`,
  `insert into velora.audit_records (tenant, seq, at, actor, action, resource, success, details, previous_hash, hash)
   values ('${tenant}', 1, now(), 'a', 'a', 'r', true, '{}', decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))`,
  `insert into velora.audit_heads (tenant, count, hash, mac)
   values ('${tenant}', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))`,
];

async function seed(database: Database): Promise<void> {
  for (const [tenant, digit] of [
    ['acme', 'a'],
    ['zebra', 'b'],
  ] as const) {
    await database.as(tenant, async (transaction) => {
      for (const sql of rowsOf(tenant, digit)) await transaction.query(sql);
    });
  }
}

const seen = (database: Database, tenant: string | null) =>
  database.as(tenant, async (transaction) => {
    const found: Record<string, string[]> = {};
    for (const [table, column] of Object.entries(tables)) {
      const rows = await transaction.query<{ tenant: string }>(
        `select ${column} as tenant from velora.${table}`,
      );
      found[table] = rows.map((row) => row.tenant);
    }
    return found;
  });

const each = (tenants: string[]) =>
  Object.fromEntries(Object.keys(tables).map((table) => [table, tenants]));

const denied = { code: '42501' };

/** What completes an upload, of whoever asks. */
const complete = 'update velora.uploads set completed_at = now()';

eachDatabase('row-level security', (open, place, kind) => {
  const openSeeded = shared(async () => {
    const database = await open();
    await seed(database);
    return database;
  });

  test('shows a tenant its own rows, and nobody else any', async () => {
    const database = await openSeeded();
    expect(await seen(database, 'acme')).toEqual(each(['acme']));
    expect(await seen(database, 'zebra')).toEqual(each(['zebra']));
    for (const other of ['nobody', '', null, "acme' or '1' = '1", '%']) {
      expect(await seen(database, other), String(other)).toEqual(each([]));
    }
  });

  test.each(['zebra', null])('lets %s write nothing of another tenant', async (tenant) => {
    const database = await openSeeded();
    for (const sql of rowsOf('third', 'c')) {
      const writing = database.as(tenant, (transaction) => transaction.query(sql));
      await expect(writing, sql).rejects.toMatchObject(denied);
    }
    for (const sql of [
      `update velora.tenants set token_key = '\\x01' where id = 'acme' returning id`,
      `update velora.api_keys set revoked_at = now() where tenant = 'acme' returning prefix`,
      `update velora.uploads set completed_at = now() where tenant = 'acme' returning id`,
      `delete from velora.uploads where tenant = 'acme' returning id`,
      `delete from velora.vault_entries where tenant = 'acme' returning token`,
      `update velora.audit_heads set count = 9 where tenant = 'acme' returning count`,
    ]) {
      expect(await database.as(tenant, (transaction) => transaction.query(sql)), sql).toEqual([]);
    }
    expect(await seen(database, 'acme')).toEqual(each(['acme']));
  });

  test('lets nobody move a row to another tenant, or change what is no part of the work', async () => {
    const database = await openSeeded();
    for (const sql of [
      `update velora.uploads set tenant = 'zebra'`,
      `update velora.uploads set product = 'x'`,
      `update velora.uploads set started_at = now()`,
      `update velora.vault_entries set expires_at = now()`,
      `truncate velora.uploads cascade`,
      `update velora.api_keys set tenant = 'zebra'`,
      `update velora.tenants set id = 'third'`,
      `delete from velora.tenants`,
      `delete from velora.api_keys`,
      `update velora.audit_records set details = '{}'`,
      `delete from velora.audit_records`,
      `delete from velora.audit_heads`,
      `truncate velora.audit_records`,
      `alter table velora.uploads disable row level security`,
      `create table velora.mine (a int)`,
    ]) {
      const changing = database.as('acme', (transaction) => transaction.query(sql));
      await expect(changing, sql).rejects.toMatchObject(denied);
    }
  });

  test('lets nobody change or remove what is completed, nor its entries in their time', async () => {
    const database = await open();
    await seed(database);
    const asked = (sql: string) => database.as('acme', (transaction) => transaction.query(sql));
    await asked(
      `insert into velora.vault_entries (upload_id, tenant, token, column_name, original, identity, expires_at)
       values ('upl_${'a'.repeat(32)}', 'acme', 'MBR_fresh', 'c', '\\x00', '\\x0000000000000000', now() + interval '1 day')`,
    );
    const locked = 'select id from velora.uploads for update';
    expect(await asked(locked)).toHaveLength(1);
    expect(await asked(`${complete} returning id`)).toHaveLength(1);

    const before = await asked('select * from velora.uploads');
    for (const sql of [
      'update velora.uploads set completed_at = null returning id',
      'update velora.uploads set data_rows = 9 returning id',
      'delete from velora.uploads returning id',
      `delete from velora.vault_entries where token = 'MBR_fresh' returning token`,
      locked,
    ]) {
      expect(await asked(sql), sql).toEqual([]);
    }
    expect(await asked('select * from velora.uploads')).toEqual(before);
    expect(await asked('delete from velora.vault_entries returning token')).toEqual([
      { token: 'MBR_0123456789abcdef' },
    ]);
  });

  test('lets an upload that is not completed go, with its entries', async () => {
    const database = await open();
    await seed(database);
    await database.as('acme', (transaction) => transaction.query('delete from velora.uploads'));
    expect(await seen(database, 'acme')).toEqual({
      ...each(['acme']),
      uploads: [],
      vault_entries: [],
    });
    expect(await seen(database, 'zebra')).toEqual(each(['zebra']));
  });

  test('shows no upload to whoever waited for its lock while it was completed', async () => {
    const database = await open();
    await seed(database);
    let locking: Promise<unknown> | undefined;
    await database.as('acme', async (transaction) => {
      await transaction.query(complete);
      locking = database.as('acme', (other) =>
        other.query('select id from velora.uploads for update'),
      );
      // The embedded database has one connection: there it waits for that.
      for (let waiting = kind === 'postgresql' ? 0 : 1; waiting === 0;) {
        const [row] = await transaction.query<{ waiting: number }>(
          'select count(*) as waiting from pg_locks where not granted',
        );
        waiting = row?.waiting ?? 0;
      }
    });
    expect(await locking).toEqual([]);
  });

  test('binds every table of ours, and the role that works', async () => {
    const database = await openSeeded();
    const [found, role] = await database.as(null, async (transaction) => [
      await transaction.query<{ name: string; bound: boolean }>(
        `select c.relname as name, c.relrowsecurity and exists (
           select from pg_policy p where p.polrelid = c.oid) as bound
         from pg_class c where c.relnamespace = 'velora'::regnamespace and c.relkind = 'r'
         order by c.relname`,
      ),
      await transaction.query(
        `select rolname, rolsuper, rolbypassrls,
           (select count(*) from pg_class c where c.relowner = r.oid) as owned
         from pg_roles r where rolname = current_user`,
      ),
    ]);
    expect(found).toEqual(
      Object.keys(tables)
        .sort()
        .map((name) => ({ name, bound: true })),
    );
    expect(role).toEqual([
      { rolname: 'velora_app', rolsuper: false, rolbypassrls: false, owned: 0 },
    ]);
  });

  test('finds a key before there is a tenant, and only by its whole prefix', async () => {
    const database = await openSeeded();
    const found = (prefix: string) =>
      database.as(null, (transaction) =>
        transaction.query('select tenant from velora.find_api_key($1)', [prefix]),
      );
    expect(await found('aaaaaaaa')).toEqual([{ tenant: 'acme' }]);
    for (const prefix of ['', '%', 'aaaa____', 'cccccccc', "' or true --"]) {
      expect(await found(prefix), prefix).toEqual([]);
    }
    const ids = await database.as(null, (transaction) =>
      transaction.query('select * from velora.tenant_ids() as id'),
    );
    expect(ids).toEqual([{ id: 'acme' }, { id: 'zebra' }]);
  });

  test('holds for one transaction: neither tenant nor role outlive it', async () => {
    const database = await openSeeded();
    await expect(
      database.as('acme', async (transaction) => {
        await transaction.query("select set_config('velora.tenant', 'acme', false)");
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    for (let time = 0; time < 12; time += 1) {
      expect(await seen(database, null)).toEqual(each([]));
    }
  });

  test('takes one statement at a time, with or without parameters', async () => {
    const database = await openSeeded();
    for (const parameters of [[], ['acme']]) {
      const both = database.as(null, (transaction) =>
        transaction.query(`select ${parameters.length === 0 ? '1' : '$1'}; reset role`, parameters),
      );
      await expect(both).rejects.toMatchObject({ code: '42601' });
    }
    const quoted = await database.as('acme', (transaction) =>
      transaction.query('select $1::text as told, current_user::text as role', [
        "'; reset role; --",
      ]),
    );
    expect(quoted).toEqual([{ told: "'; reset role; --", role: 'velora_app' }]);
  });

  if (kind !== 'postgresql') return;

  test('ends with a statement or a pause that takes too long', async () => {
    const database = await openSeeded();
    const [limits] = await database.as('acme', (transaction) =>
      transaction.query(
        `select current_setting('statement_timeout') as statement,
           current_setting('idle_in_transaction_session_timeout') as pause`,
      ),
    );
    expect(limits).toEqual({ statement: '1min', pause: '1min' });
  });

  describe('of a PostgreSQL login', () => {
    test('binds it outside of our transactions too', async () => {
      const { open: openThere, databaseUrl } = await place();
      await seed(await openThere());
      await withAdministrator(databaseUrl ?? '', async (runner) => {
        const rows = () => runner.query('select id from velora.tenants');
        expect(await rows()).toEqual([]);
        await runner.execute('reset role');
        expect(await rows()).toEqual([]);
        await expect(runner.execute('set role velora_owner')).rejects.toMatchObject(denied);
        await expect(
          runner.execute('alter table velora.tenants disable row level security'),
        ).rejects.toMatchObject(denied);
      });
    });

    const roleRefused = { code: 'receiver-unusable', rule: 'database-role' };
    test('refuses a superuser', async () => {
      const { administratorUrl } = await place();
      await expect(openPostgres(administratorUrl ?? '')).rejects.toMatchObject(roleRefused);
    });
    test.each([
      ['with BYPASSRLS', (login: string) => `alter role ${login} bypassrls`],
      ['that is a member of the owner', (login: string) => `grant velora_owner to ${login}`],
      [
        'that is an administrator of the owner',
        (login: string) => `grant velora_owner to ${login} with admin option`,
      ],
      ['that owns a table', (login: string) => `alter table velora.uploads owner to ${login}`],
      [
        'that may become a superuser',
        (login: string) => `create role high_${login} superuser; grant high_${login} to ${login}`,
      ],
    ])('refuses one %s', async (_, change) => {
      const { administratorUrl, databaseUrl } = await place();
      const login = new URL(databaseUrl ?? '').username;
      await withAdministrator(administratorUrl ?? '', (runner) => runner.execute(change(login)));
      await expect(openPostgres(databaseUrl ?? '')).rejects.toMatchObject(roleRefused);
    });

    test('refuses one that is no member of the role, or finds no schema', async () => {
      const open = { code: 'receiver-unusable', rule: 'migrations-open' };
      const empty = await place({ migrated: false });
      await expect(empty.open()).rejects.toMatchObject(open);
      const { administratorUrl, databaseUrl } = await place();
      const login = new URL(databaseUrl ?? '').username;
      await withAdministrator(administratorUrl ?? '', async (runner) => {
        await runner.execute(`revoke velora_app from ${login}`);
      });
      await expect(openPostgres(databaseUrl ?? '')).rejects.toMatchObject(open);
    });

    test('refuses a wrong password, a missing server and no URL, and repeats none of them', async () => {
      const { databaseUrl } = await place();
      const wrong = new URL(databaseUrl ?? '');
      wrong.password = 'ZebraPassword';
      const closed = new URL(databaseUrl ?? '');
      closed.port = '1';
      for (const url of [
        wrong.href,
        closed.href,
        'postgresql://%zz:ZebraPassword@/',
        'ZebraPassword',
      ]) {
        const error: unknown = await openPostgres(url).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'VaultError' });
        expect(JSON.stringify(error) + String(error)).not.toMatch(/Zebra|login_/);
      }
    });
  });
});
