import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { generalizeAge90, generalizeYear, generalizeZip3 } from '../../src/core/generalize.ts';
import { classifyHeader, looksLikeValue, normalizeHeader } from '../../src/core/headers.ts';
import { inspectHead } from '../../src/core/inspect.ts';
import { catalogue, getProduct } from '../../src/core/schema.ts';
import { importSecret } from '../../src/core/secret.ts';
import { token } from '../../src/core/value-token.ts';
import {
  anyHeader,
  anyText,
  cell,
  dateText,
  dialect,
  dialectOptions,
  encoded,
  joined,
  product,
  runs,
  writtenRecords,
  zipText,
} from './arbitraries.ts';
import { type Options, refusalOf } from './ours.ts';
import { type Answer, base64, Reference } from './reference.ts';

const reference = new Reference();
afterAll(() => reference.close());

/** Text of ASCII and a few others in which forms of values turn up by chance. */
const formLike = fc.string({
  unit: fc.constantFrom(...Array.from('0123459-/. :TtZaApPmM٣')),
  maxLength: 12,
});

test('years', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ arbitrary: dateText, weight: 4 }, formLike, anyText, cell),
      fc.option(fc.integer({ min: 1900, max: 2100 })),
      async (value, referenceYear) => {
        const options = referenceYear === null ? {} : { safeHarbor: true, referenceYear };
        const earliest = referenceYear === null ? undefined : referenceYear - 90;
        const theirs = await reference.ask('year', { value, options });
        expect(generalizeYear(value, earliest).value, JSON.stringify(value)).toBe(theirs['result']);
      },
    ),
    runs(3000),
  );
});

test('ZIP codes', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[fc.oneof(zipText, zipText, formLike, cell), fc.boolean(), fc.boolean()],
      async (value, saysZip3, safeHarbor) => {
        const theirs = await reference.ask('zip3', { value, saysZip3, options: { safeHarbor } });
        const ours = generalizeZip3(value, { acceptThreeDigits: saysZip3, safeHarbor });
        const { result, repaired } = theirs;
        expect({ result: ours.value, repaired: ours.outcome === 'repaired' }).toEqual({
          result,
          repaired,
        });
      },
    ),
    runs(1500),
  );
});

test('ages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.stringMatching(/^[ \t]?0{0,3}[0-9]{0,4}(\.[0-9])?[ \n]?$/), formLike, cell),
      async (value) => {
        const theirs = await reference.ask('age90', { value });
        expect(generalizeAge90(value).value).toBe(theirs['result']);
      },
    ),
    runs(800),
  );
});

test('normalized headers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyHeader, anyText), async (header) => {
      const theirs = await reference.ask('normalize', { header });
      expect(normalizeHeader(header)).toBe(theirs['normalized']);
    }),
    runs(1500),
  );
});

test('what a header is', async () => {
  await fc.assert(
    fc.asyncProperty(anyHeader, product, async (header, slug) => {
      const { kind, analytics, column, action, rule, prefix, saysZip3, suggestions } =
        await reference.ask('classify', { header, product: slug });
      const ours = classifyHeader(header, getProduct(slug));
      if (ours.kind !== 'resolved') {
        const asked = ours.kind === 'suspect' ? ours.suggestions : null;
        expect({ kind: ours.kind, suggestions: asked }, header).toEqual({ kind, suggestions });
        return;
      }
      const identifier = ours.column.source === 'catalogue' ? ours.column : null;
      const kept = ours.column.action === 'keep';
      expect(
        {
          kind: ours.kind,
          analytics: identifier === null,
          column: ours.column.name,
          action: ours.column.action,
          rule: identifier?.rule ?? null,
          prefix: kept ? null : (identifier?.prefix ?? null),
          saysZip3: ours.saysZip3,
        },
        header,
      ).toEqual({ kind, analytics, column, action, rule, prefix, saysZip3 });
    }),
    runs(6000),
  );
});

