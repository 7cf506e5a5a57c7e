import { quoteForPeople } from '../core/errors.ts';
import { inspectHead } from '../core/inspect.ts';
import { formatMapping, mappingOf } from '../core/mapping.ts';
import {
  type ColumnDecision,
  type ColumnPlan,
  type Plan,
  planColumns,
  shownHeader,
} from '../core/plan.ts';
import { catalogueVersion, getProduct, products, vocabularies } from '../core/schema.ts';
import { inputFailure } from './failure.ts';
import { readHead } from './input.ts';
import { readMapping, withMapping } from './mapping-file.ts';
import { type DecisionOptions, dialectOf, planOptionsOf } from './options.ts';
import { print, refuseDash, writeTextFile } from './output.ts';
import { assertDistinctFiles } from './same-file.ts';
import { say, suspectAdvice } from './say.ts';
import { table } from './table.ts';

export interface PreviewOptions extends DecisionOptions {
  readonly product: string;
  readonly json?: boolean;
  /** Path of a new mapping file. */
  readonly writeMapping?: string;
}

/** `velora-vault preview`: what would be done to each column, from the first 64 KiB at most. */
export async function previewCommand(
  file: string | undefined,
  options: PreviewOptions,
): Promise<void> {
  const product = getProduct(options.product);
  const planOptions = planOptionsOf(options);
  const dialect = dialectOf(options);
  const mapping = await readMapping(options.mapping, product.slug);
  if (options.writeMapping !== undefined) {
    await assertDistinctFiles([
      { role: 'the input', file: file === undefined || file === '-' ? 0 : file, written: false },
      { role: 'the new mapping', file: options.writeMapping, written: true },
    ]);
  }
  const { name, head, whole } = await readHead(file);
  try {
    const inspection = inspectHead(head, whole, dialect);
    const decided = withMapping(planOptions, mapping, inspection.header);
    const plan = planColumns(inspection.header, product, decided);
    if (options.writeMapping !== undefined) {
      const fingerprint = mapping?.mapping.keyFingerprint ?? null;
      await writeMapping(options.writeMapping, plan, decided.decisions ?? [], fingerprint);
    }
    if (options.json === true) {
      const preview = {
        product: product.slug,
        schemaVersion: product.version,
        encoding: inspection.encoding,
        delimiter: inspection.delimiter,
        columns: plan.columns.map(previewColumn),
      };
      await print(`${JSON.stringify(preview, null, 2)}\n`);
      return;
    }
    const rows = plan.columns.map((column) => [
      String(column.index + 1),
      quoteForPeople(column.header),
      column.action,
      column.outputHeader === null ? '' : (column.prefix ?? column.rule ?? ''),
      column.column ?? '',
      why(column),
    ]);
    await print(
      `${table(['#', 'header', 'action', 'prefix or rule', 'taken for', 'why'], rows)}\n`,
    );
    say(
      `${product.slug} ${product.version}; ${inspection.encoding}, delimiter ${JSON.stringify(inspection.delimiter)}`,
    );
    for (const line of suspectAdvice(plan)) say(line);
  } catch (error) {
    throw inputFailure(error, name);
  }
}

/** The decisions as a mapping file; a header that may be a value does not get into it. */
async function writeMapping(
  path: string,
  plan: Plan,
  decisions: readonly ColumnDecision[],
  fingerprint: string | null,
): Promise<void> {
  refuseDash(path);
  const headers = plan.columns.map((column) => shownHeader(column, plan).header ?? null);
  const text = formatMapping(mappingOf(plan.product.slug, fingerprint, headers, decisions));
  await writeTextFile(path, text);
}

function previewColumn({
  index,
  header,
  column,
  action,
  prefix,
  rule,
  suspect,
}: ColumnPlan): object {
  return {
    index,
    header,
    column,
    action,
    ...(prefix === undefined ? {} : { prefix }),
    ...(rule === undefined ? {} : { rule }),
    ...(suspect === undefined ? {} : { suspect: true }),
  };
}

function why({ decidedBy, suspect, action, column, header }: Plan['columns'][number]): string {
  if (decidedBy === 'person') return 'an option of yours';
  if (suspect !== undefined) return `undecided: ${suspect.reason}`;
  if (decidedBy === 'catalogue')
    return column === header ? 'identifier' : 'identifier, by its header';
  if (decidedBy === 'product') return 'analytics column of the product';
  return action === 'unknown' ? 'no such header is known: kept and flagged' : '';
}

/** `velora-vault list-products` */
export async function listProductsCommand(): Promise<void> {
  const rows = [...products.values()].map(({ slug, version, title }) => [slug, version, title]);
  await print(`${table(['product', 'version', 'title'], rows)}\n`);
}

/**
 * `velora-vault schema SLUG`: the product's columns, actions and aliases, as JSON. `vocabulary`
 * holds the words that the slots of aliases stand for, by where the column is from.
 */
export async function schemaCommand(slug: string): Promise<void> {
  const schema = { ...getProduct(slug), catalogueVersion, vocabulary: vocabularies };
  await print(`${JSON.stringify(schema, null, 2)}\n`);
}
