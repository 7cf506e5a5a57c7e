import * as Comlink from 'comlink';
import { warmUp } from '../src/core/review.ts';
import { checkWalls } from '../src/platform/walls.ts';
import type { TokenizerWorker } from '../src/protocol.ts';
import { answer } from './answer.ts';
import { catalogueView, examples, preview } from './preview.ts';
import { restore } from './restore.ts';
import { readPrivate, saveTo } from './save.ts';
import { tokenize } from './tokenize.ts';

const worker: TokenizerWorker = {
  checkWalls,
  catalogue: () => {
    // The one worker that is asked for it waits for a file to be dropped: time to get ready.
    setTimeout(warmUp);
    return catalogueView();
  },
  preview: (file, choices) => answer(() => preview(file, choices)),
  examples: (file, choices, column) => answer(() => examples(file, choices, column)),
  tokenize: (request, onProgress) => answer(() => tokenize(request, onProgress)),
  restore: (request, onProgress) => answer(() => restore(request, onProgress)),
  saveTo: (folder, name, target) =>
    answer(async () => {
      await saveTo(folder, name, target);
      return null;
    }),
  read: (folder, name) => answer(() => readPrivate(folder, name)),
};

Comlink.expose(worker);
