import { headLength } from './csv/dialect.ts';
import { readRun } from './csv/read.ts';
import type { Segment } from './csv/split.ts';
import { writeRecords } from './csv/write.ts';
import { createDigest, type DigestFactory } from './digest.ts';
import { asVaultError } from './errors.ts';
import { type DialectOptions, inspectHead } from './inspect.ts';
import { Sinks } from './sinks.ts';
import { type ByteSource, peek, type PeekedSource } from './source.ts';
import { splitIntoSegments, transcoded, transformInOrder } from './stages.ts';
import { readTokenMap, type TokenMap } from './token-map.ts';

export interface RestoreJob extends DialectOptions {
  /** A tokenized CSV, or any other that holds tokens as whole cells. */
  readonly source: ByteSource;
  /** The local map. Read whole before the first record. */
  readonly map: ByteSource;
  /** Takes the CSV with originals: PHI. */
  readonly output: WritableStream<Uint8Array>;
  readonly onProgress?: (progress: { readonly rows: number }) => void;
  readonly signal?: AbortSignal;
  readonly createDigest?: DigestFactory;
}

export interface Restoration {
  readonly rows: number;
  /** Cells that became originals again. */
  readonly restored: number;
  /** Cells of the form of a token that the map does not hold: left as they are. */
  readonly unknownTokens: number;
}

const tokenForm = /^[A-Z]{3}_[0-9a-f]{16}$/;

/**
 * Replaces tokens by their originals, in any column, wherever a cell as a whole is a token that
 * the map holds.
 * @throws VaultError `map-invalid`, or where the file is no well-formed CSV
 */
export async function restoreCsv(job: RestoreJob): Promise<Restoration> {
  const sinks = new Sinks(job.output, undefined, job.createDigest ?? createDigest);
  let source: PeekedSource | undefined;
  try {
    const map = await readTokenMap(job.map);
    source = await peek(job.source, headLength);
    const inspection = inspectHead(source.head, source.whole, job);
    const { delimiter, header } = inspection;
    const dialect = { delimiter, lineEnd: inspection.outputLineEnd };
    const engine = {
      process: (segment: Segment) =>
        Promise.resolve().then(() => restoreSegment(segment, map, dialect, header.length)),
      inFlight: 1,
    };
    const segments = splitIntoSegments(transcoded(source.chunks, inspection), delimiter);
    const total = { rows: 0, restored: 0, unknownTokens: 0 };
    await sinks.write(writeRecords([[...header]], dialect));
    for await (const result of transformInOrder(withoutHeader(segments), engine, job.signal)) {
      await sinks.write(result.output);
      total.rows += result.rows;
      total.restored += result.restored;
      total.unknownTokens += result.unknownTokens;
      job.onProgress?.({ rows: total.rows });
    }
    await sinks.close();
    return total;
  } catch (error) {
    const known = asVaultError(error);
    await sinks.abort(known);
    throw known;
  } finally {
    await source?.cancel();
  }
}

async function* withoutHeader(
  segments: AsyncIterable<Segment>,
): AsyncGenerator<Segment, void, undefined> {
  for await (const segment of segments) if (segment.index > 0) yield segment;
}

function restoreSegment(
  segment: Segment,
  map: TokenMap,
  dialect: Parameters<typeof writeRecords>[1],
  fields: number,
): { output: Uint8Array; rows: number; restored: number; unknownTokens: number } {
  let restored = 0;
  let unknownTokens = 0;
  const original = (cell: string): string => {
    if (!tokenForm.test(cell)) return cell;
    const found = map.get(cell);
    if (found === undefined) unknownTokens += 1;
    else restored += 1;
    return found ?? cell;
  };
  const records = segment.runs.flatMap((run) =>
    readRun(segment, run, dialect.delimiter, fields).records.map((record) => record.map(original)),
  );
  return { output: writeRecords(records, dialect), rows: records.length, restored, unknownTokens };
}
