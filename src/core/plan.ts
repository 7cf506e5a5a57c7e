import { type ColumnDecision, locateDecisions } from './decisions.ts';
import { VaultError } from './errors.ts';
import { classifyHeader, looksLikeValue } from './headers.ts';
import { catalogue, type Column, type Product } from './schema.ts';
import safeHarborRules from '../../schemas/safe-harbor.json' with { type: 'json' };
import type { Treatment } from './treatment.ts';

export type { ColumnDecision } from './decisions.ts';

export interface PlanOptions {
  readonly decisions?: readonly ColumnDecision[];
  /** What is done to unknown columns; `keep` unless told otherwise. Never covers a suspect one. */
  readonly unknown?: 'keep' | 'drop' | 'fail';
  /** The person says that the first record is a header, whatever it looks like. */
  readonly acceptHeader?: boolean;
  /** Cells that are tokens of their own column stay; three-digit ZIP codes stand. */
  readonly allowTokens?: boolean;
  readonly safeHarbor?: boolean;
  /** Year from which Safe Harbor counts ages back. Needed with `safeHarbor`. */
  readonly referenceYear?: number;
}

/** What is done to one column, and why. */
export interface ColumnPlan {
  /** Position in the file, from 0. */
  readonly index: number;
  readonly header: string;
  /** Canonical name, or null where the header is not known. */
  readonly column: string | null;
  readonly action: 'tokenize' | 'generalize' | 'keep' | 'drop' | 'unknown';
  readonly prefix?: string;
  readonly rule?: 'year' | 'zip3' | 'age90';
  /** Set where the header looks like an identifier: the columns that it may be, best first. */
  readonly suspect?: { readonly suggestions: readonly string[]; readonly reason: string };
  /** Who decided: the catalogue, the product's schema, the person, or nobody (unknown is kept). */
  readonly decidedBy: 'catalogue' | 'product' | 'person' | 'default';
  /** A person keeps this very column, whatever it holds. */
  readonly exempt?: true;
  readonly treatment: Treatment;
  /** The header in the output; null where the column is dropped. */
  readonly outputHeader: string | null;
}

export interface Plan {
  readonly product: Product;
  readonly columns: readonly ColumnPlan[];
  /** What each header resolves to, whatever was decided; null where nobody knows it. */
  readonly resolved: readonly (Column | null)[];
  readonly options: Required<Omit<PlanOptions, 'decisions' | 'referenceYear'>> & {
    readonly referenceYear: number | null;
  };
  /** Canonical columns that more than one header resolves to. */
  readonly repeated: readonly string[];
  /** Whether the header names an identifier: else the first record may be data all the same. */
  readonly recognized: boolean;
}

/**
 * A header as a message may repeat it: not at all where it may be a value, because it has the form
 * of one or because nothing of the first record is known.
 */
export function shownHeader(
  { header }: ColumnPlan,
  { recognized }: Pick<Plan, 'recognized'>,
): { readonly header?: string } {
  return recognized && !looksLikeValue(header) ? { header } : {};
}

const strictness = { unknown: 0, keep: 0, generalize: 1, tokenize: 2, drop: 3 } as const;

/**
 * Decides for every column of a header what is done to it. Suspect and unknown columns stay
 * `unknown` in the plan unless a decision covers them; `assertDecided` refuses what must not run.
 * @throws VaultError `header-not-accepted` where the first record may be data;
 *   `option-invalid` for a decision that names no or several columns, contradicts another, or
 *   would loosen what the schema says of an identifier
 */
export function planColumns(
  header: readonly string[],
  product: Product,
  options: PlanOptions = {},
): Plan {
  const classified = header.map((text) => classifyHeader(text, product));
  // By the header alone: a decision on a column takes nothing from what is known of it.
  const recognized = classified.some(
    (found) => found.kind === 'resolved' && found.column.source === 'catalogue',
  );
  if (options.acceptHeader !== true) assertHeaderRow(header, recognized);
  const settings = settingsOf(options);
  const decisions = locateDecisions(header, options.decisions ?? []);
  const columns = header.map((text, index): ColumnPlan => {
    const found = describeFound(classified[index] ?? { kind: 'unknown' });
    const decision = decisions.get(index);
    const rest =
      decision === undefined
        ? decideByDefault(text, found, settings)
        : decide(decision, text, index, found, product, settings);
    return { index, header: text, ...rest };
  });
  return {
    product,
    columns,
    resolved: classified.map((found) => (found.kind === 'resolved' ? found.column : null)),
    options: settings,
    repeated: repeatedColumns(columns),
    recognized,
  };
}

/**
 * Refuses a plan that leaves something open.
 * @throws VaultError `suspect-undecided`, `unknown-columns` (with `unknown: fail`), `no-columns-left`
 */
