import { addCounts, emptyCounts } from './counts.ts';
import { type RawSegment, SegmentCutter } from './csv/cut.ts';
import { headLength } from './csv/dialect.ts';
import { segmentSizeDefault } from './csv/split.ts';
import { type OutputDialect, writeRecords } from './csv/write.ts';
import { createDigest, type DigestFactory, Meter } from './digest.ts';
import { DistinctEntries } from './distinct-entries.ts';
import type { SegmentEngine, Transform } from './engine.ts';
import { asVaultError, VaultError } from './errors.ts';
import { type DialectOptions, type Inspection, inspectHead } from './inspect.ts';
import { MapWriter } from './map.ts';
import { type OriginalEntry, originalsOf } from './originals.ts';
import { assertSound, OutputCheck, outputRules } from './output-check.ts';
import { createPapaEngine } from './papa-engine.ts';
import { assertDecided, type Plan, planColumns, type PlanOptions, shownHeader } from './plan.ts';
import { webCryptoFunction } from './prf.ts';
import { createReport, type Report } from './report.ts';
import { getProduct } from './schema.ts';
import type { Secret } from './secret.ts';
import { Sinks } from './sinks.ts';
import { type ByteSource, peek, type PeekedSource } from './source.ts';
import { SpareMemory } from './spare-memory.ts';
import { cutIntoSegments, metered, transcoded, transformInOrder } from './stages.ts';
import type { ValidationResult } from './validate.ts';

/** What an engine lays out for a segment is many times as large. */
const segmentSizeLimit = 1 << 23;

/** How far a run is: bytes of the source read, and data rows finished. */
export interface Progress {
  readonly bytes: number;
  readonly rows: number;
}

/** An engine under a name for the report, and how many segments it wants at a time. */
export interface NamedEngine {
  readonly name: string;
  readonly process: SegmentEngine;
  readonly inFlight: number;
  /** Lets threads and memory go. */
  close?(): Promise<void>;
}

export interface TokenizeJob extends DialectOptions, PlanOptions {
  /** The CSV file's bytes, not compressed. */
  readonly source: ByteSource;
  /** Takes the tokenized CSV. Closed after the last check has passed, aborted on any error. */
  readonly output: WritableStream<Uint8Array>;
  /** Whether `output` is done with a chunk once its write has ended: its memory is used again. */
  readonly outputKeepsNothing?: boolean;
  /** Takes the local map, which is PHI. Without it no map is made. Closed or aborted like `output`. */
  readonly map?: WritableStream<Uint8Array>;
  /**
   * Takes the distinct originals, which are PHI, in order of first appearance. To stay within its
   * memory, a run may tell one again; two with one token are for whoever takes them to find.
   */
  readonly onEntries?: (entries: readonly OriginalEntry[]) => Promise<void>;
  /** Slug of the product. */
  readonly product: string;
  readonly secret: Secret;
  /** Sees what will be done, before the first byte is written; whatever it throws stops the run. */
  readonly onPlan?: (plan: Plan, inspection: Inspection) => void;
  /** Sees all that the check of the finished output has found, before the run is refused for it. */
  readonly onCheck?: (result: ValidationResult, plan: Plan) => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Another engine than Papa Parse with WebCrypto. */
  readonly engine?: (transform: Transform, secret: Secret) => NamedEngine;
  /** Another SHA-256 than that of @noble/hashes. */
  readonly createDigest?: DigestFactory;
  /** Bytes of a segment, about 1 MiB unless told otherwise, 8 MiB at most. The result does not depend on it. */
  readonly segmentSize?: number;
}

/**
 * The way of the data: source → encoding → record-aligned segments → engine, which checks what it
 * has made → merge in order → output and map. Pulled by the output: memory does not grow with the file, but for the
 * 20 to 29 bytes that each distinct value takes while a map is written.
 * @returns the report, which holds no value of any cell
 * @throws VaultError: nothing that was written may be used then
 */
