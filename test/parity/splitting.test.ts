import { afterAll, expect, test } from 'vitest';
import { RecordSplitter, type Segment } from '../../src/core/csv/split.ts';
import { transcoded } from '../../src/core/stages.ts';
import { inspectHead } from '../../src/core/inspect.ts';
import { expectSame, referenceTokenizes } from './compare.ts';
import {
  chunked,
  engines,
  type Feeding,
  type Options,
  refusalOf,
  tokenize,
  wholeFile,
} from './ours.ts';
import { Reference } from './reference.ts';

const reference = new Reference();
afterAll(() => reference.close());

/** The start of the file is read in one piece whatever its chunks: what is nasty stands behind it. */
const head = 65_536;

const utf16 = (text: string, bigEndian: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

interface NastyFile {
  readonly header: string;
  readonly rows: string;
  readonly encode: (text: string) => Buffer;
  readonly options: Options;
}

const utf8 = (text: string): Buffer => Buffer.from(text);
const quoted = '"a ""b"" c"';

const nastyFiles: Readonly<Record<string, NastyFile>> = {
  'quotes, line ends and blank lines of every kind': {
    header: 'member_id,DOB,note_x,zip\r\n',
    rows:
      `${quoted},1990-01-02,"line\r\nbreak\rand\n""\n",02139\r\n\r\n\n\r` +
      `"",01/02/1990,x"y"z,2139\n"\r","\n",",",""\r"é"",日本",19900102,\ufeffx,021\r\n` +
      `\ufeff,Jan 2 1990,"\ufeff", 02139 \n\n,,,\r,,,\r\n"M",,,`,
    encode: utf8,
    options: { delimiter: ',', drop: ['note_x'], acceptHeader: true },
  },
  'characters of two, three and four bytes': {
    header: 'Subscriber ID;Zoë;notiz_x\n',
    rows: `é;"ü";ß\n日本語;"語;語";"\r\n😀"\n😀;𝒜;"\u{10ffff}"\n"é""日""😀";;"\ufeff"\n`,
    encode: (text) => Buffer.from(`\ufeff${text}`),
    options: { delimiter: ';', keep: ['Zoë', 'notiz_x'] },
  },
  'utf-16le with surrogate pairs': {
    header: 'SSN\tname_y\tzip3\r',
    rows: `"😀"\t"a\tb"\t021\r\u0a0d\t\u0d0a\t\u2200\r\n"\u2c22"\t""\t"\n"\r\u0022\u0022\t😀😀\t0\n`,
    encode: (text) => utf16(text, false),
    options: { delimiter: '\t', drop: ['name_y'], safeHarbor: true, referenceYear: 2024 },
  },
  'utf-16be with surrogate pairs': {
    header: 'SSN|flag_z|zip3\r\n',
    rows: `"😀"|"a|b"|036\r\n\u0a0d|\u0d0a|\u2200\r"\u2c22"|""|"\n"\n\n\n😀||0\r`,
    encode: (text) => utf16(text, true),
    options: { delimiter: '|', safeHarbor: true, referenceYear: 2024 },
  },
  'windows-1252': {
    header: 'member_id,Pat\u00e9_x\r\n',
    rows: '\u0080,"\u0093quoted\u0094"\r\n\u009f\u00ff,"\u0081\n"\r\u00e9"",""\r\n"""\u00e9",x\n',
    encode: (text) => Buffer.from(text, 'latin1'),
    options: { delimiter: ',', encoding: 'windows-1252', drop: ['#2'] },
  },
  'one column': {
    header: 'ssn\n',
    rows: '""\n\n"\n"\r\n" "\r\r""""\n1\n\n""\r"\ufeff"\n\ufeff\n""',
    encode: utf8,
    options: {},
  },
};

/** Faults past the head, each of which must be told the same however the bytes come. */
const brokenFiles: Readonly<Record<string, NastyFile>> = {
  'a ragged record': {
    header: 'ssn,dob\r\n',
    rows: '1,2020\r\n"a\r\nb",\r\n\r\n3\r\n4,5\r\n',
    encode: utf8,
    options: {},
  },
  'text after a quote': {
    header: 'ssn,dob\n',
    rows: '1,2020\n\r\n"é",\n"a""b"x,\n',
    encode: utf8,
    options: {},
  },
  'a quote that is never closed': {
    header: 'ssn,dob\r',
    rows: '1,2020\r\n"a\r\nb",\r"😀",\r\r"a""\r\nb,\r',
    encode: utf8,
    options: {},
  },
  'an invalid byte': {
    header: 'ssn,dob\n',
    rows: '1,2020\n"a\rb\r\nc\nd\r",\nx\u0001y,\n',
    encode: (text) => {
      const bytes = Buffer.from(text);
      const at = bytes.indexOf(1);
      return at < 0 ? bytes : bytes.fill(0x80, at, at + 1);
    },
    options: {},
  },
  'a cut character': {
    header: 'ssn,dob\n',
    rows: '1,2020\né,\n日\u0001,\n',
    encode: (text) => {
      // The last byte of the character before the marker goes, and the marker with it.
      const bytes = Buffer.from(text);
      const at = bytes.indexOf(1);
      return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at - 1), bytes.subarray(at + 1)]);
    },
    options: {},
  },
  'a NUL': { header: 'ssn,dob\n', rows: '1,2020\n"\r\n",\r\n"\0",\n', encode: utf8, options: {} },
  'a lone surrogate': {
    header: 'ssn,dob\n',
    rows: '1,2020\n"\r\n",\r\n\ud800x,\n',
    encode: (text) => utf16(text, false),
    options: {},
  },
  'half a code unit': {
    header: 'ssn,dob\n',
    rows: '1,2020\n"\r\n",\r\nx,\n',
    encode: (text) => Buffer.concat([utf16(text, true), Buffer.of(0)]),
    options: {},
  },
  'a token': {
    header: 'ssn,dob\n',
    rows: '1,2020\n"\r\n",\r\n"\r",\nSSN_0123456789abcdef,2020\n',
    encode: utf8,
    options: {},
  },
};

