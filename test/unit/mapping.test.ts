import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isVaultError } from '../../src/core/errors.ts';
import {
  decisionsOf,
  formatMapping,
  type MappedColumn,
  type Mapping,
  mappingOf,
  parseMapping,
} from '../../src/core/mapping.ts';
import { planColumns } from '../../src/core/plan.ts';
import { getProduct } from '../../src/core/schema.ts';

const product = 'claims_replay';
const seeded = 'Zebra-SSN-219-09-9999';

function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!isVaultError(error)) throw error;
    expect(error.code).toBe('mapping-invalid');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('Zebra');
    return error.message;
  }
  throw new Error('expected a refusal');
}

const mapping: Mapping = {
  product,
  keyFingerprint: '0a1b2c3d',
  columns: [
    { header: 'Mbr Xref', action: 'map', column: 'member_id' },
    { header: 'Flavour', occurrence: 2, action: 'drop' },
    { header: '"quoted", \u2028', action: 'keep' },
    { header: 'Shelf', action: 'keep', checked: true },
  ],
};

test('the file is JSON that a person can read', () => {
  expect(formatMapping({ ...mapping, columns: mapping.columns.slice(0, 2) })).toBe(
    [
      '{',
      '  "mapping": 1,',
      '  "product": "claims_replay",',
      '  "keyFingerprint": "0a1b2c3d",',
      '  "columns": [',
      '    {',
      '      "header": "Mbr Xref",',
      '      "action": "map",',
      '      "column": "member_id"',
      '    },',
      '    {',
      '      "header": "Flavour",',
      '      "occurrence": 2,',
      '      "action": "drop"',
      '    }',
      '  ]',
      '}',
      '',
    ].join('\n'),
  );
});

const anyColumns: fc.Arbitrary<MappedColumn[]> = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.option(fc.integer({ min: 1, max: 5 }))), {
    selector: ([header, occurrence]) => JSON.stringify([header, occurrence ?? 1]),
  })
  .chain((named) =>
    fc.tuple(
      ...named.map(([header, occurrence]) => {
        const name = { header, ...(occurrence === null ? {} : { occurrence }) };
        return fc.constantFrom<MappedColumn>(
          { ...name, action: 'keep' },
          { ...name, action: 'drop' },
          { ...name, action: 'map', column: 'member_id' },
        );
      }),
    ),
  );

test('what is written is read again, whatever the headers are', () => {
  fc.assert(
    fc.property(anyColumns, fc.constantFrom(null, 'ffffffff'), (columns, keyFingerprint) => {
      const written: Mapping = { product, keyFingerprint, columns };
      expect(parseMapping(formatMapping(written))).toEqual(written);
    }),
  );
});

