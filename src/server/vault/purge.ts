import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../store/database.ts';

const batchRows = 5000;

/**
 * Removes a tenant's entries that have run out, each batch in a transaction with its audit record.
 * Where another process is at it already, that one goes on alone.
 * @param stop no other batch begins once it is aborted: what is left waits for the next purge
 * @returns how many were removed
 */
export async function purgeTenant(
  database: Database,
  audit: AuditLog,
  tenant: string,
  stop?: AbortSignal,
): Promise<number> {
  let removed = 0;
  while (stop?.aborted !== true) {
    const batch = await purgeBatch(database, audit, tenant);
    removed += batch;
    if (batch < batchRows) break;
  }
  return removed;
}

function purgeBatch(database: Database, audit: AuditLog, tenant: string): Promise<number> {
  return database.as(tenant, async (transaction) => {
    const [lock] = await transaction.query<{ mine: boolean }>(
      "select pg_try_advisory_xact_lock(hashtextextended('velora.vault_purge:' || $1, 0)) as mine",
      [tenant],
    );
    if (lock?.mine !== true) return 0;
    const [gone] = await transaction.query<{ removed: number }>(
      `with gone as (
         delete from velora.vault_entries where ctid = any (array(
           select ctid from velora.vault_entries
           where tenant = $1 and expires_at <= now() limit ${String(batchRows)}))
         returning 1)
       select count(*) as removed from gone`,
      [tenant],
    );
    const removed = gone?.removed ?? 0;
    if (removed > 0) {
      await audit.append(transaction, tenant, {
        actor: 'receiver',
        action: 'vault.purge',
        resource: 'vault',
        success: true,
        details: { removed },
      });
    }
    return removed;
  });
}
