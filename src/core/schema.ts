import analyticsFile from '../../schemas/analytics.json' with { type: 'json' };
import catalogueFile from '../../schemas/catalogue.json' with { type: 'json' };
import claimsReplay from '../../schemas/products/claims_replay.json' with { type: 'json' };
import instantAudit from '../../schemas/products/instant_audit.json' with { type: 'json' };
import leakageDetection from '../../schemas/products/leakage_detection.json' with { type: 'json' };
import pbmTransparency from '../../schemas/products/pbm_transparency.json' with { type: 'json' };
import providerBenchmark from '../../schemas/products/provider_benchmark.json' with { type: 'json' };
import tpaSpread from '../../schemas/products/tpa_spread.json' with { type: 'json' };
import type { Vocabulary } from './aliases.ts';
import { VaultError } from './errors.ts';
import type { AnalyticsFile, CatalogueFile, ProductFile } from './schema-files.ts';

/** The product files in the order of `list-products`. A new product is one JSON file and one line. */
const productFiles: readonly ProductFile[] = [
  instantAudit,
  claimsReplay,
  tpaSpread,
  pbmTransparency,
  leakageDetection,
  providerBenchmark,
];

/**
 * A column of the catalogue: an identifier, or what 45 CFR 164.514(b)(2)(i) treats like one.
 * `prefix` is there where the action is `tokenize`, `rule` where it is `generalize`; `birth` marks
 * the dates that Safe Harbor caps, `relaxable` the columns that a product may keep.
 */
export type IdentifierColumn = Readonly<CatalogueFile['columns'][number]> & {
  readonly source: 'catalogue';
};

/** A column that a product analyses, kept as it is. */
export type AnalyticsColumn = Readonly<AnalyticsFile['columns'][number]> & {
  readonly source: 'analytics';
  readonly action: 'keep';
};

export type Column = IdentifierColumn | AnalyticsColumn;

export interface Product {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Every catalogue column, with the product's relaxations applied, then its analytics columns. */
  readonly columns: readonly Column[];
}

const { columns: catalogueColumns, version } = catalogueFile as CatalogueFile;
const analytics: AnalyticsFile = analyticsFile;

/** The words that stand for the slots of aliases, in the catalogue and in the analytics columns. */
export const vocabularies: Readonly<Record<Column['source'], Vocabulary>> = Object.freeze({
  catalogue: catalogueFile.vocabulary,
  analytics: analytics.vocabulary,
});

/** Version of the catalogue of identifier columns. */
export const catalogueVersion: string = version;

/** The identifier columns by canonical name, in the catalogue's order. */
export const catalogue: ReadonlyMap<string, IdentifierColumn> = new Map(
  catalogueColumns.map((entry) => [entry.name, Object.freeze({ source: 'catalogue', ...entry })]),
);

const analyticsByName = new Map(analytics.columns.map((entry) => [entry.name, entry]));

/** The products by slug, in the order of `list-products`. */
export const products: ReadonlyMap<string, Product> = new Map(
  productFiles.map((file) => [file.slug, expandProduct(file)]),
);

/** Slugs of the products there are. */
export const productSlugs: readonly string[] = Object.freeze([...products.keys()]);

/**
 * The product with this slug.
 * @throws VaultError `product-unknown`, whose message lists the slugs there are
 */
export function getProduct(slug: string): Product {
  const product = products.get(slug);
  if (product) return product;
  throw new VaultError(
    'product-unknown',
    `unknown product: expected one of ${productSlugs.join(', ')}`,
  );
}

/**
 * The catalogue column of this name, which the catalogue tokenizes.
 * @throws VaultError `option-invalid` where there is none
 */
export function tokenColumn(name: string): IdentifierColumn & { readonly prefix: string } {
  const column = catalogue.get(name);
  const prefix = column?.prefix;
  if (column && prefix !== undefined) return { ...column, prefix };
  throw new VaultError('option-invalid', 'expected the name of a column that is tokenized');
}

function expandProduct(file: ProductFile): Product {
  const identifiers = [...catalogue.values()].map((column) => relax(column, file.relax));
  const named = file.analytics.map((name) => {
    const entry = analyticsByName.get(name);
    if (!entry) throw new Error(`product ${file.slug}: no analytics column ${name}`);
    return entry;
  });
  const kept = [...named, ...(file.columns ?? [])].map((entry) =>
    Object.freeze<AnalyticsColumn>({ source: 'analytics', action: 'keep', ...entry }),
  );
  const { slug, title, description, version: productVersion } = file;
  const columns = Object.freeze([...identifiers, ...kept]);
  return Object.freeze({ slug, title, description, version: productVersion, columns });
}

/** NPPES publishes NPIs, so a product may keep those columns; no other can be relaxed. */
function relax(column: IdentifierColumn, names: readonly string[]): IdentifierColumn {
  if (!names.includes(column.name)) return column;
  if (column.relaxable !== true) throw new Error(`column ${column.name} cannot be relaxed`);
  return Object.freeze({ ...column, action: 'keep' });
}
