import { expect, test } from 'vitest';
import segment from 'virtual:worker/segment';
import tokenizer from 'virtual:worker/tokenizer';
import { inFreshTokenizer } from '../../src/bridge/tokenizer.ts';
import { asVaultError } from '../../src/core/errors.ts';

const texts = { segment, tokenizer };

/** Whether the worker was given anything, and what came of it. A page for tests has no policy. */
async function tried(openWallsAcknowledged: boolean): Promise<[boolean, string]> {
  let given = false;
  const settings = { signal: null, openWallsAcknowledged };
  const ended = inFreshTokenizer(texts, settings, async ({ catalogue }) => {
    given = true;
    return (await catalogue()).products.length > 0 ? 'done' : 'nothing';
  });
  const result = await ended.catch((error: unknown) => asVaultError(error).code);
  return [given, result];
}

test('a fresh worker is given nothing where its walls are open', async () => {
  expect(await tried(false)).toEqual([false, 'walls-open']);
});

test('unless the person goes on knowingly', async () => {
  expect(await tried(true)).toEqual([true, 'done']);
});
