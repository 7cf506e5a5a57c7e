import { expect, test } from 'vitest';
import type { Transform } from '../../src/core/engine.ts';
import { createKernelEngine } from '../../src/core/kernel/kernel-engine.ts';
import { kernelModule } from '../../src/core/kernel/module.ts';
import { deriveHmacState } from '../../src/core/hmac-state.ts';
import { createPapaEngine } from '../../src/core/papa-engine.ts';
import { webCryptoFunction } from '../../src/core/prf.ts';
import { importSecret } from '../../src/core/secret.ts';

const transform: Transform = {
  delimiter: ',',
  output: { delimiter: ',', lineEnd: '\n' },
  treatments: [{ kind: 'tokenize', column: 'member_id', prefix: 'MBR' }, { kind: 'keep' }],
  rules: [{ kind: 'token', prefix: 'MBR' }, { kind: 'plain' }],
  allowTokens: false,
  map: true,
};
const limit = 16 * 1024 * 1024;

/** A record of so many bytes between two small ones, the cell that fills it tokenized or kept. */
function withGiant(length: number, tokenized: boolean): Uint8Array<ArrayBuffer> {
  const filling = 'é'.repeat((length - 5) >> 1);
  const giant = tokenized ? `"${filling}",z` : `z,"${filling}"`;
  const pad = 'y'.repeat(length - new TextEncoder().encode(giant).length);
  return new TextEncoder().encode(`a,b\n${tokenized ? giant + pad : pad + giant}\nc,d\n`);
}

async function engines() {
  const text = '1f'.repeat(32);
  const { key } = await importSecret(text);
  const witness = webCryptoFunction(key);
  const hmac = deriveHmacState(new Uint8Array(32).fill(0x1f));
  const module = kernelModule();
  return {
    kernel: createKernelEngine({ module, transform, hmac, witness }).process,
    papa: createPapaEngine(transform, witness),
  };
}

test.each([true, false])('a record as large as it may be (tokenized: %s)', async (tokenized) => {
  const bytes = withGiant(limit, tokenized);
  const { kernel, papa } = await engines();
  const expected = await papa({ bytes: bytes.slice(), complete: true });
  const found = await kernel({ bytes, complete: true });
  const digest = async (of: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', of));
  expect(found.records).toBe(3);
  expect(await digest(found.output.slice())).toEqual(await digest(expected.output.slice()));
  expect(await digest(found.entries.text.slice())).toEqual(
    await digest(expected.entries.text.slice()),
  );
  // Small ones work as before.
  const small = { bytes: new TextEncoder().encode('a,b\n'), complete: true };
  const again = await kernel(small);
  expect(new TextDecoder().decode(again.output)).toMatch(/^MBR_[0-9a-f]{16},b\n$/);
});

test('a record of a byte more is refused', async () => {
  const { kernel } = await engines();
  await expect(kernel({ bytes: withGiant(limit + 1, true), complete: true })).rejects.toMatchObject(
    { code: 'record-too-long', line: 2 },
  );
});
