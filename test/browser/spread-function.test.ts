import { expect, test } from 'vitest';
import { type PseudorandomFunction, webCryptoFunction } from '../../src/core/prf.ts';
import { answerQuestions, spreadFunction } from '../../workers/spread-function.ts';
import { testSecret } from '../support/tokenize.ts';
import { sameBytes } from './support/bytes.ts';

/** A function with helpers, and how many messages each was asked for: its own share first. */
function spread(
  helpers: number,
  own: PseudorandomFunction,
): { readonly prf: PseudorandomFunction; readonly asked: number[] } {
  const asked = Array.from({ length: helpers + 1 }, () => 0);
  const counted =
    (i: number): PseudorandomFunction =>
    (messages, ends) => {
      asked[i] = (asked[i] ?? 0) + ends.length;
      return own(messages, ends);
    };
  const ports = Array.from({ length: helpers }, (_, i) => {
    const { port1, port2 } = new MessageChannel();
    answerQuestions(port2, counted(i + 1));
    return port1;
  });
  return { prf: spreadFunction(counted(0), ports), asked };
}

function batch(values: readonly string[]): [Uint8Array<ArrayBuffer>, Uint32Array] {
  const encoder = new TextEncoder();
  let length = 0;
  const ends = Uint32Array.from(values, (value) => (length += encoder.encode(value).length));
  return [encoder.encode(values.join('')), ends];
}

const many = Array.from({ length: 5003 }, (_, i) => `member_id:M${String(i)}é`);

test.each([0, 1, 2, 7])('with %d helpers the digests are those of one', async (helpers) => {
  const own = webCryptoFunction((await testSecret()).key);
  const { prf, asked } = spread(helpers, own);
  const few = ['', 'a', '', 'ü'];
  const found = await Promise.all(
    [many, few, [], [...many].reverse()].map((v) => prf(...batch(v))),
  );
  const expected = await Promise.all(
    [many, few, [], [...many].reverse()].map((v) => own(...batch(v))),
  );
  found.forEach((digests, i) => {
    expect(sameBytes(digests, expected[i] as Uint8Array)).toBe(true);
  });
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(2 * many.length + few.length);
  if (helpers > 0) expect(asked[0]).toBeLessThan(asked[1] as number);
});

test('what helpers cannot keep up with is done by the asker', async () => {
  const digests = (ends: Uint32Array): Uint8Array<ArrayBuffer> => new Uint8Array(32 * ends.length);
  const { port1, port2 } = new MessageChannel();
  const held: (() => void)[] = [];
  answerQuestions(
    port2,
    (_, ends) =>
      new Promise((resolve) => {
        held.push(() => {
          resolve(digests(ends));
        });
      }),
  );
  let mine = 0;
  const prf = spreadFunction(
    (_, ends) => {
      mine += ends.length;
      // Only now the helper goes on.
      for (const release of held.splice(0)) release();
      return Promise.resolve(digests(ends));
    },
    [port1],
  );
  const values = Array.from({ length: 200_000 }, () => 'x');
  const work = prf(...batch(values));
  const release = setInterval(() => {
    for (const go of held.splice(0)) go();
  });
  expect(await work).toHaveLength(32 * values.length);
  clearInterval(release);
  expect(mine).toBeGreaterThan(0);
});

test('a helper that cannot compute fails whoever asked it', async () => {
  const { prf } = spread(1, () => Promise.reject(new Error('Zebra-SSN-1')));
  await expect(prf(...batch(many))).rejects.toMatchObject({
    code: 'internal',
    message: expect.not.stringContaining('Zebra') as string,
  });
});
