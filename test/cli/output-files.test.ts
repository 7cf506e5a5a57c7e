import { chmodSync, closeSync, linkSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import {
  claims,
  largeClaims,
  onLinux,
  type Place,
  product,
  secret,
  test,
  until,
} from './support.ts';

/** The first record is fine, and one far behind it is not. */
const broken = `${largeClaims(3 << 20)}ragged\n`;

describe('one file under two names', () => {
  test.for([
    ['the output is the input', ['--output=in.csv', 'in.csv']],
    ['by another path', ['--output=./folder/../in.csv', 'in.csv']],
    ['through a symbolic link', ['--output=soft.csv', 'in.csv']],
    ['through a hard link', ['--output=hard.csv', 'in.csv']],
    ['through a link to the folder', ['--output=link/in.csv', 'in.csv']],
    ['the map is the input', ['--force', '--write-map=in.csv', 'in.csv']],
    ['the report is the input', ['--report=soft.csv', 'hard.csv']],
    ['map and output', ['--write-map=new', '--output=new', 'in.csv']],
    ['map and output by other paths', ['--write-map=link/new', '--output=new', 'in.csv']],
    ['report and output', ['--report=./new', '--output=new', 'in.csv']],
    ['report and map', ['--report=new', '--write-map=folder/../new', 'in.csv']],
    ['output and key file', ['--key-file=key', '--output=key', 'in.csv']],
    ['map and key file', ['--key-file=key', '--force', '--write-map=key', 'in.csv']],
    ['report and key file', ['--key-file=key', '--report=key', 'in.csv']],
  ] as const)('tokenize: %s', async ([, words], { place }) => {
    prepare(place);
    const before = place.files();
    const run = await place.tokenize(words);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/are the same file: expected different ones/);
    expect(place.read('in.csv')).toBe(claims);
    expect(place.read('key')).toBe(secret);
    expect(place.files()).toEqual(before);
  });

  test('the output is what standard input comes from', async ({ place }) => {
    prepare(place);
    const stdin = openSync(place.at('in.csv'), 'r');
    const run = await place.tokenize(['--output=hard.csv'], { stdin });
    closeSync(stdin);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(place.read('in.csv')).toBe(claims);
  });

  test('standard output is the input', async ({ place }) => {
    prepare(place);
    const stdout = openSync(place.at('in.csv'), 'a');
    const run = await place.tokenize(['in.csv'], { stdout });
    closeSync(stdout);
    expect(run.code).toBe(3);
    expect(place.read('in.csv')).toBe(claims);
  });

  test.for([
    ['the output is the input', ['--map=map.json', '--output=in.csv', 'in.csv']],
    ['the output is the map', ['--map=map.json', '--output=map.json', 'in.csv']],
  ] as const)('restore: %s', async ([, words], { place }) => {
    prepare(place);
    const run = await place.run(['restore', ...words]);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect([place.read('in.csv'), place.read('map.json')]).toEqual([claims, '{}']);
  });

  if (onLinux) {
    test('a map never gets into the pipe that the output goes to', async ({ place }) => {
      prepare(place);
      const run = await place.tokenize(['--write-map=/dev/stdout', 'in.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toContain('the map and the output are the same file');
    });
  }

  function prepare(place: Place): void {
    place.write('in.csv', claims);
    place.write('map.json', '{}');
    place.write('key', secret);
    mkdirSync(place.at('folder'));
    symlinkSync('in.csv', place.at('soft.csv'));
    symlinkSync('.', place.at('link'));
    linkSync(place.at('in.csv'), place.at('hard.csv'));
  }
});

describe('an output that cannot be written', () => {
  const options = ['--output', '--write-map', '--report'];

  test.for(options)('%s into a folder that is not there, or none', async (option, { place }) => {
    place.write('in.csv', claims);
    const others = options.filter((other) => other !== option).map((other) => `${other}=${other}`);
    for (const path of ['no/out', 'in.csv/out', 'x'.repeat(300)]) {
      const run = await place.tokenize([...others, option, path, 'in.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr.startsWith(`velora-vault: ${path}: `)).toBe(true);
      expect(place.files()).toEqual(['in.csv']);
    }
  });

  test.for(options)('%s is a folder', async (option, { place }) => {
    place.write('in.csv', claims);
    mkdirSync(place.at('folder'));
    const run = await place.tokenize(['--force', option, 'folder', 'in.csv']);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toBe('velora-vault: folder: is a folder, expected a file\n');
    expect(place.files()).toEqual(['folder', 'in.csv']);
  });

  test('a folder without the right to write', async ({ place }) => {
    place.write('in.csv', claims);
    mkdirSync(place.at('folder'), { mode: 0o555 });
    for (const option of options) {
      const run = await place.tokenize([option, 'folder/new', 'in.csv'], { unprivileged: true });
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toBe('velora-vault: folder/new: permission denied\n');
    }
  });

  test('an input without the right to read', async ({ place }) => {
    place.write('in.csv', claims);
    chmodSync(place.at('in.csv'), 0);
    const run = await place.tokenize(['in.csv'], { unprivileged: true });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toBe('velora-vault: in.csv: permission denied\n');
  });

  test('a target that becomes a folder takes back map and report', async ({ place }) => {
    const words = ['--output=out.csv', '--write-map=map.json', '--report=report.json'];
    const running = place.start(['tokenize', product, ...words]);
    await running.written(largeClaims(1 << 20));
    mkdirSync(place.at('out.csv'));
    running.end();
    const run = await running.finished;
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(place.files()).toEqual(['out.csv']);
  });

  test('a map that somebody else makes meanwhile is not replaced', async ({ place }) => {
    const words = ['--output=out.csv', '--write-map=map.json'];
    const running = place.start(['tokenize', product, ...words]);
    await running.written(largeClaims(1 << 20));
    place.write('map.json', 'of somebody else');
    running.end();
    const run = await running.finished;
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('map.json: is there already');
    expect(place.read('map.json')).toBe('of somebody else');
    expect(place.files()).toEqual(['map.json']);
  });
});

describe('names and permissions', () => {
  test.for([
    ['as long as a name may be', 'n'.repeat(255)],
    ['long and not ASCII', 'é'.repeat(120)],
    ['that begins with a hyphen', '-out.csv'],
    ['with blanks and quotes', ' an "output" $(id) '],
  ])('a name %s', async ([, name = ''], { place }) => {
    const run = await place.tokenize([`--output=${name}`], { stdin: claims });
    expect(run.code, run.stderr).toBe(0);
    expect(place.files()).toEqual([name]);
  });

  test('control characters of a name do not reach the terminal', async ({ place }) => {
    const run = await place.tokenize(['no\u001b[2J\u202e.csv']);
    expect(run.code).toBe(3);
    expect(run.stderr).not.toContain('\u001b');
    expect(run.stderr).not.toContain('\u202e');
  });

  test('a file that is replaced gets no more permissions than it had', async ({ place }) => {
    place.write('out.csv', 'old');
    chmodSync(place.at('out.csv'), 0o600);
    const run = await place.tokenize(['--output=out.csv'], { stdin: claims });
    expect(run.code).toBe(0);
    expect(place.mode('out.csv')).toBe(0o600);
  });

  test('a map that replaces one for everybody is for the owner alone', async ({ place }) => {
    place.write('map.json', '{}');
    chmodSync(place.at('map.json'), 0o644);
    const run = await place.tokenize(['--force', '--write-map=map.json'], { stdin: claims });
    expect(run.code).toBe(0);
    expect(place.mode('map.json')).toBe(0o600);
  });

  test('nobody else can read a map while it is written', async ({ place }) => {
    const running = place.start(['tokenize', product, '--write-map=map.json']);
    running.child.stdout?.resume();
    await running.written(largeClaims(2 << 20));
    const [partial = ''] = place.files();
    expect(partial).toMatch(/^\.map\.json\..*-partial$/);
    expect(place.mode(partial)).toBe(0o600);
    running.end('ragged\n');
    expect(await running.finished).toMatchObject({ code: 3 });
    expect(place.files()).toEqual([]);
  });
});

/** A folder in which nothing can be made, with files that can be written: like single mounted ones. */
describe('a single file that has to be written in place', () => {
  function prepare(place: Place): void {
    mkdirSync(place.at('folder'));
    for (const name of ['out.csv', 'map.json']) {
      place.write(`folder/${name}`, 'old and longer than nothing\n'.repeat(100_000));
      chmodSync(place.at(`folder/${name}`), 0o666);
    }
    chmodSync(place.at('folder'), 0o555);
  }

  test('is written whole', async ({ place }) => {
    prepare(place);
    place.write('in.csv', claims);
    const direct = await place.tokenize(['in.csv']);
    const words = ['--force', '--output=folder/out.csv', '--write-map=folder/map.json', 'in.csv'];
    const run = await place.tokenize(words, { unprivileged: true });
    expect(run.code, run.stderr).toBe(0);
    expect(place.read('folder/out.csv')).toBe(direct.stdout);
    expect(place.read('folder/map.json')).toMatch(/^\{\n.*\n\}\n$/s);
  });

  test('is empty after a failure', async ({ place }) => {
    prepare(place);
    place.write('in.csv', broken);
    const words = ['--force', '--output=folder/out.csv', '--write-map=folder/map.json', 'in.csv'];
    const run = await place.tokenize(words, { unprivileged: true });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect([place.read('folder/out.csv'), place.read('folder/map.json')]).toEqual(['', '']);
  });

  test('is empty after a signal', async ({ place }) => {
    prepare(place);
    const words = ['--force', '--output=folder/out.csv', '--write-map=folder/map.json'];
    const running = place.start(['tokenize', product, ...words], { unprivileged: true });
    await running.written(largeClaims(4 << 20));
    await until(() => place.bytes('folder/map.json').toString('latin1').startsWith('{'));
    running.child.kill('SIGTERM');
    expect(await running.finished).toMatchObject({ signal: 'SIGTERM' });
    expect([place.read('folder/out.csv'), place.read('folder/map.json')]).toEqual(['', '']);
  });
});
