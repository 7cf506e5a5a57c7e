import type { ColumnCounts, CountedOutcome, NotedOutcome } from './counts.ts';
import { notedOutcomes } from './counts.ts';
import { restrictedZip3Version } from './generalize.ts';
import type { Inspection } from './inspect.ts';
import { type ColumnPlan, type Plan, shownHeader } from './plan.ts';
import { catalogueVersion } from './schema.ts';
import { specificationVersion, version } from './version.ts';

/** What was done to one column. Counts are of cells; row numbers count data rows from 1. */
export interface ColumnReport {
  readonly index: number;
  /** Null where the header may be a value, so that no report holds one. */
  readonly header: string | null;
  /** Null where the column is dropped; its position, `#3`, where the header may be a value. */
  readonly outputHeader: string | null;
  readonly column: string | null;
  readonly action: ColumnPlan['action'];
  readonly prefix?: string;
  readonly rule?: 'year' | 'zip3' | 'age90';
  readonly suspect?: true;
  readonly decidedBy: ColumnPlan['decidedBy'];
  /** A person keeps this very column, whatever it holds: the final check did not look at it. */
  readonly exempt?: true;
  readonly counts?: Partial<Record<CountedOutcome, number>>;
  /** Distinct originals; only where a map was written. */
  readonly distinct?: number;
  /** The first 100 rows of each kind that is worth a look. */
  readonly rows?: Partial<Record<NotedOutcome, readonly number[]>>;
}

/** What a run did, without the value of any cell. */
export interface Report {
  readonly tool: { readonly name: 'velora-vault'; readonly version: string };
  readonly specification: number;
  readonly product: string;
  readonly schemaVersion: string;
  readonly catalogueVersion: string;
  readonly keyFingerprint: string;
  readonly engine: string;
  readonly rows: number;
  readonly durationMs: number;
  readonly options: Plan['options'] & { readonly restrictedZip3?: string };
  readonly input: {
    readonly bytes: number;
    readonly sha256: string;
    readonly encoding: string;
    readonly delimiter: string;
  };
  readonly output: { readonly bytes: number; readonly sha256: string };
  readonly map: { readonly entries: number } | null;
  readonly columns: readonly ColumnReport[];
  /** Canonical columns that more than one header resolved to. */
  readonly repeatedColumns: readonly string[];
  /** What the reader of the output has to know. */
  readonly remarks: readonly string[];
}

export interface ReportParts {
  readonly plan: Plan;
  readonly inspection: Inspection;
  readonly keyFingerprint: string;
  readonly engine: string;
  readonly rows: number;
  readonly durationMs: number;
  readonly input: { readonly bytes: number; readonly sha256: string };
  readonly output: { readonly bytes: number; readonly sha256: string };
  /** Distinct originals of each column, where a map was written. */
  readonly distinct: readonly number[] | null;
  readonly counts: readonly ColumnCounts[];
}

export function createReport(parts: ReportParts): Report {
  const { plan, inspection, distinct } = parts;
  const { safeHarbor } = plan.options;
  return {
    tool: { name: 'velora-vault', version },
    specification: specificationVersion,
    product: plan.product.slug,
    schemaVersion: plan.product.version,
    catalogueVersion,
    keyFingerprint: parts.keyFingerprint,
    engine: parts.engine,
    rows: parts.rows,
    durationMs: Math.round(parts.durationMs),
    options: {
      ...plan.options,
      ...(safeHarbor ? { restrictedZip3: restrictedZip3Version } : {}),
    },
    input: { ...parts.input, encoding: inspection.encoding, delimiter: inspection.delimiter },
    output: parts.output,
    map: distinct === null ? null : { entries: distinct.reduce((sum, count) => sum + count, 0) },
    columns: plan.columns.map((column, i) =>
      columnReport(column, plan, parts.counts[i], distinct?.[i] ?? null),
    ),
    repeatedColumns: plan.repeated,
    remarks: [
      'The output is tokenized. It is not de-identified under Safe Harbor: service dates stay.',
    ],
  };
}

function columnReport(
  of: ColumnPlan,
  plan: Plan,
  counts: ColumnCounts | undefined,
  distinct: number | null,
): ColumnReport {
  const { index, column, action, prefix, rule, decidedBy, suspect, exempt } = of;
  const { header = null } = shownHeader(of, plan);
  const hidden = header === null && of.outputHeader === of.header;
  return {
    index,
    header,
    outputHeader: hidden ? `#${String(index + 1)}` : of.outputHeader,
    column,
    action,
    ...(prefix === undefined ? {} : { prefix }),
    ...(rule === undefined ? {} : { rule }),
    ...(suspect === undefined ? {} : { suspect: true }),
    decidedBy,
    ...(exempt === undefined ? {} : { exempt }),
    ...(counts === undefined ? {} : countsReport(action, counts)),
    ...(action === 'tokenize' && distinct !== null ? { distinct } : {}),
  };
}

const countsOf: Partial<Record<ColumnPlan['action'], readonly CountedOutcome[]>> = {
  tokenize: ['tokenized', 'empty', 'alreadyTokens', 'padded'],
  generalize: ['generalized', 'empty', 'repaired', 'suppressed'],
};

function countsReport(
  action: ColumnPlan['action'],
  { counts, rows }: ColumnCounts,
): Pick<ColumnReport, 'counts' | 'rows'> {
  const outcomes = countsOf[action];
  if (outcomes === undefined) return {};
  const noted = notedOutcomes.filter((outcome) => rows[outcome].length > 0);
  return {
    counts: Object.fromEntries(outcomes.map((outcome) => [outcome, counts[outcome]])),
    ...(noted.length === 0
      ? {}
      : { rows: Object.fromEntries(noted.map((outcome) => [outcome, rows[outcome]])) }),
  };
}
