import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asVaultError, VaultError } from '../../src/core/errors.ts';
import {
  ChunkCipher,
  chunkLength,
  decryptedChunks,
  encryptedLength,
  headLength,
  tagLength,
} from '../../src/platform/encrypted-chunks.ts';
import { PrivateFileWriter, type SyncFile } from '../../src/platform/private-files.ts';
import { encryptedSink, plainSink, type PrivateSink } from '../../src/platform/private-sinks.ts';
import { joined, random, sameBytes } from './support/bytes.ts';

const sealedLength = chunkLength + tagLength;

function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A sync access handle in memory, with a quota. */
class FakeFile implements SyncFile {
  bytes = new Uint8Array(0);
  closed = false;
  removed = false;
  readonly writes: number[] = [];
  readonly #quota: number;

  constructor(quota = Infinity) {
    this.#quota = quota;
  }

  write(bytes: Uint8Array, { at }: { readonly at: number }): number {
    if (at + bytes.length > this.bytes.length) this.truncate(at + bytes.length);
    this.bytes.set(bytes, at);
    this.writes.push(bytes.length);
    return bytes.length;
  }

  truncate(size: number): void {
    if (size > this.#quota) throw new DOMException('full', 'QuotaExceededError');
    const resized = new Uint8Array(size);
    resized.set(this.bytes.subarray(0, size));
    this.bytes = resized;
  }

  close(): void {
    this.closed = true;
  }

  writer(): PrivateFileWriter {
    return new PrivateFileWriter(this, () => {
      this.removed = true;
      return Promise.resolve();
    });
  }
}

async function fill(sink: PrivateSink, pieces: readonly Uint8Array[]): Promise<void> {
  const writer = sink.stream.getWriter();
  for (const piece of pieces) {
    await writer.ready;
    writer.write(piece).catch(() => undefined);
  }
  await writer.close();
}

async function refused(work: Promise<unknown>): Promise<VaultError> {
  try {
    await work;
  } catch (error) {
    return asVaultError(error);
  }
  throw new Error('expected a refusal');
}

async function sealed(
  key: CryptoKey,
  pieces: readonly Uint8Array[],
  name = 'map.json',
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new FakeFile();
  await fill(encryptedSink(file.writer(), key, name), pieces);
  return file.bytes;
}

async function opened(
  key: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
  name = 'map.json',
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of decryptedChunks(new Blob([bytes]), key, name)) parts.push(part);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

describe('an encrypted file', () => {
  test('gives back what went in, however it came, and nothing of it can be seen', async () => {
    const key = await newKey();
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(3 * chunkLength)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const pieces = sizes.map((size) => new Uint8Array(size).fill(0x5a));
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const bytes = await sealed(key, pieces);
        expect(bytes.length).toBe(encryptedLength(total));
        expect(new TextDecoder('latin1').decode(bytes)).not.toContain('ZZZZZZZZ');
        const plain = await opened(key, bytes);
        expect(plain.length).toBe(total);
        expect(plain.every((byte) => byte === 0x5a)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test.each([0, 1, chunkLength - 1, chunkLength, chunkLength + 1, 2 * chunkLength])(
    'of %d bytes is whole',
    async (length) => {
      const key = await newKey();
      const plain = random(length);
      expect(sameBytes(await opened(key, await sealed(key, [plain])), plain)).toBe(true);
    },
  );

  test('is another one each time, under the same key', async () => {
    const key = await newKey();
    const plain = random(100);
    const [one, two] = [await sealed(key, [plain]), await sealed(key, [plain])];
    expect(one.subarray(0, headLength)).not.toEqual(two.subarray(0, headLength));
    expect(one.subarray(headLength)).not.toEqual(two.subarray(headLength));
  });

  test('is refused where a bit was flipped, wherever', async () => {
    const key = await newKey();
    const bytes = await sealed(key, [random(5000)]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << bit);
        expect((await refused(opened(key, changed))).code).toBe('input-unreadable');
      }),
    );
  });

  test('is refused where it breaks off, also between two chunks', async () => {
    const key = await newKey();
    const bytes = await sealed(key, [random(3 * chunkLength + 5)]);
    const lengths = [
      ...[0, 1, headLength, headLength + tagLength - 1, headLength + tagLength],
      ...[1, 2, 3].map((chunks) => headLength + chunks * sealedLength),
      ...[headLength + sealedLength + 7, bytes.length - 1],
    ];
    for (const length of lengths) {
      const error = await refused(opened(key, bytes.slice(0, length)));
      expect(error).toMatchObject({ code: 'input-unreadable', rule: 'private-file' });
    }
  });

  test('is refused with chunks exchanged, repeated, or of another file', async () => {
    const key = await newKey();
    const plain = random(3 * chunkLength);
    const bytes = await sealed(key, [plain]);
    const other = await sealed(key, [plain]);
    const chunk = (from: Uint8Array<ArrayBuffer>, i: number): Uint8Array<ArrayBuffer> =>
      from.slice(headLength + i * sealedLength, headLength + (i + 1) * sealedLength);
    const put = (to: Uint8Array<ArrayBuffer>, i: number, what: Uint8Array): void => {
      to.set(what, headLength + i * sealedLength);
    };
    const exchanged = bytes.slice();
    put(exchanged, 0, chunk(bytes, 1));
    put(exchanged, 1, chunk(bytes, 0));
    const repeated = bytes.slice();
    put(repeated, 1, chunk(bytes, 0));
    const mixed = bytes.slice();
    put(mixed, 1, chunk(other, 1));
    for (const changed of [exchanged, repeated, mixed]) {
      expect((await refused(opened(key, changed))).code).toBe('input-unreadable');
    }
  });

  test('is refused under another key or another name', async () => {
    const key = await newKey();
    const bytes = await sealed(key, [random(10)]);
    expect((await refused(opened(await newKey(), bytes))).code).toBe('input-unreadable');
    expect((await refused(opened(key, bytes, 'restored.csv'))).code).toBe('input-unreadable');
  });

  test('a chunk in the middle cannot be passed off as the last', async () => {
    const key = await newKey();
    const cipher = new ChunkCipher(key, 'map.json');
    const chunk = await cipher.seal(random(32), 0, false);
    expect((await refused(cipher.open(chunk, 0, true))).code).toBe('input-unreadable');
    expect((await refused(cipher.open(chunk, 1, false))).code).toBe('input-unreadable');
    expect((await cipher.open(chunk, 0, false)).length).toBe(32);
  });
});

describe('a private file', () => {
  test('holds what was written and is cut to it, in few large writes', async () => {
    const file = new FakeFile();
    const writer = file.writer();
    writer.reserve(10 * chunkLength);
    expect(file.bytes.length).toBe(10 * chunkLength);
    const sink = plainSink(writer);
    const pieces = Array.from({ length: 3000 }, (_, i) => new Uint8Array(1000).fill(i % 251));
    const large = random(2 * chunkLength);
    await fill(sink, [...pieces, large, ...pieces]);
    expect(sink.bytes()).toBe(6_000_000 + large.length);
    expect(sameBytes(file.bytes, joined([...pieces, large, ...pieces]))).toBe(true);
    expect(file.writes.length).toBeLessThan(10);
    expect(file.closed).toBe(true);
  });

  test('is gone when it is aborted', async () => {
    const key = await newKey();
    for (const sinkOf of [plainSink, (w: PrivateFileWriter) => encryptedSink(w, key, 'map.json')]) {
      const file = new FakeFile();
      const sink = sinkOf(file.writer());
      const writer = sink.stream.getWriter();
      await writer.write(random(10));
      await writer.abort(new VaultError('cancelled', 'cancelled'));
      expect(file).toMatchObject({ closed: true, removed: true });
    }
  });

  test('tells how much room was asked for where it is not given', () => {
    const file = new FakeFile(1e6);
    const writer = file.writer();
    expect(() => {
      writer.reserve(250e6);
    }).toThrow(expect.objectContaining({ code: 'storage-full' }));
    expect(() => {
      writer.reserve(250e6);
    }).toThrow(/250 MB/);
  });

  test('a disk that is full half-way stops the stream', async () => {
    const key = await newKey();
    for (const sinkOf of [plainSink, (w: PrivateFileWriter) => encryptedSink(w, key, 'map.json')]) {
      const file = new FakeFile(2.5 * chunkLength);
      const pieces = Array.from({ length: 8 }, () => new Uint8Array(chunkLength));
      expect((await refused(fill(sinkOf(file.writer()), pieces))).code).toBe('storage-full');
    }
  });

  test('a write that takes less than it was given is a full disk', () => {
    const file = new FakeFile();
    file.write = ({ length }) => length - 1;
    expect(() => {
      file.writer().write(new Uint8Array(2));
    }).toThrow(expect.objectContaining({ code: 'storage-full' }));
  });
});
