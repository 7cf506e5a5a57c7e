import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyHeader, looksLikeValue, normalizeHeader } from '../../src/core/headers.ts';
import { catalogue, getProduct, products } from '../../src/core/schema.ts';
import vectors from '../vectors/headers.json' with { type: 'json' };

interface HeaderVector {
  readonly header: string;
  readonly product: string;
  readonly kind: string;
  readonly column?: string;
  readonly action?: string;
  readonly saysZip3?: boolean;
  readonly suggestions?: readonly string[];
}

function describe({ header, product }: { header: string; product: string }): HeaderVector {
  const found = classifyHeader(header, getProduct(product));
  const given = { header, product, kind: found.kind };
  if (found.kind === 'suspect') return { ...given, suggestions: found.suggestions };
  if (found.kind === 'unknown') return given;
  const { column, saysZip3 } = found;
  const zip3 = saysZip3 ? { saysZip3 } : {};
  return { ...given, column: column.name, action: column.action, ...zip3 };
}

const auditKind = (header: string): string =>
  classifyHeader(header, getProduct('instant_audit')).kind;

test('a number sign makes a number of a name', () => {
  const claims = getProduct('claims_replay');
  expect(classifyHeader('Hospital', claims)).toMatchObject({ kind: 'resolved' });
  expect(classifyHeader('Hospital #', claims)).toMatchObject({ column: { name: 'mrn' } });
  expect(classifyHeader('State #', claims)).toMatchObject({ column: { name: 'state' } });
});

test('headers normalize as the specification says', () => {
  const cases: [string, string][] = [
    ['Member ID#', 'member_id'],
    ['  DOB ', 'dob'],
    ['Patient’s Name', 'patient_s_name'],
    ['\uFEFFSSN', 'ssn'],
    ['\u212AK', 'k'],
    ['Zip+4', 'zip_4'],
    ['ÉTAT', 'tat'],
    ['__a--b__', 'a_b'],
    ['', ''],
    ['###', ''],
    ['Member\nID', 'member_id'],
    ['社員番号', ''],
  ];
  for (const [header, normalized] of cases) expect(normalizeHeader(header)).toBe(normalized);
});

test('the vectors hold', () => {
  const known: readonly HeaderVector[] = vectors;
  expect(known.length).toBeGreaterThanOrEqual(300);
  for (const vector of known) expect(describe(vector)).toEqual(vector);
});

test('every catalogue column resolves in every product, however it is spelled', () => {
  for (const product of products.values()) {
    for (const name of catalogue.keys()) {
      const titled = name.replaceAll('_', ' ').toUpperCase();
      for (const header of [name, ` ${titled}# `, name.replaceAll('_', '')]) {
        const found = classifyHeader(header, product);
        expect(found).toMatchObject({ kind: 'resolved', column: { name, source: 'catalogue' } });
      }
    }
  }
});

test('a reason never repeats a header that may be data', () => {
  for (const header of ['Jane Doe SSN 123', 'note for John Smith', 'Zoë', 'member 4711 id x']) {
    const found = classifyHeader(header, getProduct('instant_audit'));
    expect(found.kind).toBe('suspect');
    if (found.kind === 'suspect') expect(found.reason).not.toMatch(/jane|doe|123|john|zo|4711/i);
  }
});

test('what the analytics need is not questioned', () => {
  const kept =
    'member_count member_months provider_address date_of_service claim_type claim_line_number ' +
    'patient_responsibility_amount phone_type email_flag birth_weight drug_name file_name ' +
    'plan_id group_number paid valid period businessname classname number_of_members ' +
    'note_type_concept_id subscriber_group_name member_state_postal_cd mc118_op_lname ' +
    'srvfacloczip_full pcp_tax_id_format_cd member_income_frequency_code email_opt_in ' +
    'license_expiration_date device_source_value county_population maritalstatus_text';
  for (const header of kept.split(' ')) expect(auditKind(header), header).not.toBe('suspect');
});

test('headers of the form of a value are noticed, and names are not', () => {
  const values = [
    ...['0', '2020', ' 2020-01-31 ', '1/2/2020', '20200131', '31-Jan-2020', 'January 5, 2020'],
    ...['123-45-6789', '555-123-4567', '(555) 123-4567', '+1 555 123 4567', '5551234567'],
    ...['555.123.4567 ext. 12', 'jane@example.org', '\t42\r\n', '9'.repeat(100_000)],
  ];
  for (const value of values) expect(looksLikeValue(value), value.slice(0, 40)).toBe(true);
  const names = ['', ' ', 'ssn', 'zip3', 'dx_1', '2010BA_NM109', 'Member ID#', 'a@b', 'Q1 2020'];
  for (const name of names) expect(looksLikeValue(name), name).toBe(false);
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc
    .array(fc.constantFrom('member', 'Pat', 'ID', 'dob', '_', ' ', '#', 'é', 'NM109', 'x', 'zip'))
    .map((parts) => parts.join('')),
);

test('normalizing is idempotent and gives nothing but a-z, 0-9 and single inner underscores', () => {
  fc.assert(
    fc.property(text, (header) => {
      const normalized = normalizeHeader(header);
      expect(normalizeHeader(normalized)).toBe(normalized);
      expect(normalized).toMatch(/^(?:[a-z0-9]+(?:_[a-z0-9]+)*)?$/);
    }),
  );
});

test('apart from camel case, number signs and letters outside ASCII only the normalized form counts', () => {
  fc.assert(
    fc.property(text, (header) => {
      const plain = header.replace(/[^\0-\x7F]|#/g, '-').toLowerCase();
      expect(describe({ header: plain, product: 'tpa_spread' })).toEqual({
        ...describe({ header: normalizeHeader(plain), product: 'tpa_spread' }),
        header: plain,
      });
    }),
  );
});

test('what the lower-case form is suspected of is never waved through in camel case', () => {
  fc.assert(
    fc.property(text, (header) => {
      const plain = auditKind(normalizeHeader(header));
      expect(plain === 'unknown' || auditKind(header) !== 'unknown').toBe(true);
    }),
  );
});

test('headers of megabytes are decided like any other', () => {
  const parts = ['a', '_', 'aA', 'Aa', '\u212A', 'patient', 'nm', '1', ' ', '\u0301', 'a@', 'a.'];
  for (const part of parts) {
    const header = part.repeat(Math.ceil(2_000_000 / part.length));
    expect(auditKind(header)).toBe('suspect');
    expect(looksLikeValue(header)).toBe(part === '1');
  }
  for (const part of ['nm', 'id', 'patientname', 'a', 'mm']) {
    expect(auditKind(part.repeat(256 / part.length))).toBeDefined();
  }
});
