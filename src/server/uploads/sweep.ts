import { isVaultError } from '../../core/errors.ts';
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

/** See `Uploads.sweep`. */
export async function sweepUploads(
  parts: SweptParts,
  discard: (tenant: string, uploadId: string) => Promise<void>,
): Promise<void> {
  const { database, files, store, instance } = parts;
  await store.sweep();
  for (const tenant of await tenantIds(database)) {
    for (const uploadId of await unfinished(database, tenant, instance)) {
      // The row last: as long as it is there, the next sweep knows of the file.
      await files.remove(tenant, uploadId);
      await discard(tenant, uploadId);
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
    const completed = await completedOf(parts.database, tenant, ids);
    for (const uploadId of ids) {
      if (completed.has(uploadId) || !(await isReadable(parts, tenant, uploadId))) continue;
      await parts.files.remove(tenant, uploadId);
    }
  }
}

async function tenantIds(database: Database): Promise<string[]> {
  const rows = await database.as(null, (transaction) =>
    transaction.query<{ id: string }>('select id from velora.tenant_ids() as id'),
  );
  return rows.map(({ id }) => id);
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

async function completedOf(
  database: Database,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await database.as(tenant, (transaction) =>
    transaction.query<{ id: string }>(
      'select id from velora.uploads where id = any($1::text[]) and completed_at is not null',
      [ids],
    ),
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
