import fc from 'fast-check';
import analytics from '../../schemas/analytics.json' with { type: 'json' };
import catalogueFile from '../../schemas/catalogue.json' with { type: 'json' };
import suspectFile from '../../schemas/suspect.json' with { type: 'json' };
import { expandAlias, type Vocabulary } from '../../src/core/aliases.ts';
import type { Encoding } from '../../src/core/csv/encoding.ts';
import { catalogue, productSlugs } from '../../src/core/schema.ts';
import { engines, type Feeding, type Options } from './ours.ts';

/**
 * How often a property is tried, and from which seed: the same cases in every run, unless
 * VELORA_SEED names other ones and VELORA_RUNS asks for a multiple.
 */
export function runs(count: number): { numRuns: number; seed: number } {
  return {
    numRuns: count * Number(process.env['VELORA_RUNS'] ?? 1),
    seed: Number(process.env['VELORA_SEED'] ?? 20_260),
  };
}

/** Any text but U+0000, of any planes, noncharacters and private use among them. */
export const anyText = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => text.replaceAll('\0', '\u0001'));

/** Characters of old and settled categories: what a letter is must not depend on Unicode's version. */
const settled =
  'aZ09_- #.éßÅſK\u0301\u200d\u00a0\u2028日本語кирилл한글שלום\u0928\u093f😀𝒜\u{20000}\ufeff\ue000\u007f';

/** The strings that each alias of a column stands for, as the schemas write them. */
const aliases = [catalogueFile, analytics].flatMap((file) => {
  const columns: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly generalizedAliases?: readonly string[];
  }[] = file.columns;
  const vocabulary: Vocabulary = file.vocabulary;
  return columns.flatMap((column) => [
    [column.name],
    ...[...column.aliases, ...(column.generalizedAliases ?? [])].map((pattern) => [
      ...expandAlias(pattern, vocabulary),
    ]),
  ]);
});

const styles: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('_', ' '),
  (name) => name.replaceAll('_', ''),
  (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  (name) => `${name.replaceAll('_', '-')}#`,
  (name) => ` ${name}\n`,
  (name) => `\ufeff${name}`,
  (name) => `"${name}"`,
  (name) => `${name}X`,
  (name) => `${name}_count`,
  (name) => name.replace('_', '__'),
];

const aliasHeader = fc
  .tuple(fc.constantFrom(...aliases), fc.nat(), fc.constantFrom(...styles))
  .map(([names, nth, style]) => style(names[nth % names.length] ?? ''));

const suspectWords = [
  ...suspectFile.edges,
  ...suspectFile.fillers,
  ...suspectFile.counters,
  ...suspectFile.owners.flatMap(({ words }) => words),
  ...suspectFile.rules.flatMap(({ words }) => words),
  ...suspectFile.whole.flatMap(({ words }) => words),
  ...suspectFile.pieces.flatMap(({ words }) => words),
  ...suspectFile.endings.flatMap((ending) => ending.split(' ')),
];

/** Words of the suspect rule in every combination and joined in every way. */
const suspectHeader = fc
  .tuple(
    fc.array(fc.constantFrom(...suspectWords, 'x', 'qqq', '7'), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('_', '', ' ', 'X'),
    fc.constantFrom(...styles),
  )
  .map(([words, joint, style]) => style(words.join(joint)));

const unknownHeader = fc.constantFrom('foo', 'bar', 'unit_x', 'Flag', 'kolor', 'seq', 'w1', 'w2');

const hostileHeader = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from(settled)), maxLength: 8 }),
  fc.constantFrom(
    ...['', ' ', '###', '__proto__', 'constructor', 'toString', '=1+1', '#1', '#2', '#03', 'a=b'],
    ...['"', ',', ';', '\t', '|', '\n', '\r', '\r\n', 'a"b', '\ufeff', '\ufeffssn', 'Zoë'],
    ...['2020-01-31', '1/2/2020', 'Jan 5, 2020', '123-45-6789', '555-123-4567', '42', '٣٤'],
    ...['+1 (555) 123-4567 x 7', '5551234567', 'jane@example.org', 'a@b', 'x'.repeat(400)],
    ...['9'.repeat(400), `${'a'.repeat(310)}@b.example`, `\t${'é'.repeat(312)}@b.c d`, 'ſsn', 'K'],
  ),
);

export const anyHeader = fc.oneof(
  { arbitrary: aliasHeader, weight: 6 },
  { arbitrary: suspectHeader, weight: 2 },
  { arbitrary: unknownHeader, weight: 1 },
  { arbitrary: hostileHeader, weight: 2 },
);

