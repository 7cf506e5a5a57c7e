import { VaultError } from '../../core/errors.ts';
import type { Keyring } from '../access/keyring.ts';
import type { Database, Transaction } from '../store/database.ts';
import { genesisHash, type Head, type PrintedHead, readHead, recordHash } from './chain.ts';
import { largestPage } from './pages.ts';
import { storedColumns, type StoredRecord } from './records.ts';

/** What a replay found. `seq` is the first record that is not as it was written. */
export type Verification =
  | { readonly ok: true; readonly count: number; readonly hash: string }
  | {
      readonly ok: false;
      /** Null where the head itself is wrong. */
      readonly seq: number | null;
      readonly reason: string;
    };

type Fault = Extract<Verification, { ok: false }>;

/**
 * Replays a tenant's chain up to the head as it is now, in pages of 1,000 records, each in a
 * transaction of its own; writers go on meanwhile.
 *
 * Finds records that were changed, removed, put elsewhere or added beside the log, also at the end,
 * a forged head, and a chain that vanished while its tenant still has keys or uploads: the making of
 * each is recorded with it. A head that was put back to an older authentic one together with the
 * records since, or one that was begun anew after all were removed, is only seen against an
 * `expected` head that was kept elsewhere.
 */
export async function verifyChain(
  database: Database,
  keyring: Keyring,
  tenant: string,
  expected?: PrintedHead,
): Promise<Verification> {
  const start = await readStart(database, keyring, tenant);
  if ('ok' in start) return start;
  const { head, newest } = start;
  if (expected !== undefined && expected.count > head.count) {
    return fault(null, `the head counts ${String(head.count)} records, fewer than expected`);
  }
  let last: Head = { count: 0, hash: genesisHash(tenant) };
  const differs = (): boolean =>
    expected?.count === last.count && expected.hash.toLowerCase() !== last.hash.toString('hex');
  if (differs()) return fault(null, 'the beginning of the chain is not the expected one');
  while (last.count < head.count) {
    const rows = await readRows(database, tenant, last.count, head.count);
    if (rows.length === 0) return missing(last.count + 1);
    for (const row of rows) {
      const found = faultOf(row, last);
      if (found !== null) return found;
      last = { count: row.seq, hash: Buffer.from(row.hash) };
      if (differs()) return fault(row.seq, 'this record is not the expected one');
    }
  }
  if (!last.hash.equals(head.hash)) {
    return fault(
      head.count,
      'the head has another hash: this record or earlier ones were rewritten',
    );
  }
  if (newest > head.count) {
    return fault(head.count + 1, 'the head does not know this record');
  }
  return { ok: true, count: head.count, hash: head.hash.toString('hex') };
}

async function readStart(
  database: Database,
  keyring: Keyring,
  tenant: string,
): Promise<{ head: Head; newest: number } | Fault> {
  try {
    return await database.as(tenant, async (transaction) => {
      const start = await readHead(transaction, keyring, tenant);
      const vanished = start.head.count === 0 && (await hasDone(transaction, tenant));
      return vanished ? fault(null, 'there is no record, but there are keys or uploads') : start;
    });
  } catch (error) {
    if (!(error instanceof VaultError) || error.rule !== 'audit-broken') throw error;
    return fault(null, error.message);
  }
}

/** Whether a tenant has anything that is never made without a record. */
async function hasDone(transaction: Transaction, tenant: string): Promise<boolean> {
  const rows = await transaction.query(
    `select 1 from velora.api_keys where tenant = $1
     union all select 1 from velora.uploads where tenant = $1 and completed_at is not null limit 1`,
    [tenant],
  );
  return rows.length > 0;
}

function readRows(
  database: Database,
  tenant: string,
  after: number,
  until: number,
): Promise<StoredRecord[]> {
  return database.as(tenant, (transaction) =>
    transaction.query<StoredRecord>(
      `select ${storedColumns} from velora.audit_records
       where tenant = $1 and seq > $2 and seq <= $3 order by seq limit ${String(largestPage)}`,
      [tenant, after, until],
    ),
  );
}

function faultOf(row: StoredRecord, last: Head): Fault | null {
  if (row.seq !== last.count + 1) return missing(last.count + 1);
  if (!recordHash(row).equals(row.hash)) return fault(row.seq, 'this record was changed');
  if (!last.hash.equals(row.previous_hash)) {
    return fault(row.seq, 'this record does not follow the one before it');
  }
  return null;
}

function missing(seq: number): Fault {
  return fault(seq, 'this record is missing');
}

function fault(seq: number | null, reason: string): Fault {
  return { ok: false, seq, reason };
}
