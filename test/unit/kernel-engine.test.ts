import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RawSegment, SegmentCutter } from '../../src/core/csv/cut.ts';
import {
  buffersOf,
  type SegmentEngine,
  type SegmentResult,
  type Transform,
} from '../../src/core/engine.ts';
import { asVaultError, type PlainVaultError } from '../../src/core/errors.ts';
import { createKernelEngine } from '../../src/core/kernel/kernel-engine.ts';
import type { MemoryLimits } from '../../src/core/kernel/layout.ts';
import { kernelModule } from '../../src/core/kernel/module.ts';
import { DistinctEntries } from '../../src/core/distinct-entries.ts';
import { MapWriter } from '../../src/core/map.ts';
import { createPapaEngine } from '../../src/core/papa-engine.ts';
import type { PseudorandomFunction } from '../../src/core/prf.ts';
import type { Treatment } from '../../src/core/treatment.ts';
import { anyCase, type Case, rulesOf } from '../support/segment-cases.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const runs = (numRuns: number): { readonly numRuns: number } => ({ numRuns });

/** Eight FNV-1a hashes: no secret is needed here, only digests that tell messages apart. */
function digest(message: Uint8Array, out: DataView): void {
  for (let word = 0; word < 8; word += 1) {
    let hash = 0x811c9dc5 ^ Math.imul(word, 0x9e3779b1);
    for (const byte of message) hash = Math.imul(hash ^ byte, 0x01000193);
    out.setUint32(4 * word, hash ^ (hash >>> 15));
  }
}

function digestsOf(messages: Uint8Array, ends: Uint32Array): Uint8Array<ArrayBuffer> {
  const digests = new Uint8Array(32 * ends.length);
  ends.forEach((end, i) => {
    const start = i === 0 ? 0 : (ends[i - 1] as number);
    digest(messages.subarray(start, end), new DataView(digests.buffer, 32 * i, 32));
  });
  return digests;
}

const prf: PseudorandomFunction = (messages, ends) => Promise.resolve(digestsOf(messages, ends));

/** A function whose answers wait until they are let go, in whatever order. */
function heldBack(): {
  readonly prf: PseudorandomFunction;
  letGoUntil<Value>(done: Promise<Value>, order: () => number): Promise<Value>;
} {
  const waiting: (() => void)[] = [];
  return {
    prf: (messages, ends) =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(digestsOf(messages, ends));
        });
      }),
    async letGoUntil(done, order) {
      let isDone = false;
      const settled = done.finally(() => (isDone = true));
      settled.catch(() => undefined);
      while (!isDone) {
        const at = Math.floor(order() * waiting.length) % waiting.length;
        waiting.splice(at, 1)[0]?.();
        await new Promise((resolve) => setTimeout(resolve));
      }
      return settled;
    },
  };
}

interface Run {
  readonly output: string;
  readonly map: string;
  readonly distinct: readonly number[];
  readonly counts: readonly unknown[];
  readonly error: PlainVaultError | undefined;
}

/** Gives each result's arrays away, as a thread does: an engine must not need them again. */
function transferred(result: SegmentResult): SegmentResult {
  return structuredClone(result, { transfer: buffersOf(result) });
}

async function gather(
  results: readonly Promise<SegmentResult>[],
  transform: Transform,
): Promise<Run> {
  const distinct = new DistinctEntries(transform);
  const maps = new MapWriter();
  const counts: unknown[] = [];
  let output = '';
  let map = '';
  let error: PlainVaultError | undefined;
  for (const settled of await Promise.allSettled(results)) {
    if (settled.status === 'rejected') {
      error = asVaultError(settled.reason).toPlain();
      break;
    }
    output += decoder.decode(settled.value.output);
    map += decoder.decode(maps.add(settled.value.entries, distinct.fresh(settled.value.entries)));
    const { counts: counted, records, lines, check } = settled.value;
    counts.push({ counted, records, lines, check });
  }
  return {
    output,
    map: map + decoder.decode(maps.finish()),
    distinct: distinct.counts,
    counts,
    error,
  };
}

async function run(
  engine: SegmentEngine,
  segments: readonly RawSegment[],
  transform: Transform,
): Promise<Run> {
  const results: Promise<SegmentResult>[] = [];
  for (const segment of segments) {
    const result = engine(segment).then(transferred);
    results.push(result);
    const failed = await result.then(
      () => false,
      () => true,
    );
    if (failed) break;
  }
  return gather(results, transform);
}

function split(bytes: Uint8Array, delimiter: string, segmentSize = 1 << 20): RawSegment[] {
  const cutter = new SegmentCutter(delimiter, segmentSize);
  const segments: RawSegment[] = [];
  const step = Math.max(segmentSize, 1);
  for (let from = 0; from < bytes.length; from += step) {
    segments.push(...cutter.push(bytes.subarray(from, from + step)));
  }
  return [...segments, ...cutter.finish()];
}

