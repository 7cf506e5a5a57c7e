import { VaultError } from '../../core/errors.ts';
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

/**
 * Applies what has not been applied, each step in a transaction of its own. Where others migrate the
 * same database at this moment, waits for them first.
 * @returns the names of the steps that it applied
 * @throws VaultError receiver-unusable/migrations-newer
 */
export function migrateUp(runner: MigrationRunner): Promise<string[]> {
  return alone(runner, async (applied) => {
    const open = migrations.filter(({ name }) => !applied.has(name));
    for (const { name, up } of open) {
      await inTransaction(runner, async () => {
        await runner.execute(up);
        await runner.query('insert into public.velora_migrations (name) values ($1)', [name]);
      });
    }
    return open.map(({ name }) => name);
  });
}

/**
 * Takes back the newest `steps` steps that have been applied, as `migrateUp` applies them.
 * @returns the names of the steps that it took back
 * @throws VaultError receiver-unusable/migrations-newer
 */
export function migrateDown(runner: MigrationRunner, steps: number): Promise<string[]> {
  return alone(runner, async (applied) => {
    const newest = migrations.filter(({ name }) => applied.has(name)).slice(-steps);
    for (const { name, down } of newest.reverse()) {
      await inTransaction(runner, async () => {
        await runner.execute(down);
        await runner.query('delete from public.velora_migrations where name = $1', [name]);
      });
    }
    return newest.map(({ name }) => name);
  });
}

/** What a database says of its steps, for a receiver that may not change it: whether all are there. */
export function isMigrated(applied: readonly string[]): boolean {
  assertKnown(applied);
  return migrations.every(({ name }) => applied.includes(name));
}

/** What a newer receiver has changed may mean something else now: nothing older may touch it. */
function assertKnown(applied: readonly string[]): void {
  if (applied.every((name) => migrations.some((known) => known.name === name))) return;
  throw new VaultError(
    'receiver-unusable',
    'expected a database without migrations of a newer receiver: start that version again, or ' +
      'take them back with its `velora-receiver migrate down`',
    { rule: 'migrations-newer' },
  );
}

/** Holds a lock of the database while it works. It ends with the connection at the latest. */
async function alone<Result>(
  runner: MigrationRunner,
  work: (applied: ReadonlySet<string>) => Promise<Result>,
): Promise<Result> {
  const lock = "hashtextextended('velora.migrations', 0)";
  await runner.execute(`select pg_advisory_lock(${lock})`);
  try {
    await runner.execute(ledger);
    const rows = await runner.query<{ name: string }>('select name from public.velora_migrations');
    const applied = rows.map(({ name }) => name);
    assertKnown(applied);
    return await work(new Set(applied));
  } finally {
    await runner.execute(`select pg_advisory_unlock(${lock})`).catch(() => undefined);
  }
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
