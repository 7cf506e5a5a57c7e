import pg from 'pg';
import { VaultError } from '../../core/errors.ts';
import type { Database, Parameter, Transaction } from './database.ts';
import { connectionOf } from './database-url.ts';
import { isMigrated, type MigrationRunner } from './migrations.ts';

/** Connections at most: those of the uploads that run at once, with vault batches between them. */
const connections = 10;
/**
 * For one statement, and for the time between two of one transaction: what takes longer hangs, and
 * others wait for its locks.
 */
const statementMs = 60_000;
/** Until we no longer wait for a server, which ends statements itself: it cannot be reached then. */
const silenceMs = statementMs + 5000;

/**
 * A pool of connections to a PostgreSQL server, as a login that is a member of `velora_app` and
 * owns nothing. Its schema has to be there: `velora-receiver migrate up` makes it.
 * @param url as `DATABASE_URL` has it: postgresql://login:password@host:port/database
 * @throws VaultError option-invalid for what is no URL; receiver-unusable: `database-tls`;
 *   `database-unreachable`; `database-role` for a login that row-level security does not bind;
 *   `migrations-open`; `migrations-newer`
 */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({ ...connectionOf(url), query_timeout: silenceMs, max: connections });
  // A connection that breaks fails the query that uses it, and is replaced; but its own error, where
  // nobody listens, would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await assertBound(pool);
    await assertMigrated(pool);
  } catch (error) {
    await pool.end();
    throw error instanceof VaultError ? error : unreachable(error);
  }
  return {
    kind: 'postgresql',
    as: (tenant, work) => inTransaction(pool, tenant, work),
    close: () => pool.end(),
  };
}

/**
 * One connection for migrations, as whoever may create roles, schemas and functions. Its statements
 * may take as long as they need.
 * @param work gets what runs several statements at once, and queries
 * @throws VaultError option-invalid for what is no URL; receiver-unusable: `database-tls`,
 *   `database-unreachable`, and `database-role` where the login may not do it
 */
export async function withAdministrator<Result>(
  url: string,
  work: (runner: MigrationRunner) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(connectionOf(url));
  client.on('error', () => undefined);
  await reached(client.connect());
  try {
    return await work({
      execute: async (sql) => {
        await client.query(sql);
      },
      query: async <Row>(sql: string, parameters: readonly string[] = []) =>
        (await client.query(sql, [...parameters])).rows as Row[],
    });
  } catch (error) {
    throw isNotAllowed(error) ? noAdministrator() : error;
  } finally {
    await client.end();
  }
}

async function inTransaction<Result>(
  pool: pg.Pool,
  tenant: string | null,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await reached(pool.connect());
  let broken = false;
  try {
    await client.query('begin');
    // Also where the login inherits the role's rights: so they are the same wherever it is used.
    await client.query('set local role velora_app');
    await client.query(
      `select set_config('velora.tenant', $1, true), set_config('statement_timeout', $2, true),
         set_config('idle_in_transaction_session_timeout', $2, true)`,
      [tenant ?? '', String(statementMs)],
    );
    const result = await work(transactionOf(client));
    // After a statement that failed, and whose error somebody has swallowed, this rolls back.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new VaultError('internal', 'a transaction was not committed');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

function transactionOf(client: pg.PoolClient): Transaction {
  return {
    async query<Row>(sql: string, parameters: readonly Parameter[] = []) {
      const statement: pg.QueryConfig & { queryMode: string } = {
        text: sql,
        values: parameters.map(driverParameter),
        // One statement at a time, also where there is no parameter.
        queryMode: 'extended',
      };
      return (await client.query(statement)).rows as Row[];
    },
  };
}

/** The driver sends a Buffer as bytes, and any other typed array too, but not within an array. */
function driverParameter(parameter: Parameter): unknown {
  if (!Array.isArray(parameter)) return parameter;
  return (parameter as readonly (string | Uint8Array)[]).map((element) =>
    typeof element === 'string' ? element : Buffer.from(element),
  );
}

/** Row-level security binds neither superusers, nor those who may bypass it, nor owners of a table. */
async function assertBound(pool: pg.Pool): Promise<void> {
  const [login] = await rowsOf<{ exempt: boolean; owner: boolean; member: boolean }>(
    pool,
    `select r.rolsuper or r.rolbypassrls as exempt,
       exists (
         select from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'velora' and pg_has_role(current_user, c.relowner, 'member')
       ) or exists (
         select from pg_roles o where o.rolname = 'velora_owner'
           and pg_has_role(current_user, o.oid, 'member')
       ) or exists (
         select from pg_roles o where (o.rolsuper or o.rolbypassrls)
           and pg_has_role(current_user, o.oid, 'member')
       ) as owner,
       exists (
         select from pg_roles a where a.rolname = 'velora_app'
           and pg_has_role(current_user, a.oid, 'member')
       ) as member
     from pg_roles r where r.rolname = current_user`,
  );
  if (login === undefined || login.exempt || login.owner) {
    throw new VaultError(
      'receiver-unusable',
      'expected DATABASE_URL to name a login that is no superuser, has no BYPASSRLS, and is neither ' +
        'owner of the tables nor a member of such a role: row-level security does not bind those',
      { rule: 'database-role' },
    );
  }
  if (!login.member) throw migrationsOpen();
}

async function assertMigrated(pool: pg.Pool): Promise<void> {
  const [ledger] = await rowsOf<{ readable: boolean | null }>(
    pool,
    `select has_table_privilege(to_regclass('public.velora_migrations'), 'select') as readable`,
  );
  if (ledger?.readable !== true) throw migrationsOpen();
  const rows = await rowsOf<{ name: string }>(pool, 'select name from public.velora_migrations');
  if (!isMigrated(rows.map(({ name }) => name))) throw migrationsOpen();
}

/** SQLSTATE 42501: a right is missing. */
function isNotAllowed(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '42501';
}

function noAdministrator(): VaultError {
  return new VaultError(
    'receiver-unusable',
    "expected an administrator's login: one that may create roles, and tables in the schema public",
    { rule: 'database-role' },
  );
}

function migrationsOpen(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'expected a database with all migrations, and a login that is a member of velora_app: run ' +
      '`velora-receiver migrate up` as an administrator, then `grant velora_app to` the login',
    { rule: 'migrations-open' },
  );
}

async function rowsOf<Row>(pool: pg.Pool, sql: string): Promise<Row[]> {
  const client = await reached(pool.connect());
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    client.release();
  }
}

async function reached<Result>(connecting: Promise<Result>): Promise<Result> {
  try {
    return await connecting;
  } catch (error) {
    throw unreachable(error);
  }
}

/** Of what the driver says only the code: its messages quote names and values. */
function unreachable(error: unknown): VaultError {
  const code = (error as { code?: unknown }).code;
  const told = typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : '';
  return new VaultError(
    'receiver-unusable',
    `expected a PostgreSQL server that answers and takes the login of its URL${told}`,
    { rule: 'database-unreachable' },
  );
}
