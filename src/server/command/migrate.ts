import { VaultError } from '../../core/errors.ts';
import { databaseFolder } from '../services.ts';
import { lockFolder } from '../store/folder-lock.ts';
import { migrateDown, type MigrationRunner, migrateUp } from '../store/migrations.ts';
import { withEmbedded } from '../store/pglite.ts';
import { withAdministrator } from '../store/postgres.ts';
import { variable } from './options.ts';
import { say } from './say.ts';

export interface MigrateOptions {
  readonly folder?: string;
  readonly adminUrlEnv: string;
}

/**
 * Applies all open migrations, or takes back the newest: of the PostgreSQL that an environment
 * variable names, else of the embedded database in the folder.
 * @throws VaultError option-invalid where there is neither
 */
export async function migrate(
  direction: 'up' | 'down',
  steps: number,
  options: MigrateOptions,
): Promise<void> {
  const names = await onDatabase(options, (runner) =>
    direction === 'up' ? migrateUp(runner) : migrateDown(runner, steps),
  );
  for (const name of names) say(`${direction === 'up' ? 'applied' : 'taken back'}: ${name}`);
  if (names.length === 0) say('nothing to do');
}

async function onDatabase<Result>(
  { folder, adminUrlEnv }: MigrateOptions,
  work: (runner: MigrationRunner) => Promise<Result>,
): Promise<Result> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(adminUrlEnv)) {
    throw new VaultError(
      'option-invalid',
      '--admin-url-env: expected the name of an environment variable, never the URL itself',
    );
  }
  const url = variable(adminUrlEnv);
  if (url !== undefined) return withAdministrator(url, work);
  if (folder === undefined) {
    throw new VaultError(
      'option-invalid',
      `expected the administrator's postgresql:// URL in the environment variable ${adminUrlEnv}, or --folder for the embedded database`,
    );
  }
  const lock = await lockFolder(folder);
  try {
    return await withEmbedded(databaseFolder(folder), work);
  } finally {
    await lock.release();
  }
}
