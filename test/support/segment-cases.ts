import fc from 'fast-check';
import type { Treatment } from '../../src/core/treatment.ts';
import type { Transform } from '../../src/core/engine.ts';
import type { MemoryLimits } from '../../src/core/kernel/layout.ts';
import type { ColumnRule } from '../../src/core/validate.ts';

const encoder = new TextEncoder();

const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<Treatment>(
      { kind: 'tokenize', column: 'member_id', prefix: 'MBR' },
      { kind: 'tokenize', column: 'ssn', prefix: 'SSN' },
      { kind: 'tokenize', column: 'dependent_ssn', prefix: 'SSN' },
    ),
  },
  { weight: 3, arbitrary: fc.constant<Treatment>({ kind: 'keep' }) },
  { weight: 1, arbitrary: fc.constant<Treatment>({ kind: 'drop' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Treatment>(
      { kind: 'year' },
      { kind: 'year', earliest: 1936 },
      { kind: 'age90' },
      { kind: 'zip3', acceptThreeDigits: false, safeHarbor: true },
      { kind: 'zip3', acceptThreeDigits: true, safeHarbor: false },
    ),
  },
);

const treatmentList = fc
  .array(treatment, { minLength: 1, maxLength: 6 })
  .filter((list) => list.some(({ kind }) => kind !== 'drop'));

const piece = fc.constantFrom(
  ...[
    '"',
    '""',
    ',',
    ';',
    '\t',
    '|',
    '\r',
    '\n',
    '\r\n',
    ' ',
    '  ',
    '\ufeff',
    '\uff01',
    '\ufefc',
    'é',
    '€',
  ],
  ...['😀', '\u2028', '\\', '\u0001', '\u007f', 'a', 'b', 'Smith', '0', '7', '-'],
);
const wellKnown = fc.constantFrom(
  ...['', '', '', 'M1', 'M2', 'M1', '1940-11-25', '12/31/1999', '25 Nov 1940', '19401125', '1820'],
  ...[' 2001-02-03 ', '60604', '2139', '036', '03601-1234', '606', '60604.0', '91', '007', '42'],
  ...['123-45-6789', 'a@b.co', 'a"b@c.org', '12-345-6789', 'x@y'],
  ...['Smith, John', 'John "Jack" Smith', ' padded', 'padded ', '\ttab', 'x'.repeat(23)],
);
const tokenLike = fc.constantFrom(
  ...['MBR_0123456789abcdef', 'SSN_0123456789abcdef', 'MBR_0123456789ABCDEF'],
  ...[
    'MBR_0123456789abcde',
    'MBR-0123456789abcdef',
    'MBR_0123456789abcdeg',
    'ZZZ_0123456789abcdef',
  ],
);
const drawn = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

/** Files with few token-like cells run to their end; with many, they stop early. */
const cell = (tokens: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: wellKnown },
    { weight: 8, arbitrary: drawn },
    { weight: tokens, arbitrary: tokenLike },
  );

export interface Case {
  readonly transform: Transform;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly segmentSize: number;
  readonly limits: MemoryLimits;
}

/** What the output of these must be; of kept columns every other one is checked. */
export function rulesOf(treatments: readonly Treatment[]): ColumnRule[] {
  return treatments.flatMap((treatment, i): ColumnRule[] => {
    switch (treatment.kind) {
      case 'tokenize':
        return [{ kind: 'token', prefix: treatment.prefix }];
      case 'keep':
        return [{ kind: i % 2 === 0 ? 'plain' : 'exempt' }];
      case 'drop':
        return [];
      default:
        return [{ kind: treatment.kind }];
    }
  });
}

/** A cell as it may stand in a file: quoted where it must be, and where `quoted` wants it. */
function written(value: string, quoted: boolean, delimiter: string, alone: boolean): string {
  const must = (value === '' && alone) || /^"|[\r\n]/.test(value) || value.includes(delimiter);
  return must || quoted ? `"${value.replaceAll('"', '""')}"` : value;
}

const lineEnds = fc.oneof(
  fc.constantFrom(['\n'], ['\r\n'], ['\r']),
  fc.constant(['\n', '\r\n', '\r', '\n\n', '\r\n\r\n']),
);

export const anyCase: fc.Arbitrary<Case> = fc
  .record({
    treatments: treatmentList,
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    outputLineEnd: fc.constantFrom<('\n' | '\r\n')[]>('\n', '\r\n'),
    allowTokens: fc.boolean(),
    map: fc.boolean(),
    ends: lineEnds,
    tokens: fc.constantFrom(0, 0, 1),
    lastEnd: fc.boolean(),
    segmentSize: fc.constantFrom(1, 7, 40, 200, 1 << 20),
    limits: fc.record({
      entries: fc.constantFrom(0, 3, 1 << 19),
      bytes: fc.constantFrom(20, 1 << 25),
    }),
  })
  .chain(({ treatments, delimiter, ends, tokens, lastEnd, outputLineEnd, ...rest }) => {
    const alone = treatments.length === 1;
    const field = fc
      .tuple(cell(tokens), fc.boolean())
      .map(([value, quoted]) => written(value, quoted, delimiter, alone));
    const fields = fc.array(field, { minLength: treatments.length, maxLength: treatments.length });
    const line = fc.tuple(fields, fc.constantFrom(...ends), fc.boolean());
    return fc.array(line, { maxLength: 25 }).map((lines): Case => {
      let text = `${treatments.map((_, i) => `h${String(i)}`).join(delimiter)}\n`;
      let above: readonly string[] | undefined;
      lines.forEach(([own, end, repeats], i) => {
        // Lines of one claim repeat most cells of the one above.
        const cells = repeats && above !== undefined ? [...above.slice(0, -1), own.at(-1)] : own;
        above = cells as string[];
        text += cells.join(delimiter) + (lastEnd || i + 1 < lines.length ? end : '');
      });
      const output = { delimiter, lineEnd: outputLineEnd };
      const { allowTokens, map, segmentSize, limits } = rest;
      const rules = rulesOf(treatments);
      const transform = { delimiter, output, treatments, rules, allowTokens, map };
      return { transform, bytes: encoder.encode(text), segmentSize, limits };
    });
  });
