import { expect, test } from 'vitest';
import segment from 'virtual:worker/segment';
import tokenizer from 'virtual:worker/tokenizer';
import { startWorker } from '../../src/platform/start-worker.ts';
import type { SegmentWorker, TokenizerWorker } from '../../src/protocol.ts';

test.each([
  ['segment', segment],
  ['tokenizer', tokenizer],
])('the text of the %s worker loads nothing, and makes no code from text', (_name, text) => {
  expect(text).not.toMatch(/\bimport\s*\(|\bimport\.meta\b|\bimportScripts\b|\bnew Function\b/);
});

test('both start from it, as classic scripts', async () => {
  const workers = [
    startWorker<SegmentWorker>(segment, 'segment'),
    startWorker<TokenizerWorker>(tokenizer, 'tokenizer'),
  ];
  for (const worker of workers) {
    // A page for tests has no policy.
    expect(await worker.remote.checkWalls()).toEqual({ code: false, network: false });
    worker.terminate();
  }
});
