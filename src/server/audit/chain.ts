import { createHash, timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../access/keyring.ts';
import type { Transaction } from '../store/database.ts';
import { type AuditEvent, auditBroken, recordedTime, type StoredRecord } from './records.ts';

/** Where a chain ends: how many records it has, and the hash of the newest one. */
export interface Head {
  readonly count: number;
  readonly hash: Buffer;
}

/** A head as it is told and kept elsewhere: the hash in 64 lower-case hexadecimal characters. */
export interface PrintedHead {
  readonly count: number;
  readonly hash: string;
}

interface HeadRow {
  readonly count: number;
  readonly hash: Uint8Array;
  readonly mac: Uint8Array;
}

const longest = 200;

/** What stands for the hash before a tenant's first record: SHA-256 of a label and the tenant. */
export function genesisHash(tenant: string): Buffer {
  return sha256(['velora-receiver:audit-chain:v1', tenant]);
}

/**
 * SHA-256 (FIPS 180-4) of a record with the hash before it. What is hashed is a JSON array of a
 * label and all fields in a fixed order, so that no two records have the same text.
 */
export function recordHash(row: Omit<StoredRecord, 'hash'>): Buffer {
  return sha256([
    'velora-receiver:audit-record:v1',
    row.tenant,
    row.seq,
    recordedTime(row.at),
    row.actor,
    row.action,
    row.resource,
    row.address,
    row.user_agent,
    row.success,
    row.details,
    Buffer.from(row.previous_hash).toString('hex'),
  ]);
}

/**
 * The record of an event that comes after `head`.
 * @param at when it happened
 */
export function nextRecord(tenant: string, head: Head, event: AuditEvent, at: Date): StoredRecord {
  const row = {
    tenant,
    seq: head.count + 1,
    at: at.toISOString(),
    actor: printable(event.actor),
    action: event.action,
    resource: printable(event.resource),
    address: printableOrNull(event.address),
    user_agent: printableOrNull(event.userAgent),
    success: event.success,
    details: JSON.stringify(event.details ?? {}),
    previous_hash: head.hash,
  };
  return { ...row, hash: recordHash(row) };
}

/**
 * The head of a chain that must not change meanwhile; the first one makes it. Concurrent writers
 * wait for each other here.
 * @throws VaultError `receiver-unusable`, rule `audit-broken`, for a head that is not authentic,
 *   and for records without a head
 */
export async function lockHead(
  transaction: Transaction,
  keyring: Keyring,
  tenant: string,
): Promise<Head> {
  const locked = async (): Promise<HeadRow | undefined> => {
    const [row] = await transaction.query<HeadRow>(
      'select count, hash, mac from velora.audit_heads where tenant = $1 for update',
      [tenant],
    );
    return row;
  };
  let row = await locked();
  if (row === undefined) {
    await beginChain(transaction, keyring, tenant);
    row = await locked();
  }
  if (row === undefined) throw auditBroken('there is no head');
  return authenticHead(keyring, tenant, row);
}

/** Moves the head, which is locked, to another record. */
export async function moveHead(
  transaction: Transaction,
  keyring: Keyring,
  tenant: string,
  head: Head,
): Promise<void> {
  await transaction.query(
    'update velora.audit_heads set count = $2, hash = $3, mac = $4 where tenant = $1',
    [tenant, head.count, head.hash, headMac(keyring, tenant, head)],
  );
}

/**
 * Head of a chain and place of its newest record, as of one moment. A chain without any record has
 * no head: then its count is 0 and its hash the genesis hash.
 * @throws VaultError `receiver-unusable`, rule `audit-broken`, as `lockHead`
 */
export async function readHead(
  transaction: Transaction,
  keyring: Keyring,
  tenant: string,
): Promise<{ head: Head; newest: number }> {
  const [row] = await transaction.query<{ newest: number } & (HeadRow | { count: null })>(
    `select h.count, h.hash, h.mac, coalesce(r.newest, 0) as newest
     from (select max(seq) as newest from velora.audit_records where tenant = $1) r
     left join velora.audit_heads h on h.tenant = $1`,
    [tenant],
  );
  const newest = row?.newest ?? 0;
  if (row === undefined || row.count === null) {
    if (newest > 0) throw auditBroken('there are records and no head');
    return { head: { count: 0, hash: genesisHash(tenant) }, newest };
  }
  return { head: authenticHead(keyring, tenant, row), newest };
}

/** Adds the head of a chain without records, unless another writer was faster. */
async function beginChain(
  transaction: Transaction,
  keyring: Keyring,
  tenant: string,
): Promise<void> {
  const head = { count: 0, hash: genesisHash(tenant) };
  const added = await transaction.query(
    `insert into velora.audit_heads (tenant, count, hash, mac) values ($1, $2, $3, $4)
     on conflict (tenant) do nothing returning 1`,
    [tenant, head.count, head.hash, headMac(keyring, tenant, head)],
  );
  if (added.length === 0) return;
  // Only now is it certain that no other writer has begun the chain since we looked.
  const records = await transaction.query(
    'select 1 from velora.audit_records where tenant = $1 limit 1',
    [tenant],
  );
  if (records.length > 0) throw auditBroken('there are records and no head');
}

function authenticHead(keyring: Keyring, tenant: string, row: HeadRow): Head {
  const head = { count: row.count, hash: Buffer.from(row.hash) };
  const mac = headMac(keyring, tenant, head);
  if (row.mac.length !== mac.length || !timingSafeEqual(row.mac, mac)) {
    throw auditBroken('the head is not authentic, or was written under another key');
  }
  return head;
}

function headMac(keyring: Keyring, tenant: string, { count, hash }: Head): Buffer {
  const fields = ['velora-receiver:audit-head:v1', tenant, count, hash.toString('hex')];
  return keyring.authenticate(Buffer.from(JSON.stringify(fields)));
}

function sha256(fields: readonly (string | number | boolean | null)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(fields)).digest();
}

function printable(text: string): string {
  return text.slice(0, longest).replace(/[^\x20-\x7e]/g, '?');
}

function printableOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : printable(text);
}
