import { randomBytes } from 'node:crypto';
import type { Tenants } from '../access/tenants.ts';
import type { AuditEvent, AuditLog } from '../audit/audit-log.ts';
import { VaultError } from '../../core/errors.ts';
import type { Transaction } from '../store/database.ts';
import { sweepUploads, type SweptParts } from './sweep.ts';

/** What an idempotency key may be. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,200}$/;

type Mode = 'pretokenized' | 'client' | 'server';

/** What is told of an upload that was taken. */
export interface Receipt {
  readonly uploadId: string;
  readonly product: string;
  readonly schemaVersion: string;
  readonly mode: Mode;
  /** Data rows. */
  readonly rows: number;
  /** Of the file as it was received: its length, and its SHA-256 in lower-case hexadecimal. */
  readonly bytes: number;
  readonly sha256: string;
  /** Of the tokenized file that is kept; the one that was received, where it came tokenized. */
  readonly tokenized: FileSummary;
  /** ISO 8601, UTC. */
  readonly completedAt: string;
}

interface UploadStart {
  readonly tenant: string;
  readonly product: string;
  readonly schemaVersion: string;
  readonly mode: Mode;
  readonly keyPrefix: string;
  readonly idempotencyKey: string | null;
  /** Key fingerprint of the secret that came with the file; null where none did. */
  readonly secretFingerprint: string | null;
}

/** An upload that was completed with an idempotency key, and whose secret it was tokenized with. */
export interface KeyedUpload {
  readonly receipt: Receipt;
  readonly secretFingerprint: string | null;
}

/** A file's length in bytes and its SHA-256, 64 lower-case hexadecimal characters. */
export interface FileSummary {
  readonly bytes: number;
  readonly sha256: string;
}

export interface UploadEnd {
  readonly tenant: string;
  readonly uploadId: string;
  readonly rows: number;
  readonly received: FileSummary;
  /** The tokenized file, before it was encrypted. */
  readonly stored: FileSummary;
  /** Recorded with the upload, or not at all. */
  readonly event: AuditEvent;
}

/** The rows of uploads. One is real once it is completed; before, it says what is to be swept. */
export interface Uploads {
  /** Adds an unfinished upload of this receiver, and gives its id. */
  begin(of: UploadStart): Promise<string>;
  /**
   * Completes an upload and records it in the audit log, in one transaction.
   * @throws the database's error of a duplicate (`isDuplicate`), where an upload of this tenant with
   *   the same idempotency key was completed meanwhile
   */
  complete(of: UploadEnd): Promise<Receipt>;
  /**
   * Removes an upload that was not completed: its file, its entries in the vault, its row. Waits for
   * whoever is just completing it, since a connection may be lost while the database commits.
   * @returns its receipt, where it is completed after all: then nothing was removed
   * @throws the database's error (SQLSTATE 55P03) where that takes too long; whatever is there stays
   */
  discard(tenant: string, uploadId: string): Promise<Receipt | null>;
  /** Of a completed upload of this tenant; else null. */
  find(tenant: string, uploadId: string): Promise<Receipt | null>;
  /** The completed upload that came with this key; else null. */
  findByKey(tenant: string, idempotencyKey: string): Promise<KeyedUpload | null>;
  /**
   * Removes what failed or killed uploads of this receiver have left: rows, entries in the vault, and
   * files. Only before any upload is taken.
   */
  sweep(): Promise<void>;
}

export interface UploadsParts extends SweptParts {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly tenants: Pick<Tenants, 'ids'>;
}

