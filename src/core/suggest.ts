import type { ColumnPlan } from './plan.ts';
import { catalogue, type Column } from './schema.ts';
import { formsOf } from './value-forms.ts';

/** A catalogue column that a column may be, and why, in words that hold no value. */
export interface Suggestion {
  readonly column: string;
  readonly why: string;
}

const suggestionsKept = 4;
/** What a header's words say counts like a form of values that other things have as well. */
const headerSure = 3;
/** Forms less sure than this say nothing against a header that the product knows. */
const sureOfKnown = 4;

/**
 * What a column may be, likeliest first: by its header's words, and by the forms of its first
 * values. Nothing for a column that the catalogue knows; for one that the product keeps only what
 * its values say clearly.
 * @param known what the header resolves to
 * @param values of the first records, empty ones too
 */
export function suggestColumns(
  known: Column | null,
  suspect: ColumnPlan['suspect'],
  values: readonly string[],
): Suggestion[] {
  if (known?.source === 'catalogue') return [];
  const found = new Map<string, { sure: number; whys: string[] }>();
  const add = (name: string, sure: number, why: string): void => {
    const entry = found.get(name) ?? { sure: 0, whys: [] };
    found.set(name, { sure: entry.sure + sure, whys: [...entry.whys, why] });
  };
  if (suspect !== undefined) {
    suspect.suggestions.forEach((name, i) => {
      add(name, headerSure - i / 10, `its header: ${suspect.reason}`);
    });
  }
  for (const { column: name, sure, why } of formsOf(values)) {
    if (known === null || sure >= sureOfKnown) add(name, sure, why);
  }
  return [...found]
    .filter(([name]) => catalogue.has(name))
    .sort(([, a], [, b]) => b.sure - a.sure)
    .slice(0, suggestionsKept)
    .map(([name, { whys }]) => ({ column: name, why: whys.join('; ') }));
}
