import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tokenizeText } from '../support/tokenize.ts';
import { importSecret } from '../../src/core/secret.ts';

const sample = (name: string): string => readFileSync(`samples/${name}`, 'utf8');

test('the demo file gives the reference output and map', async () => {
  const secret = await importSecret(sample('demo.key'));
  const input = readFileSync('samples/claims.csv');
  const { output, map } = await tokenizeText(input, { secret });
  expect(output).toBe(sample('claims.tokenized.csv'));
  expect(map).toBe(sample('claims.map.json'));
});

test('the generator gives the demo file', () => {
  const words = ['samples/generate-claims.mjs', '--rows', '1000', '--seed', '1', '--hard'];
  const made = execFileSync(process.execPath, words, { maxBuffer: 1 << 24 });
  expect(made.equals(readFileSync('samples/claims.csv'))).toBe(true);
});

test.each([
  ['bash', 'quickstart.sh', 'absent from the tokenized file and back in the restored one'],
  [process.env['VELORA_PYTHON'] ?? 'python3', 'quickstart.py', 'is MBR_e8bb4dd8ae52ead0'],
  [process.execPath, 'quickstart.mjs', 'output and map equal the reference'],
])('%s samples/%s runs', (program, script, says) => {
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
  const shown = execFileSync(program, [`samples/${script}`], { encoding: 'utf8', stdio });
  expect(shown).toContain(says);
});
