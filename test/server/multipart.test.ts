import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asVaultError } from '../../src/core/errors.ts';
import { readFile } from '../../src/server/uploads/multipart.ts';

const boundary = 'velora-boundary';
const contentType = `multipart/form-data; boundary=${boundary}`;
const filePart =
  'Content-Disposition: form-data; name="file"; filename="x.csv"\r\nContent-Type: text/csv';

interface Part {
  readonly headers: string;
  readonly data: string | Buffer;
}

function formOf(parts: readonly Part[], end = `--${boundary}--\r\n`): Buffer {
  const pieces = parts.flatMap(({ headers, data }) => [
    Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
    Buffer.from(data),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(end)]);
}

/** A body that comes in pieces of these lengths, the last one again and again. */
function bodyOf(bytes: Buffer, lengths: readonly number[] = [bytes.length]): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const length = Math.max(1, lengths[Math.min(i, lengths.length - 1)] ?? 1);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Readable.from(pieces, { objectMode: false });
}

async function read(
  body: Readable,
  limits: { largestFile?: number; contentType?: string; signal?: AbortSignal } = {},
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const file = readFile(limits.contentType ?? contentType, body, {
    largestFile: limits.largestFile ?? 1e9,
    signal: limits.signal ?? new AbortController().signal,
  });
  for await (const chunk of file) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function refusalOf(of: Promise<unknown>): Promise<string> {
  try {
    await of;
  } catch (error) {
    const { code, rule } = asVaultError(error);
    return rule ?? code;
  }
  throw new Error('expected a refusal');
}

test('the bytes of the file come out, whatever they are', async () => {
  const data = Buffer.from(`a,b\r\n--velora-bound\r\n\r\n--\r\n${'x'.repeat(100_000)}\r\n`);
  expect(await read(bodyOf(formOf([{ headers: filePart, data }])))).toEqual(data);
});

test.each([
  ['an empty file', { headers: filePart, data: '' }, ''],
  [
    'names as curl escapes them',
    { headers: 'content-disposition: form-data;name=file;filename="a\\"b;.csv"', data: 'x' },
    'x',
  ],
  [
    'a name in UTF-8',
    { headers: `Content-Disposition: form-data; name="file"; filename*=UTF-8''%e2.csv`, data: 'x' },
    'x',
  ],
  [
    'an encoding that changes nothing',
    { headers: `${filePart}\r\nContent-Transfer-Encoding: binary`, data: 'x' },
    'x',
  ],
  ['headers that nobody knows', { headers: `${filePart}\r\nX-Other: 1`, data: 'x' }, 'x'],
])('%s is taken', async (_name, part, expected) => {
  expect((await read(bodyOf(formOf([part])))).toString()).toBe(expected);
});

test('text before the first boundary and after the last is no part of the file', async () => {
  const form = formOf([{ headers: filePart, data: 'x' }]);
  const around = Buffer.concat([Buffer.from('before\r\n'), form, Buffer.from('after\r\n--')]);
  expect((await read(bodyOf(around))).toString()).toBe('x');
  expect((await read(bodyOf(around, [1]))).toString()).toBe('x');
});

describe('each of these is refused, however it is split', () => {
  const file = { headers: filePart, data: 'a,b\r\n' };
  const text = { headers: 'Content-Disposition: form-data; name="note"', data: 'hello' };
  test.each<[string, string, Buffer]>([
    ['file-missing', 'a form without parts', formOf([])],
    ['form-invalid', 'nothing', Buffer.alloc(0)],
    ['form-invalid', 'no form', Buffer.from('member_id\nA\n')],
    ['form-invalid', 'no last boundary', formOf([file], '')],
    ['form-invalid', 'a last boundary that is cut', formOf([file], `--${boundary}-`)],
    ['form-invalid', 'a part that is cut in its headers', formOf([], `--${boundary}\r\nConte`)],
    ['form-invalid', 'a text field after the file', formOf([file, text])],
    ['form-invalid', 'a text field before the file', formOf([text, file])],
    ['file-repeated', 'two files', formOf([file, file])],
    ['form-invalid', 'a part without headers', formOf([{ headers: '', data: 'x' }])],
    ['form-invalid', 'a header that is none', formOf([{ headers: 'Nonsense', data: 'x' }])],
    [
      'form-invalid',
      'a part that ends in its headers',
      formOf([file], `--${boundary}\r\nX: 1\r\n--${boundary}--\r\n`),
    ],
    [
      'form-invalid',
      'a file without a file name',
      formOf([{ headers: 'Content-Disposition: form-data; name="file"', data: 'x' }]),
    ],
    [
      'form-invalid',
      'another field',
      formOf([{ headers: filePart.replace('"file"', '"upload"'), data: 'x' }]),
    ],
    [
      'form-invalid',
      'a part that is an attachment',
      formOf([{ headers: filePart.replace('form-data', 'attachment'), data: 'x' }]),
    ],
    [
      'form-invalid',
      'two names',
      formOf([{ headers: filePart.replace('name=', 'name=a; name='), data: 'x' }]),
    ],
    [
      'form-invalid',
      'base64',
      formOf([{ headers: `${filePart}\r\nContent-Transfer-Encoding: base64`, data: 'YQ==' }]),
    ],
    [
      'form-invalid',
      'long headers',
      formOf([{ headers: `${filePart}\r\nX: ${'y'.repeat(20_000)}`, data: 'x' }]),
    ],
    [
      'form-invalid',
      'headers that do not end',
      formOf([], `--${boundary}\r\nX: ${'y'.repeat(2_000_000)}`),
    ],
    [
      'form-invalid',
      'much after the last boundary',
      Buffer.concat([formOf([file]), Buffer.alloc(2_000_000)]),
    ],
  ])('%s: %s', async (rule, _name, form) => {
    for (const lengths of form.length > 1e6 ? [[65_536]] : [[form.length], [1], [7]]) {
      expect(await refusalOf(read(bodyOf(form, lengths)))).toBe(rule);
    }
  });
});

test.each([
  ['content-type-unsupported', 'text/csv'],
  ['content-type-unsupported', ''],
  ['content-type-unsupported', 'multipart/mixed; boundary=x'],
  ['content-type-unsupported', 'multipart/form-datas; boundary=x'],
  ['form-invalid', 'multipart/form-data'],
  ['form-invalid', 'multipart/form-data; boundary='],
  ['form-invalid', `multipart/form-data; boundary="${'x'.repeat(71)}"`],
  ['form-invalid', 'multipart/form-data; boundary="a\u00e9"'],
])('%s: a request of the type "%s"', async (rule, type) => {
  const body = bodyOf(formOf([{ headers: filePart, data: 'x' }]));
  await expect(async () => read(body, { contentType: type })).rejects.toMatchObject({ rule });
  expect(body.readableDidRead).toBe(false);
});

test.each([`Multipart/Form-Data; charset=utf-8; Boundary="${boundary}"`, `${contentType} ; a=b`])(
  'a request of the type %s is taken',
  async (type) => {
    const body = bodyOf(formOf([{ headers: filePart, data: 'x' }]));
    expect((await read(body, { contentType: type })).toString()).toBe('x');
  },
);

test('the limit is exact, and nothing past it comes out', async () => {
  const form = formOf([{ headers: filePart, data: Buffer.alloc(200_000, 'x') }]);
  for (const lengths of [[form.length], [65_536], [1000]]) {
    expect(await read(bodyOf(form, lengths), { largestFile: 200_000 })).toHaveLength(200_000);
    expect(await refusalOf(read(bodyOf(form, lengths), { largestFile: 199_999 }))).toBe(
      'file-too-large',
    );
  }
});

describe('what ends early', () => {
  const half = formOf([{ headers: filePart, data: 'a'.repeat(1000) }]).subarray(0, 600);

  /** A body that stops after what is given, and says so neither with an end nor an error. */
  function openBody(): Readable {
    const body = new Readable({ read: () => undefined });
    body.push(half);
    return body;
  }

  test('a body that breaks off is cancelled', async () => {
    const body = openBody();
    const reading = refusalOf(read(body));
    setImmediate(() => body.destroy());
    expect(await reading).toBe('cancelled');
    expect(await refusalOf(read(body))).toBe('cancelled');
  });

  test('an error of the body is cancelled too, and its message is not told', async () => {
    const body = openBody();
    setImmediate(() => body.destroy(new Error('Zebra')));
    await expect(read(body)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(read(body)).rejects.not.toThrow('Zebra');
  });

  test('a signal ends the wait, and the body can be drained', async () => {
    const body = openBody();
    const controller = new AbortController();
    const reading = refusalOf(read(body, { signal: controller.signal }));
    setImmediate(() => {
      controller.abort();
    });
    expect(await reading).toBe('cancelled');
    expect(body.destroyed).toBe(false);
    body.push('rest');
    body.push(null);
    body.resume();
    await new Promise((resolve) => body.once('end', resolve));
  });

  test('who stops reading gets no more than was asked for, and leaves a body to be drained', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    let pulled = 0;
    const start = Buffer.from(`--${boundary}\r\n${filePart}\r\n\r\n`);
    const body = new Readable({
      read() {
        pulled += 1;
        this.push(pulled === 1 ? start : pulled > 100 ? null : chunk);
      },
    });
    const signal = new AbortController().signal;
    const file = readFile(contentType, body, { largestFile: 1e9, signal });
    await file.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeLessThan(10);
    await file.return();
    expect(body.destroyed).toBe(false);
    body.resume();
    await new Promise((resolve) => body.once('end', resolve));
    expect(pulled).toBe(101);
  });
});

describe('fuzz', () => {
  /** Bytes that look like pieces of a boundary more often than chance would have it. */
  const nearly = fc
    .array(
      fc.oneof(
        fc.constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', '\r\n--velora', '\r\n--velora-bo'),
        fc.constantFrom(`\r\n--${boundary.slice(0, -1)}`, `--${boundary}`, ': ', ';', '"'),
        fc.string({ maxLength: 20 }),
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join(''));
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 });

  test('however a form is split, the same file comes out', async () => {
    await fc.assert(
      fc.asyncProperty(nearly, lengths, async (text, split) => {
        const data = Buffer.from(text.replaceAll(`--${boundary}`, ''));
        fc.pre(!data.includes(`\r\n--${boundary}`) && !data.toString().startsWith(`--${boundary}`));
        const form = formOf([{ headers: filePart, data }]);
        expect(await read(bodyOf(form, split))).toEqual(data);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever comes is a file or one of the refusals', async () => {
    const rules = ['form-invalid', 'file-missing', 'file-repeated', 'file-too-large'];
    let files = 0;
    const anything = fc.oneof(
      nearly.map((text) => Buffer.from(`--${boundary}\r\n${text}`)),
      fc
        .tuple(nearly, nearly)
        .map(([head, text]) => formOf([{ headers: `${filePart}\r\n${head}`, data: text }])),
      fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.array(fc.constantFrom(filePart, 'X: 1', ''), { maxLength: 4 }), nearly)
        .map(([headers, data]) => formOf(headers.map((header) => ({ headers: header, data })))),
      fc
        .tuple(nearly, fc.nat({ max: 200 }))
        .map(([data, cut]) => formOf([{ headers: filePart, data }]).subarray(0, -cut)),
    );
    await fc.assert(
      fc.asyncProperty(anything, lengths, async (bytes, split) => {
        try {
          await read(bodyOf(bytes, split), { largestFile: 400 });
          files += 1;
        } catch (error) {
          const { code, rule } = asVaultError(error);
          expect(code).toBe('request-refused');
          expect(rules).toContain(rule);
        }
      }),
      { numRuns: 2000 },
    );
    expect(files).toBeGreaterThan(50);
  });
});
