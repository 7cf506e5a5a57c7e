import receiverDown from './migrations/0001-receiver.down.sql?raw';
import receiverUp from './migrations/0001-receiver.up.sql?raw';

/** A step of the schema: idempotent, and with the statements that take it back. */
export interface Migration {
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

/** All steps, oldest first. A step that has been released is never changed: another one is added. */
export const migrations: readonly Migration[] = [
  { name: '0001-receiver', up: receiverUp, down: receiverDown },
];

/** What a migration needs: statements, several in one text, as whoever may create tables. */
export interface MigrationRunner {
  execute(sql: string): Promise<void>;
  query<Row>(sql: string, parameters?: readonly string[]): Promise<Row[]>;
}

const ledger = `create table if not exists public.velora_migrations (
  name text primary key, applied_at timestamptz not null default now())`;

/** Applies what has not been applied, each step in a transaction of its own. Gives their names. */
export async function migrateUp(runner: MigrationRunner): Promise<string[]> {
  await runner.execute(ledger);
  const applied = await appliedNames(runner);
  const open = migrations.filter(({ name }) => !applied.has(name));
  for (const { name, up } of open) {
    await inTransaction(runner, async () => {
      await runner.execute(up);
      await runner.query('insert into public.velora_migrations (name) values ($1)', [name]);
    });
  }
  return open.map(({ name }) => name);
}

/** Takes back the newest `steps` steps that have been applied. Gives their names. */
export async function migrateDown(runner: MigrationRunner, steps: number): Promise<string[]> {
  await runner.execute(ledger);
  const applied = await appliedNames(runner);
  const newest = migrations.filter(({ name }) => applied.has(name)).slice(-steps);
  for (const { name, down } of newest.reverse()) {
    await inTransaction(runner, async () => {
      await runner.execute(down);
      await runner.query('delete from public.velora_migrations where name = $1', [name]);
    });
  }
  return newest.map(({ name }) => name);
}

async function appliedNames(runner: MigrationRunner): Promise<ReadonlySet<string>> {
  const rows = await runner.query<{ name: string }>('select name from public.velora_migrations');
  return new Set(rows.map(({ name }) => name));
}

async function inTransaction(runner: MigrationRunner, work: () => Promise<void>): Promise<void> {
  await runner.execute('begin');
  try {
    await work();
    await runner.execute('commit');
  } catch (error) {
    await runner.execute('rollback');
    throw error;
  }
}
