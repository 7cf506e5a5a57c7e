import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kernelBytes } from '../../src/core/kernel/module.ts';
import { compileKernel } from '../../scripts/kernel.mjs';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** Every WebAssembly module that stands in base64 in the scripts below a folder, by script. */
function modulesIn(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.js')) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    // Base64 of the magic number and the version (WebAssembly Core Specification, section 5.5.16).
    const modules = text.match(/AGFzbQEAAAA?[A-Za-z0-9+/]*={0,2}/g) ?? [];
    if (modules.length > 0) found.set(name, [...modules]);
  }
  return found;
}

test('the same source gives the same kernel, and it is what every bundle holds', async () => {
  const [first, second] = [await compileKernel(), await compileKernel()];
  expect(Buffer.from(first).equals(second)).toBe(true);
  expect(Buffer.from(first).equals(kernelBytes())).toBe(true);
  const text = Buffer.from(first).toString('base64');
  const bundles = modulesIn(dist);
  for (const [name, modules] of bundles) {
    expect(
      modules.every((module) => module === text),
      name,
    ).toBe(true);
  }
  const names = [...bundles.keys()];
  expect(names.some((name) => name.startsWith('page/assets/tokenizer-'))).toBe(true);
  expect(names.some((name) => !name.startsWith('page'))).toBe(true);
});
