import { VaultError } from '../../core/errors.ts';
import { lockFolder } from '../store/folder-lock.ts';
import { migrateDown, type MigrationRunner, migrateUp } from '../store/migrations.ts';
import { withEmbedded } from '../store/pglite.ts';
import { withAdministrator } from '../store/postgres.ts';
import {
  assertDatabaseKind,
  databaseFolder,
  databaseKindIn,
  folderEmpty,
  keepDatabaseKind,
} from '../store/receiver-folder.ts';
import { variable } from './options.ts';
import { say } from './say.ts';

export interface MigrateOptions {
  readonly folder?: string;
  readonly adminUrlEnv: string;
}

export interface MigrateDownOptions extends MigrateOptions {
  readonly steps: number;
  readonly destroyData?: boolean;
}

/** Applies all open migrations. @throws VaultError as `onDatabase` */
export async function migrateStoreUp(options: MigrateOptions): Promise<void> {
  tell('applied', await onDatabase(options, true, migrateUp));
}

/**
 * Takes back the newest migrations, and with them what is kept in their tables.
 * @throws VaultError option-invalid unless it is said that data may be lost; as `onDatabase`
 */
export async function migrateStoreDown({
  steps,
  destroyData,
  ...options
}: MigrateDownOptions): Promise<void> {
  if (destroyData !== true) {
    throw new VaultError(
      'option-invalid',
      'this drops API keys, vault and audit log, and the data keys, without which no stored file can ' +
        'be deciphered any more: expected --destroy-data if that is meant',
    );
  }
  tell('taken back', await onDatabase(options, false, (runner) => migrateDown(runner, steps)));
}

function tell(what: string, names: readonly string[]): void {
  for (const name of names) say(`${what}: ${name}`);
  if (names.length === 0) say('nothing to do');
}

/**
 * Works on the PostgreSQL that an environment variable names, else on the embedded database in the
 * folder.
 * @param mayMake whether an embedded database may be made
 * @throws VaultError option-invalid where there is neither; receiver-unusable: `folder-empty`,
 *   `database-other`, `database-role`
 */
async function onDatabase<Result>(
  { folder, adminUrlEnv }: MigrateOptions,
  mayMake: boolean,
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
  if (!mayMake && (await databaseKindIn(folder)) === null) throw folderEmpty();
  const lock = await lockFolder(folder);
  try {
    await assertDatabaseKind(folder, 'pglite');
    const result = await withEmbedded(databaseFolder(folder), work);
    await keepDatabaseKind(folder, 'pglite');
    return result;
  } finally {
    await lock.release();
  }
}
