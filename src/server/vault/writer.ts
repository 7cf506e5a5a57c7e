import type { KeyObject } from 'node:crypto';
import type { Tenants } from '../access/tenants.ts';
import type { Database } from '../store/database.ts';
import { seal, uploadKey } from './sealing.ts';

/** A token of a file and what it stands for there. */
export interface OriginalEntry {
  /** The catalogue's name of the column. */
  readonly column: string;
  readonly token: string;
  readonly original: string;
}

/** Takes the originals of one upload. Calls follow one another, each after the one before is done. */
export interface VaultWriter {
  /** Of a token that comes again, the first original stays. */
  add(entries: readonly OriginalEntry[]): Promise<void>;
  /** Writes what is left. Without it the last ones are not in the vault. */
  finish(): Promise<void>;
}

/** A batch ends with whichever comes first; an original that is longer than that goes alone. */
const batchRows = 1000;
const batchBytes = 1_000_000;

interface Batch {
  readonly tokens: string[];
  readonly columns: string[];
  readonly originals: Uint8Array[];
  bytes: number;
}

const emptyBatch = (): Batch => ({ tokens: [], columns: [], originals: [], bytes: 0 });

/** Writes encrypted originals in batches, each in a short transaction of its own. */
export function createVaultWriter(
  database: Database,
  tenants: Tenants,
  days: number,
  tenant: string,
  uploadId: string,
): VaultWriter {
  let key: KeyObject | undefined;
  let batch = emptyBatch();

  const flush = async (): Promise<void> => {
    const { tokens, columns, originals } = batch;
    batch = emptyBatch();
    if (tokens.length === 0) return;
    await database.as(tenant, (transaction) =>
      transaction.query(
        `insert into velora.vault_entries
           (upload_id, tenant, token, column_name, original, expires_at)
         select $1, $2, t, c, o, now() + make_interval(days => $6)
         from unnest($3::text[], $4::text[], $5::bytea[]) as entry (t, c, o)
         on conflict (upload_id, token) do nothing`,
        [uploadId, tenant, tokens, columns, originals, days],
      ),
    );
  };

  const keyOfUpload = async (): Promise<KeyObject> => {
    const dataKey = await tenants.dataKey(tenant);
    const made = uploadKey(dataKey, uploadId);
    dataKey.fill(0);
    return made;
  };

  return {
    async add(entries) {
      key ??= await keyOfUpload();
      for (const { column, token, original } of entries) {
        const sealed = seal(key, { tenant, column, token }, original);
        if (batch.bytes + sealed.length > batchBytes) await flush();
        batch.tokens.push(token);
        batch.columns.push(column);
        batch.originals.push(sealed);
        batch.bytes += sealed.length;
        if (batch.tokens.length >= batchRows) await flush();
      }
    },
    finish: flush,
  };
}