/** The kernel with a function from outside. */
function kernel(
  transform: Transform,
  hmac: PseudorandomFunction,
  limits: MemoryLimits = unlimited,
): SegmentEngine {
  return createKernelEngine({ module: kernelModule(), transform, hmac, witness: prf, limits })
    .process;
}

async function expectSame({ transform, bytes, segmentSize, limits }: Case): Promise<Run> {
  const segments = split(bytes, transform.delimiter, segmentSize);
  const expected = await run(createPapaEngine(transform, prf), segments, transform);
  const found = await run(kernel(transform, prf, limits), segments, transform);
  expect(found).toEqual(expected);
  return found;
}

const unlimited: MemoryLimits = { entries: 1 << 19, bytes: 1 << 25 };

function transformOf(treatments: readonly Treatment[], more: Partial<Transform> = {}): Transform {
  const output = { delimiter: ',', lineEnd: '\n' } as const;
  const rules = rulesOf(treatments);
  return { delimiter: ',', output, treatments, rules, allowTokens: false, map: true, ...more };
}

const member: Treatment = { kind: 'tokenize', column: 'member_id', prefix: 'MBR' };
const keep: Treatment = { kind: 'keep' };

describe('the kernel gives what the Papa engine gives', () => {
  test('for any file', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        await expectSame(given);
      }),
      runs(1500),
    );
  });

  test('when a byte is not UTF-8', async () => {
    let refused = 0;
    const broken = fc
      .tuple(anyCase, fc.nat(), fc.constantFrom(0x80, 0xbf, 0xc0, 0xc3, 0xed, 0xf0, 0xff))
      .map(([given, at, byte]) => {
        const bytes = given.bytes.slice();
        const first = bytes.indexOf(0x0a) + 1;
        const place = first + (at % Math.max(1, bytes.length - first));
        const ordinary = (bytes[place] ?? 0) > 0x40 && bytes[place] !== 0x7c;
        if (ordinary) bytes[place] = byte;
        return { ...given, bytes };
      });
    await fc.assert(
      fc.asyncProperty(broken, async (given) => {
        const { error } = await expectSame(given);
        if (error?.code === 'encoding-invalid') refused += 1;
      }),
      runs(500),
    );
    expect(refused).toBeGreaterThan(100);
  });

  test('when the file is broken anywhere', async () => {
    const seen = new Map<string, number>();
    const broken = fc
      .tuple(
        anyCase,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'",\n\r\0 x|;'.split(''))), {
          maxLength: 4,
        }),
      )
      .map(([given, changes]) => {
        const bytes = given.bytes.slice();
        const first = bytes.indexOf(0x0a) + 1;
        for (const [at, character] of changes) {
          if (first >= bytes.length) break;
          bytes[first + (at % (bytes.length - first))] = character.charCodeAt(0);
        }
        return { ...given, bytes };
      });
    await fc.assert(
      fc.asyncProperty(broken, async (given) => {
        const { error } = await expectSame(given);
        const code = error?.code ?? 'none';
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }),
      runs(1500),
    );
    for (const code of ['none', 'ragged', 'quote-text-after', 'quote-unterminated', 'not-text'])
      expect(seen.get(code), code).toBeGreaterThan(20);
  });

  test('with several segments in flight and answers out of order', async () => {
    const random = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(anyCase, random, async ({ transform, bytes, segmentSize, limits }, next) => {
        const segments = split(bytes, transform.delimiter, segmentSize);
        const expected = await run(createPapaEngine(transform, prf), segments, transform);
        const held = heldBack();
        const engine = kernel(transform, held.prf, limits);
        const results = segments.map((segment) => engine(segment).then(transferred));
        const gathered = gather(results, transform);
        const found = await held.letGoUntil(gathered, () => next.next().value as number);
        // Papa's run stopped at the first error, and so did the gathering of this one.
        expect(found).toEqual(expected);
      }),
      runs(500),
    );
  });

  test.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 127, 255, 256, 257, 300])(
    'for values of %i bytes and those that differ from them in one',
    async (length) => {
      const values = ['', 'x'.repeat(length)];
      for (let i = 0; i < length; i += 1)
        values.push(`${'x'.repeat(i)}y${'x'.repeat(length - i - 1)}`);
      values.push('x'.repeat(length + 1), 'x'.repeat(Math.max(0, length - 1)));
      const text = `a,b\n${[...values, ...values].map((value) => `${value},${value}\n`).join('')}`;
      const { output } = await expectSame({
        transform: transformOf([member, { ...member, column: 'other' }]),
        bytes: encoder.encode(text),
        segmentSize: 1 << 20,
        limits: unlimited,
      });
      expect(output.split('\n')).toHaveLength(2 * values.length + 1);
    },
  );

  test('for more values than its table begins with, and cells that grow twentyfold', async () => {
    let text = 'a,b,c\n';
    for (let i = 0; i < 20_000; i += 1)
      text += `${i.toString(36)},${String(i % 7)},${String(i % 3000)}\n`;
    const transform = transformOf([member, { ...member, column: 'other' }, { kind: 'age90' }]);
    const bytes = encoder.encode(text);
    await expectSame({ transform, bytes, segmentSize: 1 << 16, limits: unlimited });
    await expectSame({
      transform,
      bytes,
      segmentSize: 1 << 12,
      limits: { entries: 500, bytes: 9999 },
    });
  });

  test('for cells that grow as much as cells can', async () => {
    const quotes = `x${'"'.repeat(5000)}`;
    for (const text of [`${quotes},${quotes}`, ' , ', '\ufeff,\ufeff', 'x,y', ',']) {
      for (const both of [keep, member]) {
        await expectSame({
          transform: transformOf([both, both], { output: { delimiter: ',', lineEnd: '\r\n' } }),
          bytes: encoder.encode(`a,b\n${`${text}\n`.repeat(200)}`),
          segmentSize: 1 << 20,
          limits: unlimited,
        });
      }
    }
  });

  test('for more rows worth noting than are kept', async () => {
    const text = `a,b\n${' x,?\n'.repeat(150)}`;
    const bytes = encoder.encode(text);
    const transform = transformOf([member, { kind: 'year' }]);
    const { counts } = await expectSame({ transform, bytes, segmentSize: 300, limits: unlimited });
    expect(counts.length).toBeGreaterThan(1);
    await expectSame({ transform, bytes, segmentSize: 1 << 20, limits: unlimited });
  });

  test('when a NUL follows a closing quote', async () => {
    const bytes = encoder.encode('a,b\nx,"y"\0z\n');
    const { error } = await expectSame({
      transform: transformOf([member, keep]),
      bytes,
      segmentSize: 1 << 20,
      limits: unlimited,
    });
    expect(error?.code).toBe('not-text');
  });

  test('for the only column of a file, empty', async () => {
    const bytes = encoder.encode('a\n""\nx\n""');
    for (const only of [keep, member, { kind: 'year' } as const]) {
      const { output } = await expectSame({
        transform: transformOf([only]),
        bytes,
        segmentSize: 1 << 20,
        limits: unlimited,
      });
      expect(output).toMatch(/^""\n/);
    }
  });
});

