import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  chooseEncoding,
  createTranscoder,
  decodeUtf8,
  type Encoding,
  encodingOf,
} from '../../src/core/csv/encoding.ts';
import { asVaultError } from '../../src/core/errors.ts';
import { textOf, utf8 } from '../support/streams.ts';
import { refusal, tokenizeText } from '../support/tokenize.ts';

function transcode(bytes: Uint8Array, encoding: Encoding, size: number): string {
  const transcoder = createTranscoder(encoding);
  const pieces: number[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(...transcoder.push(bytes.slice(at, at + size)));
  }
  transcoder.finish();
  return textOf(Uint8Array.from(pieces));
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i += 1) {
    view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  }
  return bytes;
}

test('windows-1252 is the WHATWG table, the platform decoder as oracle', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const oracle = new TextDecoder('windows-1252').decode(all, { stream: true });
  expect(transcode(all, 'windows-1252', 256)).toBe(oracle);
  expect(transcode(all, 'windows-1252', 1)).toBe(oracle);
});

test('UTF-16 is read in both byte orders, cut anywhere', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      (text, littleEndian, size) => {
        const encoding = littleEndian ? 'utf-16le' : 'utf-16be';
        expect(transcode(utf16(text, littleEndian), encoding, size)).toBe(text);
      },
    ),
  );
});

test('whether random bytes are UTF-16 agrees with the platform decoder', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.boolean(), (bytes, littleEndian) => {
      const encoding = littleEndian ? 'utf-16le' : 'utf-16be';
      let expected: string | null;
      try {
        expected = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        expected = null;
      }
      let actual: string | null;
      try {
        actual = transcode(bytes, encoding, 3);
      } catch {
        actual = null;
      }
      expect(actual).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['a lone high surrogate', [0x41, 0, 0x0a, 0, 0x00, 0xd8, 0x41, 0], 2],
  ['a lone low surrogate', [0x0d, 0, 0x0a, 0, 0x0a, 0, 0x00, 0xdc], 3],
  ['a high surrogate at the end', [0x41, 0, 0x00, 0xd8], 1],
  ['an odd byte', [0x41, 0, 0x0a, 0, 0x41], 2],
])('UTF-16 with %s is refused with its line', (_name, bytes, line) => {
  let thrown: unknown;
  try {
    transcode(Uint8Array.from(bytes), 'utf-16le', 1);
  } catch (error) {
    thrown = error;
  }
  expect(asVaultError(thrown)).toMatchObject({ code: 'encoding-invalid', line });
});

test('invalid UTF-8 is refused with its line, counted from the first one given', () => {
  const bytes = Uint8Array.from([...utf8('a\r\nb\n"é\r'), 0xc3, 0x28]);
  let thrown: unknown;
  try {
    decodeUtf8(bytes, 10);
  } catch (error) {
    thrown = error;
  }
  expect(asVaultError(thrown)).toMatchObject({ code: 'encoding-invalid', line: 13 });
});

test('a byte order mark chooses the encoding, and only the first one is no text', async () => {
  const text = 'member_id,units\n\ufeffA,1\n';
  const expected = (await tokenizeText(text)).output;
  const marked = [
    utf8(`\ufeff${text}`),
    Uint8Array.from([0xff, 0xfe, ...utf16(text, true)]),
    Uint8Array.from([0xfe, 0xff, ...utf16(text, false)]),
  ];
  for (const bytes of marked) {
    for (const chunkSize of [1, 2, 3, 1000]) {
      expect((await tokenizeText(bytes, { chunkSize })).output).toBe(expected);
    }
  }
});

test('a byte order mark that contradicts the named encoding is refused', async () => {
  const error = await refusal(utf8('\ufeffmember_id\nA\n'), { encoding: 'windows-1252' });
  expect(error.code).toBe('encoding-invalid');
});

test('labels name encodings as the WHATWG standard has it', () => {
  expect(encodingOf(' UTF-8 ')).toBe('utf-8');
  expect(encodingOf('latin1')).toBe('windows-1252');
  expect(encodingOf('UTF-16')).toBe('utf-16le');
  expect(() => encodingOf('ebcdic')).toThrow('expected utf-8, utf-16le, utf-16be, windows-1252');
  expect(chooseEncoding(utf8('a')).encoding).toBe('utf-8');
});
