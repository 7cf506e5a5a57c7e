import * as Comlink from 'comlink';
import { expect, test } from 'vitest';
import { VaultError } from '../../src/core/errors.ts';
import type { NamedEngine } from '../../src/core/pipeline.ts';
import type { SegmentWorker } from '../../src/protocol.ts';
import { refusal, tokenizeText } from '../support/tokenize.ts';

const url = new URL('../../workers/segment.worker.ts', import.meta.url);

/** Engines in real Web Workers, by turns. */
function workers(count: number): {
  readonly engine: NonNullable<NonNullable<Parameters<typeof tokenizeText>[1]>['engine']>;
} {
  return {
    engine: (transform, secret): NamedEngine => {
      const threads = Array.from({ length: count }, () => {
        const worker = new Worker(url, { type: 'module' });
        const remote = Comlink.wrap<SegmentWorker>(worker);
        return { worker, remote, started: remote.start(transform, secret.key) };
      });
      let turn = 0;
      return {
        name: 'web workers',
        inFlight: 2 * count,
        process: async (segment) => {
          const thread = threads[turn % count];
          turn += 1;
          if (thread === undefined) throw new Error('no worker');
          await thread.started;
          const answer = await thread.remote.process(
            Comlink.transfer(segment, [segment.bytes.buffer]),
          );
          if ('error' in answer) throw VaultError.fromPlain(answer.error);
          return answer.result;
        },
        close: () => {
          for (const { worker } of threads) worker.terminate();
          return Promise.resolve();
        },
      };
    },
  };
}

const rows = Array.from(
  { length: 2000 },
  (_, i) => `M${String(i % 97)},"Zoë, ${String(i)}",${String(1900 + (i % 100))}-01-02,2139\r\n`,
);
const text = `member_id,patient_name,dob,zip\r\n${rows.join('')}`;

test.each([1, 2, 3])('%d Web Workers give the same bytes as none', async (count) => {
  const expected = await tokenizeText(text);
  const result = await tokenizeText(text, { ...workers(count), segmentSize: 4000 });
  expect(result.output).toBe(expected.output);
  expect(result.map).toBe(expected.map);
  expect(result.report.columns).toEqual(expected.report.columns);
});

test('an error comes back from a worker with its code and its place', async () => {
  const again = (await tokenizeText(text)).output;
  const error = await refusal(again, { ...workers(2), segmentSize: 4000 });
  expect(error).toMatchObject({ code: 'tokens-found', line: 2, row: 1, column: 1 });
});
