import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  createEngine,
  effectiveChoice,
  engineLabel,
  engineNames,
  hmacNames,
} from '../../src/core/engines.ts';
import { testSecretWithState, tokenizeText } from '../support/tokenize.ts';

/** As on a machine without SIMD, or in a page whose policy lets no WebAssembly compile. */
function refuse(): never {
  throw new WebAssembly.CompileError('refused');
}

// Before anything else in this realm has compiled the kernel.
beforeAll(() => {
  const { CompileError, Instance, Memory } = WebAssembly;
  vi.stubGlobal('WebAssembly', { CompileError, Instance, Memory, Module: refuse });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const choices = engineNames.flatMap((engine) => hmacNames.map((hmac) => ({ engine, hmac })));

test.each(choices)('$engine with $hmac becomes Papa Parse with WebCrypto', (choice) => {
  expect(effectiveChoice(choice)).toEqual({ engine: 'papa', hmac: 'webcrypto' });
});

test('a run works all the same, and its report says what ran', async () => {
  const text = 'member_id,zip\nA,2139\n"B, ""é""",\nA,78701\n';
  const expected = await tokenizeText(text);
  for (const choice of choices) {
    const found = await tokenizeText(text, {
      secret: await testSecretWithState(),
      engine: (transform, secret) => ({
        name: engineLabel(effectiveChoice(choice)),
        process: createEngine(choice, transform, secret).process,
        inFlight: 1,
      }),
    });
    expect([found.output, found.map]).toEqual([expected.output, expected.map]);
    expect(found.report.engine).toBe('papa+webcrypto');
  }
});
