import { VaultError } from '../../core/errors.ts';
import type { ApiKeyRecord, Scope } from '../access/api-keys.ts';
import type { PrintedHead, Verification } from '../audit/audit-log.ts';
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
  'keys.list': async ({ apiKeys }: Store, { tenant }: { tenant: string }): Promise<KeyView[]> =>
    (await apiKeys.list(tenant)).map(viewOf),
  'keys.revoke': async ({ apiKeys }: Store, { prefix }: { prefix: string }): Promise<KeyView> => {
    const record = await apiKeys.revoke(prefix);
    if (record !== null) return viewOf(record);
    throw new VaultError('option-invalid', 'expected the prefix of a key that there is');
  },
  /** Replays the chains of the system and of all tenants, or one of them. */
  'audit.verify': async (
    { audit, tenants }: Store,
    { tenant, expected }: { tenant: string | null; expected: PrintedHead | null },
  ): Promise<{ tenant: string; verification: Verification }[]> => {
    const chains = tenant === null ? [systemTenant, ...(await tenants.ids())] : [tenant];
    const found: { tenant: string; verification: Verification }[] = [];
    for (const chain of chains) {
      const verification = await audit.verify(chain, expected ?? undefined);
      found.push({ tenant: chain, verification });
    }
    return found;
  },
  'audit.head': ({ audit }: Store, { tenant }: { tenant: string }): Promise<PrintedHead> =>
    audit.head(tenant),
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

function viewOf(record: ApiKeyRecord): KeyView {
  return {
    ...record,
    createdAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt?.toISOString() ?? null,
    revokedAt: record.revokedAt?.toISOString() ?? null,
    lastUsedAt: record.lastUsedAt?.toISOString() ?? null,
  };
}
