import { Meter } from '../../core/digest.ts';
import { engineHere } from '../../core/engines.ts';
import { deriveHmacState } from '../../core/hmac-state.ts';
import { isVaultError, VaultError } from '../../core/errors.ts';
import { type TokenizeJob, tokenizeCsv } from '../../core/pipeline.ts';
import type { Secret } from '../../core/secret.ts';
import { metered } from '../../core/stages.ts';
import { verifyCsv } from '../../core/verify.ts';
import { nodeDigest } from '../../node/node-digest.ts';
import type { Tenants } from '../access/tenants.ts';
import type { FileWriter } from '../files/file-store.ts';
import type { Problem } from '../http/problems.ts';
import type { Vault } from '../vault/entries.ts';
import { problemOfFindings } from './refusals.ts';
import type { FileSummary } from './uploads.ts';

/** Who tokenizes, and with whose secret, which comes with the state for the kernel's own HMAC. */
export type UploadMode =
  | { readonly kind: 'pretokenized' }
  | { readonly kind: 'client'; readonly secret: Secret }
  | { readonly kind: 'server' };

export interface Treatment {
  readonly mode: UploadMode;
  readonly tenant: string;
  readonly uploadId: string;
  readonly product: string;
  /** The file as it comes. It is read to its end, unless it is refused before. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Takes what is to be kept; neither committed nor discarded here. */
  readonly output: Pick<FileWriter, 'write'>;
  readonly signal: AbortSignal;
}

export interface TreatedFile {
  /** Data rows. */
  readonly rows: number;
  readonly received: FileSummary;
  readonly stored: FileSummary;
}

export interface TreatmentServices {
  readonly tenants: Pick<Tenants, 'tokenSecret' | 'tokenKey'>;
  readonly vault: Pick<Vault, 'writer'>;
}

/**
 * Writes what is to be kept of a file, and checks it: as it is (the receiver's check of
 * docs/token-format.md), or tokenized in memory with the sender's secret or the tenant's.
 * @returns what was read and written, or the problem that the check's findings are
 * @throws VaultError of the core, and whatever `source` throws
 */
export async function treatFile(
  services: TreatmentServices,
  treatment: Treatment,
): Promise<TreatedFile | { readonly problem: Problem }> {
  const { mode, tenant, uploadId } = treatment;
  const plain = { ...treatment, source: uncompressed(treatment.source) };
  switch (mode.kind) {
    case 'pretokenized':
      return checkFile(plain);
    case 'client':
      return tokenizeFile(plain, mode.secret);
    case 'server': {
      const secret = await services.tenants.tokenSecret(tenant);
      const bytes = await services.tenants.tokenKey(tenant);
      const hmacState = deriveHmacState(bytes);
      bytes.fill(0);
      const originals = services.vault.writer(tenant, uploadId);
      const treated = await tokenizeFile(plain, { ...secret, hmacState }, (entries) =>
        originals.add(entries),
      );
      if (!('problem' in treated)) await originals.finish();
      return treated;
    }
  }
}

/** First bytes of a gzip file (RFC 1952, section 2.3.1): of no text in an encoding that is taken. */
const gzipMark = [0x1f, 0x8b];

/** @throws VaultError `not-text`, rule `compressed`, for a gzip file */
async function* uncompressed(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  for await (const bytes of source) {
    for (let i = 0; i < bytes.length && seen < gzipMark.length; i += 1) {
      seen = bytes[i] === gzipMark[seen] ? seen + 1 : Infinity;
      if (seen === gzipMark.length) {
        throw new VaultError('not-text', 'expected a CSV file that is not compressed', {
          rule: 'compressed',
        });
      }
    }
    yield bytes;
  }
}

async function checkFile({
  source,
  output,
  product,
  signal,
}: Treatment): Promise<TreatedFile | { readonly problem: Problem }> {
  const meter = new Meter(nodeDigest);
  const { plan, ...result } = await verifyCsv({
    source: written(metered(source, meter), output),
    product,
    receiver: true,
    signal,
  });
  const problem = problemOfFindings(result, plan.columns, plan);
  if (problem !== null) return { problem };
  const summary = meter.summary();
  return { rows: result.rows, received: summary, stored: summary };
}

async function* written(
  source: AsyncIterable<Uint8Array>,
  output: Pick<FileWriter, 'write'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of source) {
    await output.write(bytes);
    yield bytes;
  }
}

/** All at once on one processor, and many of them: each remembers little, some 1 MB. */
const memoryLimits = { entries: 3 << 13, bytes: 1 << 20 };
const engineChoice = { engine: 'kernel', hmac: 'wasm' } as const;

/** @param secret whose derived state is wiped */
async function tokenizeFile(
  { source, output, product, signal }: Treatment,
  secret: Secret,
  onEntries?: TokenizeJob['onEntries'],
): Promise<TreatedFile | { readonly problem: Problem }> {
  const found: { problem: Problem | null } = { problem: null };
  try {
    const report = await tokenizeCsv({
      source,
      output: new WritableStream({ write: (bytes) => output.write(bytes) }),
      product,
      secret,
      signal,
      createDigest: nodeDigest,
      engine: (transform) => engineHere(engineChoice, transform, secret, { limits: memoryLimits }),
      onCheck: (result, plan) => {
        const checked = plan.columns.filter(({ outputHeader }) => outputHeader !== null);
        found.problem = problemOfFindings(result, checked, plan);
      },
      ...(onEntries === undefined ? {} : { onEntries }),
    });
    return { rows: report.rows, received: report.input, stored: report.output };
  } catch (error) {
    const { problem } = found;
    if (problem === null || !isVaultError(error) || error.code !== 'output-check') throw error;
    return { problem };
  } finally {
    secret.hmacState?.fill(0);
  }
}