test('headers that look like values', async () => {
  const phone = fc
    .tuple(
      fc.constantFrom('', '+1 ', '1-', '+123', '1234 ', '+'),
      fc.constantFrom('555', '(555)', '(555', '55'),
      ...[fc.constantFrom('', '-', '.', ' ', '/'), fc.constantFrom('', '-', '.', ' ', '--')],
      fc.constantFrom('', '', ' x12', 'X7', ' ext. 123456', 'EXT1', ' ext.. 1', 'x1234567'),
    )
    .map(([country, area, a, b, extension]) => `${country}${area}${a}123${b}4567${extension}`);
  const email = fc
    .array(fc.constantFrom('a', '@', '.', 'b', ' ', '\u00a0', '\u200b', '\ufeff', 'é', '😀'), {
      maxLength: 9,
    })
    .map((parts) => parts.join(''));
  const long = fc
    .tuple(fc.constantFrom('9', 'a', 'é', '😀'), fc.integer({ min: 300, max: 325 }))
    .map(([unit, times]) => `${unit.repeat(times / unit.length)}@b.c`);
  const anyForm = fc.oneof(phone, email, long, dateText, formLike, anyHeader);
  await fc.assert(
    fc.asyncProperty(anyForm, fc.constantFrom('', ' ', '\t\r\n', '\u00a0'), async (form, pad) => {
      const header = pad + form + pad;
      const written = `ssn,"${header.replaceAll('"', '""')}"\n`;
      const options: Options = { delimiter: ',', drop: ['#2'] };
      const theirs = await reference.ask('tokenize', {
        product: 'instant_audit',
        secret: '0'.repeat(64),
        input: base64(Buffer.from(written)),
        options,
      });
      const refused = theirs.ok ? undefined : theirs.code;
      expect(refused, header).toBe(looksLikeValue(header) ? 'header-not-accepted' : undefined);
    }),
    runs(2000),
  );
});

test('encoding and delimiter', async () => {
  const soup = fc
    .array(
      fc.string({ unit: fc.constantFrom(...Array.from(',;\t|,;\t|"\n\nab')), maxLength: 12 }),
      { maxLength: 5 },
    )
    .map((lines) => lines.join('\n'));
  const written = fc
    .tuple(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1 }), dialect)
    .map(([table, how]) => ({ text: joined(writtenRecords(table, how), how), how }));
  const raw = fc.tuple(soup, dialect).map(([text, how]) => ({ text, how }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(written, raw), async ({ text, how }) => {
      const input = encoded(text, how);
      const options = dialectOptions(how, false);
      const theirs = await reference.ask('detect', { input: base64(input), options });
      let ours;
      try {
        ours = inspectHead(input, true, options as object);
      } catch (error) {
        // An empty file, or one whose header is broken, is refused by the reader of the other side.
        const codes = ['empty', 'quote-text-after', 'quote-unterminated'];
        if (theirs.ok) expect(codes).toContain(refusalOf(error).code);
        else expect(refusalOf(error).code).toBe(theirs.code);
        return;
      }
      if (!theirs.ok) {
        // Invalid bytes below the header are met when the rows are read.
        expect(['encoding-invalid', 'not-text']).toContain(theirs.code);
        return;
      }
      const { delimiter, encoding } = theirs;
      expect({ delimiter: ours.delimiter, encoding: ours.encoding }).toEqual({
        delimiter,
        encoding,
      });
    }),
    runs(2000),
  );
});

const hexDigits = Array.from('0123456789abcdefABCDEF');
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...hexDigits), minLength: length, maxLength: length });

async function codeOf(action: () => Promise<unknown>): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    return refusalOf(error).code;
  }
}

const result = (answer: Answer, field: string): unknown =>
  answer.ok ? answer[field] : answer.code;

test('secrets and fingerprints', async () => {
  const blank = fc.constantFrom('', ' ', '\r\n', '\t', '\u00a0', '\ufeff', '0x');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ arbitrary: hex(64), weight: 6 }, hex(63), hex(65), fc.constant('g'.repeat(64))),
      ...[blank, blank],
      async (digits, before, after) => {
        const secret = before + digits + after;
        const theirs = await reference.ask('fingerprint', { secret });
        const ours = await codeOf(async () => (await importSecret(secret)).fingerprint);
        expect(ours).toBe(result(theirs, 'fingerprint'));
      },
    ),
    runs(300),
  );
});

test('tokens', async () => {
  await fc.assert(
    fc.asyncProperty(
      hex(64),
      fc.constantFrom(...catalogue.keys(), 'no_such_column', 'Member_ID'),
      fc.oneof(cell, anyText, fc.string({ maxLength: 300 })),
      async (secret, column, value) => {
        const theirs = await reference.ask('token', { secret, column, value });
        const ours = await codeOf(async () => token(await importSecret(secret), column, value));
        expect(ours).toBe(result(theirs, 'token'));
      },
    ),
    runs(1000),
  );
});
