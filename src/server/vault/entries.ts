import type { Tenants } from '../access/tenants.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../store/database.ts';
import { purgeTenant } from './purge.ts';
import { unseal, uploadKey } from './sealing.ts';
import { createVaultWriter, type VaultWriter } from './writer.ts';

/** An original as it is given back. */
interface ResolvedToken {
  readonly token: string;
  readonly column: string;
  readonly original: string;
}

/**
 * The way back from tokens to originals, of customers who leave the secret to us. No method may be
 * called inside a transaction.
 */
export interface Vault {
  /** Takes the originals of an upload whose row is there already; they count once it is completed. */
  writer(tenant: string, uploadId: string): VaultWriter;
  /**
   * The original of a token of this tenant, out of the newest completed upload that has it and whose
   * time in the vault has not run out. Does not audit: who asks is not known here.
   * @returns null where there is none, and for what is no token
   * @throws VaultError `receiver-unusable`, rule `vault-broken`, for an entry that was changed
   */
  resolve(tenant: string, token: string): Promise<ResolvedToken | null>;
  /**
   * Removes what has run out, of all tenants, in batches that are audited one by one.
   * @param stop ends it before the next batch
   * @returns how many entries of which tenant, of those that had any
   */
  purge(stop?: AbortSignal): Promise<{ tenant: string; removed: number }[]>;
}

/** A token, whole. */
export const tokenPattern = /^[A-Z]{3}_[0-9a-f]{16}$/;

/**
 * The vault of a store.
 * @param days how long an original stays, from when it is written
 */
export function createVault(
  database: Database,
  tenants: Tenants,
  audit: AuditLog,
  days: number,
): Vault {
  return {
    writer: (tenant, uploadId) => createVaultWriter(database, tenants, days, tenant, uploadId),
    async resolve(tenant, token) {
      if (!tokenPattern.test(token)) return null;
      const entry = await findEntry(database, tenant, token);
      if (entry === null) return null;
      const dataKey = await tenants.dataKey(tenant);
      const key = uploadKey(dataKey, entry.upload_id);
      dataKey.fill(0);
      const column = entry.column_name;
      return { token, column, original: unseal(key, { tenant, column, token }, entry.original) };
    },
    async purge(stop) {
      const purged: { tenant: string; removed: number }[] = [];
      for (const tenant of await tenants.ids()) {
        const removed = await purgeTenant(database, audit, tenant, stop);
        if (removed > 0) purged.push({ tenant, removed });
      }
      return purged;
    },
  };
}

interface EntryRow {
  readonly upload_id: string;
  readonly column_name: string;
  readonly original: Uint8Array;
}

function findEntry(database: Database, tenant: string, token: string): Promise<EntryRow | null> {
  return database.as(tenant, async (transaction) => {
    const [row] = await transaction.query<EntryRow>(
      `select e.upload_id, e.column_name, e.original
       from velora.vault_entries e join velora.uploads u on u.id = e.upload_id
       where e.tenant = $1 and e.token = $2 and e.expires_at > now() and u.completed_at is not null
       order by u.completed_at desc, e.upload_id limit 1`,
      [tenant, token],
    );
    return row ?? null;
  });
}
