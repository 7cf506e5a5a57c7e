import { availableParallelism } from 'node:os';
import type { EngineChoice, EngineName, HmacName } from '../core/engines.ts';
import { asVaultError, VaultError } from '../core/errors.ts';
import { tokenizeCsv } from '../core/pipeline.ts';
import type { Plan } from '../core/plan.ts';
import type { Report } from '../core/report.ts';
import { getProduct } from '../core/schema.ts';
import { type EnginePool, openEnginePool } from './engine-pool.ts';
import { inputFailure } from './failure.ts';
import { nodeDigest } from '../node/node-digest.ts';
import { type Input, openInput, probableSize } from './input.ts';
import { assertFingerprint, readMapping, withMappingFor } from './mapping-file.ts';
import { type DecisionOptions, dialectOf, planOptionsOf } from './options.ts';
import { type Output, openOutput, refuseDash, standardOutput } from './output.ts';
import { megabytes, ProgressBar } from './progress.ts';
import { assertDistinctFiles, type NamedFile } from './same-file.ts';
import { columnWarnings, countOf, say, suspectAdvice } from './say.ts';
import { readSecret, type SecretOptions } from './secret-source.ts';

export interface TokenizeOptions extends DecisionOptions, SecretOptions {
  readonly product: string;
  readonly output?: string;
  readonly writeMap?: string;
  readonly report?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly engine?: EngineName;
  readonly hmac?: HmacName;
  readonly workers?: string;
}

/** `velora-vault tokenize`: one file in; the tokenized file, the map and the report out. */
export async function tokenizeCommand(
  file: string | undefined,
  options: TokenizeOptions,
): Promise<void> {
  getProduct(options.product);
  const workers = workersOf(options.workers);
  const choice = { engine: options.engine ?? 'kernel', hmac: options.hmac ?? 'wasm' };
  // Before anything else: while threads start, all that comes before the first record is done.
  const pool = openEnginePool(choice, workers, probableSize(file));
  try {
    await tokenizeWith(pool, file, options, choice);
  } finally {
    await pool.close();
  }
}

async function tokenizeWith(
  pool: EnginePool,
  file: string | undefined,
  options: TokenizeOptions,
  { engine, hmac }: EngineChoice,
): Promise<void> {
  const planOptions = planOptionsOf(options);
  const dialect = dialectOf(options);
  const mapping = await readMapping(options.mapping, options.product);
  const secret = await readSecret(options, engine === 'kernel' && hmac === 'wasm');
  assertFingerprint(mapping, secret.fingerprint);
  await assertDistinctFiles(filesOf(file, options));
  const input = await openInput(file);
  const bar = new ProgressBar(input.size, options.quiet !== true);
  const outputs = await openOutputs(options);
  try {
    const mapped = await withMappingFor(input.source, dialect, planOptions, mapping);
    const report = await tokenizeCsv({
      ...dialect,
      ...mapped.options,
      source: mapped.source,
      output: outputs.csv.stream,
      outputKeepsNothing: true,
      ...(outputs.map === null ? {} : { map: outputs.map.stream }),
      product: options.product,
      secret,
      createDigest: nodeDigest,
      engine: pool.engine,
      onPlan: announce,
      onProgress: ({ rows }) => {
        bar.update(input.bytesRead(), rows);
      },
    });
    bar.clear();
    await writeReport(outputs.report, withInput(report, input));
    // The map last: it may replace one that is worth more than all the rest.
    await outputs.report?.commit();
    await outputs.csv.commit();
    await outputs.map?.commit();
    if (options.quiet !== true) summarize(report);
  } catch (error) {
    bar.clear();
    await Promise.all([outputs.csv.discard(), outputs.map?.discard(), outputs.report?.discard()]);
    throw inputFailure(error, input.name);
  } finally {
    secret.hmacState?.fill(0);
  }
}

