import { InvalidArgumentError } from 'commander';
import { VaultError } from '../../core/errors.ts';
import { isScope, type Scope, scopes } from '../access/api-keys.ts';
import type { KeyView } from './operations.ts';
import { type StoreOptions, storePlace } from './options.ts';
import { perform } from './perform.ts';
import { print, say } from './say.ts';

export interface CreateKeyOptions extends StoreOptions {
  readonly tenant: string;
  readonly name: string;
  readonly scope: readonly Scope[];
  readonly expiresDays?: number;
}

/** Makes an API key. It goes to standard output, this once; all else to standard error. */
export async function createKey(options: CreateKeyOptions): Promise<void> {
  const { key, record } = await perform(storePlace(options), 'keys.create', {
    tenant: options.tenant,
    name: options.name,
    scopes: options.scope,
    expiresDays: options.expiresDays ?? null,
  });
  say('This key is shown once: keep it where secrets are kept.');
  say(describe(record));
  await print(`${key}\n`);
}

/** Lists the keys of all customers, or of one, on standard output: a line each, or JSON. */
export async function listKeys(
  options: StoreOptions & { tenant?: string; json?: boolean },
): Promise<void> {
  const keys = await perform(storePlace(options), 'keys.list', {
    tenant: options.tenant ?? null,
  });
  await print(
    options.json === true
      ? `${JSON.stringify(keys, null, 2)}\n`
      : keys.map((key) => `${describe(key)}\n`).join(''),
  );
}

/**
 * Ends a key for good.
 * @param shown its prefix, in any of the forms in which it is shown
 * @throws VaultError option-invalid where there is no such key
 */
export async function revokeKey(shown: string, options: StoreOptions): Promise<void> {
  const prefix = /^(?:vlk_live_)?([0-9a-f]{8})(?:_(?:…|\.{3})?)?$/.exec(shown)?.[1];
  if (prefix === undefined) {
    throw new VaultError(
      'option-invalid',
      "expected a key's prefix: 8 hexadecimal characters, as keys list shows",
    );
  }
  say(describe(await perform(storePlace(options), 'keys.revoke', { prefix })));
}

/** One or several scopes, for commander. */
export function scopesOf(text: string, earlier: readonly Scope[] = []): Scope[] {
  const given = text.split(',').map((scope) => scope.trim());
  if (given.every(isScope)) return [...new Set([...earlier, ...given])];
  throw new InvalidArgumentError(`expected one of ${scopes.join(', ')}`);
}

function describe(key: KeyView): string {
  const { prefix, tenant, name, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return [
    `vlk_live_${prefix}_…`,
    tenant,
    JSON.stringify(name),
    key.scopes.join(','),
    `created ${createdAt}`,
    ...(expiresAt === null ? [] : [`expires ${expiresAt}`]),
    ...(revokedAt === null ? [] : [`revoked ${revokedAt}`]),
    ...(lastUsedAt === null ? [] : [`last used ${lastUsedAt}`]),
  ].join('  ');
}
