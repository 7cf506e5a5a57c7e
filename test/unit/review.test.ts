import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asVaultError, type VaultErrorCode } from '../../src/core/errors.ts';
import { planColumns } from '../../src/core/plan.ts';
import {
  type ColumnView,
  exampleValues,
  type FileChoices,
  planOptionsOf,
  type Review,
  reviewHead,
  warmUp,
} from '../../src/core/review.ts';
import { getProduct } from '../../src/core/schema.ts';
import { identifierForm, Validator } from '../../src/core/validate.ts';
import { utf8 } from '../support/streams.ts';
import { refusal } from '../support/tokenize.ts';

const choices = (change: Partial<FileChoices> = {}): FileChoices => ({
  product: 'claims_replay',
  decisions: [],
  acceptHeader: false,
  allowTokens: false,
  safeHarbor: false,
  ...change,
});

function review(csv: string, change: Partial<FileChoices> = {}, whole = true): Review {
  return reviewHead(utf8(csv), whole, choices(change));
}

function column(csv: string, position: number, change: Partial<FileChoices> = {}): ColumnView {
  const found = review(csv, change).columns[position - 1];
  if (found === undefined) throw new Error('no such column');
  return found;
}

function codeOf(action: () => unknown): VaultErrorCode | null {
  try {
    action();
    return null;
  } catch (error) {
    return asVaultError(error).code;
  }
}

const dots = '•'.repeat(16);
const claims = [
  'Claim ID,SSN,DOB,Zip Code,Paid Amount,Notes,Flavour',
  'A-1,219-09-9999,1980-02-03,60604,12.50,called,mint',
  'A-2,,1955-12-31,2139,3,,lime',
  'A-3,219-09-9998,soon,,0,"two\nlines",',
  'A-4,219-09-9997,1999,x,7,,mint',
  '',
].join('\n');

describe('each column', () => {
  test('shows what it becomes, and shapes instead of values', () => {
    const { columns, encoding, delimiter, headerQuestion, recognized } = review(claims);
    expect({ encoding, delimiter, headerQuestion, recognized }).toEqual({
      encoding: 'utf-8',
      delimiter: ',',
      headerQuestion: null,
      recognized: true,
    });
    expect(columns).toMatchObject([
      { header: 'Claim ID', action: 'tokenize', shapes: ['A-9'], result: `CLM_${dots}` },
      { header: 'SSN', shapes: ['999-99-9999'], result: `SSN_${dots}` },
      { rule: 'year', shapes: ['9999-99-99', 'aaaa', '9999'], result: '1980' },
      { rule: 'zip3', shapes: ['99999', '9999', 'a'], result: '606' },
      { action: 'keep', shapes: ['99.99', '9'], result: '99.99' },
      { action: 'drop', outputHeader: null, result: '' },
      { action: 'unknown', decidedBy: 'default', shapes: ['aaaa'], result: 'aaaa' },
    ]);
    expect(JSON.stringify(columns)).not.toMatch(/219-09|called|mint|12\.50/);
  });

  test('of which nothing is known but the header has a result all the same', () => {
    const results = review('Claim ID,DOB,Zip Code,Paid Amount\n').columns.map(
      ({ result }) => result,
    );
    expect(results).toEqual([`CLM_${dots}`, '9999', '999', '']);
    expect(column('Claim ID,DOB\nA,soon\n', 2).result).toBe('');
    const old = { safeHarbor: true, referenceYear: 2026 };
    expect(column('Claim ID,Age\nA,97\n', 2, old).result).toBe('90');
    expect(column('Claim ID,DOB\nA,1901-01-01\n', 2, old).result).toBe('1936');
  });

  test('offers what the plan does not refuse, and nothing else', () => {
    const header = ['Claim ID', 'DOB', 'Notes', 'Age', 'Paid Amount', 'Flavour', 'MemberLastNameX'];
    const product = getProduct('claims_replay');
    for (const safeHarbor of [false, true]) {
      const change = safeHarbor ? { safeHarbor, referenceYear: 2026 } : {};
      const { columns } = review(`${header.join(',')}\n`, change);
      for (const { index, allowed, targets } of columns) {
        const select = `#${String(index + 1)}`;
        const refused = (decision: object): boolean =>
          codeOf(() =>
            planColumns(header, product, {
              ...planOptionsOf(choices(change)),
              decisions: [{ select, action: 'map', ...decision }],
            }),
          ) !== null;
        expect(allowed.includes('keep')).toBe(!refused({ action: 'keep' }));
        expect(allowed.includes('drop')).toBe(true);
        expect(allowed.includes('map')).toBe(targets.length > 0);
        for (const { name, source, action } of product.columns) {
          if (source !== 'catalogue' || action === 'drop') continue;
          expect(targets.includes(name), `${String(index)} ${name}`).toBe(
            !refused({ column: name }),
          );
        }
      }
    }
    expect(column('Claim ID,Notes\n', 2).allowed).toEqual(['drop']);
  });

  test('of an unknown header may be what its values look like', () => {
    const csv = 'Claim ID,Flavour\nA,219-09-9999\nB,219-09-9998\n';
    const { suggestions, allowed } = column(csv, 2);
    expect(suggestions[0]).toMatchObject({ column: 'ssn' });
    expect(allowed).toEqual(['keep', 'drop', 'map']);
    const mapped = { decisions: [{ select: '#2', action: 'map', column: 'ssn' }] } as const;
    expect(column(csv, 2, mapped)).toMatchObject({
      action: 'tokenize',
      outputHeader: 'ssn',
      suggestions,
      allowed,
    });
  });
});

