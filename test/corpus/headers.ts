import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classifyHeader } from '../../src/core/headers.ts';
import { type Product, products } from '../../src/core/schema.ts';
import { percent, type Tally } from './tally.ts';

interface LabelledHeader {
  readonly header: string;
  readonly kind: string;
}

/** What happens to a header: an identifier should not be missed, any other not be acted on. */
type Fate = 'resolved' | 'suspected' | 'left alone';

const identifierKinds = new Set(
  (
    'name first_name last_name ssn member_id subscriber_id patient_id mrn account_number claim_id ' +
    'npi tax_id dea license email phone fax address city county zip dob date_of_death url ip ' +
    'device_id vehicle photo free_text'
  ).split(' '),
);

/** Names and addresses of providers and facilities are public, and kept by contract. */
const placeKinds = new Set(['address', 'city', 'county', 'zip', 'phone', 'fax']);
const providerKinds = new Set(['provider_name', 'facility_name']);
const providerWords =
  /prov|prvdr|prv|practice|physician|doctor|prescriber|facility|srvfac|servfac|pharm|business|organi[sz]ation|hospital|clinic|care_?site/i;

function isProviders({ header, kind }: LabelledHeader): boolean {
  return providerKinds.has(kind) || (placeKinds.has(kind) && providerWords.test(header));
}

async function readHeaders(folder: string): Promise<LabelledHeader[]> {
  const text = await readFile(join(folder, 'headers.tsv'), 'utf8');
  const [names = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const columns = names.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return {
      header: cells[columns.indexOf('header')] ?? '',
      kind: cells[columns.indexOf('class')] ?? '',
    };
  });
}

function fateOf(header: string, product: Product): Fate {
  const found = classifyHeader(header, product);
  if (found.kind === 'suspect') return 'suspected';
  // NPIs that a product keeps are known for what they are all the same.
  const known = found.kind === 'resolved' && found.column.source === 'catalogue';
  const acted = known && (found.column.action !== 'keep' || found.column.relaxable === true);
  return acted ? 'resolved' : 'left alone';
}

interface Score {
  readonly total: number;
  readonly resolved: number;
  readonly suspected: number;
}

function score(headers: readonly LabelledHeader[], product: Product): Score {
  const fates = headers.map(({ header }) => fateOf(header, product));
  return {
    total: fates.length,
    resolved: fates.filter((fate) => fate === 'resolved').length,
    suspected: fates.filter((fate) => fate === 'suspected').length,
  };
}

const leastResolved = 0.85;
const leastNoticed = 0.98;
const mostActedOn = 0.03;

/** The share of identifiers that are noticed, and of other columns that are taken for one. */
export async function checkHeaders(folder: string, tally: Tally): Promise<void> {
  const all = await readHeaders(folder);
  const identifiers = all.filter(({ kind }) => identifierKinds.has(kind));
  const others = all.filter(({ kind }) => !identifierKinds.has(kind));
  const counted = identifiers.filter((one) => !isProviders(one));
  const countedOthers = others.filter((one) => !isProviders(one));
  const worst = worstProduct(others);
  tally.section(
    `Headers of public extracts, in the product that acts most on others: ${worst.slug}`,
  );

  const line = (name: string, headers: readonly LabelledHeader[]): (string | number)[] => {
    const { total, resolved, suspected } = score(headers, worst);
    return [name, total, resolved, suspected, total - resolved - suspected];
  };
  const kindsOf = (headers: readonly LabelledHeader[]): string[] =>
    [...new Set(headers.map(({ kind }) => kind))].sort();
  const ofKind = (kind: string): LabelledHeader[] => all.filter((one) => one.kind === kind);
  const titles = ['total', 'resolved', 'suspected'];
  tally.table([
    ['identifiers', ...titles, 'missed'],
    ...kindsOf(identifiers).map((kind) => line(kind, ofKind(kind))),
    ['others', ...titles, 'left alone'],
    ...kindsOf(others).map((kind) => line(kind, ofKind(kind))),
  ]);

  const sets = [
    { name: 'all', of: identifiers, besides: others },
    { name: 'without what providers and facilities publish', of: counted, besides: countedOthers },
  ];
  tally.table([
    ['', 'identifiers', 'resolved', 'or suspected', 'others', 'acted on'],
    ...sets.map(({ name, of, besides }) => {
      const found = score(of, worst);
      const acted = score(besides, worst);
      return [
        name,
        found.total,
        percent(found.resolved, found.total),
        percent(found.resolved + found.suspected, found.total),
        acted.total,
        percent(acted.resolved + acted.suspected, acted.total),
      ];
    }),
  ]);
  const list = (
    title: string,
    headers: readonly LabelledHeader[],
    fates: readonly Fate[],
  ): void => {
    const named = headers.filter(({ header }) => fates.includes(fateOf(header, worst)));
    const texts = named.map(({ header, kind }) => `${header} (${kind})`);
    tally.say(`  ${title}: ${texts.length === 0 ? 'none' : texts.join(', ')}`);
  };
  list('missed', identifiers, ['left alone']);
  list('acted on', others, ['resolved', 'suspected']);

  const found = score(counted, worst);
  const acted = score(countedOthers, worst);
  const share = (part: number, whole: number): number => part / Math.max(1, whole);
  tally.check(share(found.resolved, found.total) >= leastResolved, 'identifiers resolved');
  tally.check(
    share(found.resolved + found.suspected, found.total) >= leastNoticed,
    'identifiers resolved or suspected',
  );
  tally.check(
    share(acted.resolved + acted.suspected, acted.total) <= mostActedOn,
    'other columns acted on',
  );
}

function worstProduct(others: readonly LabelledHeader[]): Product {
  const actedOn = (product: Product): number => {
    const { resolved, suspected } = score(others, product);
    return resolved + suspected;
  };
  return [...products.values()].reduce((worst, product) =>
    actedOn(product) > actedOn(worst) ? product : worst,
  );
}
