import Ajv2020 from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import analyticsJson from '../../schemas/analytics.json' with { type: 'json' };
import analyticsSchema from '../../schemas/analytics.schema.json' with { type: 'json' };
import catalogueJson from '../../schemas/catalogue.json' with { type: 'json' };
import catalogueSchema from '../../schemas/catalogue.schema.json' with { type: 'json' };
import claimsReplay from '../../schemas/products/claims_replay.json' with { type: 'json' };
import instantAudit from '../../schemas/products/instant_audit.json' with { type: 'json' };
import leakageDetection from '../../schemas/products/leakage_detection.json' with { type: 'json' };
import pbmTransparency from '../../schemas/products/pbm_transparency.json' with { type: 'json' };
import providerBenchmark from '../../schemas/products/provider_benchmark.json' with { type: 'json' };
import tpaSpread from '../../schemas/products/tpa_spread.json' with { type: 'json' };
import productSchema from '../../schemas/product.schema.json' with { type: 'json' };
import suspectJson from '../../schemas/suspect.json' with { type: 'json' };
import suspectSchema from '../../schemas/suspect.schema.json' with { type: 'json' };
import { analyticsAliases, identifierAliases } from '../../src/core/alias-index.ts';
import { comparable, expandAlias, type Vocabulary } from '../../src/core/aliases.ts';
import { VaultError } from '../../src/core/errors.ts';
import { normalizeHeader } from '../../src/core/headers.ts';
import {
  catalogue,
  getProduct,
  products,
  productSlugs,
  tokenColumn,
} from '../../src/core/schema.ts';

const productFiles = [
  claimsReplay,
  instantAudit,
  leakageDetection,
  pbmTransparency,
  providerBenchmark,
  tpaSpread,
];

/** TOKEN_SPEC §4: prefix, or `-`, and action or rule, of every catalogue column. */
const contract: Record<string, string> = {
  'NAM tokenize':
    'patient_name patient_first_name patient_middle_name patient_last_name patient_suffix ' +
    'subscriber_name subscriber_first_name subscriber_middle_name subscriber_last_name ' +
    'dependent_name guarantor_name contact_name mother_maiden_name',
  'ORG tokenize': 'employer_name',
  'ADR tokenize': 'address_line_1 address_line_2',
  'CTY tokenize': 'city',
  'CNT tokenize': 'county',
  'BPL tokenize': 'birthplace',
  '- drop': 'latitude longitude census_tract notes',
  '- zip3': 'zip',
  '- year': 'date_of_birth subscriber_date_of_birth dependent_date_of_birth date_of_death',
  '- keep': 'age',
  'PHN tokenize': 'phone phone_alternate',
  'FAX tokenize': 'fax',
  'EML tokenize': 'email',
  'SSN tokenize': 'ssn subscriber_ssn dependent_ssn',
  'MRN tokenize': 'mrn',
  'MBR tokenize': 'member_id',
  'SUB tokenize': 'subscriber_id',
  'MBI tokenize': 'medicare_id',
  'MCD tokenize': 'medicaid_id',
  'POL tokenize': 'policy_number',
  'ACC tokenize': 'patient_account_number',
  'BNK tokenize': 'bank_account_number',
  'LIC tokenize': 'license_number drivers_license',
  'DEA tokenize': 'dea_number',
  'PSP tokenize': 'passport_number',
  'VIN tokenize': 'vehicle_id license_plate',
  'DEV tokenize': 'device_id',
  'URL tokenize': 'url',
  'IPA tokenize': 'ip_address',
  'BIO tokenize': 'biometric_id',
  'IMG tokenize': 'photo',
  'CLM tokenize': 'claim_id',
  'PAT tokenize': 'patient_id',
  'ENC tokenize': 'encounter_id',
  'EMP tokenize': 'employee_id',
  'AUT tokenize': 'authorization_number',
  'RXN tokenize': 'prescription_number',
  'EIN tokenize': 'tax_id',
  'NPI tokenize': 'npi rendering_npi billing_npi referring_npi prescriber_npi facility_npi',
};

