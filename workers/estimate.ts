import { createPapaEngine } from '../src/core/papa-engine.ts';
import { tokenizeCsv, type TokenizeJob } from '../src/core/pipeline.ts';
import { digestLength } from '../src/core/prf.ts';
import type { FileHead } from './file-source.ts';
import { createFastDigest } from './sha256.ts';

/** Bytes, as far as the head of a file tells. */
export interface Estimate {
  readonly output: number;
  readonly map: number;
}

/** Later records may be longer than the first. */
const margin = 1.1;
const spare = 1 << 20;
/** Where the head tells nothing: of a file of short values, each of which becomes a token. */
const unknownRatio = { output: 2, map: 2 };
/** In the head of a file nearly every value is new; in a whole one most have been there before. */
const newValues = 0.5;

/**
 * How much room the output and the map of a file may take, by a trial run over its head. No key is
 * needed for that, since all tokens are of one length. An estimate: what lacks is taken later.
 * @param size of the file as given
 */
export async function estimateRoom(
  { head, whole, expansion }: FileHead,
  size: number,
  job: Pick<TokenizeJob, 'product' | 'secret'>,
): Promise<Estimate> {
  const seen = { input: 0, output: 0, map: 0 };
  try {
    await tokenizeCsv({
      ...job,
      source: once(head),
      output: counter((bytes) => (seen.output += bytes)),
      map: counter((bytes) => (seen.map += bytes)),
      createDigest: createFastDigest,
      engine: (transform) => {
        // The kernel would hold its tokens against those of a key.
        const process = createPapaEngine(transform, randomDigests);
        return {
          name: 'estimate',
          inFlight: 1,
          process: (segment) => {
            seen.input += segment.bytes.length;
            return process(segment);
          },
        };
      },
    });
  } catch {
    // The head may end within a record; what is wrong with the file the run itself will tell.
  }
  const input = whole ? head.length : size * expansion;
  const ratio = (bytes: number, otherwise: number): number =>
    seen.input === 0 ? otherwise : (bytes / seen.input) * margin;
  return {
    output: Math.ceil(input * ratio(seen.output, unknownRatio.output)) + spare,
    map: Math.ceil(input * ratio(seen.map, unknownRatio.map) * (whole ? 1 : newValues)) + spare,
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

function counter(count: (bytes: number) => void): WritableStream<Uint8Array> {
  return new WritableStream({
    write: ({ length }) => {
      count(length);
    },
  });
}

/** In the place of tokens: different for all values, so that none count as the same. */
function randomDigests(_: Uint8Array, ends: Uint32Array): Promise<Uint8Array<ArrayBuffer>> {
  const digests = new Uint8Array(digestLength * ends.length);
  const most = 65536;
  for (let at = 0; at < digests.length; at += most) {
    crypto.getRandomValues(digests.subarray(at, at + most));
  }
  return Promise.resolve(digests);
}
