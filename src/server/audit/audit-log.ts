import type { Keyring } from '../access/keyring.ts';
import { type Database, isDuplicate, type Transaction } from '../store/database.ts';
import { lockHead, moveHead, nextRecord, type PrintedHead, readHead } from './chain.ts';
import {
  type AuditFilters,
  type AuditPage,
  type AuditQuery,
  cursorAfter,
  readPage,
  readPages,
} from './pages.ts';
import { auditBroken, type AuditEvent, type AuditRecord, type StoredRecord } from './records.ts';
import { type Verification, verifyChain } from './verify.ts';

export { type AuditAction, auditActions, type AuditEvent, type AuditRecord } from './records.ts';
export type { AuditQuery } from './pages.ts';
export type { PrintedHead } from './chain.ts';
export type { Verification } from './verify.ts';

/**
 * What happened, one chain a tenant and one for the system (`systemTenant`). Each record's hash
 * covers the one before; the head of a chain, its count and its newest hash, is authenticated with
 * a key that the database does not have.
 */
export interface AuditLog {
  /**
   * Adds a record in the caller's transaction, which must be in the name of this tenant: what is
   * recorded and its record are committed together. Writers of one chain wait for each other from
   * here to the end of their transactions, so this comes late in a transaction.
   * @throws VaultError `receiver-unusable`, rule `audit-broken`, where head and records are not
   *   what was written
   */
  append(transaction: Transaction, tenant: string, event: AuditEvent): Promise<void>;
  /** Adds a record in a transaction of its own. Not to be called inside another one. */
  record(tenant: string, event: AuditEvent): Promise<void>;
  /**
   * Where the chain ends now, to be kept elsewhere.
   * @throws VaultError as `append`
   */
  head(tenant: string): Promise<PrintedHead>;
  /** One page, newest first. @throws VaultError as `readPage` */
  page(tenant: string, query: AuditQuery): Promise<AuditPage>;
  /**
   * Records newest first, as the list has them, in pages of at most 1,000, each in a transaction of
   * its own. What is recorded meanwhile is not among them.
   * @param most records in all
   * @throws VaultError as `page`, once the first page is asked for
   */
  exported(
    tenant: string,
    query: Omit<AuditQuery, 'limit'>,
    most: number,
  ): AsyncIterable<AuditRecord[]>;
  /** The cursor with which a list or an export under these filters goes on after a record. */
  cursorAfter(tenant: string, filters: AuditFilters, seq: number): string;
  /** Replays the chain, against a head that was kept elsewhere if there is one: see `verifyChain`. */
  verify(tenant: string, expected?: PrintedHead): Promise<Verification>;
}

/** The audit log of a store, its heads authenticated by `keyring`. */
export function createAuditLog(database: Database, keyring: Keyring): AuditLog {
  const append = async (
    transaction: Transaction,
    tenant: string,
    event: AuditEvent,
  ): Promise<void> => {
    const head = await lockHead(transaction, keyring, tenant);
    const record = nextRecord(tenant, head, event, new Date());
    await insertRecord(transaction, record);
    await moveHead(transaction, keyring, tenant, {
      count: record.seq,
      hash: Buffer.from(record.hash),
    });
  };
  return {
    append,
    record: (tenant, event) =>
      database.as(tenant, (transaction) => append(transaction, tenant, event)),
    head: async (tenant) => {
      const { head } = await database.as(tenant, (transaction) =>
        readHead(transaction, keyring, tenant),
      );
      return { count: head.count, hash: head.hash.toString('hex') };
    },
    page: (tenant, query) => readPage(database, keyring, tenant, query),
    exported: (tenant, query, most) => readPages(database, keyring, tenant, query, most),
    cursorAfter: (tenant, filters, seq) => cursorAfter(keyring, tenant, filters, seq),
    verify: (tenant, expected) => verifyChain(database, keyring, tenant, expected),
  };
}

async function insertRecord(transaction: Transaction, row: StoredRecord): Promise<void> {
  try {
    await transaction.query(
      `insert into velora.audit_records (tenant, seq, at, actor, action, resource, address,
         user_agent, success, details, previous_hash, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        row.tenant,
        row.seq,
        new Date(row.at),
        row.actor,
        row.action,
        row.resource,
        row.address,
        row.user_agent,
        row.success,
        row.details,
        row.previous_hash,
        row.hash,
      ],
    );
  } catch (error) {
    // Whoever waits for duplicates of their own must not take this for one.
    if (isDuplicate(error)) throw auditBroken('there are records that the head does not know');
    throw error;
  }
}
