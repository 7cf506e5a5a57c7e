import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** Under CI=true the parser would read each file from disk, and not see the text that is given. */
const parserOptions = { disallowAutomaticSingleRunInference: true };
const eslint = new ESLint({ overrideConfig: { languageOptions: { parserOptions } } });

/** The rules that a file of this text would break, were it the one at this path. */
async function brokenRules(filePath: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the walls between rooms are kept by lint', () => {
  test.each([
    ['src/core/map.ts', "import { readFile } from 'node:fs/promises';", 'no-restricted-imports'],
    ['src/core/map.ts', "import * as Comlink from 'comlink';", 'no-restricted-imports'],
    ['src/core/map.ts', "import { say } from '../cli/say.ts';", 'no-restricted-imports'],
    ['src/core/csv/read.ts', "import { say } from '../../cli/say.ts';", 'no-restricted-imports'],
    [
      'src/core/map.ts',
      "import type { SegmentWorker } from '../protocol.ts';",
      'no-restricted-imports',
    ],
    ['src/core/map.ts', "import '../platform/walls.ts';", 'no-restricted-imports'],
    ['src/core/map.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/core/map.ts', 'self.close();', 'no-restricted-globals'],
    ['src/core/map.ts', "console.log('x');", 'no-restricted-globals'],
    ['src/cli/say.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/cli/say.ts', "await globalThis.fetch('/x');", 'no-restricted-properties'],
    ['src/cli/say.ts', "import { request } from 'node:https';", 'no-restricted-imports'],
    ['src/cli/upload-request.ts', "import * as Comlink from 'comlink';", 'no-restricted-imports'],
    ['src/cli/say.ts', "import '../../workers/segment.worker.ts';", 'no-restricted-imports'],
    ['src/cli/say.ts', "import * as Comlink from 'comlink';", 'no-restricted-imports'],
    ['src/core/map.ts', "import '../node/node-digest.ts';", 'no-restricted-imports'],
    ['src/node/node-digest.ts', "import '../cli/say.ts';", 'no-restricted-imports'],
    ['src/node/node-digest.ts', "import 'node:https';", 'no-restricted-imports'],
    ['src/server/settings.ts', "import '../cli/say.ts';", 'no-restricted-imports'],
    ['src/server/settings.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/protocol.ts', "import { say } from './cli/say.ts';", 'no-restricted-imports'],
    [
      'workers/segment.worker.ts',
      "import { say } from '../src/cli/say.ts';",
      'no-restricted-imports',
    ],
    [
      'workers/segment.worker.ts',
      "import { open } from 'node:fs/promises';",
      'no-restricted-imports',
    ],
    ['workers/segment.worker.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['workers/segment.worker.ts', "import '../src/bridge/vault.ts';", 'no-restricted-imports'],
    ['src/platform/start-worker.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/platform/walls.ts', 'new XMLHttpRequest();', 'no-restricted-globals'],
    ['src/platform/start-worker.ts', "import '../bridge/vault.ts';", 'no-restricted-imports'],
    ['src/platform/start-worker.ts', "import 'react';", 'no-restricted-imports'],
    ['src/bridge/vault.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/bridge/vault.ts', 'new XMLHttpRequest();', 'no-restricted-globals'],
    ['src/bridge/vault.ts', "navigator.sendBeacon('/x');", 'no-restricted-properties'],
    ['src/bridge/vault.ts', 'new window.WebSocket("/x");', 'no-restricted-properties'],
    ['src/bridge/demo.ts', 'new XMLHttpRequest();', 'no-restricted-globals'],
    ['src/bridge/send-once.ts', "await fetch('/x');", 'no-restricted-globals'],
    ...[
      ['src/bridge/vault.ts', "import { planColumns } from '../core/plan.ts';"],
      ['src/bridge/vault.ts', "import { App } from '../app/app.tsx';"],
      ['src/bridge/vault.ts', "import '../../workers/segment.worker.ts';"],
      ['src/bridge/vault.ts', "import 'react';"],
      ['src/app/app.tsx', "import { VaultError } from '../core/errors.ts';"],
      ['src/app/app.tsx', "import type { Report } from '../core/report.ts';"],
      ['src/app/app.tsx', "import { createVault } from '../bridge/vault.ts';"],
      ['src/app/panels/key-panel.tsx', "import { createVault } from '../../bridge/vault.ts';"],
      ['src/app/app.tsx', "import { startWorker } from '../platform/start-worker.ts';"],
      ['src/app/app.tsx', "import * as Comlink from 'comlink';"],
      ['src/app/app.tsx', "import text from 'virtual:worker/segment';"],
      ['src/app/main.tsx', "import { VaultError } from '../core/errors.ts';"],
    ].map(([path = '', text = '']) => [path, text, '@typescript-eslint/no-restricted-imports']),
    ['src/app/app.tsx', "await fetch('/x');", 'no-restricted-globals'],
    ['src/app/app.tsx', 'new XMLHttpRequest();', 'no-restricted-globals'],
    [
      'src/app/app.tsx',
      "import { useState } from 'react';\nexport function A(p: { b: boolean }) {\n  if (p.b) useState(0);\n  return null;\n}",
      'react-hooks/rules-of-hooks',
    ],
  ] as [string, string, string][])('%s may not hold: %s', async (path, text, rule) => {
    expect(await brokenRules(path, `${text}\nexport {};\n`)).toContain(rule);
  });

  test('what is allowed is not refused', async () => {
    const text = [
      "import Papa from 'papaparse';",
      "import { readRun } from './csv/read.ts';",
      "import catalogue from '../../schemas/catalogue.json' with { type: 'json' };",
      'export { catalogue, Papa, readRun };',
    ].join('\n');
    expect(await brokenRules('src/core/map.ts', `${text}\n`)).toEqual([]);
  });

  test.each([
    ['src/bridge/send-once.ts', 'export const request = new XMLHttpRequest();'],
    ['src/bridge/demo.ts', "export const answer = fetch('/x');"],
    ['src/bridge/vault.ts', "export type { Report } from '../core/report.ts';"],
    ['src/app/app.tsx', "export type { Vault } from '../bridge/contract.ts';"],
    ['src/app/main.tsx', "export { createVault } from '../bridge/vault.ts';"],
    ['src/cli/upload-request.ts', "export { request } from 'node:https';"],
  ])('%s may hold: %s', async (path, text) => {
    const broken = await brokenRules(path, `${text}\n`);
    expect(broken.filter((rule) => rule?.includes('restricted'))).toEqual([]);
  });
});

