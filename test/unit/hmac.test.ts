import { expect, test } from 'vitest';
import { digestLength, webCryptoFunction } from '../../src/core/prf.ts';
import { importSecret } from '../../src/core/secret.ts';
import vectors from '../vectors/rfc4231.json' with { type: 'json' };
import { testSecretText } from '../support/tokenize.ts';

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function keyOf(hex: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', bytesOf(hex), algorithm, false, ['sign']);
}

test.each(vectors.cases)('RFC 4231, section $rfc_section', async (vector) => {
  const prf = webCryptoFunction(await keyOf(vector.key));
  const message = bytesOf(vector.data);
  const digest = await prf(message, Uint32Array.of(message.length));
  expect(hexOf(digest)).toBe(vector.hmac_sha256);
});

test('a batch gives the digests of its messages in order, past the window of calls in flight', async () => {
  const prf = webCryptoFunction(await keyOf('0b'.repeat(20)));
  const count = 5000;
  const one = new TextEncoder().encode('message');
  const messages = new Uint8Array(one.length * count);
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    messages.set(one, one.length * i);
    messages[one.length * i] = i % 251;
    ends[i] = one.length * (i + 1);
  }
  const digests = await prf(messages, ends);
  for (const i of [0, 1, 250, 251, 2047, 2048, 2049, count - 1]) {
    const alone = await prf(
      messages.slice(one.length * i, one.length * (i + 1)),
      Uint32Array.of(one.length),
    );
    expect(hexOf(digests.subarray(digestLength * i, digestLength * (i + 1)))).toBe(hexOf(alone));
  }
});

test('an imported secret cannot be read back', async () => {
  const { key } = await importSecret(testSecretText);
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});