const twoDigits = fc.integer({ min: 0, max: 33 }).map((n) => String(n).padStart(2, '0'));
const fourDigits = fc.oneof(
  fc.integer({ min: 1840, max: 2110 }).map(String),
  fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0')),
);
const time = fc.constantFrom(
  ...['', '', '', 'T00:00:00Z', ' 1:02', ' 12:30 PM', 't23:59:59.123+05:30', ' 9:00:00am-0500'],
  ...[' 1', 'T12', ' 12:3', ' 12:30:00.', 'x', '\u066012:00'],
);
const month = fc.constantFrom(
  ...['Jan', 'JANUARY', 'feb', 'Mar', 'sept', 'September', 'May', 'Juli', 'dec', 'Auguſt'],
);
const separator = fc.constantFrom('-', '/', '.', ' ', '');

/** Dates in the forms of the specification, and next to them. */
export const dateText = fc
  .tuple(
    fc.constantFrom('ymd', 'mdy', 'dMy', 'Mdy', 'digits', 'short'),
    ...[fourDigits, twoDigits, twoDigits, separator, separator, month, time],
    fc.constantFrom('', '', '', ' ', '\t', '\r\n', '\u00a0'),
  )
  .map(([form, y, m, d, s, t, name, clock, pad]) => {
    const other = s === '' ? t : s;
    switch (form) {
      case 'ymd':
        return `${pad}${y}${s}${m}${other}${d}${clock}${pad}`;
      case 'mdy':
        return `${m.replace(/^0/, '')}${s}${d}${other}${y}${clock}`;
      case 'dMy':
        return `${d}${s}${name}${s}${y}${clock}${pad}`;
      case 'Mdy':
        return `${name}${s === '.' ? '.' : ''} ${d}${t === '-' ? '' : ','} ${y}${clock}`;
      case 'digits':
        return `${pad}${y}${m}${d}`;
      default:
        return s === '' ? y : `${y}${s}${m}`;
    }
  });

export const zipText = fc
  .tuple(
    fc.stringMatching(/^[0-9]{2,6}(-?[0-9]{4})?(\.0)?$/),
    fc.constantFrom('', '', ' ', '\n', '-', '\u00a0', 'x'),
    fc.constantFrom('', '036', '059', '890', '203', '00926', '2139', '02139-0001', '021', '٠٢١'),
  )
  .map(([digits, pad, known]) => (known === '' ? `${pad}${digits}${pad}` : `${known}${pad}`));

const tokens = fc
  .tuple(
    fc.constantFrom('MBR', 'SSN', 'NAM', 'CLM', 'NPI', 'mbr', 'XYZ'),
    fc.constantFrom('0123456789abcdef', 'ffffffffffffffff', '0123456789ABCDEF', '0123'),
  )
  .map(([prefix, hex]) => `${prefix}_${hex}`);

const plainCell = fc.constantFrom(
  ...['', '', 'a', 'Smith', 'A1', '12.50', ' padded ', ' ', '\t', 'Zoë', "O'Neil", '日本語', '😀'],
  ...[
    'x,y',
    'x;y',
    'x|y',
    'x\ty',
    'a "quoted" b',
    '"',
    '""',
    'a""b',
    '5\' 6"',
    '=1+1',
    '\\',
    '\\"',
  ],
  ...[
    'line\nbreak',
    'line\r\nbreak',
    '\r',
    '\n',
    '\ufeff',
    '\ufeffa',
    'a\ufeff',
    '\u2028',
    '\u007f',
  ],
  ...['89', '90', '007', '0', '120', '-1', '1e3', '\b\f\v\u0001\u001f', '__proto__', 'null', 'a b'],
);

const riskyCell = fc.oneof(
  tokens,
  fc.constantFrom('123-45-6789', ' 123-45-6789', 'jane@example.org', 'a@b.c', 'x "a"@b.co', '@'),
);

export const cell = fc.oneof(
  { arbitrary: plainCell, weight: 12 },
  { arbitrary: dateText, weight: 3 },
  { arbitrary: zipText, weight: 3 },
  { arbitrary: anyText, weight: 4 },
  { arbitrary: riskyCell, weight: 1 },
);

export const feeding: fc.Arbitrary<Feeding> = fc.record({
  chunkSizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  segmentSize: fc.oneof(fc.constantFrom(1, 2, 1 << 20), fc.integer({ min: 1, max: 300 })),
  engine: fc.constantFrom(...(Object.keys(engines) as (keyof typeof engines)[])),
});

export const product = fc.constantFrom(...productSlugs);

/** How a table is written. */
export interface Dialect {
  readonly delimiter: string;
  readonly encoding: Encoding;
  readonly byteOrderMark: boolean;
  /** One for each record, over and over: its line end, and how many blank lines follow. */
  readonly lineEnds: readonly string[];
  readonly blankLines: readonly number[];
  /** Whether a field is quoted that need not be; over and over. */
  readonly quotes: readonly boolean[];
  readonly lastLineEnd: boolean;
}

