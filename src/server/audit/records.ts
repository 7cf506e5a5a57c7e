import { VaultError } from '../../core/errors.ts';

/** Everything that is recorded. A closed set: what reads the log may rely on it. */
export const auditActions = [
  'receiver.start',
  'receiver.stop',
  'tenant.create',
  'authentication',
  'authorization',
  'upload',
  'upload.read',
  'vault.resolve',
  'vault.purge',
  'audit.list',
  'audit.export',
  'key.create',
  'key.list',
  'key.revoke',
  'rate-limit',
] as const;

export type AuditAction = (typeof auditActions)[number];

/** Further facts of a record: names, counts and outcomes. Never a cell's value, a key or a secret. */
type AuditDetails = Readonly<Record<string, string | number | boolean>>;

/** What happened, as those who report it say it. Records outlive uploads: no value goes in here. */
export interface AuditEvent {
  /** `key:<prefix>`, `anonymous`, `operator` or `receiver`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to, such as `upload:upl_…`. Printable ASCII, cut to 200 characters. */
  readonly resource: string;
  /** The client's network address. */
  readonly address?: string | null;
  /** Kept in printable ASCII, `?` for the rest, cut to 200 characters. */
  readonly userAgent?: string | null;
  readonly success: boolean;
  readonly details?: AuditDetails;
}

/** A record as it is listed and exported. Hashes are 64 lower-case hexadecimal characters. */
export interface AuditRecord {
  readonly tenant: string;
  /** Place in the tenant's chain, from 1, without gaps. */
  readonly seq: number;
  /** By the clock of the process that wrote it: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly success: boolean;
  readonly details: AuditDetails;
  readonly previousHash: string;
  readonly hash: string;
}

/** A row of the table. Its details are the very text that was hashed. */
export interface StoredRecord {
  readonly tenant: string;
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly success: boolean;
  readonly details: string;
  readonly previous_hash: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * Columns of `StoredRecord`. The time comes as text in microseconds, so that no change of it is
 * lost on the way into a `Date`.
 */
export const storedColumns = `tenant, seq,
  coalesce(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') as at,
  actor, action, resource, address, user_agent, success, details, previous_hash, hash`;

/** A time as it was hashed: records are written in milliseconds. */
export const recordedTime = (microseconds: string): string =>
  microseconds.replace(/(\.\d{3})000Z$/, '$1Z');

/**
 * A row as a record.
 * @throws VaultError `receiver-unusable`, rule `audit-broken`, where its details are not JSON: the
 *   row was changed
 */
export function recordOf(row: StoredRecord): AuditRecord {
  return {
    tenant: row.tenant,
    seq: row.seq,
    at: recordedTime(row.at),
    actor: row.actor,
    action: row.action,
    resource: row.resource,
    address: row.address,
    userAgent: row.user_agent,
    success: row.success,
    details: detailsOf(row),
    previousHash: Buffer.from(row.previous_hash).toString('hex'),
    hash: Buffer.from(row.hash).toString('hex'),
  };
}

/** Says that the log is not what was written. Run `velora-receiver audit verify` to find out more. */
export function auditBroken(what: string): VaultError {
  return new VaultError('receiver-unusable', `the audit log was changed: ${what}`, {
    rule: 'audit-broken',
  });
}

function detailsOf(row: StoredRecord): AuditDetails {
  try {
    return JSON.parse(row.details) as AuditDetails;
  } catch {
    throw auditBroken(`details of record ${String(row.seq)}`);
  }
}
