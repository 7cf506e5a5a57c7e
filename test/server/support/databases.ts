import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, describe, test } from 'vitest';
import type { Database } from '../../../src/server/store/database.ts';
import { migrateUp } from '../../../src/server/store/migrations.ts';
import { openPglite } from '../../../src/server/store/pglite.ts';
import { openPostgres, withAdministrator } from '../../../src/server/store/postgres.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';

/** An empty receiver's place: nobody else has it, and it is gone after the tests. */
export interface Place {
  readonly kind: Database['kind'];
  /** The receiver's folder. The embedded database lies in its `database`. */
  readonly folder: string;
  /** What `Settings.databaseUrl` says here: the URL of the unprivileged login, null with PGlite. */
  readonly databaseUrl: string | null;
  /** The superuser's URL of the same database, null with PGlite. */
  readonly administratorUrl: string | null;
  /** Opens it; again, after the last one was closed. Closed at the end, if it is not yet. */
  readonly open: () => Promise<Database>;
}

/** Makes a place. With `migrated: false` a database without our schema. */
export type MakePlace = (of?: { migrated: boolean }) => Promise<Place>;
/** Opens an empty database with our schema, a new one with each call. */
export type OpenDatabase = () => Promise<Database>;

/**
 * Opens a database with the first call and gives the same one with each: for tests that leave
 * nothing behind which others could trip over, such as those of a tenant of their own.
 */
export function shared(open: OpenDatabase): OpenDatabase {
  let opened: Promise<Database> | undefined;
  return () => (opened ??= open());
}

let tenants = 0;
/** The name of a tenant that nobody has had yet. */
export function newTenant(): string {
  tenants += 1;
  return `zebra-${String(tenants)}`;
}

/**
 * Runs the same tests on both databases: on PGlite, and on a PostgreSQL server that is started for
 * them from Debian's packages. Without those that half is left out, but in CI it fails.
 * @param tests registers tests; they call `open` for a database, or `place` for where one lies
 * @param only where they are about connections, of which PGlite has none
 */
export function eachDatabase(
  name: string,
  tests: (open: OpenDatabase, place: MakePlace, kind: Database['kind']) => void,
  only?: 'postgresql',
): void {
  if (only === undefined) onPglite(name, tests);
  onPostgres(name, tests);
}

type Tests = Parameters<typeof eachDatabase>[1];

function onPglite(name: string, tests: Tests): void {
  describe(`${name} on pglite`, () => {
    const makePlace = closingPlaces(() => pglitePlace());
    tests(async () => (await makePlace()).open(), makePlace, 'pglite');
  });
}

function onPostgres(name: string, tests: Tests): void {
  const programs = findPostgres();
  if (programs === null) {
    if (process.env['CI'] === 'true') {
      test(`${name} on postgresql`, () => {
        throw new Error('expected PostgreSQL in CI: apt-get install postgresql');
      });
    } else {
      process.stdout.write(`${name} on postgresql: left out, no /usr/lib/postgresql/*/bin\n`);
    }
    return;
  }
  describe(`${name} on postgresql`, () => {
    let server: Promise<PostgresServer> | undefined;
    let template: Promise<void> | undefined;
    // Runs after the hook that closes the databases: hooks of the end run in reverse order.
    afterAll(async () => (await server)?.stop());
    const makePlace = closingPlaces(async (migrated) => {
      const running = await (server ??= startPostgres(programs));
      if (migrated) await (template ??= makeTemplate(running));
      return postgresPlace(running, migrated);
    });
    tests(async () => (await makePlace()).open(), makePlace, 'postgresql');
  });
}

function closingPlaces(make: (migrated: boolean) => Promise<Place>): MakePlace {
  const folders: string[] = [];
  const opened: Database[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return async ({ migrated } = { migrated: true }) => {
    const bare = await make(migrated);
    folders.push(bare.folder);
    return {
      ...bare,
      async open() {
        const database = await bare.open();
        let closing: Promise<void> | undefined;
        const closedOnce = {
          ...database,
          close: () => (closing ??= database.close()),
        };
        opened.push(closedOnce);
        return closedOnce;
      },
    };
  };
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'velora-receiver-'));

async function pglitePlace(): Promise<Place> {
  const folder = newFolder();
  const database = join(folder, 'database');
  cpSync(await pgliteTemplate(), database, { recursive: true });
  return {
    kind: 'pglite',
    folder,
    databaseUrl: null,
    administratorUrl: null,
    open: () => openPglite(database),
  };
}

/**
 * A folder that PGlite has initialised, without our schema, to be copied: that takes a tenth of the
 * time. Kept for later runs, one for each version.
 */
async function pgliteTemplate(): Promise<string> {
  const modules = join(import.meta.dirname, '../../../node_modules');
  const { version } = createRequire(import.meta.url)(
    join(modules, '@electric-sql/pglite/package.json'),
  ) as { version: string };
  const cache = join(modules, '.cache');
  const template = join(cache, `velora-pglite-${version}`);
  if (existsSync(template)) return template;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'velora-pglite-new-'));
  const database = await PGlite.create({ dataDir: fresh });
  await database.close();
  try {
    renameSync(fresh, template);
  } catch (error) {
    // Another test file was faster.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
  return template;
}

/** The database of a server that has our schema, and is copied: nobody works in it. */
const templateName = 'template_migrated';

async function makeTemplate(server: PostgresServer): Promise<void> {
  await withAdministrator(server.administrator('postgres'), (runner) =>
    runner.execute(`create database ${templateName}`),
  );
  await withAdministrator(server.administrator(templateName), migrateUp);
}

async function postgresPlace(server: PostgresServer, migrated: boolean): Promise<Place> {
  const suffix = randomBytes(6).toString('hex');
  const name = `database_${suffix}`;
  const login = `login_${suffix}`;
  const password = randomBytes(12).toString('hex');
  await withAdministrator(server.administrator('postgres'), async (runner) => {
    await runner.execute(`create database ${name}${migrated ? ` template ${templateName}` : ''}`);
    await runner.execute(`create role ${login} login password '${password}'`);
    if (migrated) await runner.execute(`grant velora_app to ${login}`);
  });
  const administratorUrl = server.administrator(name);
  const url = new URL(administratorUrl);
  url.username = login;
  url.password = password;
  const databaseUrl = url.href;
  return {
    kind: 'postgresql',
    folder: newFolder(),
    databaseUrl,
    administratorUrl,
    open: () => openPostgres(databaseUrl),
  };
}