const npiColumns = contract['NPI tokenize']?.split(' ') ?? [];

test.each([
  ['catalogue', catalogueSchema, [catalogueJson]],
  ['analytics', analyticsSchema, [analyticsJson]],
  ['suspect', suspectSchema, [suspectJson]],
  ['product', productSchema, productFiles],
])('%s files satisfy their JSON Schema', (_name, schema, files) => {
  const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(
    schema,
  );
  for (const file of files) {
    validate(file);
    expect(validate.errors).toBeNull();
  }
});

test('the catalogue is the prefix table of the token specification, column for column', () => {
  const found: Record<string, string[]> = {};
  for (const column of catalogue.values()) {
    (found[`${column.prefix ?? '-'} ${column.rule ?? column.action}`] ??= []).push(column.name);
  }
  const sorted = (lists: Record<string, string[]>): Record<string, string[]> =>
    Object.fromEntries(Object.entries(lists).map(([key, names]) => [key, [...names].sort()]));
  const expected = Object.entries(contract).map(([key, names]) => [key, names.split(' ')]);
  expect(sorted(found)).toEqual(sorted(Object.fromEntries(expected) as Record<string, string[]>));
});

test('prefixes are three capitals, and only what is tokenized has one', () => {
  for (const column of catalogue.values()) {
    expect(column.action === 'tokenize').toBe(/^[A-Z]{3}$/.test(column.prefix ?? ''));
  }
});

test('birth dates and relaxable columns are exactly those of the specification', () => {
  const marked = (key: 'birth' | 'relaxable'): string[] =>
    [...catalogue.values()].filter((column) => column[key]).map((column) => column.name);
  expect(marked('birth').sort()).toEqual(
    ['date_of_birth', 'subscriber_date_of_birth', 'dependent_date_of_birth'].sort(),
  );
  expect(marked('relaxable')).toEqual(npiColumns);
  expect(catalogue.get('age')?.safeHarborRule).toBe('age90');
});

test('every alias is in normalized form', () => {
  const words = (columns: { aliases: readonly string[] }[], vocabulary: Vocabulary): string[] =>
    columns.flatMap((column) => column.aliases.flatMap((a) => [...expandAlias(a, vocabulary)]));
  const zip3 = catalogueJson.columns.map(({ generalizedAliases }) => ({
    aliases: generalizedAliases ?? [],
  }));
  const all = [
    ...words([...catalogueJson.columns, ...zip3], catalogueJson.vocabulary),
    ...words(analyticsJson.columns, analyticsJson.vocabulary),
  ];
  expect(all.filter((alias) => normalizeHeader(alias) !== alias)).toEqual([]);
});

test('no alias stands for two columns of the catalogue', () => {
  const owner = new Map<string, string>();
  const shared: string[] = [];
  for (const column of catalogueJson.columns) {
    const patterns = [column.name, ...column.aliases, ...(column.generalizedAliases ?? [])];
    for (const expanded of patterns.flatMap((p) => [...expandAlias(p, catalogueJson.vocabulary)])) {
      const form = comparable(expanded);
      const other = owner.get(form);
      if (other !== undefined && other !== column.name) shared.push(form);
      owner.set(form, column.name);
    }
  }
  expect(shared).toEqual([]);
  expect(owner.size).toBeGreaterThan(600);
});

test('headers that say zip3 stand apart from those that do not', () => {
  const zip = catalogueJson.columns.find((column) => column.name === 'zip');
  const expand = (patterns: readonly string[] | undefined): string[] =>
    (patterns ?? []).flatMap((p) => [...expandAlias(p, catalogueJson.vocabulary)].map(comparable));
  const said = new Set(expand(zip?.generalizedAliases));
  expect(expand(zip?.aliases).filter((form) => said.has(form))).toEqual([]);
  expect(said.has('zipprefix')).toBe(true);
});

