/**
 * npm run demo: tokenizes the demo claims file with the published demo secret and shows what went in
 * and what came out. All of the data is made up, so that it may be shown.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const input = join(root, 'samples', 'claims.csv');
const key = join(root, 'samples', 'demo.key');
const folder = join(root, 'demo-output');
const output = join(folder, 'claims.tokenized.csv');
const map = join(folder, 'claims.map.json');
const report = join(folder, 'report.json');
const command = join(root, 'dist', 'cli.js');
const product = 'claims_replay';

if (!existsSync(command)) {
  execFileSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: 'inherit' });
}

const vault = (/** @type {string[]} */ ...words) =>
  execFileSync(process.execPath, [command, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });

const near = (/** @type {string} */ path) => relative(process.cwd(), path);

/** @param {string} path */
const recordsOf = (path) =>
  /** @type {string[][]} */ (
    Papa.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''), { skipEmptyLines: true }).data
  );

console.log(`\nTokenizing ${near(input)} for ${product}, with the published demo secret:\n`);
mkdirSync(folder, { recursive: true });
vault(
  ...['tokenize', '--product', product, '--key-file', key],
  ...['--output', output, '--write-map', map, '--report', report, '--force', input],
);

/** @type {{ columns: { index: number, header: string, outputHeader: string | null, action: string, rule?: string }[] }} */
const { columns } = JSON.parse(readFileSync(report, 'utf8'));
const [before, after] = [recordsOf(input), recordsOf(output)];
// The row that shows something in most columns.
const empties = before.map((cells) => cells.filter((cell) => cell === '').length);
const row = empties.indexOf(Math.min(...empties.slice(1)), 1);
const rows = columns.map(({ index, header, outputHeader, action, rule }) => {
  const at = outputHeader === null ? -1 : (after[0]?.indexOf(outputHeader) ?? -1);
  const out = at < 0 ? '(left out)' : (after[row]?.[at] ?? '');
  return [header, shown(before[row]?.[index] ?? ''), shown(out), rule ?? action];
});

console.log(`\nRow ${row} of ${(before.length - 1).toLocaleString('en')}, before and after:\n`);
const titles = ['column', 'went in', 'came out', 'what was done'];
const widths = titles.map((title, i) =>
  Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
);
for (const cells of [titles, widths.map((width) => '─'.repeat(width)), ...rows]) {
  console.log(`  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}

console.log('\nChecking the tokenized file as the receiver would:\n');
vault('verify', '--product', product, output);
console.log(`
In ${near(folder)}:
  claims.tokenized.csv   may leave: tokens, years, three-digit ZIP codes, analytics columns
  claims.map.json        stays with you: leads from each token back to its original
  report.json            what was done to each column, without any value

With a file of your own:
  npx velora-vault keygen --output my.key
  npx velora-vault preview --product ${product} FILE.csv
  npx velora-vault tokenize --product ${product} --key-file my.key \\
      --output tokenized.csv --write-map local-map.json FILE.csv
`);

/** @param {string} cell */
function shown(cell) {
  const text = JSON.stringify(cell).slice(1, -1).replaceAll('\\"', '"');
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
