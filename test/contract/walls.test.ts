import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint();

/** The rules that a file of this text would break, were it the one at this path. */
async function brokenRules(filePath: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the walls between rooms are kept by lint', () => {
  test.each([
    ['src/core/map.ts', "import { readFile } from 'node:fs/promises';", 'no-restricted-imports'],
    ['src/core/map.ts', "import * as Comlink from 'comlink';", 'no-restricted-imports'],
    ['src/core/map.ts', "import { say } from '../cli/say.ts';", 'import-x/no-restricted-paths'],
    ['src/core/map.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/core/map.ts', 'self.close();', 'no-restricted-globals'],
    ['src/core/map.ts', "console.log('x');", 'no-restricted-globals'],
    ['src/cli/say.ts', "await fetch('/x');", 'no-restricted-globals'],
    ['src/cli/say.ts', "import '../../workers/segment.worker.ts';", 'import-x/no-restricted-paths'],
    [
      'workers/segment.worker.ts',
      "import { say } from '../src/cli/say.ts';",
      'import-x/no-restricted-paths',
    ],
    [
      'workers/segment.worker.ts',
      "import { open } from 'node:fs/promises';",
      'no-restricted-imports',
    ],
    [
      'src/core/errors.ts',
      "import { planColumns } from './plan.ts'; void planColumns;",
      'import-x/no-cycle',
    ],
  ])('%s may not hold: %s', async (path, text, rule) => {
    expect(await brokenRules(path, `${text}\nexport {};\n`)).toContain(rule);
  });

  test('what is allowed is not refused', async () => {
    const text = "import Papa from 'papaparse';\nexport const parse = Papa.parse;\n";
    expect(await brokenRules('src/core/map.ts', text)).toEqual([]);
  });
});
