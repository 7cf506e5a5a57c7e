import { type AliasTarget, analyticsAliases, identifierAliases } from './alias-index.ts';
import { comparable } from './aliases.ts';
import { stripBlanks } from './blanks.ts';
import { isWrittenDate } from './generalize.ts';
import { normalizeHeader } from './normalize.ts';
import type { Column, Product } from './schema.ts';
import { suspicion } from './suspect.ts';

export { normalizeHeader };

/** What a header is in a product: TOKEN_SPEC §2, `docs/headers.md`. */
export type HeaderClass =
  | {
      readonly kind: 'resolved';
      /** `column.source` tells an identifier of the catalogue from an analytics column. */
      readonly column: Column;
      /** The header itself says that its ZIP codes are three digits already. */
      readonly saysZip3: boolean;
    }
  | {
      readonly kind: 'suspect';
      /** Catalogue columns it may be, likeliest first; may be empty. */
      readonly suggestions: readonly string[];
      /** Why, in words of the rule and never of the header. */
      readonly reason: string;
    }
  | { readonly kind: 'unknown' };

/**
 * Decides what a header is. The catalogue comes first, so that every identifier column resolves in
 * every product; then the product's analytics; then the suspect rule; what is left is unknown.
 * Linear in the header's length, which is hostile input.
 * @param header the cell of the header record, as decoded
 */
export function classifyHeader(header: string, product: Product): HeaderClass {
  const found = classifyAsWritten(header, product);
  if (!header.includes('#') || isGuarded(found)) return found;
  // Normalization loses the sign that makes a number of `Hospital #`.
  const numbered = classifyAsWritten(header.replaceAll('#', ' number '), product);
  return isGuarded(numbered) ? numbered : found;
}

/** Whether a column is treated as an identifier, or asked about. */
function isGuarded(found: HeaderClass): boolean {
  return (
    found.kind === 'suspect' || (found.kind === 'resolved' && found.column.source === 'catalogue')
  );
}

function classifyAsWritten(header: string, product: Product): HeaderClass {
  const normalized = normalizeHeader(header);
  const form = comparable(normalized);
  const target = identifierAliases().get(form) ?? analyticsAliases(product).get(form);
  if (target) return resolve(target, product);
  const found = suspicion(header, normalized);
  return found ? { kind: 'suspect', ...found } : { kind: 'unknown' };
}

function resolve({ name, saysZip3 }: AliasTarget, product: Product): HeaderClass {
  const column = product.columns.find((candidate) => candidate.name === name);
  if (!column) throw new Error(`product ${product.slug} lacks the column ${name}`);
  return { kind: 'resolved', column, saysZip3 };
}

/** Longer cells are no date, number or address; an e-mail address has at most 254 characters. */
const longestValue = 320;

/**
 * Whether a header has the form of a value, blanks around it ignored: a date, also with two digits
 * for the year, an SSN, a telephone number, an e-mail address, an amount, or nothing but digits. Then the file probably lacks its header record.
 */
export function looksLikeValue(header: string): boolean {
  const text = stripBlanks(header);
  if (/^\d+$/.test(text)) return true;
  if (text.length > longestValue) return false;
  return (
    isWrittenDate(text) ||
    /^\d{1,2}([-/.])\d{1,2}\1\d{2}$/.test(text) ||
    /^-?\$?[\d,]+\.\d+$/.test(text) ||
    /^\d{3}-\d{2}-\d{4}$/.test(text) ||
    /^(?:\+?\d{1,3}[-. ]?)?(?:\(\d{3}\)|\d{3})[-. ]?\d{3}[-. ]?\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?$/i.test(
      text,
    ) ||
    /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text)
  );
}
