import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RawSegment, SegmentCutter } from '../../src/core/csv/cut.ts';
import { recordLengthLimit } from '../../src/core/csv/faults.ts';
import { RecordSplitter, type Segment } from '../../src/core/csv/split.ts';
import { asVaultError, type PlainVaultError } from '../../src/core/errors.ts';
import { utf8 } from '../support/streams.ts';

const [CR, LF] = [0x0d, 0x0a];

interface Cut {
  readonly segments: readonly RawSegment[];
  readonly headerLines: number | undefined;
}

/** What the cutter makes of bytes that come in chunks of these sizes, over and over. */
function cut(bytes: Uint8Array, sizes: readonly number[], segmentSize: number): Cut {
  const cutter = new SegmentCutter(',', segmentSize);
  const segments: RawSegment[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    const found = cutter.push(bytes.subarray(at, at + size));
    expect(found.length).toBeLessThanOrEqual(2);
    segments.push(...found);
    at += size;
  }
  segments.push(...cutter.finish());
  return { segments, headerLines: cutter.headerLines };
}

interface Strict {
  readonly headerBytes: number | undefined;
  readonly lines: number;
  readonly records: number;
  readonly fault: PlainVaultError | undefined;
}

/** What the strict splitter says of bytes that it gets in one piece. */
function strictly(bytes: Uint8Array): Strict {
  const splitter = new RecordSplitter({ delimiter: ',', segmentSize: Infinity });
  let header: Segment | undefined;
  let fault: PlainVaultError | undefined;
  try {
    [header] = splitter.push(bytes);
    splitter.finish();
  } catch (error) {
    fault = asVaultError(error).toPlain();
    header ??= splitter.takeBeforeFault()[0];
  }
  const { lines, records } = splitter;
  // One without a line end takes the file to its end.
  const ended = records === 0 ? undefined : bytes.length;
  return { headerBytes: header?.bytes.length ?? ended, lines, records, fault };
}

function joined(segments: readonly RawSegment[]): Uint8Array {
  const all = new Uint8Array(segments.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of segments) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

const piece = fc.constantFrom(
  ...['"', '"', '""', ',', ',', '\n', '\r\n', '\r', '\n\n', 'a', ' ', 'é', '\ufeff', '\0'],
);
const anyBytes = fc.oneof(
  { weight: 4, arbitrary: fc.array(piece, { maxLength: 40 }).map((all) => utf8(all.join(''))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);
/** Records of two fields that keep the strict rule, so that whole files are seen too. */
const field = fc.constantFrom(
  '',
  'a',
  '"b"',
  '"c""d"',
  '"e\r\nf"',
  '"\n"',
  '","',
  'é',
  'x"y',
  '""',
);
const record = fc
  .tuple(field, field, fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\r\n'))
  .map(([a, b, end]) => `${a},${b}${end}`);
const wholeFile = fc
  .tuple(fc.constantFrom('', '\n', '\r\n\r'), fc.array(record, { minLength: 1, maxLength: 12 }))
  .map(([blank, records]) => utf8(blank + records.join('')));
const anyFile = fc.oneof(anyBytes, wholeFile);
const chunkSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const segmentSizes = fc.constantFrom(1, 2, 7, 40, 1 << 20);

describe('the cutter and the strict splitter', () => {
  test('agree where the header ends, and on its lines; all that follows comes, as it is', () => {
    let headers = 0;
    fc.assert(
      fc.property(anyFile, chunkSizes, segmentSizes, (bytes, sizes, segmentSize) => {
        const { segments, headerLines } = cut(bytes, sizes, segmentSize);
        const { headerBytes, fault } = strictly(bytes);
        if (headerBytes === undefined) {
          if (fault?.code === 'empty') expect([segments, headerLines]).toEqual([[], undefined]);
          return;
        }
        headers += 1;
        expect(joined(segments)).toEqual(bytes.slice(headerBytes));
        expect(headerLines).toBe(strictly(bytes.subarray(0, headerBytes)).lines);
        expect(segments.every(({ complete }) => complete)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(headers).toBeGreaterThan(5000);
  });

  test('agree that a record ends at every cut, up to the first fault', () => {
    let [cuts, whole] = [0, 0];
    fc.assert(
      fc.property(anyFile, chunkSizes, segmentSizes, (bytes, sizes, segmentSize) => {
        const { segments } = cut(bytes, sizes, segmentSize);
        const { fault, records } = strictly(bytes);
        if (fault === undefined) whole += 1;
        let at = bytes.length - joined(segments).length;
        for (const segment of segments.slice(0, -1)) {
          at += segment.bytes.length;
          cuts += 1;
          const before = strictly(bytes.subarray(0, at));
          if (before.fault !== undefined) {
            // What cannot be read before the cut is what cannot be read in the file.
            expect(before.fault).toEqual(fault);
            continue;
          }
          expect([CR, LF]).toContain(bytes[at - 1]);
          expect(bytes[at - 1] === CR && bytes[at] === LF).toBe(false);
          if (fault === undefined) expect(before.records).toBeLessThanOrEqual(records);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(cuts).toBeGreaterThan(5000);
    expect(whole).toBeGreaterThan(2000);
  });

  test('however the bytes come, the lines of a header are the same', () => {
    fc.assert(
      fc.property(anyFile, chunkSizes, (bytes, sizes) => {
        const inOnePiece = cut(bytes, [Math.max(1, bytes.length)], 1).headerLines;
        expect(cut(bytes, sizes, 7).headerLines).toBe(inOnePiece);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a record of many megabytes', () => {
  const chunk = new Uint8Array(1 << 20).fill(0x61);
  const bytesOf = (segments: readonly RawSegment[]): number => joined(segments).length;

  test('is given as it is, broken off, once it is longer than a record may be', () => {
    const cutter = new SegmentCutter(',', 1 << 20);
    expect(cutter.push(utf8('a,b\n1,2\n3,"'))).toEqual([]);
    const segments: RawSegment[] = [];
    let pushed = 0;
    for (; segments.every(({ complete }) => complete); pushed += 1) {
      expect(pushed * chunk.length).toBeLessThan(recordLengthLimit + 2 * chunk.length);
      segments.push(...cutter.push(chunk));
    }
    expect(bytesOf(segments)).toBe('1,2\n3,"'.length + pushed * chunk.length);
    expect(bytesOf(segments.slice(-1))).toBeGreaterThan(recordLengthLimit);
  });

  test('of just the length that is allowed comes whole', () => {
    const cutter = new SegmentCutter(',', 1 << 20);
    const start = utf8('a\n');
    const segments = [...cutter.push(start)];
    for (let left = recordLengthLimit; left > 0; left -= chunk.length) {
      segments.push(...cutter.push(chunk.subarray(0, left)));
    }
    segments.push(...cutter.push(utf8('\r\n')), ...cutter.finish());
    expect(segments.map(({ complete }) => complete)).toEqual([true]);
    expect(bytesOf(segments)).toBe(recordLengthLimit + 2);
  });
});