test('asks for a value once while it is remembered, and again once it is forgotten', async () => {
  const segments = split(encoder.encode('a\nx\nx\ny\nx\nz\n'), ',', 2);
  const asked = async (limits: MemoryLimits): Promise<string[]> => {
    const messages: string[] = [];
    const engine = kernel(
      transformOf([member]),
      (block, ends) => {
        messages.push(decoder.decode(block));
        return prf(block, ends);
      },
      limits,
    );
    for (const segment of segments) await engine(segment);
    return messages;
  };
  expect(await asked(unlimited)).toEqual(['member_id:x', 'member_id:y', 'member_id:z']);
  expect(await asked({ ...unlimited, entries: 0 })).toHaveLength(5);
  expect(await asked({ ...unlimited, bytes: 0 })).toHaveLength(5);
});

test('waits for a value that an earlier segment has asked for, and fails with it', async () => {
  const segments = split(encoder.encode('a\nx\nx\n'), ',', 2);
  let fail = (_: Error): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const engine = kernel(transformOf([member]), () => promise);
  const results = segments.map((segment) => engine(segment));
  const settled = Promise.allSettled(results);
  fail(new Error('no answer'));
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('refuses digests that are too few', async () => {
  const [segment] = split(encoder.encode('a\nx\n'), ',');
  const engine = kernel(transformOf([member]), () => Promise.resolve(new Uint8Array(16)));
  await expect(engine(segment as RawSegment)).rejects.toMatchObject({ code: 'internal' });
});

test('goes on after a segment that failed', async () => {
  const segment = (text: string): RawSegment => ({ bytes: encoder.encode(text), complete: true });
  const engine = kernel(transformOf([member]), prf);
  await expect(engine(segment('x\nMBR_0123456789abcdef\n'))).rejects.toMatchObject({
    code: 'tokens-found',
    row: 2,
  });
  const { output } = await engine(segment('x\n'));
  expect(decoder.decode(output)).toMatch(/^MBR_[0-9a-f]{16}\n$/);
});

test('takes nothing any more once its key is wiped', async () => {
  const engine = createKernelEngine({
    module: kernelModule(),
    transform: transformOf([keep]),
    hmac: new Uint8Array(64).fill(7),
    witness: prf,
  });
  const segment = (): RawSegment => ({ bytes: encoder.encode('x\n'), complete: true });
  expect(decoder.decode((await engine.process(segment())).output)).toBe('x\n');
  engine.close();
  await expect(engine.process(segment())).rejects.toMatchObject({ code: 'internal' });
});
