import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { PGlite, type Transaction as PGliteTransaction, types } from '@electric-sql/pglite';
import { VaultError } from '../../core/errors.ts';
import type { Database, Parameter, Transaction } from './database.ts';
import { migrateUp, type MigrationRunner } from './migrations.ts';
import { makeFolder } from './receiver-folder.ts';

/**
 * PostgreSQL in this very process, in a folder that nobody else may use meanwhile: hold its lock
 * first. It has one connection, and promises nothing about power loss.
 * @param folder where the database lies; made where it is not there
 * @throws VaultError receiver-unusable/database-unreachable for a folder that holds something else
 */
export async function openPglite(folder: string): Promise<Database> {
  const database = await create(folder);
  try {
    await migrateUp(runnerOf(database));
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    kind: 'pglite',
    as: (tenant, work) =>
      database.transaction(async (transaction) => {
        // The connection is a superuser's, for whom row-level security is off: never work as that.
        await transaction.query('set local role velora_app');
        await transaction.query("select set_config('velora.tenant', $1, true)", [tenant ?? '']);
        const result = await work(transactionOf(transaction));
        // Fails after a statement that failed, and whose error somebody has swallowed.
        await transaction.query('select');
        return result;
      }),
    close: () => database.close(),
  };
}

/**
 * The embedded database for migrations, as its superuser and nothing applied yet. Hold the folder's
 * lock first.
 */
export async function withEmbedded<Result>(
  folder: string,
  work: (runner: MigrationRunner) => Promise<Result>,
): Promise<Result> {
  const database = await create(folder);
  try {
    return await work(runnerOf(database));
  } finally {
    await database.close();
  }
}

async function create(folder: string): Promise<PGlite> {
  await makeFolder(folder);
  try {
    return await PGlite.create({
      ...(await ownFiles()),
      dataDir: folder,
      parsers: { [types.INT8]: Number },
    });
  } catch {
    throw new VaultError(
      'receiver-unusable',
      "expected a folder of this receiver: its embedded database cannot be opened, or is another version's",
      { rule: 'database-unreachable' },
    );
  }
}

/**
 * The database's program and files. The built receiver has them beside it; unbuilt, the package finds
 * its own.
 */
async function ownFiles() {
  const folder = ['./pglite/', '../pglite/']
    .map((place) => new URL(place, import.meta.url))
    .find((place) => existsSync(new URL('pglite.wasm', place)));
  if (folder === undefined) return {};
  const compiled = async (name: string) =>
    WebAssembly.compile(await readFile(new URL(name, folder)));
  const [pgliteWasmModule, initdbWasmModule, fsBundle] = await Promise.all([
    compiled('pglite.wasm'),
    compiled('initdb.wasm'),
    readFile(new URL('pglite.data', folder)).then((bytes) => new Blob([bytes])),
  ]);
  return { pgliteWasmModule, initdbWasmModule, fsBundle };
}

function runnerOf(database: PGlite): MigrationRunner {
  return {
    execute: async (sql) => {
      await database.exec(sql);
    },
    query: async <Row>(sql: string, parameters: readonly string[] = []) =>
      (await database.query<Row>(sql, [...parameters])).rows,
  };
}

function transactionOf(inner: PGliteTransaction): Transaction {
  return {
    query: async <Row>(sql: string, parameters: readonly Parameter[] = []) =>
      (await inner.query<Row>(sql, [...parameters])).rows,
  };
}
