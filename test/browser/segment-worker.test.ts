import { expect, test } from 'vitest';
import segmentText from 'virtual:worker/segment';
import { type EngineChoice, engineLabel } from '../../src/core/engines.ts';
import type { NamedEngine, TokenizeJob } from '../../src/core/pipeline.ts';
import { startPool } from '../../workers/pool.ts';
import { refusal, testSecretWithState, tokenizeText } from '../support/tokenize.ts';

/** Engines in real Web Workers. */
function pooled(
  workers: number,
  choice: EngineChoice = webCrypto,
): { readonly engine: NonNullable<TokenizeJob['engine']> } {
  return {
    engine: (transform, secret): NamedEngine =>
      startPool(segmentText, workers, choice).engine(transform, secret),
  };
}

const webCrypto: EngineChoice = { engine: 'kernel', hmac: 'webcrypto' };

const rows = Array.from(
  { length: 2000 },
  (_, i) => `M${String(i % 97)},"Zoë, ${String(i)}",${String(1900 + (i % 100))}-01-02,2139\r\n`,
);
const text = `member_id,patient_name,dob,zip\r\n${rows.join('')}`;

const byKernel: EngineChoice = { engine: 'kernel', hmac: 'wasm' };
const papa: EngineChoice = { engine: 'papa', hmac: 'webcrypto' };
const pools = [webCrypto, byKernel, papa].flatMap((choice) =>
  [1, 2, 3, 8].map((count) => ({ count, choice, name: engineLabel(choice) })),
);

test.each(pools)(
  '$count Web Workers with $name give the same bytes as none',
  async ({ count, choice, name }) => {
    const expected = await tokenizeText(text);
    const result = await tokenizeText(text, {
      ...pooled(count, choice),
      secret: await testSecretWithState(),
      segmentSize: 4000,
    });
    expect(result.output).toBe(expected.output);
    expect(result.map).toBe(expected.map);
    expect(result.report.columns).toEqual(expected.report.columns);
    expect(result.report).toMatchObject({ engine: name, map: expected.report.map });
  },
);

test('an error comes back from a worker with its code and its place', async () => {
  const again = (await tokenizeText(text)).output;
  const error = await refusal(again, { ...pooled(2), segmentSize: 4000 });
  expect(error).toMatchObject({ code: 'tokens-found', line: 2, row: 1, column: 1 });
});

test('no value is in an error, wherever it lies', async () => {
  const faults = [
    `${text}M1,Zebra-Name-1,1950-01-01,2139,Zebra-More-2\r\n`,
    `${text}M1,"Zebra-Name-1"x,1950-01-01,2139\r\n`,
    `${text}M1,"Zebra-Name-1,1950-01-01,2139\r\n`,
    `${text}MBR_0123456789abcdef,Zebra-Name-1,1950-01-01,2139\r\n`,
  ];
  for (const fault of faults) {
    const error = await refusal(fault, { ...pooled(2), segmentSize: 4000 });
    expect(JSON.stringify(error.toPlain())).not.toMatch(/Zebra|0123456789abcdef/);
    expect(error.code).not.toBe('internal');
  }
});

test.each(['process', 'help'])('a worker that dies in `%s` ends the run', async (method) => {
  const dying = `addEventListener('message', ({ data }) => {
    if (data.path?.[0] === '${method}') setTimeout(() => { throw new Error('Zebra-Name-1'); });
  });${segmentText}`;
  const error = await refusal(text, {
    segmentSize: 4000,
    engine: (transform, secret) => startPool(dying, 2, webCrypto).engine(transform, secret),
  });
  expect(error.code).toBe('worker-ended');
  expect(error.message).not.toContain('Zebra');
});