export function createUploads(parts: UploadsParts): Uploads {
  const { database, audit, instance } = parts;
  const discard: Uploads['discard'] = (tenant, uploadId) => discardUpload(parts, tenant, uploadId);
  return {
    async begin({ tenant, ...of }) {
      const id = `upl_${randomBytes(16).toString('hex')}`;
      await database.as(tenant, (transaction) =>
        transaction.query(
          `insert into velora.uploads
             (id, tenant, instance, product, schema_version, mode, key_prefix, idempotency_key,
              secret_fingerprint)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            ...[id, tenant, instance, of.product, of.schemaVersion, of.mode, of.keyPrefix],
            ...[of.idempotencyKey, of.secretFingerprint],
          ],
        ),
      );
      return id;
    },
    complete: ({ tenant, uploadId, rows, received, stored, event }) =>
      database.as(tenant, async (transaction) => {
        const [row] = await transaction.query<UploadRow>(
          `update velora.uploads set completed_at = now(), data_rows = $2, received_bytes = $3,
             received_sha256 = $4, stored_bytes = $5, stored_sha256 = $6
           where id = $1 and completed_at is null
           returning ${rowColumns}`,
          [uploadId, rows, received.bytes, received.sha256, stored.bytes, stored.sha256],
        );
        if (row === undefined) throw new VaultError('internal', 'expected an unfinished upload');
        await audit.append(transaction, tenant, event);
        return receiptOf(row);
      }),
    discard,
    find: (tenant, uploadId) =>
      database.as(tenant, async (transaction) => {
        const row = await findCompleted(transaction, 'id', uploadId);
        return row === null ? null : receiptOf(row);
      }),
    findByKey: (tenant, idempotencyKey) =>
      database.as(tenant, async (transaction) => {
        const row = await findCompleted(transaction, 'idempotency_key', idempotencyKey);
        if (row === null) return null;
        return { receipt: receiptOf(row), secretFingerprint: row.secret_fingerprint };
      }),
    sweep: () => sweepUploads(parts, discard),
  };
}

interface UploadRow {
  readonly id: string;
  readonly product: string;
  readonly schema_version: string;
  readonly mode: Mode;
  readonly data_rows: number;
  readonly received_bytes: number;
  readonly received_sha256: string;
  readonly stored_bytes: number;
  readonly stored_sha256: string;
  readonly completed_at: Date;
  readonly secret_fingerprint: string | null;
}

const rowColumns = `id, product, schema_version, mode, data_rows, received_bytes, received_sha256,
  stored_bytes, stored_sha256, completed_at, secret_fingerprint`;

function receiptOf(row: UploadRow): Receipt {
  return {
    uploadId: row.id,
    product: row.product,
    schemaVersion: row.schema_version,
    mode: row.mode,
    rows: row.data_rows,
    bytes: row.received_bytes,
    sha256: row.received_sha256,
    tokenized: { bytes: row.stored_bytes, sha256: row.stored_sha256 },
    completedAt: row.completed_at.toISOString(),
  };
}

async function findCompleted(
  transaction: Transaction,
  column: 'id' | 'idempotency_key',
  value: string,
): Promise<UploadRow | null> {
  const [row] = await transaction.query<UploadRow>(
    `select ${rowColumns} from velora.uploads
     where ${column} = $1 and completed_at is not null`,
    [value],
  );
  return row ?? null;
}

/** Entries that are removed in one transaction: others wait meanwhile. */
const batchRows = 5000;
/** For whoever is completing an upload: nearly always that is over at once. */
const waitMs = 5000;

/** See `Uploads.discard`. The row goes last: as long as it is there, a sweep knows of the rest. */
async function discardUpload(
  { database, files }: SweptParts,
  tenant: string,
  uploadId: string,
): Promise<Receipt | null> {
  for (;;) {
    const found = await database.as(tenant, async (transaction) => {
      if (!(await lockUnfinished(transaction, uploadId))) {
        const row = await findCompleted(transaction, 'id', uploadId);
        return row === null ? null : receiptOf(row);
      }
      await files.remove(tenant, uploadId);
      if ((await removeEntries(transaction, uploadId)) === batchRows) return 'more';
      await transaction.query('delete from velora.uploads where id = $1', [uploadId]);
      return null;
    });
    if (found !== 'more') return found;
  }
}

/**
 * Whether there is an unfinished upload; nobody can complete or remove it then before the end of the
 * transaction. Whoever is completing it is waited for, and rows that are completed are not seen.
 */
async function lockUnfinished(transaction: Transaction, uploadId: string): Promise<boolean> {
  await transaction.query("select set_config('lock_timeout', $1, true)", [String(waitMs)]);
  const rows = await transaction.query(
    'select 1 from velora.uploads where id = $1 and completed_at is null for update',
    [uploadId],
  );
  return rows.length > 0;
}

async function removeEntries(transaction: Transaction, uploadId: string): Promise<number> {
  const [row] = await transaction.query<{ removed: number }>(
    `with gone as (
       delete from velora.vault_entries where ctid = any (array(
         select ctid from velora.vault_entries where upload_id = $1 limit ${String(batchRows)}))
       returning 1)
     select count(*)::int as removed from gone`,
    [uploadId],
  );
  return row?.removed ?? 0;
}
