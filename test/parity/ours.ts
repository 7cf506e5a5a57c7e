import { createEngine, type EngineChoice } from '../../src/core/engines.ts';
import { asVaultError } from '../../src/core/errors.ts';
import { type TokenizeJob, tokenizeCsv } from '../../src/core/pipeline.ts';
import type { ColumnDecision } from '../../src/core/plan.ts';
import type { Report } from '../../src/core/report.ts';
import { restoreCsv } from '../../src/core/restore.ts';
import { Collector, sourceOf } from '../support/streams.ts';
import { testSecretWithState } from '../support/tokenize.ts';

/** Options in the words of the reference. */
export interface Options {
  readonly columns?: Readonly<Record<string, string>>;
  readonly keep?: readonly string[];
  readonly drop?: readonly string[];
  readonly unknown?: 'keep' | 'drop' | 'fail';
  readonly acceptHeader?: boolean;
  readonly allowTokens?: boolean;
  readonly safeHarbor?: boolean;
  readonly referenceYear?: number;
  readonly delimiter?: string;
  readonly encoding?: string;
}

/** How our side is fed; none of it may show in what comes out. */
export interface Feeding {
  readonly chunkSizes: readonly number[];
  readonly segmentSize: number;
  readonly engine: keyof typeof engines;
}

export const engines = {
  papa: { engine: 'papa', hmac: 'webcrypto' },
  'kernel+webcrypto': { engine: 'kernel', hmac: 'webcrypto' },
  'kernel+wasm': { engine: 'kernel', hmac: 'wasm' },
} as const satisfies Record<string, EngineChoice>;

export const wholeFile: Feeding = { chunkSizes: [1 << 20], segmentSize: 1 << 20, engine: 'papa' };

export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly line?: number | undefined;
  readonly row?: number | undefined;
}

export type Outcome =
  | { readonly ok: true; readonly output: Buffer; readonly map: Buffer; readonly report: Report }
  | Refusal;

/** A source that gives bytes in chunks of these sizes, over and over. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  let offset = 0;
  let turn = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset >= bytes.length) {
        controller.close();
        return;
      }
      const size = sizes[turn % sizes.length] ?? 1;
      turn += 1;
      controller.enqueue(bytes.slice(offset, offset + size));
      offset += size;
    },
  });
}

/** What our core makes of a file. */
export async function tokenize(
  input: Uint8Array,
  product: string,
  options: Options,
  feeding: Feeding = wholeFile,
): Promise<Outcome> {
  const [output, map] = [new Collector(), new Collector()];
  const { columns, keep, drop, ...rest } = options;
  const decisions: ColumnDecision[] = [
    ...Object.entries(columns ?? {}).map(([select, column]): ColumnDecision => ({
      select,
      action: 'map',
      column,
    })),
    ...(keep ?? []).map((select): ColumnDecision => ({ select, action: 'keep' })),
    ...(drop ?? []).map((select): ColumnDecision => ({ select, action: 'drop' })),
  ];
  const job = {
    ...rest,
    decisions,
    product,
    secret: await testSecretWithState(),
    source: chunked(input, feeding.chunkSizes),
    output: output.stream,
    map: map.stream,
    segmentSize: feeding.segmentSize,
    engine: (transform, secret) => ({
      name: feeding.engine,
      process: createEngine(engines[feeding.engine], transform, secret).process,
      inFlight: 2,
    }),
  } as TokenizeJob;
  try {
    const report = await tokenizeCsv(job);
    return { ok: true, output: Buffer.from(output.bytes), map: Buffer.from(map.bytes), report };
  } catch (error) {
    return refusalOf(error);
  }
}

/** What our core restores from a file. */
export async function restore(
  input: Uint8Array,
  map: Uint8Array,
  chunkSizes: readonly number[] = wholeFile.chunkSizes,
): Promise<{ readonly ok: true; readonly output: Buffer } | Refusal> {
  const output = new Collector();
  try {
    await restoreCsv({
      source: chunked(input, chunkSizes),
      map: map.length === 0 ? sourceOf(map) : chunked(map, chunkSizes),
      output: output.stream,
    });
    return { ok: true, output: Buffer.from(output.bytes) };
  } catch (error) {
    return refusalOf(error);
  }
}

/** An unexpected error is no refusal: it fails the test that met it. */
export function refusalOf(error: unknown): Refusal {
  const { code, line, row, message } = asVaultError(error);
  if (code === 'internal') throw new Error(`our side failed: ${message}`, { cause: error });
  return { ok: false, code, line, row };
}
