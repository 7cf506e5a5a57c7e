import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { claims, secret, test } from './support.ts';

const root = join(import.meta.dirname, '..', '..');
const left = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Where the package is packed from a copy of the checkout, and installed as people install it. */
let folder = '';
let prefix = '';
let packed: readonly string[] = [];

const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], VELORA_VAULT_KEY: secret };

function run(command: string, words: readonly string[], cwd: string): string {
  return execFileSync(command, words, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** npm without a network: the package needs nothing but itself. */
function npm(words: readonly string[], cwd: string): string {
  return run('npm', [...words, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], cwd);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'velora-package-'));
  prefix = join(folder, 'prefix');
  const checkout = join(folder, 'checkout');
  cpSync(root, checkout, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const answer = npm(['pack', '--json', '--pack-destination', folder], checkout);
  // What `prepare` prints comes before the answer.
  const [{ files }] = JSON.parse(answer.slice(answer.indexOf('[\n'))) as [
    { files: { path: string }[] },
  ];
  packed = files.map(({ path }) => path);
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  npm(['install', '--global', '--prefix', prefix, join(folder, tarball)], folder);
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project', 'package.json'), '{"type":"module","private":true}');
  npm(['install', join(folder, tarball)], join(folder, 'project'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('what is packed', () => {
  test('is what is built, described and demonstrated, and no test or source of secrets', () => {
    for (const path of [
      'README.md',
      'package.json',
      'dist/cli.js',
      'dist/index.js',
      'dist/engine-thread.js',
      'dist/page/index.html',
      'deploy/nginx.conf',
      'dist/types/src/index.d.ts',
      'dist/third-party-licenses.md',
      'samples/claims.csv',
    ]) {
      expect(packed).toContain(path);
    }
    const folders = ['dist', 'deploy', 'schemas', 'samples', 'docs'];
    const others = packed.filter((path) => !folders.includes(path.split('/')[0] ?? ''));
    expect(others.sort()).toEqual(['README.md', 'package.json']);
  });
});

describe('the command, installed globally', () => {
  const command = (): string => join(prefix, 'bin', 'velora-vault');

  test('tokenizes a file in an empty folder, and takes it back', ({ place }) => {
    place.write('in.csv', claims);
    const words = ['--product=instant_audit', '--quiet', '--write-map=map.json', 'in.csv'];
    const out = run(command(), ['tokenize', ...words], place.path);
    place.write('out.csv', out);
    expect(out).toMatch(/^Claim ID,.*\nCLM_[0-9a-f]{16},NAM_[0-9a-f]{16},1980,606,12\.50\n/);
    expect(place.files()).toEqual(['in.csv', 'map.json', 'out.csv']);
    const back = run(command(), ['restore', '--quiet', '--map=map.json', 'out.csv'], place.path);
    expect(back).toContain('\nA-2,"O\'Hara, Bo",1955,606,3\n');
  });

  test('works in threads', ({ place }) => {
    place.write('in.csv', `Claim ID,Flavour\n${'A-1,mint\n'.repeat(600_000)}`);
    const words = ['--product=instant_audit', '--quiet', '--workers=2', '--output=out.csv'];
    run(command(), ['tokenize', ...words, 'in.csv'], place.path);
    expect(place.bytes('out.csv').length).toBe('Claim ID,Flavour\n'.length + 600_000 * 26);
  });

  test('tells its version and its products', ({ place }) => {
    expect(run(command(), ['version'], place.path)).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(command(), ['list-products'], place.path)).toContain('provider_benchmark');
  });
});

describe('the library, installed in a project', () => {
  const project = (): string => join(folder, 'project');

  test('tokenizes over web streams in a script', () => {
    const script = `
      import { importSecret, isVaultError, token, tokenizeCsv } from 'velora-vault';
      const secret = await importSecret(process.env.VELORA_VAULT_KEY);
      const parts = [];
      const report = await tokenizeCsv({
        source: new Blob(['Claim ID,Flavour\\nA-1,mint\\n']).stream(),
        output: new WritableStream({ write: (part) => void parts.push(part) }),
        product: 'instant_audit',
        secret,
      });
      const one = await token(secret, 'claim_id', 'A-1');
      const text = await new Blob(parts).text();
      const wrong = await importSecret('Zzyzx').catch((error) => isVaultError(error) && error.code);
      console.log(JSON.stringify({ same: text === \`Claim ID,Flavour\\n\${one},mint\\n\`, rows: report.rows, wrong }));
    `;
    writeFileSync(join(project(), 'script.mjs'), script);
    const said: unknown = JSON.parse(run(process.execPath, ['script.mjs'], project()));
    expect(said).toEqual({ same: true, rows: 1, wrong: 'secret-invalid' });
  });

  test.for(['Bundler', 'NodeNext'])('its types hold under %s', (resolution) => {
    const source = `
      import { importSecret, token, tokenizeCsv, type Report, type Secret } from 'velora-vault';
      const secret: Secret = await importSecret('');
      const report: Report = await tokenizeCsv({
        source: new Blob([]).stream(),
        output: new WritableStream<Uint8Array>(),
        product: 'instant_audit',
        secret,
      });
      // @ts-expect-error a number is no value of a cell
      await token(secret, 'claim_id', 1);
      export const rows: number = report.rows;
    `;
    writeFileSync(join(project(), 'typed.ts'), source);
    const module = resolution === 'Bundler' ? 'ESNext' : resolution;
    const words = ['--noEmit', '--strict', '--target', 'ES2023', '--lib', 'ES2023,DOM'];
    const options = [...words, '--module', module, '--moduleResolution', resolution, 'typed.ts'];
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(run(process.execPath, [tsc, ...options], project())).toBe('');
  });
});
