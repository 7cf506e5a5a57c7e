import { VaultError } from '../errors.ts';
import { LineCounter } from './lines.ts';

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** Other names that people and systems use, as in the WHATWG Encoding Standard. */
const labels: Readonly<Record<string, Encoding>> = {
  utf8: 'utf-8',
  'unicode-1-1-utf-8': 'utf-8',
  'utf-16': 'utf-16le',
  unicode: 'utf-16le',
  cp1252: 'windows-1252',
  'x-cp1252': 'windows-1252',
  'iso-8859-1': 'windows-1252',
  'iso8859-1': 'windows-1252',
  latin1: 'windows-1252',
  l1: 'windows-1252',
  ascii: 'windows-1252',
  'us-ascii': 'windows-1252',
  ansi: 'windows-1252',
};

/**
 * The encoding that a label names.
 * @throws VaultError `option-invalid` for any other label
 */
export function encodingOf(label: string): Encoding {
  const name = label.trim().toLowerCase();
  const known = encodings.find((encoding) => encoding === name) ?? labels[name];
  if (known === undefined) {
    throw new VaultError('option-invalid', `unknown encoding: expected ${encodings.join(', ')}`);
  }
  return known;
}

const byteOrderMarks: readonly { encoding: Encoding; bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

export interface EncodingChoice {
  readonly encoding: Encoding;
  /** Bytes of the byte order mark at the very start, which is no part of the text. */
  readonly byteOrderMarkLength: number;
}

/**
 * The encoding of a file: the one named, else the one its byte order mark tells, else UTF-8.
 * @param head the file's first bytes, at least three where the file has as many
 * @throws VaultError `encoding-invalid` where the mark contradicts the name: read by the name,
 *   every accented value would get a token that joins with nothing
 */
export function chooseEncoding(head: Uint8Array, named?: Encoding): EncodingChoice {
  const mark = byteOrderMarks.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (mark === undefined) return { encoding: named ?? 'utf-8', byteOrderMarkLength: 0 };
  if (named !== undefined && named !== mark.encoding) {
    throw new VaultError(
      'encoding-invalid',
      `the file begins with the byte order mark of ${mark.encoding}, but ${named} was named: expected one encoding`,
      { line: 1, rule: 'encoding' },
    );
  }
  return { encoding: mark.encoding, byteOrderMarkLength: mark.bytes.length };
}

/** Bytes of the file in, bytes of UTF-8 out; whole characters only. */
export interface Transcoder {
  /** @throws VaultError `encoding-invalid`, naming the line */
  push(chunk: Uint8Array): Uint8Array;
  /** What is left at the end of the file. @throws VaultError `encoding-invalid` */
  finish(): void;
}

/** 80–9F of windows-1252 as in the WHATWG table; 81 8D 8F 90 9D are the C1 controls. */
const windows1252High = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
  0x0152, 0x8d, 0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
  0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
];

function windows1252(): Transcoder {
  return {
    push(chunk) {
      const out = new Uint8Array(3 * chunk.length);
      let length = 0;
      for (const byte of chunk) {
        const high = byte >= 0x80 && byte < 0xa0 ? windows1252High[byte - 0x80] : undefined;
        length = writeCodePoint(out, length, high ?? byte);
      }
      return out.subarray(0, length);
    },
    finish: () => undefined,
  };
}

function writeCodePoint(out: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    out[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6);
    out[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12);
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (code >> 18);
  out[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  out[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): Transcoder {
  const highIndex = encoding === 'utf-16be' ? 0 : 1;
  const lines = new LineCounter();
  let pendingByte = -1;
  let pendingSurrogate = -1;

  const refuse = (expected: string): VaultError =>
    new VaultError(
      'encoding-invalid',
      `not valid ${encoding}: expected ${expected}; name the encoding if it is another one (utf-8, windows-1252)`,
      { line: lines.line, rule: 'encoding' },
    );

  return {
    push(chunk) {
      const out = new Uint8Array(3 * ((chunk.length >> 1) + 1) + 4);
      let length = 0;
      for (const byte of chunk) {
        if (pendingByte < 0) {
          pendingByte = byte;
          continue;
        }
        const unit = highIndex === 0 ? (pendingByte << 8) | byte : (byte << 8) | pendingByte;
        pendingByte = -1;
        if (pendingSurrogate >= 0) {
          if (unit < 0xdc00 || unit > 0xdfff) throw refuse('a low surrogate after a high one');
          const code = 0x10000 + ((pendingSurrogate - 0xd800) << 10) + (unit - 0xdc00);
          length = writeCodePoint(out, length, code);
          pendingSurrogate = -1;
        } else if (unit >= 0xd800 && unit < 0xdc00) {
          pendingSurrogate = unit;
        } else if (unit >= 0xdc00 && unit <= 0xdfff) {
          throw refuse('a high surrogate before a low one');
        } else {
          lines.see(unit);
          length = writeCodePoint(out, length, unit);
        }
      }
      return out.subarray(0, length);
    },
    finish() {
      if (pendingSurrogate >= 0) throw refuse('a low surrogate after a high one');
      if (pendingByte >= 0) throw refuse('an even number of bytes');
    },
  };
}

/** UTF-8 passes as it is: whole records are checked when they are decoded. */
function utf8(): Transcoder {
  return { push: (chunk) => chunk, finish: () => undefined };
}

export function createTranscoder(encoding: Encoding): Transcoder {
  switch (encoding) {
    case 'utf-8':
      return utf8();
    case 'windows-1252':
      return windows1252();
    case 'utf-16le':
    case 'utf-16be':
      return utf16(encoding);
  }
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text of whole UTF-8 records. A byte order mark is kept: only the one at the very start of a
 * file is no part of the text, and that is gone by then.
 * @param firstLine line number of the first byte, for the message
 * @throws VaultError `encoding-invalid`, naming the line of the first invalid byte
 */
export function decodeUtf8(bytes: Uint8Array, firstLine: number): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new VaultError(
      'encoding-invalid',
      'not valid UTF-8; if the file has another encoding, name it: expected utf-8, windows-1252, utf-16le or utf-16be',
      { line: lineOfInvalidUtf8(bytes, firstLine), rule: 'encoding' },
    );
  }
}

/** Line ends are ASCII and never part of a longer character, so each line can be tried alone. */
function lineOfInvalidUtf8(bytes: Uint8Array, firstLine: number): number {
  const lines = new LineCounter(firstLine);
  let start = 0;
  for (let i = 0; i <= bytes.length; i += 1) {
    const byte = bytes[i];
    if (i < bytes.length && byte !== 0x0a && byte !== 0x0d) continue;
    try {
      strictDecoder.decode(bytes.subarray(start, i));
    } catch {
      return lines.line;
    }
    if (i > start) lines.see(0x20);
    lines.see(byte ?? 0);
    start = i + 1;
  }
  return lines.line;
}
