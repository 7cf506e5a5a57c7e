import { createKeyring } from '../../../src/server/access/keyring.ts';
import type { AuditEvent, AuditLog, AuditRecord } from '../../../src/server/audit/audit-log.ts';

/** Of a key-encryption key for tests. */
export const keyring = createKeyring(Buffer.alloc(32, 0x4b));

/** An event that is told from others by its number. */
export const event = (index: number, more: Partial<AuditEvent> = {}): AuditEvent => ({
  actor: 'key:0123abcd',
  action: 'upload',
  resource: `upload:${String(index)}`,
  address: '192.0.2.1',
  userAgent: 'curl/8.0',
  success: true,
  details: { rows: index, mode: 'server', repeated: false },
  ...more,
});

/** Records that many events, numbered from 1. */
export async function write(audit: AuditLog, tenant: string, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) await audit.record(tenant, event(index));
}

/** A tenant's records, oldest first. */
export async function all(audit: AuditLog, tenant: string): Promise<AuditRecord[]> {
  return (await audit.page(tenant, { limit: 1000 })).records.reverse();
}