describe('the first records as they will leave', () => {
  test('hold dots, generalized and kept cells, and shapes where nobody has decided', () => {
    expect(review(claims).sample).toEqual({
      header: ['Claim ID', 'SSN', 'DOB', 'Zip Code', 'Paid Amount', 'Flavour'],
      records: [
        [`CLM_${dots}`, `SSN_${dots}`, '1980', '606', '12.50', 'aaaa'],
        [`CLM_${dots}`, '', '1955', '021', '3', 'aaaa'],
        [`CLM_${dots}`, `SSN_${dots}`, '', '', '0', ''],
      ],
    });
    const kept = review(claims, { decisions: [{ select: '#7', action: 'keep' }] });
    expect(kept.sample.records.map((record) => record.at(-1))).toEqual(['mint', 'lime', '']);
    const left = review(claims, { decisions: [{ select: '#7', action: 'drop' }] });
    expect(left.sample.header).not.toContain('Flavour');
  });

  test('show an identifier only in a column that a person keeps whatever it holds', () => {
    const csv = 'Claim ID,Flavour\nA,mint\nB,219-09-9999\nC,ann@example.org\n';
    const keep = { select: '#2', action: 'keep' } as const;
    for (const decisions of [[], [{ ...keep, checked: true }]] as const) {
      const { columns, sample } = review(csv, { decisions });
      expect(columns[1]?.identifiersSeen).toBe(true);
      expect(sample.records.map((record) => record[1])).toEqual([
        ...['aaaa', '999-99-9999', 'aaa@aaaaaaa.aaa'],
      ]);
    }
    const { sample } = review(csv, { decisions: [keep] });
    expect(sample.records.map((record) => record[1])).toEqual([
      ...['mint', '219-09-9999', 'ann@example.org'],
    ]);
  });

  test('cut what is very long', () => {
    const csv = `Claim ID,Paid Amount\nA,${'9'.repeat(5000)}\n`;
    expect(review(csv).sample.records[0]?.[1]).toHaveLength(200);
  });
});

describe('what keeps the run from starting', () => {
  const decided = { decisions: [{ select: '#7', action: 'drop' }] } as const;

  test.each<[string, string, Partial<FileChoices>, VaultErrorCode | null]>([
    ['nothing', claims, decided, null],
    ['an unknown column', claims, {}, 'unknown-columns'],
    ['a suspect one', 'Claim ID,MemberLastNameX\nA,b\n', {}, 'suspect-undecided'],
    [
      'no column left',
      'Claim ID\nA\n',
      { decisions: [{ select: '#1', action: 'drop' }] },
      'no-columns-left',
    ],
    ['tokens', 'Claim ID\nCLM_0123456789abcdef\n', {}, 'tokens-found'],
    ['tokens that may be there', 'Claim ID\nCLM_0123456789abcdef\n', { allowTokens: true }, null],
    ['an SSN that is kept', 'Claim ID,Paid Amount\nA,219-09-9999\n', {}, 'output-check'],
    [
      'an SSN that is kept on purpose',
      'Claim ID,Paid Amount\nA,219-09-9999\n',
      { decisions: [{ select: '#2', action: 'keep' }] },
      null,
    ],
    ['what may be no header', 'a,b\nc,d\n', {}, 'header-not-accepted'],
  ])('%s', (_name, csv, change, code) => {
    expect(review(csv, change).open?.code ?? null).toBe(code);
  });

  test('is what the run would stop at', async () => {
    for (const csv of [
      'Claim ID,Paid Amount\nA,1\nB,ann@example.org\n',
      'Claim ID,Paid Amount\nCLM_0123456789abcdef,2\n',
      'Claim ID,Flavour\nA,b\n',
      'Claim ID,MemberLastNameX\nA,b\n',
    ]) {
      const { code, column: position, header } = await refusal(csv, { unknown: 'fail' });
      expect(review(csv).open).toMatchObject({ code, column: position, header });
    }
  });

  test('tokens of a column are seen, those of another are not', () => {
    const csv = 'Claim ID,Member ID\nMBR_0123456789abcdef,MBR_0123456789abcdef\n';
    expect(review(csv).columns.map(({ tokensSeen }) => tokensSeen)).toEqual([false, true]);
  });
});

