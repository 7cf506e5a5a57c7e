import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring, parseKek } from '../../src/server/access/keyring.ts';
import { Recent } from '../../src/server/access/recent.ts';

const kek = Buffer.alloc(32, 0x4b);
const otherKek = Buffer.alloc(32, 0x4c);
const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const use = { tenant: 'acme', purpose: 'data' } as const;

/** HKDF of RFC 5869 for one block of output, written out. */
function hkdf(secret: Buffer, label: string, length: number): Buffer {
  const extracted = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  const block = createHmac('sha256', extracted).update(label).update(Uint8Array.of(1)).digest();
  return block.subarray(0, length);
}

describe('a wrapped key', () => {
  test('comes back for the same tenant and purpose, also from another keyring of the same key', () => {
    const wrapped = createKeyring(kek).wrap(key, use);
    expect(createKeyring(Buffer.from(kek)).unwrap(wrapped, use)).toEqual(key);
  });

  test('is version, id of the key-encryption key, nonce, ciphertext, tag, as any AES-GCM reads it', async () => {
    const wrapped = Buffer.from(createKeyring(kek).wrap(key, use));
    expect(wrapped).toHaveLength(1 + 8 + 12 + 32 + 16);
    expect(wrapped[0]).toBe(1);
    expect(wrapped.subarray(1, 9)).toEqual(hkdf(kek, 'velora-receiver:kek-id:v1', 8));
    const wrappingKey = await crypto.subtle.importKey(
      'raw',
      Uint8Array.from(hkdf(kek, 'velora-receiver:wrap:v1', 32)),
      'AES-GCM',
      false,
      ['decrypt'],
    );
    const opened = await crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: Uint8Array.from(wrapped.subarray(9, 21)),
        additionalData: Uint8Array.from(
          Buffer.concat([wrapped.subarray(0, 9), Buffer.from('["acme","data"]')]),
        ),
      },
      wrappingKey,
      Uint8Array.from(wrapped.subarray(21)),
    );
    expect(Buffer.from(opened)).toEqual(key);
  });

  test('is another one each time', () => {
    const keyring = createKeyring(kek);
    const wrapped = Array.from({ length: 50 }, () =>
      Buffer.from(keyring.wrap(key, use)).toString('hex'),
    );
    expect(new Set(wrapped).size).toBe(50);
  });

  test('does not open for another tenant or another purpose', () => {
    const keyring = createKeyring(kek);
    const wrapped = keyring.wrap(key, use);
    for (const other of [
      { tenant: 'acme2', purpose: 'data' },
      { tenant: 'acme', purpose: 'token' },
    ] as const) {
      expect(() => keyring.unwrap(wrapped, other)).toThrow(
        expect.objectContaining({ code: 'receiver-unusable', rule: 'key-broken' }),
      );
    }
  });

  test('does not open with any byte changed, nor cut short', () => {
    const keyring = createKeyring(kek);
    const wrapped = keyring.wrap(key, use);
    const rules = Array.from(wrapped, (_, at) => {
      const changed = Uint8Array.from(wrapped, (byte, i) => (i === at ? byte ^ 1 : byte));
      return ruleOf(() => keyring.unwrap(changed, use));
    });
    expect(
      rules.map((rule, at) => rule === (at >= 1 && at <= 8 ? 'kek-wrong' : 'key-broken')),
    ).toEqual(rules.map(() => true));
    for (const length of [0, 1, 9, 36, wrapped.length - 1]) {
      expect(ruleOf(() => keyring.unwrap(wrapped.subarray(0, length), use))).toBe('key-broken');
    }
  });

  test('of another key-encryption key is told as that', () => {
    const wrapped = createKeyring(otherKek).wrap(key, use);
    expect(() => createKeyring(kek).unwrap(wrapped, use)).toThrow(
      expect.objectContaining({ code: 'receiver-unusable', rule: 'kek-wrong' }),
    );
  });
});

test('messages are authenticated under a key of their own', () => {
  const message = Buffer.from('head of a chain');
  const expected = createHmac('sha256', hkdf(kek, 'velora-receiver:authenticate:v1', 32));
  expect(createKeyring(kek).authenticate(message)).toEqual(expected.update(message).digest());
  expect(createKeyring(otherKek).authenticate(message)).not.toEqual(
    createKeyring(kek).authenticate(message),
  );
});

test('a keyring does not need the bytes that it was made of', () => {
  const given = Buffer.from(kek);
  const keyring = createKeyring(given);
  given.fill(0);
  expect(createKeyring(kek).unwrap(keyring.wrap(key, use), use)).toEqual(key);
});

describe('the text of a key-encryption key', () => {
  test('is 64 hexadecimal characters in either case, with blanks around them', () => {
    expect(parseKek(` \t${'aB'.repeat(32)}\r\n`)).toEqual(Buffer.alloc(32, 0xab));
  });

  test.each([
    '',
    'ab',
    'ab'.repeat(31),
    'ab'.repeat(33),
    `${'ab'.repeat(31)}zz`,
    `ab ${'ab'.repeat(31)}`,
  ])('is refused as %j, and not repeated', (text) => {
    const error = thrown(() => parseKek(text));
    expect(error).toMatchObject({ code: 'receiver-unusable', rule: 'kek-invalid' });
    expect(error.message).toBe(
      'invalid key-encryption key: expected 64 hexadecimal characters (32 bytes)',
    );
  });

  test('of any other length makes no keyring', () => {
    expect(ruleOf(() => createKeyring(Buffer.alloc(31)))).toBe('kek-invalid');
  });
});

test('a memory of recent keys forgets what was not asked for the longest', () => {
  const recent = new Recent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);
  expect(recent.get('a')).toBe(1);
  recent.set('c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3]);
});

function thrown(work: () => unknown): Error & { rule?: string } {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to throw');
}

function ruleOf(work: () => unknown): string | undefined {
  return thrown(work).rule;
}
