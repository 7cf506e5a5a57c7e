import { VaultError } from './errors.ts';

/** What a person says of one column, named by its header's exact text or its position, `#3`. */
export interface ColumnDecision {
  readonly select: string;
  readonly action: 'keep' | 'drop' | 'map';
  /** For `map`: the catalogue column that this one is. */
  readonly column?: string;
  /** For `keep`: nobody has confirmed what the column holds, so the final check still looks at it. */
  readonly checked?: true;
}

/**
 * The decisions by the position of the column that they are on, from 0.
 * @throws VaultError `option-invalid` for one that names no or several columns, and for two on one
 */
export function locateDecisions(
  header: readonly string[],
  decisions: readonly ColumnDecision[],
): Map<number, ColumnDecision> {
  const located = new Map<number, ColumnDecision>();
  const byText = decisions.length === 0 ? new Map<string, number[]>() : positionsOf(header);
  for (const decision of decisions) {
    const index = locate(header, byText, decision.select);
    if (located.has(index)) {
      throw new VaultError(
        'option-invalid',
        'two decisions on one column: expected one for each column',
        { column: index + 1 },
      );
    }
    located.set(index, decision);
  }
  return located;
}

/** Where each text stands in a header, by positions from 0. */
export function positionsOf(header: readonly (string | null)[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  header.forEach((text, index) => {
    if (text === null) return;
    const found = positions.get(text);
    if (found === undefined) positions.set(text, [index]);
    else found.push(index);
  });
  return positions;
}

/** The position, from 0, that `#3` names; undefined for anything else. */
export function positionIn(select: string): number | undefined {
  const [, digits] = /^#([1-9]\d{0,6})$/.exec(select) ?? [];
  return digits === undefined ? undefined : Number(digits) - 1;
}

function locate(
  header: readonly string[],
  byText: ReadonlyMap<string, readonly number[]>,
  select: string,
): number {
  const position = positionIn(select);
  const there = position !== undefined && position < header.length ? [position] : [];
  const matches = [...new Set([...(byText.get(select) ?? []), ...there])].sort((a, b) => a - b);
  const [index] = matches;
  if (index === undefined) {
    throw new VaultError(
      'option-invalid',
      'a decision names a column that the file does not have: expected a header exactly as it stands in the file, or a position such as #3',
    );
  }
  if (matches.length > 1) {
    const positions = matches.map((match) => `#${String(match + 1)}`).join(', ');
    throw new VaultError(
      'option-invalid',
      `a decision names several columns: expected one of the positions ${positions}`,
    );
  }
  return index;
}