const otherEncodings: readonly Encoding[] = ['utf-16le', 'utf-16be', 'windows-1252'];

export const dialect: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  encoding: fc.oneof(
    { arbitrary: fc.constant<Encoding>('utf-8'), weight: 5 },
    { arbitrary: fc.constantFrom(...otherEncodings), weight: 2 },
  ),
  byteOrderMark: fc.boolean(),
  lineEnds: fc.oneof(
    fc.constantFrom(['\n'], ['\r\n'], ['\r']),
    fc.array(fc.constantFrom('\n', '\r\n', '\r'), { minLength: 1, maxLength: 5 }),
  ),
  blankLines: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 1, maxLength: 5 }),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  lastLineEnd: fc.boolean(),
});

/** Fields as they are written, quoted where they must be and where the dialect says so. */
function writtenField(field: string, alone: boolean, wanted: boolean, delimiter: string): string {
  const must = field.startsWith('"') || /[\r\n]/.test(field) || field.includes(delimiter);
  return must || wanted || (alone && field === '') ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A table as text, record by record. */
export function writtenRecords(
  table: readonly (readonly string[])[],
  { delimiter, quotes }: Dialect,
): string[] {
  let turn = 0;
  return table.map((record) =>
    record
      .map((field) => {
        turn += 1;
        const wanted = quotes[turn % quotes.length] ?? false;
        return writtenField(field, record.length === 1, wanted, delimiter);
      })
      .join(delimiter),
  );
}

/** Written records with their line ends. */
export function joined(records: readonly string[], dialectOfFile: Dialect): string {
  const { lineEnds, blankLines, lastLineEnd } = dialectOfFile;
  return records
    .map((record, i) => {
      const lineEnd = lineEnds[i % lineEnds.length] ?? '\n';
      if (i === records.length - 1 && !lastLineEnd) return record;
      return record + lineEnd.repeat(1 + (blankLines[i % blankLines.length] ?? 0));
    })
    .join('');
}

/** 80–9F of windows-1252 that are no C1 control, by their characters. */
const windows1252High = new Map(
  Array.from('€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ', (character, i) => [character, 0x80 + i] as const),
);

/** Text in an encoding; what windows-1252 does not have becomes some other character of its. */
export function encoded(text: string, { encoding, byteOrderMark }: Dialect): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(`${byteOrderMark ? '\ufeff' : ''}${text}`, 'utf8');
  if (encoding === 'windows-1252') {
    return Uint8Array.from(Array.from(text), (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x80) return code;
      return windows1252High.get(character === ' ' ? '' : character) ?? (code & 0x7f) | 0x80;
    });
  }
  const bytes = Buffer.from(`${byteOrderMark ? '\ufeff' : ''}${text}`, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

/** What a person would have to say for the file to be read as it was written. */
export function dialectOptions(
  { delimiter, encoding, byteOrderMark }: Dialect,
  nameDelimiter: boolean,
): Pick<Options, 'delimiter' | 'encoding'> {
  const needed = encoding === 'windows-1252' || (encoding !== 'utf-8' && !byteOrderMark);
  return { ...(nameDelimiter ? { delimiter } : {}), ...(needed ? { encoding } : {}) };
}

const catalogueNames = [...catalogue.keys()];

/** What a person says of one column, and how the column is named. */
export const decision = fc.record({
  action: fc.constantFrom('none', 'keep', 'drop', 'map'),
  column: fc.oneof(
    { arbitrary: fc.constantFrom(...catalogueNames), weight: 19 },
    { arbitrary: fc.constant('no_such_column'), weight: 1 },
  ),
  byPosition: fc.boolean(),
});

export type Decision = typeof decision extends fc.Arbitrary<infer Value> ? Value : never;

/** Decisions in the words of the reference, each header named once. */
export function decisionOptions(
  headers: readonly string[],
  decisions: readonly Decision[],
): Pick<Options, 'columns' | 'keep' | 'drop'> {
  const columns: Record<string, string> = Object.create(null) as Record<string, string>;
  const keep: string[] = [];
  const drop: string[] = [];
  headers.forEach((header, i) => {
    const made = decisions[i];
    if (made === undefined) return;
    // `__proto__` is no key of a plain JSON object that both sides read alike.
    const select = made.byPosition || header === '__proto__' ? `#${String(i + 1)}` : header;
    if (made.action === 'map') columns[select] = made.column;
    if (made.action === 'keep') keep.push(select);
    if (made.action === 'drop') drop.push(select);
  });
  return { columns, keep, drop };
}
