import {
  describePlace,
  isVaultError,
  type PlainVaultError,
  quoteForPeople,
} from '../core/errors.ts';
import { type ColumnPlan, type Plan, shownHeader } from '../core/plan.ts';
import { defaultKeyVariable, tokenRule } from './secret-source.ts';

/** Writes a line for people to standard error. Standard output is for data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** `1 row`, `1,000 rows`. */
export function countOf(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1,000` for 1000. `toLocaleString` would load its tables first, some 15 ms for one number. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The message of an error: where, what was expected, and what to type. No value, no secret. */
function explain(error: PlainVaultError, file?: string): string {
  const place = describePlace(error);
  const where = [file, place].filter((part) => part !== undefined && part !== '').join(': ');
  const rule = error.rule === undefined ? '' : ` [${error.rule}]`;
  const advice = error.rule === tokenRule ? undefined : adviceFor[error.code];
  const text = `${where === '' ? '' : `${where}: `}${error.message}${rule}`;
  return `velora-vault: ${text}${advice === undefined ? '' : `\n${advice}`}`;
}

const adviceFor: Partial<Record<PlainVaultError['code'], string>> = {
  'header-not-accepted':
    '  If the file has no header row, add one; if a title stands above it, remove the title.\n' +
    '  Only if the first record really is the header: --accept-header',
  'tokens-found': '  To leave tokens as they are: --allow-tokens',
  'encoding-invalid': '  Name the encoding, for example: --encoding windows-1252',
  'upload-unanswered': '  To send it again all the same: --repeat-unanswered',
  'secret-invalid': `  The secret comes from ${defaultKeyVariable}, --key-env NAME or --key-file PATH.`,
};

/** Anything thrown, as one message. What is not ours is not repeated: it might quote a value. */
export function explainAny(error: unknown, file?: string): string {
  if (isVaultError(error)) return explain(error, file);
  const kind = error instanceof Error ? error.name : typeof error;
  return `velora-vault: unexpected ${kind}; nothing was written`;
}

/** How a header is typed on a command line: by its text where that is plain, else by position. */
function selectorOf(column: ColumnPlan, plan: Plan, repeated: ReadonlySet<string>): string {
  const { header } = shownHeader(column, plan);
  const plain =
    header !== undefined &&
    /^\w[\w .,/()-]{0,59}$/.test(header) &&
    header.trim() === header &&
    !repeated.has(header);
  return plain ? header : `#${String(column.index + 1)}`;
}

/** A column by position, and by its header unless that may be a value. */
function columnForPeople(column: ColumnPlan, plan: Plan): string {
  const position = `column ${String(column.index + 1)}`;
  const { header } = shownHeader(column, plan);
  return header === undefined ? position : `${position} ${quoteForPeople(header)}`;
}

/** What to type for the suspect columns that nothing has decided yet. */
export function suspectAdvice(plan: Plan): string[] {
  const open = plan.columns.filter(
    ({ suspect, action }) => suspect !== undefined && action === 'unknown',
  );
  if (open.length === 0) return [];
  const repeated = repeatedHeaders(plan);
  return [
    `${String(open.length)} column${open.length === 1 ? ' looks' : 's look'} like an identifier and must be decided, each by one of its options:`,
    ...open.slice(0, linesShown).flatMap((column) => {
      const selector = selectorOf(column, plan, repeated);
      const quoted = (text: string): string =>
        /^[\w#.-]+$/.test(text) && !text.startsWith('#') ? text : `"${text}"`;
      const suggestions = (column.suspect?.suggestions ?? []).slice(0, 3);
      const maps = suggestions.map((name) => `--column ${quoted(`${selector}=${name}`)}`);
      return [
        `  ${columnForPeople(column, plan)}: ${column.suspect?.reason ?? ''}`,
        ...[...maps, `--drop ${quoted(selector)}`, `--keep ${quoted(selector)}`].map(
          (option) => `    ${option}`,
        ),
      ];
    }),
    ...andMore(open.length),
  ];
}

/** Columns that are listed one by one, and how many are not. */
const linesShown = 50;

function andMore(count: number): string[] {
  return count > linesShown ? [`  … and ${String(count - linesShown)} more`] : [];
}

/** Headers that more than one column has: they name none. */
function repeatedHeaders(plan: Plan): Set<string> {
  const seen = new Set<string>();
  return new Set(
    plan.columns.flatMap(({ header }) => {
      if (seen.has(header)) return [header];
      seen.add(header);
      return [];
    }),
  );
}

/** A line for each thing about the columns that people should know before the file leaves. */
export function columnWarnings(plan: Plan): string[] {
  const unknown = plan.columns.filter(
    ({ suspect, action }) => suspect === undefined && action === 'unknown',
  );
  const fate = plan.options.unknown === 'fail' ? 'unknown' : 'unknown, kept unchanged';
  const repeated = plan.repeated.filter((name) =>
    plan.columns.some(({ column, action }) => column === name && action !== 'keep'),
  );
  return [
    ...(plan.recognized
      ? []
      : ['no column is known as an identifier: is the first record really the header?']),
    ...unknown.slice(0, linesShown).map((column) => `${fate}: ${columnForPeople(column, plan)}`),
    ...andMore(unknown.length),
    ...repeated.map((name) => {
      const positions = plan.columns
        .filter(({ column }) => column === name)
        .map(({ index }) => String(index + 1));
      return `columns ${positions.join(', ')} are all taken for ${name}`;
    }),
  ];
}

/** A line for each column that `verify` knows nothing of, though it looks like an identifier. */
export function uncheckedSuspects(plan: Plan): string[] {
  const suspects = plan.columns.filter(
    ({ suspect, decidedBy }) => suspect !== undefined && decidedBy !== 'person',
  );
  return [
    ...suspects
      .slice(0, linesShown)
      .map(
        (column) =>
          `${columnForPeople(column, plan)} looks like an identifier, and is checked for SSNs and e-mail addresses only`,
      ),
    ...andMore(suspects.length),
  ];
}