describe('a first record that may be data', () => {
  const data = 'Zebra Quagmire,219-09-9999\nBo Example,219-09-9998\n';

  test('is asked about, and nothing of it is told', () => {
    const asked = review(data);
    expect(asked).toMatchObject({
      headerQuestion: { code: 'header-not-accepted', column: 2 },
      columns: [],
      recognized: false,
      sample: { header: [], records: [] },
    });
    expect(asked.open).toEqual(asked.headerQuestion);
    expect(JSON.stringify(asked)).not.toMatch(/Zebra|219/);
  });

  test('accepted, its values stay hidden', () => {
    const accepted = review(data, { acceptHeader: true });
    expect(accepted.headerQuestion).toBeNull();
    expect(accepted.columns.map(({ header, outputHeader }) => [header, outputHeader])).toEqual([
      [null, '#1'],
      [null, '#2'],
    ]);
    expect(accepted.sample.header).toEqual(['#1', '#2']);
    expect(JSON.stringify(accepted)).not.toMatch(/Zebra|Quagmire|219/);
  });

  test('accepted, what is surely a header is shown and the rest is not', () => {
    const csv = 'Claim ID,219-09-9999,dob\nA,b,1980\n';
    const change = { decisions: [{ select: '#2', action: 'map', column: 'ssn' }] } as const;
    const { columns, open } = review(csv, { acceptHeader: true, ...change });
    expect(columns.map(({ header }) => header)).toEqual(['Claim ID', null, 'dob']);
    expect(columns[1]).toMatchObject({ outputHeader: 'ssn', result: `SSN_${dots}` });
    expect(open).toBeNull();
    const undecided = review(csv, { acceptHeader: true });
    expect(undecided.columns[1]?.outputHeader).toBe('#2');
    expect(JSON.stringify(undecided)).not.toContain('219');
  });
});