export async function tokenizeCsv(job: TokenizeJob): Promise<Report> {
  const started = performance.now();
  const digest = job.createDigest ?? createDigest;
  const sinks = new Sinks(job.output, job.map, digest);
  let source: PeekedSource | undefined;
  let engine: NamedEngine | undefined;
  let plan: Plan | undefined;
  try {
    const product = getProduct(job.product);
    source = await peek(job.source, headLength);
    const inspection = inspectHead(source.head, source.whole, job);
    plan = planColumns(inspection.header, product, job);
    job.onPlan?.(plan, inspection);
    assertDecided(plan);

    const transform = transformOf(
      plan,
      inspection,
      job.map !== undefined || job.onEntries !== undefined,
    );
    engine = (job.engine ?? papaEngine)(transform, job.secret);
    const check = new OutputCheck(transform.rules.length);
    const distinct = job.map === undefined ? null : new DistinctEntries(transform);
    const map = new MapWriter();
    const counts = plan.columns.map(emptyCounts);
    const input = new Meter(digest);

    const utf8 = transcoded(metered(source.chunks, input), inspection);
    const size = Math.min(job.segmentSize ?? segmentSizeDefault, segmentSizeLimit);
    const [spare, spareRoom] = [new SpareMemory(), new SpareMemory()];
    const cutter = new SegmentCutter(inspection.delimiter, size, spare);
    const { process, inFlight } = engine;
    let rows = 0;
    let lines = 0;
    const results = transformInOrder(
      cutIntoSegments(utf8, cutter, size),
      { process: (segment) => process(withRoom(segment, spareRoom)), inFlight },
      job.signal,
      (error) => placed(error, (cutter.headerLines ?? 0) + lines, rows),
    );

    await sinks.write(writeRecords([outputHeader(plan)], transform.output));
    for await (const result of results) {
      check.add(result.check);
      await sinks.write(result.output, (bytes) => {
        if (job.outputKeepsNothing === true) spareRoom.give(bytes);
      });
      if (result.spent !== undefined) spare.give(result.spent);
      if (distinct !== null) {
        await sinks.writeMap(map.add(result.entries, distinct.fresh(result.entries)));
      }
      await job.onEntries?.(originalsOf(result.entries, transform));
      addCounts(counts, result.counts, rows);
      rows += result.records;
      lines += result.lines;
      job.onProgress?.({ bytes: input.bytes, rows });
    }
    await sinks.writeMap(map.finish());
    job.onCheck?.(check.result(), plan);
    assertSound(check.result(), plan, rows);
    await sinks.close();

    return createReport({
      plan,
      inspection,
      keyFingerprint: job.secret.fingerprint,
      engine: engine.name,
      rows,
      durationMs: performance.now() - started,
      input: input.summary(),
      output: sinks.outputSummary(),
      distinct: distinct?.counts ?? null,
      counts,
    });
  } catch (error) {
    const known = withHeader(asVaultError(error), plan);
    await sinks.abort(known);
    throw known;
  } finally {
    await engine?.close?.();
    await source?.cancel();
  }
}

function withRoom(segment: RawSegment, spare: SpareMemory): RawSegment {
  const room = spare.find(segment.bytes.length);
  return room === undefined ? segment : { ...segment, room };
}

/** An engine counts from its segment's start: here are the lines and rows before that. */
function placed(error: unknown, lines: number, rows: number): VaultError {
  const plain = asVaultError(error).toPlain();
  return VaultError.fromPlain({
    ...plain,
    ...(plain.line === undefined ? {} : { line: lines + plain.line }),
    ...(plain.row === undefined ? {} : { row: rows + plain.row }),
  });
}

/** An engine knows columns by position only; once the header is accepted, people get its text too. */
function withHeader(error: VaultError, plan: Plan | undefined): VaultError {
  const column = error.column === undefined ? undefined : plan?.columns[error.column - 1];
  if (plan === undefined || column === undefined) return error;
  return VaultError.fromPlain({ ...error.toPlain(), ...shownHeader(column, plan) });
}

/** The default engine: one thread, two segments at a time, so that hashing overlaps with parsing. */
function papaEngine(transform: Transform, secret: Secret): NamedEngine {
  return {
    name: 'papa+webcrypto',
    process: createPapaEngine(transform, webCryptoFunction(secret.key)),
    inFlight: 2,
  };
}

function transformOf(plan: Plan, inspection: Inspection, map: boolean): Transform {
  const output: OutputDialect = {
    delimiter: inspection.delimiter,
    lineEnd: inspection.outputLineEnd,
  };
  return {
    delimiter: inspection.delimiter,
    output,
    treatments: plan.columns.map(({ treatment }) => treatment),
    rules: outputRules(plan),
    allowTokens: plan.options.allowTokens,
    map,
  };
}

function outputHeader(plan: Plan): string[] {
  return plan.columns.flatMap(({ outputHeader }) => (outputHeader === null ? [] : [outputHeader]));
}