describe('hostile files', () => {
  const entry = { header: seeded, action: 'keep' };
  const file = (change: object): string =>
    JSON.stringify({ mapping: 1, product, keyFingerprint: null, columns: [entry], ...change });
  const withEntry = (change: object): string => file({ columns: [{ ...entry, ...change }] });

  test('the plain one is accepted, also with a byte order mark', () => {
    expect(parseMapping(file({})).columns).toEqual([entry]);
    expect(parseMapping(`\ufeff${file({})}`).columns).toEqual([entry]);
  });

  test.each([
    ['no JSON', `{"${seeded}`],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['no version', file({ mapping: undefined })],
    ['a later version', file({ mapping: 2 })],
    ['a version as text', file({ mapping: '1' })],
    ['no product', file({ product: undefined })],
    ['a product that is none', file({ product: seeded })],
    ['a product that is an object', file({ product: {} })],
    ['a fingerprint in upper case', file({ keyFingerprint: '0A1B2C3D' })],
    ['a fingerprint that is a number', file({ keyFingerprint: 12345678 })],
    ['no columns', file({ columns: undefined })],
    ['columns that are an object', file({ columns: { [seeded]: 1 } })],
    ['a name that is not known', file({ [seeded]: 1 })],
    ['a prototype', file({}).replace('{', `{"__proto__": {"product": "${seeded}"}, `)],
    ['a constructor', file({}).replace('{', '{"constructor": 1, ')],
    ['an entry that is text', file({ columns: [seeded] })],
    ['an entry that is a list', file({ columns: [[seeded]] })],
    ['an entry with a prototype', file({}).replace('{"header"', '{"__proto__": {}, "header"')],
    ['a header that is a number', withEntry({ header: 3 })],
    ['an occurrence of 0', withEntry({ occurrence: 0 })],
    ['an occurrence that is no whole number', withEntry({ occurrence: 1.5 })],
    ['an occurrence that is text', withEntry({ occurrence: '1' })],
    ['an action that is none', withEntry({ action: 'tokenize' })],
    ['an action of a prototype', withEntry({ action: 'toString' })],
    ['a column without map', withEntry({ column: 'ssn' })],
    ['checked that is no yes', withEntry({ checked: false })],
    ['a drop that is checked', withEntry({ action: 'drop', checked: true })],
    ['map without a column', withEntry({ action: 'map' })],
    ['a column that is no name', withEntry({ action: 'map', column: `${seeded}"` })],
    ['a header twice', file({ columns: [entry, entry] })],
    ['a header twice, once by number', file({ columns: [entry, { ...entry, occurrence: 1 }] })],
    ['too much', `${' '.repeat(1 << 20)}${file({})}`],
    ['too deep', `{"mapping": ${'['.repeat(500_000)}`],
  ])('%s: refused', (_name, text) => {
    refusalOf(() => parseMapping(text));
  });

  test('the message names the place in the list', () => {
    const columns = [
      { header: 'a', action: 'keep' },
      { ...entry, action: 'x' },
    ];
    expect(refusalOf(() => parseMapping(file({ columns })))).toContain('entry 2');
  });

  test('whatever it is, it is a mapping or refused as none', () => {
    const hostile = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .dictionary(
          fc.constantFrom('mapping', 'product', 'keyFingerprint', 'columns', '__proto__', 'x'),
          fc.oneof(
            fc.constantFrom<unknown>(1, product, null, []),
            fc.jsonValue(),
            fc.array(
              fc.dictionary(
                fc.constantFrom('header', 'occurrence', 'action', 'column', 'x'),
                fc.oneof(fc.constantFrom<unknown>('keep', 'map', 1), fc.jsonValue()),
              ),
            ),
          ),
        )
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const parsed = parseMapping(text);
          expect(parseMapping(formatMapping(parsed))).toEqual(parsed);
        } catch (error) {
          expect(isVaultError(error) && error.code).toBe('mapping-invalid');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decisions for a file', () => {
  const headers = ['Claim ID', 'Flavour', 'Mbr Xref', 'Flavour', '"quoted", \u2028', 'Shelf'];

  test('are by position', () => {
    expect(decisionsOf(mapping, headers)).toEqual([
      { select: '#3', action: 'map', column: 'member_id' },
      { select: '#4', action: 'drop' },
      { select: '#5', action: 'keep' },
      { select: '#6', action: 'keep', checked: true },
    ]);
  });

  test.each([
    ['a header is not there', ['Claim ID', 'Flavour', 'Flavour', '"quoted", \u2028', 'Shelf']],
    ['it is there less often', ['Flavour', 'Mbr Xref', '"quoted", \u2028', 'Shelf']],
    ['its case is another', headers.map((header) => header.toLowerCase())],
    ['it is hidden', headers.map(() => null)],
  ])('refused where %s', (_name, other) => {
    refusalOf(() => decisionsOf(mapping, other));
  });

  test('a header that repeats must be told apart', () => {
    const columns: MappedColumn[] = [{ header: 'Flavour', action: 'drop' }];
    expect(refusalOf(() => decisionsOf({ ...mapping, columns }, headers))).toContain('occurrence');
    const twice: Mapping = {
      ...mapping,
      columns: [
        { header: 'Mbr Xref', occurrence: 1, action: 'drop' },
        { header: 'Mbr Xref', action: 'keep' },
      ],
    };
    refusalOf(() => decisionsOf(twice, headers));
  });

  test('lead back to the mapping', () => {
    const decisions = decisionsOf(mapping, headers);
    expect(mappingOf(product, '0a1b2c3d', headers, decisions)).toEqual(mapping);
  });

  test('may name headers; those that may be values, and what is not there, are left out', () => {
    const hidden = ['a', null, 'c'];
    const { columns } = mappingOf(product, null, hidden, [
      { select: 'c', action: 'keep' },
      { select: '#2', action: 'drop' },
      { select: '#9', action: 'drop' },
      { select: seeded, action: 'drop' },
    ]);
    expect(columns).toEqual([{ header: 'c', action: 'keep' }]);
  });

  test('for headers of any kind, mapping and decisions say the same', () => {
    const header = fc.constantFrom('a', 'b', '#1', '#2', '', 'member_id', '__proto__');
    fc.assert(
      fc.property(fc.array(header, { minLength: 1, maxLength: 8 }), (names) => {
        const decisions = names.map((_, i) => ({
          select: `#${String(i + 1)}`,
          action: 'drop' as const,
        }));
        const file = formatMapping(mappingOf(product, null, names, decisions));
        expect(decisionsOf(parseMapping(file), names)).toEqual(decisions);
      }),
    );
  });

  test('a plan takes them', () => {
    const decisions = decisionsOf(mapping, headers);
    const plan = planColumns(headers, getProduct(product), { decisions });
    expect(plan.columns.map(({ action }) => action)).toEqual([
      ...['tokenize', 'unknown', 'tokenize', 'drop', 'keep', 'keep'],
    ]);
    expect(plan.columns.map(({ exempt }) => exempt === true)).toEqual([
      ...[false, false, false, false, true, false],
    ]);
  });
});
