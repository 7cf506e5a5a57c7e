import { randomBytes } from 'node:crypto';
import type { AuditEvent, AuditLog } from '../audit/audit-log.ts';
import { VaultError } from '../../core/errors.ts';
import type { Database, Transaction } from '../store/database.ts';
import { sweepUploads, type SweptParts } from './sweep.ts';

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
  /** The same of the tokenized file. */
  readonly tokenized: { readonly bytes: number; readonly sha256: string };
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
  /** Removes an upload that was not completed, with its entries in the vault. */
  discard(tenant: string, uploadId: string): Promise<void>;
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
}

export function createUploads(parts: UploadsParts): Uploads {
  const { database, audit, instance } = parts;
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
    discard: (tenant, uploadId) => discardUpload(database, tenant, uploadId),
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
    sweep: () =>
      sweepUploads(parts, (tenant, uploadId) => discardUpload(database, tenant, uploadId)),
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

const rowColumns =
  'id, product, schema_version, mode, data_rows, received_bytes, received_sha256, stored_bytes, stored_sha256, completed_at, secret_fingerprint';

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

async function discardUpload(database: Database, tenant: string, uploadId: string): Promise<void> {
  for (let removed = batchRows; removed === batchRows;) {
    removed = await database.as(tenant, async (transaction) => {
      const [row] = await transaction.query<{ removed: number }>(
        `with gone as (
           delete from velora.vault_entries where ctid = any (array(
             select e.ctid from velora.vault_entries e
             where e.upload_id = $1 and exists (
               select from velora.uploads u where u.id = $1 and u.completed_at is null)
             limit ${String(batchRows)}))
           returning 1)
         select count(*)::int as removed from gone`,
        [uploadId],
      );
      return row?.removed ?? 0;
    });
  }
  await database.as(tenant, (transaction) =>
    transaction.query('delete from velora.uploads where id = $1 and completed_at is null', [
      uploadId,
    ]),
  );
}
