import { describe, expect, test } from 'vitest';
import { createEngine, type EngineChoice } from '../../src/core/engines.ts';
import { deriveHmacState } from '../../src/core/hmac-state.ts';
import { createKernelEngine } from '../../src/core/kernel/kernel-engine.ts';
import { assertAnswers } from '../../src/core/kernel/known-answer.ts';
import { kernelBytes, kernelModule } from '../../src/core/kernel/module.ts';
import { asVaultError } from '../../src/core/errors.ts';
import { type TokenizeJob, tokenizeCsv } from '../../src/core/pipeline.ts';
import { type PseudorandomFunction, webCryptoFunction } from '../../src/core/prf.ts';
import { importSecret, type Secret } from '../../src/core/secret.ts';
import { Collector, sourceOf, utf8 } from '../support/streams.ts';
import { testSecret, testSecretWithState, tokenizeText } from '../support/tokenize.ts';

const own: EngineChoice = { engine: 'kernel', hmac: 'wasm' };
const rows = Array.from({ length: 500 }, (_, i) => `${String(i)},M${String(i)}\n`).join('');
/** The first tokenized column is the second one. */
const text = `units,member_id\n${rows}`;

type EngineOf = NonNullable<TokenizeJob['engine']>;

/** A run that must be refused: why, and what its outputs have seen. */
async function refused(engine: EngineOf, secret: Secret, segmentSize = 1 << 20) {
  const [output, map] = [new Collector(), new Collector()];
  const run = tokenizeCsv({
    product: 'claims_replay',
    source: sourceOf(utf8(text)),
    output: output.stream,
    map: map.stream,
    secret,
    engine,
    segmentSize,
  });
  const error = await run.then(
    () => {
      throw new Error('expected a refusal');
    },
    (thrown: unknown) => asVaultError(thrown),
  );
  const aborted = [output, map].map(({ abortedWith }) => asVaultError(abortedWith).code);
  return {
    error,
    output: output.text,
    map: map.text,
    closed: output.closed || map.closed,
    aborted,
  };
}

const by =
  (choice: EngineChoice, options = {}): EngineOf =>
  (transform, secret) => {
    const { process } = createEngine(choice, transform, secret, options);
    return { name: 'test', process, inFlight: 2 };
  };

describe('tokens are held against WebCrypto', () => {
  test('an engine with the state of another key is stopped before a row is written', async () => {
    const secret = await testSecret();
    const { hmacState } = await importSecret('ab'.repeat(32), { hmacState: true });
    const found = await refused(by(own), { ...secret, ...(hmacState && { hmacState }) });
    expect(found.error).toMatchObject({
      code: 'output-check',
      rule: 'token-differs',
      column: 2,
      header: 'member_id',
    });
    expect(found).toMatchObject({ output: 'units,member_id\n', map: '', closed: false });
    expect(found.aborted).toEqual(['output-check', 'output-check']);
  });

  test('so is one whose state is wrong in a single bit', async () => {
    const secret = await testSecretWithState();
    for (const at of [0, 31, 32, 63]) {
      const hmacState = Uint8Array.from(secret.hmacState ?? []);
      hmacState[at] = (hmacState[at] ?? 0) ^ 1;
      const { error } = await refused(by(own), { ...secret, hmacState });
      expect(error).toMatchObject({ code: 'output-check', rule: 'token-differs' });
    }
  });

  test('so is one that begins to compute otherwise after some segments', async () => {
    const secret = await testSecret();
    const right = webCryptoFunction(secret.key);
    let calls = 0;
    const wrongLater: PseudorandomFunction = async (messages, ends) => {
      const digests = await right(messages, ends);
      calls += 1;
      return calls > 2 ? digests.map((byte) => byte ^ 1) : digests;
    };
    const engine: EngineOf = (transform) => ({
      name: 'test',
      inFlight: 1,
      process: createKernelEngine({
        module: kernelModule(),
        transform,
        hmac: wrongLater,
        witness: right,
      }).process,
    });
    const { error, closed } = await refused(engine, secret, 100);
    expect(calls).toBeGreaterThan(2);
    expect(error).toMatchObject({ code: 'output-check', rule: 'token-differs' });
    expect(closed).toBe(false);
  });

  test('the error tells no value and no token', async () => {
    const secret = await testSecret();
    const hmacState = deriveHmacState(new Uint8Array(32));
    const { error } = await refused(by(own), { ...secret, hmacState });
    expect(JSON.stringify(error.toPlain())).not.toMatch(/M\d|MBR_/);
  });

  test('one with the right state is let through', async () => {
    const expected = await tokenizeText(text);
    const found = await tokenizeText(text, {
      engine: by(own),
      secret: await testSecretWithState(),
      segmentSize: 100,
    });
    expect([found.output, found.map]).toEqual([expected.output, expected.map]);
  });

  test('one that was given no state is an error, not another engine', async () => {
    const { error } = await refused(by(own), await testSecret());
    expect(error.code).toBe('internal');
  });
});

/** The kernel with one byte changed: the first after these, which it holds once. */
function changedAfter(hex: string): WebAssembly.Module {
  const bytes = kernelBytes();
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const at = text.indexOf(hex);
  expect(at).toBeGreaterThan(0);
  expect(at % 2).toBe(0);
  expect(text.indexOf(hex, at + 1)).toBe(-1);
  const changed = at / 2 + hex.length / 2;
  bytes[changed] = (bytes[changed] ?? 0) ^ 1;
  return new WebAssembly.Module(bytes);
}

describe('the kernel answers known vectors first', () => {
  // SHA-256's constants 0 and 62, little-endian (FIPS 180-4, section 4.2.2).
  const damaged = ['982f8a42', 'f7a3f9be'];

  test('as it was built it answers rightly', () => {
    assertAnswers(kernelModule());
  });

  test.each(damaged)('with one bit changed after %s it is refused', (hex) => {
    expect(() => {
      assertAnswers(changedAfter(hex));
    }).toThrow(expect.objectContaining({ code: 'output-check', rule: 'known-answer' }));
  });

  test.each(['wasm', 'webcrypto'] as const)(
    'and no byte is written, whoever computes HMACs: %s',
    async (hmac) => {
      const module = changedAfter('982f8a42');
      const secret = await testSecretWithState();
      const found = await refused(by({ engine: 'kernel', hmac }, { module }), secret);
      expect(found.error).toMatchObject({ code: 'output-check', rule: 'known-answer' });
      expect(found).toMatchObject({ output: '', map: '', closed: false });
    },
  );
});
