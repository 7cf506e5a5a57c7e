import type { RawSegment } from '../csv/cut.ts';
import type { SegmentEngine, SegmentResult, Transform } from '../engine.ts';
import { VaultError } from '../errors.ts';
import type { PseudorandomFunction } from '../prf.ts';
import { Kernel, type Scanned } from './kernel.ts';
import type { MemoryLimits } from './layout.ts';
import { SpotCheck } from './spot-check.ts';

/** Some 30 MB, and of the slots three quarters. */
const defaultLimits: MemoryLimits = { entries: 3 << 17, bytes: 1 << 24 };

export interface KernelEngineOptions {
  readonly module: WebAssembly.Module;
  readonly transform: Transform;
  /** Who computes HMACs: a function, or the kernel itself by what `deriveHmacState` gives. */
  readonly hmac: PseudorandomFunction | Uint8Array;
  /** Another implementation, which some tokens are held against. */
  readonly witness: PseudorandomFunction;
  readonly limits?: MemoryLimits;
}

/**
 * The fast engine: bytes in, bytes out, and no string is made of a cell. In two phases: *scan*
 * copies, generalizes, looks distinct values up and leaves room for each token that is not known
 * yet; *fill* puts tokens in, and the output is checked. While a function computes the tokens of
 * one segment, the next is scanned.
 */
export function createKernelEngine({
  module,
  transform,
  hmac,
  witness,
  limits = defaultLimits,
}: KernelEngineOptions): { readonly process: SegmentEngine; readonly close: () => void } {
  if (transform.delimiter !== transform.output.delimiter) {
    throw new VaultError('internal', 'an engine that was asked to change the delimiter');
  }
  const kernel = new Kernel(module, transform, limits);
  const spotCheck = new SpotCheck(transform, witness);
  const run = { kernel, spotCheck };
  if (typeof hmac === 'function') return { process: awaiting(run, hmac), close: () => undefined };
  kernel.setHmacState(hmac);
  let closed = false;
  return {
    process: async (segment) => {
      // What is left of the key would make tokens all the same, of nobody's key.
      if (closed) throw new VaultError('internal', 'a segment for an engine that was closed');
      if (!kernel.takes(segment.bytes.length)) kernel.prepare(segment.bytes.length);
      const scanned = kernel.scan(segment);
      kernel.settleItself(scanned);
      return finish(run, scanned, segment);
    },
    close: () => {
      closed = true;
      kernel.setHmacState(null);
    },
  };
}

interface Run {
  readonly kernel: Kernel;
  readonly spotCheck: SpotCheck;
}

/** With a function that answers later: segments in flight wait for the tokens of those before. */
function awaiting(run: Run, prf: PseudorandomFunction): SegmentEngine {
  const { kernel } = run;
  /** When the tokens of all segments so far are there. */
  let settled: Promise<unknown> = Promise.resolve();
  let turn: Promise<unknown> = Promise.resolve();

  /** Scans as soon as it is its turn; the result is in a box, lest it be awaited with that. */
  async function begin(segment: RawSegment): Promise<{ result: Promise<SegmentResult> }> {
    if (!kernel.takes(segment.bytes.length)) {
      await settled;
      kernel.prepare(segment.bytes.length);
    }
    const scanned = kernel.scan(segment);
    const saved = kernel.save(scanned);
    const { messages, ends } = kernel.messages(scanned);
    // Whatever it throws, later segments must not take these tokens for computed ones.
    const digests =
      scanned.count === 0 ? new Uint8Array(0) : Promise.resolve().then(() => prf(messages, ends));
    const result = Promise.all([digests, settled]).then(([computed]) => {
      kernel.load(saved);
      kernel.settle(scanned, computed);
      return finish(run, scanned, segment);
    });
    settled = result;
    result.catch(() => undefined);
    return { result };
  }

  return async (segment) => {
    const begun = turn.then(() => begin(segment));
    turn = begun.catch(() => undefined);
    const { result } = await begun;
    return result;
  };
}

/** The second phase. All that is read of the kernel's memory is read before anything is awaited. */
async function finish(
  { kernel, spotCheck }: Run,
  scanned: Scanned,
  { bytes, room }: RawSegment,
): Promise<SegmentResult> {
  const { records, lines, counts } = scanned;
  const entries = kernel.mapEntries(scanned);
  const filled = kernel.fill(scanned, room);
  await spotCheck.check(kernel.samples(scanned, spotCheck.wanted));
  return { ...filled, entries, counts, records, lines, spent: bytes };
}
