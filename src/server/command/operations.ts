import { VaultError } from '../../core/errors.ts';
import type { ApiKeyRecord, Scope } from '../access/api-keys.ts';
import type { AuditRecord, PrintedHead, Verification } from '../audit/audit-log.ts';
import type { Store } from '../services.ts';
import { systemTenant } from '../store/database.ts';

/** A key as commands show it: times as ISO 8601 text. */
export type KeyView = Omit<ApiKeyRecord, 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastUsedAt'> & {
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
};

const dayMs = 86_400_000;

/**
 * What commands do to a store. A receiver that holds the folder does it for them, over its control
 * socket: what goes in and what comes out is JSON.
 */
const operations = {
  'keys.create': async (
    { apiKeys }: Store,
    input: { tenant: string; name: string; scopes: readonly Scope[]; expiresDays: number | null },
  ): Promise<{ key: string; record: KeyView }> => {
    const { expiresDays, ...of } = input;
    const expiresAt = expiresDays === null ? null : new Date(Date.now() + expiresDays * dayMs);
    const { key, record } = await apiKeys.create({ ...of, expiresAt });
    return { key, record: viewOf(record) };
  },
  /** The keys of all tenants, or of one of them. */
  'keys.list': async (store: Store, { tenant }: { tenant: string | null }): Promise<KeyView[]> => {
    if (tenant !== null) await assertTenant(store, tenant);
    const keys: KeyView[] = [];
    for (const each of tenant === null ? await store.tenants.ids() : [tenant]) {
      keys.push(...(await store.apiKeys.list(each)).map(viewOf));
    }
    return keys;
  },
  'keys.revoke': async ({ apiKeys }: Store, { prefix }: { prefix: string }): Promise<KeyView> => {
    const record = await apiKeys.revoke(prefix);
    if (record !== null) return viewOf(record);
    throw new VaultError(
      'option-invalid',
      'expected the prefix of a key that there is: 8 hexadecimal characters, as keys list shows',
    );
  },
  /** Replays the chains of the system and of all tenants, or one of them. */
  'audit.verify': async (
    store: Store,
    { tenant, expected }: { tenant: string | null; expected: PrintedHead | null },
  ): Promise<{ tenant: string; verification: Verification }[]> => {
    const { audit, tenants } = store;
    if (tenant !== null) await assertTenant(store, tenant);
    const chains = tenant === null ? [systemTenant, ...(await tenants.ids())] : [tenant];
    const found: { tenant: string; verification: Verification }[] = [];
    for (const chain of chains) {
      const verification = await audit.verify(chain, expected ?? undefined);
      found.push({ tenant: chain, verification });
    }
    return found;
  },
  'audit.head': async (store: Store, { tenant }: { tenant: string }): Promise<PrintedHead> => {
    await assertTenant(store, tenant);
    return store.audit.head(tenant);
  },
  /** The newest records of a chain, newest first. */
  'audit.list': async (
    store: Store,
    { tenant, limit }: { tenant: string; limit: number },
  ): Promise<AuditRecord[]> => {
    await assertTenant(store, tenant);
    const { records } = await store.audit.page(tenant, { limit });
    await store.audit.record(tenant, {
      actor: 'operator',
      action: 'audit.list',
      resource: 'audit',
      success: true,
      details: { events: records.length },
    });
    return records;
  },
  'vault.purge': (
    { vault }: Store,
    _input: Record<string, never>,
  ): Promise<{ tenant: string; removed: number }[]> => vault.purge(),
} as const;

type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What an operation is told, and what it gives. */
export type InputOf<Name extends OperationName> = Parameters<Operations[Name]>[1];
export type ResultOf<Name extends OperationName> = Awaited<ReturnType<Operations[Name]>>;

export const isOperation = (name: unknown): name is OperationName =>
  typeof name === 'string' && Object.hasOwn(operations, name);

/** Does one of the operations. */
export async function operate<Name extends OperationName>(
  store: Store,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const operation = operations[name] as (
    store: Store,
    input: InputOf<Name>,
  ) => Promise<ResultOf<Name>>;
  return operation(store, input);
}

/** Refuses a tenant that is not there, unless records of it are left. */
async function assertTenant({ tenants, audit }: Store, tenant: string): Promise<void> {
  if (tenant === systemTenant || (await tenants.ids()).includes(tenant)) return;
  if ((await audit.head(tenant)).count > 0) return;
  throw new VaultError('receiver-unusable', 'expected a customer that is known to this store', {
    rule: 'tenant-unknown',
  });
}

function viewOf(record: ApiKeyRecord): KeyView {
  return {
    ...record,
    createdAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt?.toISOString() ?? null,
    revokedAt: record.revokedAt?.toISOString() ?? null,
    lastUsedAt: record.lastUsedAt?.toISOString() ?? null,
  };
}
