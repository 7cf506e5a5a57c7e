/**
 * npm run check:size: what the built page weighs, gzip as a server sends it. Fails over the budget.
 * Initial JavaScript is the entry with its static imports; the workers' texts come right after.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';

/** Thousands of bytes, gzip. */
const budgets = { 'initial JavaScript': 200, workers: 150, 'style sheets': 20 };

const folder = join(import.meta.dirname, '..', 'dist', 'page');
const page = join(folder, 'index.html');
if (!existsSync(page)) {
  console.error('The page is not built: npm run build');
  process.exit(1);
}
const html = readFileSync(page, 'utf8');
const entries = [...html.matchAll(/<script[^>]* src="\.\/([^"]+)"/g)].map(([, name = '']) =>
  join(folder, name),
);
const styles = [...html.matchAll(/<link[^>]* href="\.\/([^"]+\.css)"/g)].map(([, name = '']) =>
  join(folder, name),
);

/** @type {Set<string>} */
const initial = new Set();
/** @type {Set<string>} */
const later = new Set();
for (const entry of entries) follow(entry);
const workers = [...later].filter((file) => !initial.has(file));

const groups = { 'initial JavaScript': [...initial], workers, 'style sheets': styles };
for (const [name, files] of Object.entries(groups)) {
  const sizes = files.map((file) => gzipSync(readFileSync(file)).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const budget = 1000 * budgets[/** @type {keyof typeof budgets} */ (name)];
  console.log(`${name}: ${kB(total)} of ${kB(budget)}`);
  files.forEach((file, i) => console.log(`  ${kB(sizes[i])}  ${relative(folder, file)}`));
  if (total > budget) {
    console.error(`${name} is ${kB(total - budget)} over its budget`);
    process.exitCode = 1;
  }
}
if (entries.length === 0 || workers.length < 2) {
  console.error('The page has no entry, or not both workers: nothing was measured');
  process.exitCode = 1;
}

/** @param {string} file */
function follow(file) {
  if (initial.has(file)) return;
  initial.add(file);
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  for (const statement of source.statements) {
    const from =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
        ? statement.moduleSpecifier
        : undefined;
    if (from !== undefined && ts.isStringLiteral(from)) follow(join(dirname(file), from.text));
  }
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteralLike(name)) {
        later.add(join(dirname(file), name.text));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** @param {number} bytes */
function kB(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
}
