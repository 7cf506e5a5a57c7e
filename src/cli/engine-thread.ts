import { parentPort, workerData } from 'node:worker_threads';
import type { Segment } from '../core/csv/split.ts';
import { asVaultError } from '../core/errors.ts';
import { createEngine } from '../core/engines.ts';
import type { EngineThreadAnswer, EngineThreadData } from './engine-thread-contract.ts';
import { nodeHmac } from '../node/node-hmac.ts';

const { engine, transform, key } = workerData as EngineThreadData;
const process = createEngine(engine, transform, nodeHmac(key));

parentPort?.on('message', ({ id, segment }: { id: number; segment: Segment }) => {
  void process(segment).then(
    (result) => {
      const { output, entries } = result;
      answer({ id, result }, [
        output.buffer,
        entries.identities.buffer,
        entries.columns.buffer,
        entries.text.buffer,
        entries.ends.buffer,
      ]);
    },
    (error: unknown) => {
      answer({ id, error: asVaultError(error).toPlain() }, []);
    },
  );
});

function answer(message: EngineThreadAnswer, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}
