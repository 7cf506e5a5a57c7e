import { effectiveChoice, engineHere } from '../src/core/engines.ts';
import { VaultError } from '../src/core/errors.ts';
import { type Progress, tokenizeCsv } from '../src/core/pipeline.ts';
import { planOptionsOf } from '../src/core/review.ts';
import { PrivateFileWriter, runFolder } from '../src/platform/private-files.ts';
import { encryptedSink, plainSink, type PrivateSink } from '../src/platform/private-sinks.ts';
import { checkWalls } from '../src/platform/walls.ts';
import type {
  RunFolder,
  RunProgress,
  TokenizeOutcome,
  TokenizeRequest,
  Walls,
} from '../src/protocol.ts';
import { type Estimate, estimateRoom } from './estimate.ts';
import { openFile, readHead } from './file-source.ts';
import { type EnginePool, startPool } from './pool.ts';
import { throttled } from './progress.ts';
import { createFastDigest } from './sha256.ts';

/** Files of less text than this are done before a pool has started. */
const poolFromBytes = 4 << 20;

/**
 * One file in; `tokenized.csv` and `map.json` in the run's folder out, the map encrypted. What an
 * error leaves is removed.
 * @throws VaultError those of `tokenizeCsv`; `walls-open`, before the key is used; `storage-full`,
 *   `worker-ended`, `input-unreadable`
 */
export async function tokenize(
  request: TokenizeRequest,
  onProgress: (progress: RunProgress) => void,
): Promise<TokenizeOutcome> {
  const { file, choices, secret, folder } = request;
  const job = {
    ...dialectOf(choices),
    ...planOptionsOf(choices),
    product: choices.product,
    secret,
  };
  const head = await readHead(file);
  const large = file.size * head.expansion >= poolFromBytes;
  const choice = effectiveChoice({
    engine: 'kernel',
    hmac: secret.hmacState === undefined ? 'webcrypto' : 'wasm',
  });
  const pool = large ? startPool(request.segmentWorker, request.workers, choice) : null;
  try {
    // The workers start while this thread estimates.
    const [walls, room] = await Promise.all([
      wallsAround(pool),
      estimateRoom(head, file.size, job),
    ]);
    if (!request.openWallsAcknowledged) assertClosed(walls);
    assertSavable(room, request.largestMap);
    const source = await openFile(file, 'the file');
    const sinks = await openSinks(folder, room);
    const progress = throttled(onProgress);
    const tell = ({ rows }: Progress): RunProgress => ({ bytes: source.bytesRead(), rows });
    const report = await tokenizeCsv({
      ...job,
      source: source.chunks,
      output: sinks.output.stream,
      outputKeepsNothing: true,
      map: sinks.map.stream,
      createDigest: createFastDigest,
      engine: (transform) =>
        pool === null ? engineHere(choice, transform, secret) : pool.engine(transform, secret),
      onProgress: (now) => {
        progress.tell(() => tell(now));
      },
    });
    progress.finish({ bytes: file.size, rows: report.rows });
    const given = source.compressed?.() ?? {};
    return {
      report: {
        ...report,
        input: { ...report.input, ...given, ...(source.gzip ? { gzip: true } : {}) },
      },
      mapBytes: sinks.map.bytes(),
      walls,
    };
  } finally {
    secret.hmacState?.fill(0);
    pool?.terminate();
  }
}

function dialectOf({
  encoding,
  delimiter,
}: TokenizeRequest['choices']): Pick<TokenizeRequest['choices'], 'encoding' | 'delimiter'> {
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
}

/** The walls around this worker and all of the pool. */
async function wallsAround(pool: EnginePool | null): Promise<Walls> {
  const [mine, theirs] = await Promise.all([checkWalls(), pool?.checkWalls()]);
  return {
    code: mine.code && theirs?.code !== false,
    network: mine.network && theirs?.network !== false,
  };
}

function assertClosed({ code, network }: Walls): void {
  if (code && network) return;
  const open = [
    ...(code ? [] : ['code made from text would run']),
    ...(network ? [] : ['requests to other addresses would go out']),
  ];
  throw new VaultError(
    'walls-open',
    `the walls around the workers are open: ${open.join(', and ')}; the key was not used. Serve the page as the deployment guide says, or go on knowingly`,
    { rule: code ? 'network' : 'code' },
  );
}

/** A map that cannot be saved is lost with the page: better to know before the run than after it. */
function assertSavable({ map }: Estimate, largestMap: number | null): void {
  if (largestMap === null || map <= largestMap) return;
  const about = String(Math.ceil(map / 1e6));
  const most = String(Math.floor(largestMap / 1e6));
  throw new VaultError(
    'storage-full',
    `the map of this file may take ${about} MB, and this browser can save up to ${most} MB: use Chrome or Edge, or the command line`,
    { rule: 'no-picker' },
  );
}

/** Both files with the room that they may need; neither where one does not get it. */
async function openSinks(
  { name, key }: RunFolder,
  room: Estimate,
): Promise<{ readonly output: PrivateSink; readonly map: PrivateSink }> {
  const folder = await runFolder(name);
  const opened: PrivateFileWriter[] = [];
  try {
    const output = await PrivateFileWriter.open(folder, 'tokenized.csv');
    opened.push(output);
    output.reserve(room.output);
    const map = await PrivateFileWriter.open(folder, 'map.json');
    opened.push(map);
    map.reserve(room.map);
    return { output: plainSink(output), map: encryptedSink(map, key, 'map.json') };
  } catch (error) {
    await Promise.all(opened.map((file) => file.abort()));
    throw error;
  }
}
