import { createDigest } from './digest.ts';
import { asVaultError, VaultError } from './errors.ts';
import { headRecords } from './head-records.ts';
import { inspectHead } from './inspect.ts';
import { permittedDecisions, type Plan, planColumns, type PlanOptions } from './plan.ts';
import { cellShown, openOf, sampleOf, viewOf } from './review-columns.ts';
import type { FileChoices, Review } from './review-types.ts';
import { catalogue, getProduct, productSlugs } from './schema.ts';
import { cutText } from './shapes.ts';

export type { ColumnView, FileChoices, Review } from './review-types.ts';

const examplesShown = 3;

/** Builds what the first review would wait for, so that it is as quick as any other. */
export function warmUp(): void {
  const header = [...catalogue.keys()];
  const record = header.map(() => '1999-12-31').join(',');
  const head = new TextEncoder().encode(`${header.join(',')}\n${`${record}\n`.repeat(50)}`);
  const [product = ''] = productSlugs;
  const choices = { decisions: [], acceptHeader: true, allowTokens: false, safeHarbor: false };
  reviewHead(head, true, { product, ...choices });
}

/** How a run has to plan the columns, so that it does what the review has shown. */
export function planOptionsOf(choices: FileChoices): PlanOptions {
  const { decisions, acceptHeader, allowTokens, safeHarbor, referenceYear } = choices;
  return {
    decisions,
    unknown: 'fail',
    acceptHeader,
    allowTokens,
    safeHarbor,
    ...(referenceYear === undefined ? {} : { referenceYear }),
  };
}

/**
 * What the first bytes of a file tell under the choices made so far. Columns that nobody knows are
 * open until they are decided. What is wrong below the header does not matter here: the run tells.
 * @param head the first 64 KiB, decompressed, or the whole file where it is shorter
 * @param whole whether the file ends with the head
 * @throws VaultError those of `inspectHead`; `product-unknown`; `option-invalid` for choices that
 *   `planColumns` refuses. Whether the first record is a header is a question, not an error.
 */
export function reviewHead(head: Uint8Array, whole: boolean, choices: FileChoices): Review {
  const product = getProduct(choices.product);
  const inspection = inspectHead(head, whole, choices);
  const { encoding, delimiter, header } = inspection;
  const options = planOptionsOf(choices);
  const plan = planOrQuestion(() => planColumns(header, product, options));
  if (plan instanceof VaultError) {
    const question = plan.toPlain();
    return {
      encoding,
      delimiter,
      headerQuestion: question,
      headersDigest: digestOf(product.slug, header, true),
      columns: [],
      recognized: false,
      repeated: [],
      open: question,
      sample: { header: [], records: [] },
    };
  }
  const records = headRecords(head, whole, inspection);
  const permitted = permittedDecisions(plan);
  const columns = plan.columns.flatMap((column) => {
    const may = permitted[column.index];
    return may === undefined ? [] : [viewOf(column, plan, may, records)];
  });
  return {
    encoding,
    delimiter,
    headerQuestion: null,
    headersDigest: digestOf(
      product.slug,
      header,
      columns.some((column) => column.header === null),
    ),
    columns,
    recognized: plan.recognized,
    repeated: plan.repeated,
    open: openOf(plan, columns, records),
    sample: sampleOf(plan, columns, records),
  };
}

/**
 * Up to three different values of one column, none of them empty, because the person asked to see
 * them. Long ones are cut.
 * @param column position from 0
 * @throws VaultError as `reviewHead`; `header-not-accepted`; `option-invalid` for no such column
 */
export function exampleValues(
  head: Uint8Array,
  whole: boolean,
  choices: FileChoices,
  column: number,
): string[] {
  const inspection = inspectHead(head, whole, choices);
  planColumns(inspection.header, getProduct(choices.product), planOptionsOf(choices));
  if (inspection.header[column] === undefined) {
    throw new VaultError('option-invalid', 'expected the position of a column of the file');
  }
  const values = new Set<string>();
  for (const record of headRecords(head, whole, inspection)) {
    const value = record[column] ?? '';
    if (value !== '') values.add(cutText(value, cellShown));
    if (values.size === examplesShown) break;
  }
  return [...values];
}

function planOrQuestion(plan: () => Plan): Plan | VaultError {
  try {
    return plan();
  } catch (error) {
    const known = asVaultError(error);
    if (known.code === 'header-not-accepted') return known;
    throw known;
  }
}

/**
 * Names a header row. Where a part of it may be a value, the name is salted, so that nobody who
 * finds it can try values; it then holds for as long as this module is loaded.
 */
function digestOf(product: string, header: readonly string[], mayBeValues: boolean): string {
  const digest = createDigest();
  if (mayBeValues) digest.update((salt ??= crypto.getRandomValues(new Uint8Array(32))));
  digest.update(new TextEncoder().encode(JSON.stringify([product, ...header])));
  return digest.hex();
}

let salt: Uint8Array | undefined;