interface Prepared {
  readonly input: Buffer;
  /** Where the part begins that is split. */
  readonly from: number;
  readonly options: Options;
}

/** The file with a record behind its header that is so long that its rows lie past the head. */
function prepare({ header, rows, encode, options }: NastyFile): Prepared {
  const unit = encode('\n\n').length - encode('\n').length;
  const { delimiter = header.includes('\t') ? '\t' : ',' } = options;
  const others = delimiter.repeat(header.split(delimiter).length - 1);
  const first = `${'x'.repeat(Math.ceil(head / unit))}${others}\n\n`;
  const from = encode(header + first).length;
  return { input: encode(header + first + rows), from, options };
}

function splitAt(at: number, length: number, more: Partial<Feeding> = {}): Feeding {
  return { ...wholeFile, chunkSizes: [at, Math.max(1, length - at)], ...more };
}

const engineNames = Object.keys(engines) as (keyof typeof engines)[];

test.each(Object.entries(nastyFiles))('split at every byte: %s', async (_, file) => {
  const { input, from, options } = prepare(file);
  const theirs = await referenceTokenizes(reference, input, 'claims_replay', options);
  expect(theirs.code).toBeUndefined();
  for (const engine of engineNames) {
    const whole = await tokenize(input, 'claims_replay', options, { ...wholeFile, engine });
    expectSame(whole, theirs);
    for (let at = from - 2; at <= input.length; at += 1) {
      const segmentSize = at % 2 === 0 ? 1 : wholeFile.segmentSize;
      const fed = splitAt(at, input.length, { engine, segmentSize });
      expectSame(await tokenize(input, 'claims_replay', options, fed), theirs);
    }
    for (const segmentSize of [1, 7, wholeFile.segmentSize]) {
      const byteByByte = {
        engine,
        segmentSize,
        chunkSizes: [head, ...Array<number>(input.length).fill(1)],
      };
      expectSame(await tokenize(input, 'claims_replay', options, byteByByte), theirs);
    }
  }
});

test.each(Object.entries(brokenFiles))('split at every byte, refused: %s', async (_, file) => {
  const { input, from, options } = prepare(file);
  const theirs = await referenceTokenizes(reference, input, 'claims_replay', options);
  for (const engine of engineNames) {
    const whole = await tokenize(input, 'claims_replay', options, { ...wholeFile, engine });
    expect(whole).toMatchObject({ ok: false, code: theirs.code });
    const line = /^line (\d+)/.exec(theirs.message ?? '')?.[1];
    if (line !== undefined) expect(whole).toMatchObject({ line: Number(line) });
    for (let at = from - 2; at <= input.length; at += 1) {
      const segmentSize = at % 2 === 0 ? 1 : wholeFile.segmentSize;
      const fed = splitAt(at, input.length, { engine, segmentSize });
      expect(await tokenize(input, 'claims_replay', options, fed)).toEqual(whole);
    }
    const byteByByte = {
      engine,
      segmentSize: 1,
      chunkSizes: [head, ...Array<number>(input.length).fill(1)],
    };
    expect(await tokenize(input, 'claims_replay', options, byteByByte)).toEqual(whole);
  }
});

/** Segments as small as they can be; before an error those that are complete. */
async function* smallSegments(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Segment> {
  const splitter = new RecordSplitter({ delimiter: ',', segmentSize: 1 });
  try {
    for await (const chunk of chunks) yield* splitter.push(chunk);
    yield* splitter.finish();
  } catch (error) {
    yield* splitter.takeBeforeFault();
    throw error;
  }
}

/** Records of a file by the splitter alone, which no peeking at the head stands before. */
async function split(input: Uint8Array, chunkSizes: readonly number[]): Promise<unknown> {
  const records: unknown[] = [];
  const source = async function* () {
    for await (const chunk of chunked(input, chunkSizes)) yield chunk;
  };
  try {
    const inspection = inspectHead(input, true, { delimiter: ',' });
    for await (const segment of smallSegments(transcoded(source(), inspection))) {
      const runs = segment.runs.map(({ start, end, ...run }) => ({
        ...run,
        text: Buffer.from(segment.bytes.subarray(start, end)).toString(),
      }));
      records.push({ index: segment.index, runs, records: segment.records });
    }
  } catch (error) {
    records.push(refusalOf(error));
  }
  return records;
}

test('the splitter: one, two and three cuts anywhere, from the first byte on', async () => {
  const texts = [
    '\ufeffa,b\r\n"x ""y""","\r\n"\r\r\n\n"",\r1,2',
    '\r\n\ra,"\r"\r\n,\n\r\n"é","😀"""\r',
    'a\r\n"b"\n""\r\n"c\rd"\r"e\nf"',
    'a,b\n"x"y,\n',
    'a,b\r"x\r\ny,\r\n',
  ];
  const inputs = texts.flatMap((text) => [
    Buffer.from(text),
    utf16(text.replace('\ufeff', ''), false),
  ]);
  for (const input of inputs) {
    const whole = await split(input, [input.length]);
    for (let size = 1; size <= 5; size += 1) expect(await split(input, [size])).toEqual(whole);
    for (let first = 1; first < input.length; first += 1) {
      expect(await split(input, [first, input.length])).toEqual(whole);
      for (let second = 1; second <= 3; second += 1) {
        expect(await split(input, [first, second, input.length])).toEqual(whole);
      }
    }
  }
});