describe('the digest of the headers', () => {
  const digest = (csv: string, change: Partial<FileChoices> = {}) =>
    review(csv, change).headersDigest;

  test('is the same for the same headers, whatever is decided and whatever follows', () => {
    expect(digest(claims)).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(claims)).toBe(digest(claims.slice(0, 60)));
    const change = { decisions: [{ select: '#7', action: 'drop' }] } as const;
    expect(digest(claims, change)).toBe(digest(claims));
    expect(digest('Claim ID;SSN\n')).toBe(digest('"Claim ID",SSN\n'));
  });

  test('is another for others', () => {
    const digests = [
      digest('Claim ID,SSN\n'),
      digest('SSN,Claim ID\n'),
      digest('Claim ID,ssn\n'),
      digest('"Claim ID"",""SSN"\n', { acceptHeader: true }),
      digest('Claim ID,SSN\n', { product: 'tpa_spread' }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('tells hidden headers apart, and cannot be computed from a value', async () => {
    const accepted = { acceptHeader: true };
    const header = ['Claim ID', '219-09-9999'];
    const found = digest(`${header.join(',')}\n`, accepted);
    expect(digest(`${header.join(',')}\nC1,x\n`, accepted)).toBe(found);
    expect(digest('Claim ID,219-09-9998\n', accepted)).not.toBe(found);
    expect(digest('Flavour,Shelf\n', accepted)).not.toBe(digest('Colour,Shelf\n', accepted));
    const text = new TextEncoder().encode(JSON.stringify(['claims_replay', ...header]));
    const plain = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
    expect(found).not.toBe(Array.from(plain, (b) => b.toString(16).padStart(2, '0')).join(''));
  });
});

describe('a head that breaks off, or is broken', () => {
  test('shows the records that are whole', () => {
    const { sample, columns } = review(claims.slice(0, 120), {}, false);
    expect(sample.records).toHaveLength(1);
    expect(columns[0]?.shapes).toEqual(['A-9']);
  });

  test.each([
    ['a record too short', 'A-9\n'],
    ['text after a quote', '"A"x,b,c,d,e,f,g\n'],
    ['a quote never closed', '"A,b\n'],
  ])('below the header by %s: shows what stands before', (_name, broken) => {
    const { sample, open } = review(claims + broken);
    expect(sample.records).toHaveLength(3);
    expect(open?.code).toBe('unknown-columns');
  });

  test('is cut anywhere without a fault', () => {
    const bytes = utf8(claims.replace('mint', 'münze 😀'));
    for (let length = claims.indexOf('\n') + 1; length < bytes.length; length += 1) {
      expect(reviewHead(bytes.subarray(0, length), false, choices()).columns).toHaveLength(7);
    }
  });

  test.each<[string, Uint8Array, VaultErrorCode]>([
    ['nothing', new Uint8Array(0), 'empty'],
    ['a NUL', utf8('a\0'), 'not-text'],
    ['another encoding', Uint8Array.of(0x61, 0xe9, 0x0a), 'encoding-invalid'],
  ])('%s is refused', (_name, head, code) => {
    expect(codeOf(() => reviewHead(head, true, choices()))).toBe(code);
  });

  test('encoding and delimiter may be given', () => {
    const western = Uint8Array.from('Claim ID;Zoé\nA;\xe9t\xe9\n', (c) => c.charCodeAt(0));
    const { encoding, delimiter, columns } = reviewHead(
      western,
      true,
      choices({ encoding: 'windows-1252', delimiter: ';' }),
    );
    expect({ encoding, delimiter }).toEqual({ encoding: 'windows-1252', delimiter: ';' });
    expect(columns[1]).toMatchObject({ header: 'Zoé', shapes: ['aaa'] });
  });

  test('one that mixes its line ends is read as well', () => {
    const csv = `Claim ID,Flavour\n${'A,b\rC,d\r\n'.repeat(500)}`;
    expect(review(csv).sample.records).toHaveLength(3);
  });
});

test('choices that the plan refuses are refused', () => {
  const keep = { decisions: [{ select: '#1', action: 'keep' }] } as const;
  expect(codeOf(() => review(claims, keep))).toBe('option-invalid');
  expect(codeOf(() => review(claims, { safeHarbor: true }))).toBe('option-invalid');
  expect(codeOf(() => review(claims, { product: 'none' }))).toBe('product-unknown');
});

describe('examples, because the person asked', () => {
  const examples = (csv: string, position: number, change: Partial<FileChoices> = {}): string[] =>
    exampleValues(utf8(csv), true, choices(change), position);

  test('are the first three different values of one column', () => {
    expect(examples(claims, 0)).toEqual(['A-1', 'A-2', 'A-3']);
    expect(examples(claims, 6)).toEqual(['mint', 'lime']);
    expect(examples('Claim ID,Flavour\nA,\n', 1)).toEqual([]);
    expect(examples(`Claim ID\n${'x'.repeat(300)}\n`, 0)[0]).toHaveLength(200);
  });

  test('are not told of a column that is not there, or of what may be no header', () => {
    expect(codeOf(() => examples(claims, 7))).toBe('option-invalid');
    expect(codeOf(() => examples('a,b\nc,d\n', 0))).toBe('header-not-accepted');
    expect(examples('a,b\nc,d\n', 0, { acceptHeader: true })).toEqual(['c']);
  });
});

test('what a kept cell must not be is what the check of the output finds', () => {
  const part = fc.constantFrom(
    '219-09-9999',
    'a@b',
    '.',
    'org',
    '-',
    ' ',
    '1',
    'x',
    '@',
    '٣',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const cell = parts.join('');
      const validator = new Validator([{ kind: 'plain' }], ',');
      validator.push(utf8(`h\n"${cell}"\n`));
      const [finding] = validator.finish().findings;
      expect(identifierForm(cell)).toBe(finding?.rule ?? null);
    }),
    { numRuns: 1000 },
  );
});

test('getting ready changes nothing', () => {
  const before = review(claims);
  warmUp();
  expect(review(claims)).toEqual(before);
});
