import { asVaultError, VaultError } from '../core/errors.ts';
import { restoreCsv } from '../core/restore.ts';
import { getProduct } from '../core/schema.ts';
import { generateSecret, importSecret } from '../core/secret.ts';
import {
  assertNoFinding,
  checkAsJson,
  type CheckOptions,
  checkTokenized,
  sayFindings,
} from './check.ts';
import { inputFailure } from './failure.ts';
import { nodeDigest } from '../node/node-digest.ts';
import { openInput } from './input.ts';
import { dialectOf, type ReadingOptions } from './options.ts';
import { openOutput, print, refuseDash, standardOutput } from './output.ts';
import { ProgressBar } from './progress.ts';
import { assertDistinctFiles } from './same-file.ts';
import { countOf, say } from './say.ts';
import { readSecret, type SecretOptions } from './secret-source.ts';

export interface VerifyOptions extends CheckOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `velora-vault verify`: whether a tokenized file holds what it must, and nothing that it must not. */
export async function verifyCommand(
  file: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  getProduct(options.product);
  dialectOf(options);
  const input = await openInput(file);
  const bar = new ProgressBar(input.size, options.quiet !== true);
  try {
    const checked = await checkTokenized(input, options, bar);
    const { rows } = checked;
    if (options.json === true) await print(checkAsJson(checked));
    sayFindings(checked, input.name, options.json !== true);
    assertNoFinding(checked, options.product);
    if (options.quiet !== true && options.json !== true) {
      say(`${input.name}: ${countOf(rows, 'row')}, no finding`);
    }
  } catch (error) {
    bar.clear();
    throw inputFailure(error, input.name);
  }
}

export interface RestoreOptions extends ReadingOptions {
  readonly map: string;
  readonly output?: string;
  readonly quiet?: boolean;
}

/** `velora-vault restore`: tokens back to originals. What it writes is PHI, readable by its owner only. */
export async function restoreCommand(
  file: string | undefined,
  options: RestoreOptions,
): Promise<void> {
  const dialect = dialectOf(options);
  if (options.map === '-' && (file === undefined || file === '-')) {
    throw new VaultError('option-invalid', 'expected FILE or --map on standard input, not both');
  }
  const outputPath = options.output === '-' ? undefined : options.output;
  await assertDistinctFiles([
    { role: 'the input', file: file === undefined || file === '-' ? 0 : file, written: false },
    { role: 'the map', file: options.map, written: false },
    { role: 'the output', file: outputPath ?? 1, written: true },
  ]);
  const map = await openInput(options.map);
  const input = await openInput(file);
  const bar = new ProgressBar(input.size, options.quiet !== true);
  const output =
    outputPath === undefined
      ? standardOutput()
      : await openOutput(outputPath, { mode: 0o600, replace: true });
  try {
    const { rows, restored, unknownTokens } = await restoreCsv({
      ...dialect,
      source: input.source,
      map: map.source,
      output: output.stream,
      createDigest: nodeDigest,
      onProgress: (progress) => {
        bar.update(input.bytesRead(), progress.rows);
      },
    });
    bar.clear();
    await output.commit();
    if (unknownTokens > 0) {
      say(
        `velora-vault: ${String(unknownTokens)} cells have the form of a token that the map does not hold; they are left as they are`,
      );
    }
    if (options.quiet !== true) {
      say(
        `${countOf(rows, 'row')}, ${countOf(restored, 'cell')} restored${restored > 0 ? '; what was written is PHI' : ''}`,
      );
    }
  } catch (error) {
    bar.clear();
    await output.discard();
    throw inputFailure(error, asVaultError(error).code === 'map-invalid' ? map.name : input.name);
  }
}

/** `velora-vault keygen`: 32 random bytes as a secret. */
export async function keygenCommand(options: { readonly output?: string }): Promise<void> {
  if (options.output !== undefined) refuseDash(options.output);
  const secret = generateSecret();
  const output =
    options.output === undefined
      ? standardOutput()
      : await openOutput(options.output, {
          mode: 0o600,
          replace: false,
          replaceHint: 'a secret is never replaced: without it its tokens are opaque for ever',
        });
  try {
    const writer = output.stream.getWriter();
    await writer.write(new TextEncoder().encode(`${secret}\n`));
    await writer.close();
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  const { fingerprint } = await importSecret(secret);
  say(
    `key fingerprint ${fingerprint}; keep the secret: if it is lost, its tokens are opaque for ever`,
  );
}

/** `velora-vault fingerprint`: the first eight characters that name a secret. */
export async function fingerprintCommand(options: SecretOptions): Promise<void> {
  const { fingerprint } = await readSecret(options, false);
  await print(`${fingerprint}\n`);
}