function workersOf(text: string | undefined): number {
  if (text === undefined) return Math.max(1, Math.min(availableParallelism(), 8));
  if (/^(?:[1-9]|[1-5]\d|6[0-4])$/.test(text)) return Number(text);
  throw new VaultError('option-invalid', '--workers: expected a number from 1 to 64');
}

function filesOf(file: string | undefined, options: TokenizeOptions): NamedFile[] {
  const input = file === undefined || file === '-' ? 0 : file;
  const optional = (role: string, path: string | undefined, written = true): NamedFile[] =>
    path === undefined ? [] : [{ role, file: path, written }];
  return [
    { role: 'the input', file: input, written: false },
    { role: 'the output', file: csvPath(options) ?? 1, written: true },
    ...optional('the map', options.writeMap),
    ...optional('the report', options.report),
    ...optional('the key file', options.keyFile, false),
    ...optional('the mapping', options.mapping, false),
  ];
}

/** Where the tokenized file goes; undefined for standard output, which `-` names too. */
function csvPath({ output }: TokenizeOptions): string | undefined {
  return output === '-' ? undefined : output;
}

interface Outputs {
  readonly csv: Output;
  readonly map: Output | null;
  readonly report: Output | null;
}

async function openOutputs(options: TokenizeOptions): Promise<Outputs> {
  const opened: Output[] = [];
  const openOptional = async (
    path: string | undefined,
    mode: number,
    replace: boolean,
  ): Promise<Output | null> => {
    if (path === undefined) return null;
    refuseDash(path);
    const output = await openOutput(path, {
      mode,
      replace,
      replaceHint: 'to replace it: --force',
    });
    opened.push(output);
    return output;
  };
  try {
    return {
      map: await openOptional(options.writeMap, 0o600, options.force === true),
      csv: (await openOptional(csvPath(options), 0o666, true)) ?? standardOutput(),
      report: await openOptional(options.report, 0o666, true),
    };
  } catch (error) {
    await Promise.all(opened.map((output) => output.discard()));
    throw error;
  }
}

function announce(plan: Plan): void {
  const advice = suspectAdvice(plan);
  for (const line of advice) say(line);
  if (advice.length > 0) return;
  for (const warning of columnWarnings(plan)) say(`velora-vault: ${warning}`);
}

/** The report is about the file as it was given: compressed, where it was. */
function withInput(report: Report, { compressed }: Input): object {
  if (compressed === null) return report;
  return { ...report, input: { ...report.input, ...compressed(), gzip: true } };
}

async function writeReport(output: Output | null, report: object): Promise<void> {
  if (output === null) return;
  const writer = output.stream.getWriter();
  try {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`));
    await writer.close();
  } catch (error) {
    throw asVaultError(error);
  }
}

function summarize(report: Report): void {
  const count = (action: string): number =>
    report.columns.filter((column) => column.action === action).length;
  const worthALook = report.columns.flatMap(({ index, counts }) =>
    (['alreadyTokens', 'padded', 'repaired', 'suppressed'] as const).flatMap((outcome) => {
      const cells = counts?.[outcome] ?? 0;
      return cells === 0
        ? []
        : [`  column ${String(index + 1)}: ${String(cells)} ${labels[outcome]}`];
    }),
  );
  const columns = [
    `${String(count('tokenize'))} tokenized`,
    `${String(count('generalize'))} generalized`,
    `${String(count('keep') + count('unknown'))} kept`,
    `${String(count('drop'))} dropped`,
  ].join(', ');
  say(
    `${countOf(report.rows, 'row')}, ${megabytes(report.input.bytes)} MB in ${(report.durationMs / 1000).toFixed(1)} s; columns: ${columns}; key fingerprint ${report.keyFingerprint}`,
  );
  if (worthALook.length > 0)
    say(['worth a look (row numbers: --report PATH):', ...worthALook].join('\n'));
}

const labels = {
  alreadyTokens: 'were tokens already and are left as they are',
  padded: 'tokenized with blanks at an end: they will not join with unpadded values',
  repaired: 'ZIP codes got back a leading zero',
  suppressed: 'could not be read and are empty now',
} as const;
