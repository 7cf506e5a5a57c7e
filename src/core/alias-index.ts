import { AliasForms } from './alias-forms.ts';
import { catalogue, type Column, type Product, vocabularies } from './schema.ts';

/** What a header stands for. */
export interface AliasTarget {
  readonly name: string;
  /** The header itself says that the values are three-digit ZIP areas. */
  readonly saysZip3: boolean;
}

let identifierIndex: AliasForms<AliasTarget> | undefined;
const analyticsIndexes = new WeakMap<Product, AliasForms<AliasTarget>>();

/** Comparable form of a header → catalogue column. Read at the first use. */
export function identifierAliases(): AliasForms<AliasTarget> {
  identifierIndex ??= indexOf('catalogue', [...catalogue.values()]);
  return identifierIndex;
}

/** Comparable form of a header → analytics column of the product. Read at its first use. */
export function analyticsAliases(product: Product): AliasForms<AliasTarget> {
  let index = analyticsIndexes.get(product);
  if (!index) {
    index = indexOf('analytics', product.columns);
    analyticsIndexes.set(product, index);
  }
  return index;
}

function indexOf(source: Column['source'], columns: readonly Column[]): AliasForms<AliasTarget> {
  const index = new AliasForms<AliasTarget>(vocabularies[source]);
  for (const column of columns) {
    if (column.source !== source) continue;
    const { name, aliases } = column;
    const plain = { name, saysZip3: false };
    for (const pattern of [name, ...aliases]) index.add(pattern, plain);
    if (column.source !== 'catalogue') continue;
    const zip3 = { name, saysZip3: true };
    for (const pattern of column.generalizedAliases ?? []) index.add(pattern, zip3);
  }
  return index;
}