export function assertDecided(plan: Plan): void {
  const open = plan.columns.filter(({ action }) => action === 'unknown');
  const suspects = open.filter(({ suspect }) => suspect !== undefined);
  const refuse = (code: 'suspect-undecided' | 'unknown-columns', of: typeof open, why: string) => {
    const first = of[0];
    if (first === undefined) return;
    const more = of.length > 1 ? ` (and ${String(of.length - 1)} more)` : '';
    throw new VaultError(code, why + more, {
      line: 1,
      column: first.index + 1,
      ...shownHeader(first, plan),
      rule: code,
    });
  };
  refuse(
    'suspect-undecided',
    suspects,
    'a header that looks like an identifier: expected a decision on this very column',
  );
  if (plan.options.unknown === 'fail') {
    refuse('unknown-columns', open, 'an unknown header: expected known ones only');
  }
  if (plan.columns.every(({ outputHeader }) => outputHeader === null)) {
    throw new VaultError('no-columns-left', 'every column is dropped: expected one to be kept');
  }
}

/** What a person may decide on a column without `planColumns` refusing it. */
export interface Permitted {
  /** What the header resolves to, whatever was decided. */
  readonly known: Column | null;
  readonly actions: readonly ColumnDecision['action'][];
  /** Columns of the catalogue that it may be taken for, in the catalogue's order. */
  readonly targets: readonly string[];
}

/** What a person may still decide on each column, whatever was decided already. */
export function permittedDecisions({ resolved, product, options }: Plan): Permitted[] {
  const permitted = new Map<Column | null, Permitted>();
  return resolved.map((known) => {
    const found = permitted.get(known) ?? permittedOn(known, product, options);
    permitted.set(known, found);
    return found;
  });
}

function permittedOn(known: Column | null, product: Product, settings: Settings): Permitted {
  const targets = product.columns.filter(
    (target) =>
      target.source === 'catalogue' && (known === null || isAsStrict(known, target, settings)),
  );
  // Free text that is dropped may be called another column that is dropped: nobody needs that.
  const mapped = targets.some(({ action }) => action !== 'drop');
  return {
    known,
    actions: [
      ...(mayKeep(known, settings) ? ['keep' as const] : []),
      'drop',
      ...(mapped ? ['map' as const] : []),
    ],
    targets: mapped ? targets.map(({ name }) => name) : [],
  };
}

type Settings = Plan['options'];
type Classified = ReturnType<typeof classifyHeader>;

function settingsOf(options: PlanOptions): Settings {
  if (!['keep', 'drop', 'fail', undefined].includes(options.unknown)) {
    throw new VaultError('option-invalid', 'unknown: expected keep, drop or fail');
  }
  return {
    unknown: options.unknown ?? 'keep',
    acceptHeader: options.acceptHeader ?? false,
    allowTokens: options.allowTokens ?? false,
    safeHarbor: options.safeHarbor ?? false,
    referenceYear: options.safeHarbor === true ? referenceYearOf(options) : null,
  };
}

function assertHeaderRow(header: readonly string[], identifiers: boolean): void {
  const column = header.findIndex((text) => looksLikeValue(text));
  if (column >= 0) {
    throw new VaultError(
      'header-not-accepted',
      'the first record may be data: a field has the form of a value; expected a header row',
      { line: 1, column: column + 1, rule: 'header-form' },
    );
  }
  if (!identifiers) {
    throw new VaultError(
      'header-not-accepted',
      'the first record may be data: no field is the header of a known identifier; expected a header row',
      { line: 1, rule: 'header-known' },
    );
  }
}

function referenceYearOf({ referenceYear }: PlanOptions): number {
  const valid =
    referenceYear !== undefined &&
    Number.isInteger(referenceYear) &&
    referenceYear >= 1900 &&
    referenceYear <= 2100;
  if (valid) return referenceYear;
  throw new VaultError('option-invalid', 'reference year: expected a year from 1900 to 2100');
}

const dropped = { action: 'drop', treatment: { kind: 'drop' }, outputHeader: null } as const;

interface Found {
  readonly known: Column | null;
  readonly saysZip3: boolean;
  readonly suspect: Pick<ColumnPlan, 'suspect'>;
}

function describeFound(found: Classified): Found {
  if (found.kind === 'resolved') {
    return { known: found.column, saysZip3: found.saysZip3, suspect: {} };
  }
  const { kind } = found;
  if (kind === 'unknown') return { known: null, saysZip3: false, suspect: {} };
  const { suggestions, reason } = found;
  return { known: null, saysZip3: false, suspect: { suspect: { suggestions, reason } } };
}

function decideByDefault(
  header: string,
  { known, saysZip3, suspect }: Found,
  settings: Settings,
): Omit<ColumnPlan, 'index' | 'header'> {
  if (known !== null) {
    const plan = treat(known, saysZip3, settings);
    return {
      ...plan,
      decidedBy: known.source === 'catalogue' ? 'catalogue' : 'product',
      outputHeader: plan.action === 'drop' ? null : header,
    };
  }
  if (suspect.suspect === undefined && settings.unknown === 'drop') {
    return { column: null, ...dropped, decidedBy: 'person' };
  }
  return {
    ...suspect,
    column: null,
    action: 'unknown',
    treatment: { kind: 'keep' },
    decidedBy: 'default',
    outputHeader: header,
  };
}