test('no alias stands for two columns of the analytics dictionary, nor for one of each', () => {
  const identifiers = identifierAliases();
  const owner = new Map<string, string>();
  const shared: string[] = [];
  for (const { name, aliases } of analyticsJson.columns) {
    for (const pattern of [name, ...aliases]) {
      for (const expanded of expandAlias(pattern, analyticsJson.vocabulary)) {
        const form = comparable(expanded);
        if ((owner.get(form) ?? name) !== name || identifiers.get(form)) shared.push(form);
        owner.set(form, name);
      }
    }
  }
  expect(shared).toEqual([]);
});

test('no generic word is an alias of an identifier', () => {
  const generic =
    'id ids name names number num no nbr date dt code cd type status value key text1 title ' +
    'description amount count total paid period year month day time result reason source class ' +
    'category group plan state gender sex unit units quantity rate flag index line file record row ' +
    'member subscriber person provider reference identifier uuid guid account policy user client ' +
    'claims rx content auth';
  const aliases = identifierAliases();
  expect(generic.split(' ').filter((word) => aliases.get(word))).toEqual([]);
});

test('every product holds every catalogue column, and its own analytics columns', () => {
  expect([...products.keys()].sort()).toEqual(productFiles.map((file) => file.slug).sort());
  for (const file of productFiles) {
    const product = getProduct(file.slug);
    const named = product.columns.map((column) => column.name);
    expect(named).toEqual([...catalogue.keys(), ...file.analytics]);
    expect(new Set(named).size).toBe(named.length);
    for (const column of product.columns.filter((c) => c.source === 'analytics')) {
      expect(analyticsAliases(product).get(comparable(column.name))?.name).toBe(column.name);
    }
  }
});

test('provider_benchmark alone relaxes, and nothing but NPIs', () => {
  for (const product of products.values()) {
    const relaxed = product.columns
      .filter((c) => c.source === 'catalogue' && c.action !== catalogue.get(c.name)?.action)
      .map((column) => column.name);
    expect(relaxed).toEqual(product.slug === 'provider_benchmark' ? npiColumns : []);
  }
});

test('what suspicion suggests is in the catalogue, and no word is listed twice', () => {
  const suggested = [suspectJson.whole, suspectJson.pieces, suspectJson.rules]
    .flat()
    .flatMap((entry) => entry.suggest);
  expect(suggested.filter((name) => !catalogue.has(name))).toEqual([]);
  for (const entries of [suspectJson.owners, suspectJson.whole, suspectJson.pieces]) {
    const words = entries.flatMap((entry) => entry.words.map(comparable));
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
  }
  const kinds = new Set(suspectJson.owners.map((entry) => entry.kind));
  const used = suspectJson.rules.flatMap((r) => [...(r.owners ?? []), ...(r.notOwners ?? [])]);
  expect(used.filter((kind) => !kinds.has(kind))).toEqual([]);
});

test('an unknown product is an error that lists the known ones', () => {
  let error: unknown;
  try {
    getProduct('nonesuch');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(VaultError);
  expect((error as VaultError).code).toBe('product-unknown');
  for (const slug of productSlugs) expect((error as VaultError).message).toContain(slug);
});

test('tokenColumn gives columns that are tokenized and no others', () => {
  expect(tokenColumn('member_id').prefix).toBe('MBR');
  for (const name of ['zip', 'age', 'notes', 'nonesuch', 'Member ID']) {
    expect(() => tokenColumn(name)).toThrow(VaultError);
  }
});

test('schemas are frozen', () => {
  const product = getProduct('instant_audit');
  expect(Object.isFrozen(product) && Object.isFrozen(product.columns)).toBe(true);
  expect(product.columns.every((column) => Object.isFrozen(column))).toBe(true);
});
