import { InvalidArgumentError } from 'commander';
import { VaultError } from '../../core/errors.ts';
import type { AuditRecord, PrintedHead } from '../audit/audit-log.ts';
import { systemTenant } from '../store/database.ts';
import { type StoreOptions, storePlace } from './options.ts';
import { perform } from './perform.ts';
import { print, say } from './say.ts';

export interface ChainOptions extends StoreOptions {
  readonly tenant?: string;
  readonly system?: boolean;
}

/**
 * Replays audit chains: all of them, a tenant's, or the system's.
 * @throws VaultError receiver-unusable/audit-broken where one is not as it was written, named first record and all
 */
export async function verifyAudit(options: ChainOptions & { expect?: PrintedHead }): Promise<void> {
  const tenant = chainOf(options);
  if (options.expect !== undefined && tenant === null) {
    throw new VaultError('option-invalid', 'expected --tenant or --system with --expect');
  }
  const chains = await perform(storePlace(options), 'audit.verify', {
    tenant,
    expected: options.expect ?? null,
  });
  let broken = 0;
  for (const { tenant: chain, verification } of chains) {
    if (verification.ok) {
      await print(`${chain}: ${String(verification.count)}:${verification.hash}\n`);
    } else {
      broken += 1;
      const where = verification.seq === null ? 'the head' : `record ${String(verification.seq)}`;
      say(`${chain}: broken at ${where}: ${verification.reason}`);
    }
  }
  if (broken === 0) return;
  throw new VaultError('receiver-unusable', `chains that are broken: ${String(broken)}`, {
    rule: 'audit-broken',
  });
}

/** Prints where a chain ends, as `--expect` of `audit verify` takes it. */
export async function printHead(options: ChainOptions): Promise<void> {
  const tenant = chainOf(options) ?? systemTenant;
  const { count, hash } = await perform(storePlace(options), 'audit.head', { tenant });
  await print(`${String(count)}:${hash}\n`);
}

/** Prints the newest records of a chain, newest first: a line each for people, or NDJSON. */
export async function listAudit(
  options: ChainOptions & { limit: number; json?: boolean },
): Promise<void> {
  const tenant = chainOf(options) ?? systemTenant;
  const { limit, json } = options;
  const records = await perform(storePlace(options), 'audit.list', { tenant, limit });
  const line = json === true ? JSON.stringify : describeRecord;
  await print(records.map((record) => `${line(record)}\n`).join(''));
}

/** What a record says, in printable ASCII whatever somebody may have written into the database. */
function describeRecord(record: AuditRecord): string {
  const { seq, at, actor, action, resource, success, address, details } = record;
  return [
    String(seq),
    at,
    actor,
    action,
    resource,
    success ? 'done' : 'refused',
    ...(address === null ? [] : [`from ${address}`]),
    ...Object.entries(details).map(([name, value]) => `${name}=${String(value)}`),
  ]
    .join('  ')
    .replace(/[^\x20-\x7e]/g, '?');
}

/** Removes from the vault what has run out. */
export async function purgeVault(options: StoreOptions): Promise<void> {
  const purged = await perform(storePlace(options), 'vault.purge', {});
  for (const { tenant, removed } of purged) say(`${tenant}: ${String(removed)} removed`);
  if (purged.length === 0) say('nothing has run out');
}

/** A head as it was printed, for commander. */
export function headOf(text: string): PrintedHead {
  const [, count, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (count !== undefined && hash !== undefined) return { count: Number(count), hash };
  throw new InvalidArgumentError('expected COUNT:HASH, as `audit head` prints it');
}

function chainOf({ tenant, system }: ChainOptions): string | null {
  if (tenant !== undefined && system === true) {
    throw new VaultError('option-invalid', 'expected --tenant or --system, not both');
  }
  return system === true ? systemTenant : (tenant ?? null);
}
