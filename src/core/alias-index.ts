import { comparable, expandAlias, type Vocabulary } from './aliases.ts';
import { catalogue, type Column, type Product, vocabularies } from './schema.ts';

/** What a header stands for. */
export interface AliasTarget {
  readonly name: string;
  /** The header itself says that the values are three-digit ZIP areas. */
  readonly saysZip3: boolean;
}

let identifierIndex: ReadonlyMap<string, AliasTarget> | undefined;
const analyticsIndexes = new WeakMap<Product, ReadonlyMap<string, AliasTarget>>();

/** Comparable form of a header → catalogue column. Built at the first use. */
export function identifierAliases(): ReadonlyMap<string, AliasTarget> {
  identifierIndex ??= indexOf([...catalogue.values()], vocabularies.catalogue);
  return identifierIndex;
}

/** Comparable form of a header → analytics column of the product. Built at the first use of each product. */
export function analyticsAliases(product: Product): ReadonlyMap<string, AliasTarget> {
  let index = analyticsIndexes.get(product);
  if (!index) {
    const kept = product.columns.filter((column) => column.source === 'analytics');
    index = indexOf(kept, vocabularies.analytics);
    analyticsIndexes.set(product, index);
  }
  return index;
}

function indexOf(columns: readonly Column[], words: Vocabulary): Map<string, AliasTarget> {
  const index = new Map<string, AliasTarget>();
  const add = (name: string, patterns: readonly string[], saysZip3: boolean): void => {
    for (const pattern of patterns) {
      for (const form of expandAlias(pattern, words))
        index.set(comparable(form), { name, saysZip3 });
    }
  };
  for (const column of columns) {
    add(column.name, [column.name, ...column.aliases], false);
    if (column.source === 'catalogue') add(column.name, column.generalizedAliases ?? [], true);
  }
  return index;
}
