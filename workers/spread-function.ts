import { VaultError } from '../src/core/errors.ts';
import { digestLength, type PseudorandomFunction } from '../src/core/prf.ts';

/** Messages that travel together: enough that sending them costs little beside computing them. */
const batchLength = 512;
/** Batches that a helper is given ahead, so that it has work while its asker does something long. */
const batchesAhead = 8;
/** So many may wait for the helpers before the asker, who has other work, takes some itself. */
const batchesLeft = 200;

/** Messages for a helper, and its answer; `digests` is null where it could not compute them. */
interface Question {
  readonly id: number;
  readonly messages: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}
interface Reply {
  readonly id: number;
  readonly digests: Uint8Array<ArrayBuffer> | null;
}

interface Batch {
  readonly messages: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly resolve: (digests: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

type Helper = (batch: Batch) => Promise<void>;

/**
 * A pseudo-random function whose work is done by other workers, and by this one where they have
 * more than enough: a call of WebCrypto takes some 3 µs of its thread, and an engine with
 * many new values does little else.
 * @param helpers ports to workers that `answerQuestions`
 */
export function spreadFunction(
  own: PseudorandomFunction,
  helpers: readonly MessagePort[],
): PseudorandomFunction {
  if (helpers.length === 0) return own;
  const queue: Batch[] = [];
  const lanes = helpers.map((port) => ({ help: connect(port), free: batchesAhead }));
  const mine = {
    help: async ({ messages, ends, resolve }: Batch): Promise<void> => {
      resolve(await own(messages, ends));
    },
    free: 1,
  };
  const next = (): void => {
    while (queue.length > 0) {
      const idlest = lanes.reduce((most, lane) => (lane.free > most.free ? lane : most));
      const lane = idlest.free > 0 || queue.length <= batchesLeft ? idlest : mine;
      if (lane.free === 0) return;
      const batch = queue.shift() as Batch;
      lane.free -= 1;
      lane
        .help(batch)
        .catch(batch.reject)
        .finally(() => {
          lane.free += 1;
          next();
        });
    }
  };
  return async (messages, ends) => {
    const digests = new Uint8Array(digestLength * ends.length);
    const parts: Promise<void>[] = [];
    for (let from = 0; from < ends.length; from += batchLength) {
      const part = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
        queue.push({ ...cut(messages, ends, from), resolve, reject });
      });
      parts.push(
        part.then((found) => {
          digests.set(found, digestLength * from);
        }),
      );
    }
    next();
    await Promise.all(parts);
    return digests;
  };
}

/** The batch that begins with one message. */
function cut(
  messages: Uint8Array<ArrayBuffer>,
  ends: Uint32Array,
  from: number,
): Pick<Batch, 'messages' | 'ends'> {
  const start = from === 0 ? 0 : (ends[from - 1] as number);
  const mine = Uint32Array.from(ends.subarray(from, from + batchLength), (end) => end - start);
  return { messages: messages.slice(start, start + (mine.at(-1) as number)), ends: mine };
}

function connect(port: MessagePort): Helper {
  const waiting = new Map<number, (reply: Reply) => void>();
  let nextId = 0;
  port.onmessage = ({ data }: MessageEvent<Reply>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  return ({ messages, ends, resolve, reject }) =>
    new Promise((done) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, ({ digests }) => {
        if (digests === null) reject(new VaultError('internal', 'a worker could not make tokens'));
        else resolve(digests);
        done();
      });
      port.postMessage({ id, messages, ends } satisfies Question, [messages.buffer, ends.buffer]);
    });
}

/** Computes what comes through a port, for a `spreadFunction` at the other end. */
export function answerQuestions(port: MessagePort, own: PseudorandomFunction): void {
  port.onmessage = ({ data: { id, messages, ends } }: MessageEvent<Question>) => {
    own(messages, ends).then(
      (digests) => {
        port.postMessage({ id, digests } satisfies Reply, [digests.buffer]);
      },
      () => {
        port.postMessage({ id, digests: null } satisfies Reply);
      },
    );
  };
}
