import {
  describePlace,
  isVaultError,
  type PlainVaultError,
  quoteForPeople,
} from '../core/errors.ts';
import type { ColumnPlan, Plan } from '../core/plan.ts';
import { defaultKeyVariable } from './secret-source.ts';

/** Writes a line for people to standard error. Standard output is for data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The message of an error: where, what was expected, and what to type. No value, no secret. */
function explain(error: PlainVaultError, file?: string): string {
  const place = describePlace(error);
  const where = [file, place].filter((part) => part !== undefined && part !== '').join(': ');
  const rule = error.rule === undefined ? '' : ` [${error.rule}]`;
  const advice = adviceFor[error.code];
  const text = `${where === '' ? '' : `${where}: `}${error.message}${rule}`;
  return `velora-vault: ${text}${advice === undefined ? '' : `\n${advice}`}`;
}

const adviceFor: Partial<Record<PlainVaultError['code'], string>> = {
  'header-not-accepted': '  If the first record is a header, say so: --accept-header',
  'tokens-found': '  To leave tokens as they are: --allow-tokens',
  'encoding-invalid': '  Name the encoding, for example: --encoding windows-1252',
  'secret-invalid': `  The secret comes from ${defaultKeyVariable}, --key-env NAME or --key-file PATH.`,
};

/** Anything thrown, as one message. What is not ours is not repeated: it might quote a value. */
export function explainAny(error: unknown, file?: string): string {
  if (isVaultError(error)) return explain(error, file);
  const kind = error instanceof Error ? error.name : typeof error;
  return `velora-vault: unexpected ${kind}; nothing was written`;
}

/** How a header is typed on a command line: by its text where that is plain, else by position. */
function selectorOf(column: ColumnPlan, plan: Plan): string {
  const { header, index } = column;
  const plain = /^\w[\w .,/()-]{0,59}$/.test(header) && header.trim() === header;
  const unique = plan.columns.filter((other) => other.header === header).length === 1;
  return plain && unique ? header : `#${String(index + 1)}`;
}

/** What to type for the suspect columns that nothing has decided yet. */
export function suspectAdvice(plan: Plan): string[] {
  const open = plan.columns.filter(
    ({ suspect, action }) => suspect !== undefined && action === 'unknown',
  );
  if (open.length === 0) return [];
  return [
    `${String(open.length)} column${open.length === 1 ? ' looks' : 's look'} like an identifier and must be decided, each by an option of its own:`,
    ...open.flatMap((column) => {
      const selector = selectorOf(column, plan);
      const quoted = (text: string): string =>
        /^[\w#.-]+$/.test(text) && !text.startsWith('#') ? text : `"${text}"`;
      const suggestions = (column.suspect?.suggestions ?? []).slice(0, 3);
      const maps = suggestions.map((name) => `--column ${quoted(`${selector}=${name}`)}`);
      return [
        `  column ${String(column.index + 1)} ${quoteForPeople(column.header)}: ${column.suspect?.reason ?? ''}`,
        `    ${[...maps, `--drop ${quoted(selector)}`, `--keep ${quoted(selector)}`].join('   or   ')}`,
      ];
    }),
  ];
}

/** A line for each thing about the columns that people should know before the file leaves. */
export function columnWarnings(plan: Plan): string[] {
  const unknown = plan.columns.filter(
    ({ suspect, action }) => suspect === undefined && action === 'unknown',
  );
  const repeated = plan.repeated.filter((name) =>
    plan.columns.some(({ column, action }) => column === name && action !== 'keep'),
  );
  return [
    ...unknown.map(
      ({ index, header }) =>
        `unknown, kept unchanged: column ${String(index + 1)} ${quoteForPeople(header)}`,
    ),
    ...repeated.map((name) => {
      const positions = plan.columns
        .filter(({ column }) => column === name)
        .map(({ index }) => String(index + 1));
      return `columns ${positions.join(' and ')} are all taken for ${name}`;
    }),
  ];
}
