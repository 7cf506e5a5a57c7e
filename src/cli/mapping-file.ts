import { createReadStream } from 'node:fs';
import { headLength } from '../core/csv/dialect.ts';
import { VaultError } from '../core/errors.ts';
import { type DialectOptions, inspectHead } from '../core/inspect.ts';
import { decisionsOf, longestMapping, type Mapping, parseMapping } from '../core/mapping.ts';
import type { PlanOptions } from '../core/plan.ts';
import { peek } from '../core/source.ts';
import { refuseDash } from './output.ts';
import { nameForPeople, systemFailure } from './system-errors.ts';

/** A mapping file, and its path for messages. */
export interface NamedMapping {
  readonly path: string;
  readonly mapping: Mapping;
}

/**
 * Reads `--mapping PATH`; null where there is none.
 * @throws VaultError `mapping-invalid`, also for another product; `option-invalid` for `-`
 */
export async function readMapping(
  path: string | undefined,
  product: string,
): Promise<NamedMapping | null> {
  if (path === undefined) return null;
  refuseDash(path);
  const mapping = named(path, parseMapping, await readText(path));
  if (mapping.product === product) return { path, mapping };
  throw new VaultError(
    'mapping-invalid',
    `${nameForPeople(path)}: made for another product than ${product}: expected a mapping for the product of --product`,
    { rule: 'product' },
  );
}

/** Characters may take four bytes. */
async function readText(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    const stream = createReadStream(path, { end: 4 * longestMapping });
    for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  } catch (error) {
    throw systemFailure(error, 'mapping-invalid', path);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new VaultError('mapping-invalid', `${nameForPeople(path)}: not valid UTF-8`);
  }
}

/**
 * Refuses a secret other than the one that the mapping expects: the tokens would join with nothing.
 * Fingerprints are not secret.
 * @throws VaultError `mapping-invalid`
 */
export function assertFingerprint(found: NamedMapping | null, fingerprint: string): void {
  const expected = found?.mapping.keyFingerprint ?? null;
  if (found === null || expected === null || expected === fingerprint) return;
  throw new VaultError(
    'mapping-invalid',
    `${nameForPeople(found.path)}: expects the key fingerprint ${expected}, and the secret's is ${fingerprint}: tokens under another secret do not join. Give the secret that was used before; only if a new one is meant, set "keyFingerprint" in the file to "${fingerprint}" or null`,
    { rule: 'fingerprint' },
  );
}

/** The options with the mapping's decisions for a file with these headers. */
export function withMapping(
  options: PlanOptions,
  found: NamedMapping | null,
  headers: readonly string[],
): PlanOptions {
  if (found === null) return options;
  const decisions = named(found.path, (mapping) => decisionsOf(mapping, headers), found.mapping);
  return { ...options, decisions: [...decisions, ...(options.decisions ?? [])] };
}

/** The options with the mapping's decisions, and the source from its start again. */
export async function withMappingFor(
  source: AsyncIterable<Uint8Array>,
  dialect: DialectOptions,
  options: PlanOptions,
  found: NamedMapping | null,
): Promise<{ readonly source: AsyncIterable<Uint8Array>; readonly options: PlanOptions }> {
  if (found === null) return { source, options };
  const { head, whole, chunks, cancel } = await peek(source, headLength);
  try {
    const { header } = inspectHead(head, whole, dialect);
    return { source: chunks, options: withMapping(options, found, header) };
  } catch (error) {
    await cancel();
    throw error;
  }
}

/** What goes wrong with a mapping is told with its path. */
function named<From, To>(path: string, read: (from: From) => To, from: From): To {
  try {
    return read(from);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw VaultError.fromPlain({
      ...error.toPlain(),
      message: `${nameForPeople(path)}: ${error.message}`,
    });
  }
}
