import { expect, test } from 'vitest';
import type { Encoding } from '../../src/core/csv/encoding.ts';
import { createEngine, type EngineChoice, engineLabel } from '../../src/core/engines.ts';
import type { TokenizeJob } from '../../src/core/pipeline.ts';
import { refusal, testSecretWithState, tokenizeText } from '../support/tokenize.ts';

const kernels: readonly EngineChoice[] = [
  { engine: 'kernel', hmac: 'wasm' },
  { engine: 'kernel', hmac: 'webcrypto' },
];

/** UTF-16 with a byte order mark. */
function utf16(text: string, bigEndian: boolean): Uint8Array {
  const marked = `\ufeff${text}`;
  const view = new DataView(new ArrayBuffer(2 * marked.length));
  for (let i = 0; i < marked.length; i += 1) {
    view.setUint16(2 * i, marked.charCodeAt(i), !bigEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Characters up to U+00FF, byte by byte. */
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const wide =
  'member_id,Patient Name,dob,zip\r\n' +
  Array.from(
    { length: 300 },
    (_, i) =>
      `"M ""${String(i % 41)}"" 😀","Zoë,\r\nØ日本${String(i % 7)}",${String(1900 + (i % 120))}-02-03,` +
      `"0${String(2100 + (i % 90))}"${i % 3 === 0 ? '\r\n' : '\n'}` +
      `,\u0a0d\u0d0a\u2c22,\ufeff1980, 02139${i % 5 === 0 ? '\r\r' : '\n\n'}`,
  ).join('');
/** Bytes 0x80 to 0x9F are what sets windows-1252 apart from ISO 8859-1. */
const narrow =
  'member_id,Patient Name,dob,zip\r\n' +
  Array.from(
    { length: 300 },
    (_, i) =>
      `"M\x80${String(i % 41)}","\x93Zo\xeb\x94,\n${String.fromCharCode(0x80 + (i % 128))}",1980-02-03,2139\r\n`,
  ).join('');

const files: readonly [string, Uint8Array, Encoding | undefined][] = [
  ['UTF-16LE with a mark', utf16(wide, false), undefined],
  ['UTF-16BE with a mark', utf16(wide, true), undefined],
  ['UTF-16LE, named', utf16(wide, false).slice(2), 'utf-16le'],
  ['windows-1252', bytesOf(narrow), 'windows-1252'],
];

const by =
  (choice: EngineChoice): NonNullable<TokenizeJob['engine']> =>
  (transform, secret) => ({
    name: engineLabel(choice),
    process: createEngine(choice, transform, secret).process,
    inFlight: 2,
  });

test.each(files)('%s: the kernel gives what Papa Parse gives', async (_, bytes, encoding) => {
  const options = { ...(encoding && { encoding }), acceptHeader: true };
  const expected = await tokenizeText(bytes, options);
  expect(expected.report).toMatchObject({ engine: 'papa+webcrypto' });
  expect(expected.report.rows).toBeGreaterThan(299);
  for (const choice of kernels) {
    for (const [segmentSize, chunkSize] of [
      [1 << 20, bytes.length],
      [100, 7],
      [1, 1001],
    ] as const) {
      const found = await tokenizeText(bytes, {
        ...options,
        secret: await testSecretWithState(),
        engine: by(choice),
        segmentSize,
        chunkSize,
      });
      expect(found.output).toBe(expected.output);
      expect(found.map).toBe(expected.map);
      expect(found.report).toEqual({
        ...expected.report,
        engine: engineLabel(choice),
        durationMs: found.report.durationMs,
      });
    }
  }
});

const broken: readonly [string, Uint8Array][] = [
  ['a lone surrogate', utf16(`${wide}\ud800,x,,\n`, false)],
  ['half a code unit', Uint8Array.of(...utf16(wide, true), 0)],
  ['a ragged record', utf16(`${wide}a,b\n`, false)],
  ['a quote that is never closed', utf16(`${wide}a,"b\n`, true)],
];

test.each(broken)('UTF-16, %s: all engines tell the same', async (_, bytes) => {
  const expected = await refusal(bytes, { acceptHeader: true });
  expect(expected.code).not.toBe('internal');
  for (const choice of kernels) {
    for (const segmentSize of [1 << 20, 50]) {
      const found = await refusal(bytes, {
        acceptHeader: true,
        secret: await testSecretWithState(),
        engine: by(choice),
        segmentSize,
      });
      expect(found.toPlain()).toEqual(expected.toPlain());
    }
  }
});
