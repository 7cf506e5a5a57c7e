import { asVaultError, type VaultError } from '../../src/core/errors.ts';
import { type TokenizeJob, tokenizeCsv } from '../../src/core/pipeline.ts';
import type { Report } from '../../src/core/report.ts';
import { importSecret, type Secret } from '../../src/core/secret.ts';
import { Collector, sourceOf, utf8 } from './streams.ts';

export const testSecretText = '00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210';

let secret: Promise<Secret> | undefined;
let secretWithState: Promise<Secret> | undefined;

export function testSecret(): Promise<Secret> {
  secret ??= importSecret(testSecretText);
  return secret;
}

/** The same, for an engine that computes HMACs itself. */
export function testSecretWithState(): Promise<Secret> {
  secretWithState ??= importSecret(testSecretText, { hmacState: true });
  return secretWithState;
}

export interface Tokenized {
  readonly output: string;
  readonly map: string;
  readonly report: Report;
}

type Options = Partial<Omit<TokenizeJob, 'source' | 'output' | 'map'>> & {
  readonly chunkSize?: number;
};

/** Tokenizes a text or bytes with a map, for `claims_replay` unless told otherwise. */
export async function tokenizeText(
  input: string | Uint8Array,
  options: Options = {},
): Promise<Tokenized> {
  const bytes = typeof input === 'string' ? utf8(input) : input;
  const [output, map] = [new Collector(), new Collector()];
  const { chunkSize, ...job } = options;
  const report = await tokenizeCsv({
    product: 'claims_replay',
    secret: await testSecret(),
    ...job,
    source: sourceOf(bytes, chunkSize),
    output: output.stream,
    map: map.stream,
  });
  return { output: output.text, map: map.text, report };
}

/** The error that tokenizing gives; fails where there is none. */
export async function refusal(
  input: string | Uint8Array,
  options: Options = {},
): Promise<VaultError> {
  try {
    await tokenizeText(input, options);
  } catch (error) {
    return asVaultError(error);
  }
  throw new Error('expected a refusal');
}
