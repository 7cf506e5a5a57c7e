import type { KeyObject } from 'node:crypto';
import { VaultError } from '../../core/errors.ts';
import type { OriginalEntry } from '../../core/originals.ts';
import type { Tenants } from '../access/tenants.ts';
import type { Database } from '../store/database.ts';
import { seal, uploadKey } from './sealing.ts';

/** Takes the originals of one upload. Calls follow one another, each after the one before is done. */
export interface VaultWriter {
  /**
   * An original may come again.
   * @throws VaultError `token-collision` where a token comes with another original: then or later,
   *   before `finish` is done
   */
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
  readonly identities: Uint8Array[];
  bytes: number;
}

const emptyBatch = (): Batch => ({
  tokens: [],
  columns: [],
  originals: [],
  identities: [],
  bytes: 0,
});

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
    const { tokens, columns, originals, identities } = batch;
    batch = emptyBatch();
    if (tokens.length === 0) return;
    const given = [uploadId, tenant, tokens, columns, originals, identities] as const;
    const collisions = await database.as(tenant, async (transaction) => {
      await transaction.query(
        `insert into velora.vault_entries
           (upload_id, tenant, token, column_name, original, identity, expires_at)
         select $1, $2, t, c, o, i, now() + make_interval(days => $7)
         from unnest($3::text[], $4::text[], $5::bytea[], $6::bytea[]) as entry (t, c, o, i)
         on conflict (upload_id, token) do nothing`,
        [...given, days],
      );
      const [row] = await transaction.query<{ count: number }>(
        `select count(*)::int as count
         from unnest($2::text[], $3::bytea[]) as entry (t, i)
         join velora.vault_entries e on e.upload_id = $1 and e.token = entry.t
         where e.identity <> entry.i`,
        [uploadId, tokens, identities],
      );
      return row?.count ?? 0;
    });
    if (collisions > 0) {
      throw new VaultError(
        'token-collision',
        'two different originals give the same token: expected a token to lead back to one original',
        { rule: 'collision' },
      );
    }
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
      for (const { column, token, original, identity } of entries) {
        const sealed = seal(key, { tenant, column, token }, original);
        if (batch.bytes + sealed.length > batchBytes) await flush();
        batch.tokens.push(token);
        batch.columns.push(column);
        batch.originals.push(sealed);
        batch.identities.push(identity);
        batch.bytes += sealed.length;
        if (batch.tokens.length >= batchRows) await flush();
      }
    },
    finish: flush,
  };
}
