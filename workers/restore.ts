import { restoreCsv } from '../src/core/restore.ts';
import { PrivateFileWriter, runFolder } from '../src/platform/private-files.ts';
import { encryptedSink } from '../src/platform/private-sinks.ts';
import type { RestoreOutcome, RestoreRequest, RunProgress } from '../src/protocol.ts';
import { openFile, readHead } from './file-source.ts';
import { throttled } from './progress.ts';
import { createFastDigest } from './sha256.ts';

const name = 'restored.csv';
/** What a record may gain when its tokens become originals again: some are longer than a token. */
const margin = 1.25;
const spare = 1 << 20;

/**
 * A file with tokens and a local map in; `restored.csv`, encrypted, in the folder out. Either of
 * the two may be gzip. What an error leaves is removed.
 * @throws VaultError those of `restoreCsv`; `storage-full`, `input-unreadable`
 */
export async function restore(
  request: RestoreRequest,
  onProgress: (progress: RunProgress) => void,
): Promise<RestoreOutcome> {
  const { encoding, delimiter, folder } = request;
  const { expansion } = await readHead(request.file);
  const source = await openFile(request.file, 'the file');
  const map = await openFile(request.map, 'the map');
  const file = await PrivateFileWriter.open(await runFolder(folder.name), name);
  try {
    file.reserve(Math.ceil(request.file.size * expansion * margin) + spare);
  } catch (error) {
    await file.abort();
    throw error;
  }
  const sink = encryptedSink(file, folder.key, name);
  const progress = throttled(onProgress);
  const restoration = await restoreCsv({
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
    source: source.chunks,
    map: map.chunks,
    output: sink.stream,
    createDigest: createFastDigest,
    onProgress: ({ rows }) => {
      progress.tell(() => ({ bytes: source.bytesRead(), rows }));
    },
  });
  progress.finish({ bytes: request.file.size, rows: restoration.rows });
  return { ...restoration, bytes: sink.bytes() };
}
