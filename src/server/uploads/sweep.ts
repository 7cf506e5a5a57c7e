import { isVaultError } from '../../core/errors.ts';
import type { Tenants } from '../access/tenants.ts';
import { type EncryptedFiles, uploadOfName } from '../files/encrypted-files.ts';
import type { FileStore } from '../files/file-store.ts';
import type { Database } from '../store/database.ts';

/** Where uploads leave something. */
export interface SweptParts {
  readonly database: Database;
  readonly files: EncryptedFiles;
  readonly store: FileStore;
  /** Names the receiver that the folder belongs to: see `readInstance`. */
  readonly instance: string;
}

/**
 * See `Uploads.sweep`.
 * @param discard `Uploads.discard`
 */
export async function sweepUploads(
  parts: SweptParts & { readonly tenants: Pick<Tenants, 'ids'> },
  discard: (tenant: string, uploadId: string) => Promise<unknown>,
): Promise<void> {
  const { database, store, tenants, instance } = parts;
  await store.sweep();
  for (const tenant of await tenants.ids()) {
    for (const uploadId of await unfinished(database, tenant, instance)) {
      try {
        await discard(tenant, uploadId);
      } catch (error) {
        // The database has not noticed yet that whoever completed it is gone: left to the next sweep.
        if (!isHeld(error)) throw error;
      }
    }
  }
  let batch: string[] = [];
  for await (const name of store.names()) {
    batch.push(name);
    if (batch.length < batchFiles) continue;
    await sweepFiles(parts, batch);
    batch = [];
  }
  await sweepFiles(parts, batch);
}

/** Files that are asked about at a time. */
const batchFiles = 500;

async function sweepFiles(parts: SweptParts, names: readonly string[]): Promise<void> {
  const idsOf = new Map<string, string[]>();
  for (const name of names) {
    const { tenant, uploadId } = uploadOfName(name);
    idsOf.set(tenant, [...(idsOf.get(tenant) ?? []), uploadId]);
  }
  for (const [tenant, ids] of idsOf) {
    const known = await knownOf(parts.database, tenant, ids);
    for (const uploadId of ids) {
      if (known.has(uploadId) || !(await isReadable(parts, tenant, uploadId))) continue;
      await parts.files.remove(tenant, uploadId);
    }
  }
}

/** Whether an error of the database says that a row was locked for too long (SQLSTATE 55P03). */
function isHeld(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '55P03';
}

async function unfinished(database: Database, tenant: string, instance: string): Promise<string[]> {
  const rows = await database.as(tenant, (transaction) =>
    transaction.query<{ id: string }>(
      'select id from velora.uploads where instance = $1 and completed_at is null',
      [instance],
    ),
  );
  return rows.map(({ id }) => id);
}

/** Which of these uploads have a row: with one that is not completed, the row's own sweep decides. */
async function knownOf(
  database: Database,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await database.as(tenant, (transaction) =>
    transaction.query<{ id: string }>('select id from velora.uploads where id = any($1::text[])', [
      ids,
    ]),
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Whether this database has the key of a file. Where it has not, somebody has started the receiver
 * with the wrong database: then nothing of that folder may be lost.
 */
async function isReadable(
  { files }: SweptParts,
  tenant: string,
  uploadId: string,
): Promise<boolean> {
  try {
    for await (const _first of files.read(tenant, uploadId)) return true;
    return false;
  } catch (error) {
    if (isVaultError(error)) return false;
    throw error;
  }
}