/** The modules of ours that each module imports. */
function importGraph(): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  const files = ['src', 'workers'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)),
  );
  for (const path of files.filter((file) => /\.tsx?$/.test(file))) {
    const { importedFiles } = ts.preProcessFile(readFileSync(path, 'utf8'));
    const ours = importedFiles.filter(({ fileName }) => /^\..*\.tsx?$/.test(fileName));
    graph.set(
      path,
      ours.map(({ fileName }) => normalize(join(dirname(path), fileName))),
    );
  }
  return graph;
}

function cycleFrom(
  module: string,
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  path: readonly string[],
): readonly string[] | null {
  if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
  if (done.has(module)) return null;
  for (const next of graph.get(module) ?? []) {
    const cycle = cycleFrom(next, graph, done, [...path, module]);
    if (cycle !== null) return cycle;
  }
  done.add(module);
  return null;
}

test('no module imports itself by way of others', () => {
  const graph = importGraph();
  expect(graph.size).toBeGreaterThan(40);
  const done = new Set<string>();
  expect([...graph.keys()].map((module) => cycleFrom(module, graph, done, []))).toEqual(
    [...graph.keys()].map(() => null),
  );
  const broken = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ]);
  expect(cycleFrom('a', broken, new Set(), [])).toEqual(['b', 'c', 'b']);
});