function decide(
  decision: ColumnDecision,
  header: string,
  index: number,
  found: Found,
  product: Product,
  settings: Settings,
): Omit<ColumnPlan, 'index' | 'header'> {
  const { known, suspect } = found;
  const column = known?.name ?? null;
  if (decision.action === 'drop') {
    return { ...suspect, column, ...dropped, decidedBy: 'person' };
  }
  if (decision.action === 'keep') {
    if (!mayKeep(known, settings)) throw loosens(index);
    const kept = { column, action: 'keep', treatment: { kind: 'keep' } } as const;
    if (decision.checked !== true) {
      return { ...suspect, ...kept, decidedBy: 'person', exempt: true, outputHeader: header };
    }
    if (suspect.suspect !== undefined) throw unconfirmed(index);
    return { ...kept, decidedBy: 'person', outputHeader: header };
  }
  const target = mapTarget(decision, product);
  if (known !== null && !isAsStrict(known, target, settings)) throw loosens(index);
  const plan = treat(target, false, settings);
  return {
    ...suspect,
    ...plan,
    decidedBy: 'person',
    outputHeader: plan.action === 'drop' ? null : target.name,
  };
}

function mapTarget({ column }: ColumnDecision, product: Product): Column {
  const target = product.columns.find(
    ({ name, source }) => name === column && source === 'catalogue',
  );
  if (target !== undefined) return target;
  throw new VaultError(
    'option-invalid',
    `a decision names no column of the catalogue: expected one of ${[...catalogue.keys()].join(', ')}`,
  );
}

/** Whether a column may be kept: never one that is treated. */
function mayKeep(known: Column | null, settings: Settings): boolean {
  return known === null || treat(known, false, settings).action === 'keep';
}

/** Whether a resolved column may be taken for another: never for one that is treated less strictly. */
function isAsStrict(known: Column, target: Column, settings: Settings): boolean {
  const was = treat(known, false, settings);
  const is = treat(target, false, settings);
  if (strictness[is.action] < strictness[was.action]) return false;
  if (was.action !== 'generalize' || is.action !== 'generalize') return true;
  const birth = (column: Column) => column.source === 'catalogue' && column.birth === true;
  return was.rule === is.rule && birth(known) === birth(target);
}

function unconfirmed(index: number): VaultError {
  return new VaultError(
    'option-invalid',
    'a column that looks like an identifier is kept without a confirmation: expected one for this very column',
    { column: index + 1, rule: 'unconfirmed' },
  );
}

function loosens(index: number): VaultError {
  return new VaultError(
    'option-invalid',
    'a decision would loosen what the schema says of an identifier: expected a treatment at least as strict, or none',
    { column: index + 1, rule: 'loosen' },
  );
}

/** What a column's entry in the schema means for its cells under the options in force. */
function treat(
  column: Column,
  saysZip3: boolean,
  settings: Settings,
): Pick<ColumnPlan, 'column' | 'action' | 'prefix' | 'rule' | 'treatment'> {
  const { name } = column;
  const identifier = column.source === 'catalogue' ? column : null;
  if (column.action === 'tokenize' && identifier?.prefix !== undefined) {
    const { prefix } = identifier;
    const treatment = { kind: 'tokenize', column: name, prefix } as const;
    return { column: name, action: 'tokenize', prefix, treatment };
  }
  if (column.action === 'generalize' && identifier?.rule === 'zip3') {
    const acceptThreeDigits = saysZip3 || settings.allowTokens;
    const treatment = { kind: 'zip3', acceptThreeDigits, safeHarbor: settings.safeHarbor } as const;
    return { column: name, action: 'generalize', rule: 'zip3', treatment };
  }
  if (column.action === 'generalize') {
    const capped = identifier?.birth === true && settings.referenceYear !== null;
    const earliest = capped ? { earliest: settings.referenceYear - safeHarborRules.oldestAge } : {};
    return {
      column: name,
      action: 'generalize',
      rule: 'year',
      treatment: { kind: 'year', ...earliest },
    };
  }
  if (column.action === 'drop')
    return { column: name, action: 'drop', treatment: { kind: 'drop' } };
  if (identifier?.safeHarborRule === 'age90' && settings.safeHarbor) {
    return { column: name, action: 'generalize', rule: 'age90', treatment: { kind: 'age90' } };
  }
  return { column: name, action: 'keep', treatment: { kind: 'keep' } };
}

function repeatedColumns(columns: readonly ColumnPlan[]): string[] {
  const names = columns.flatMap(({ column }) => (column === null ? [] : [column]));
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
