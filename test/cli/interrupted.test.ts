import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import {
  claims,
  cliPath,
  largeClaims,
  type Place,
  product,
  type Running,
  secret,
  test,
  until,
} from './support.ts';

const files = ['--output=out.csv', '--write-map=map.json', '--report=report.json'];
const partial = '-partial';

/** A run in the middle of its work: it has written partial files and waits for more to come. */
async function halfWay(place: Place, words: readonly string[] = files): Promise<Running> {
  const running = place.start(['tokenize', product, ...words]);
  await running.written(largeClaims(3 << 20));
  await until(() => place.files().filter((name) => name.endsWith(partial)).length === words.length);
  return running;
}

describe('signals', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGXCPU'] as const)(
    '%s leaves nothing',
    async (signal, { place }) => {
      const running = await halfWay(place);
      running.child.kill(signal);
      expect(await running.finished).toMatchObject({ signal, stdout: '' });
      expect(place.files()).toEqual([]);
    },
  );

  test('what was there stays', async ({ place }) => {
    place.write('out.csv', 'old');
    const running = await halfWay(place, ['--output=out.csv']);
    running.child.kill('SIGTERM');
    await running.finished;
    expect(place.read('out.csv')).toBe('old');
    expect(place.files()).toEqual(['out.csv']);
  });

  test('restore leaves nothing', async ({ place }) => {
    place.write('map.json', '{}');
    const running = place.start(['restore', '--map=map.json', '--output=back.csv']);
    await running.written(largeClaims(2 << 20));
    await until(() => place.files().some((name) => name.endsWith(partial)));
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ signal: 'SIGINT' });
    expect(place.files()).toEqual(['map.json']);
  });

  test('what a killed run has left goes at the next start', async ({ place }) => {
    const running = await halfWay(place);
    running.child.kill('SIGKILL');
    await running.finished;
    const left = place.files();
    expect(left).toHaveLength(3);
    expect(left.every((name) => name.endsWith(partial))).toBe(true);
    const run = await place.tokenize(files, { stdin: claims });
    expect(run.code).toBe(0);
    expect(place.files()).toEqual(['map.json', 'out.csv', 'report.json']);
  });

  test('what a killed run has left goes though the next one is refused', async ({ place }) => {
    const running = await halfWay(place);
    running.child.kill('SIGKILL');
    await running.finished;
    expect((await place.tokenize(files, { stdin: 'Claim ID\nA,b\n' })).code).toBe(3);
    expect(place.files()).toEqual([]);
  });

  test('outputs whose names begin alike do not take each other for leftovers', async ({
    place,
  }) => {
    const alike = ['--output=out.csv', '--write-map=out.csv.map.json', '--report=out'];
    expect(await place.tokenize(alike, { stdin: claims })).toMatchObject({ code: 0 });
    expect(place.files()).toEqual(['out', 'out.csv', 'out.csv.map.json']);
    const running = await halfWay(place, ['--output=out.csv']);
    expect((await place.tokenize(['--output=out'], { stdin: claims })).code).toBe(0);
    running.end();
    expect(await running.finished).toMatchObject({ code: 0 });
  });

  test('what a run of now is writing is left alone', async ({ place }) => {
    const running = await halfWay(place, ['--output=out.csv']);
    const second = await place.tokenize(['--output=out.csv'], { stdin: claims });
    expect(second.code).toBe(0);
    running.end();
    expect(await running.finished).toMatchObject({ code: 0 });
    expect(place.files()).toEqual(['out.csv']);
    expect(place.bytes('out.csv').length).toBeGreaterThan(1 << 20);
  });
});

describe('the reader of standard output goes', () => {
  const inShell = promisify(execFile);

  test.for([
    ['tokenize', `tokenize ${product} --quiet --write-map map.json in.csv`],
    ['restore', 'restore --quiet --map old.json in.csv'],
    ['preview', `preview ${product} --json in.csv`],
    ['verify', `verify ${product} --json ok.csv`],
    ['schema', 'schema instant_audit'],
  ])('%s ends without a word', async ([, words = ''], { place }) => {
    place.write('in.csv', largeClaims(6 << 20));
    place.write('old.json', '{}');
    place.write('ok.csv', 'Claim ID\n');
    const command = `'${process.execPath}' '${cliPath}' ${words} | head -c 10`;
    const env = { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret };
    const { stdout, stderr } = await inShell('sh', ['-c', command], { cwd: place.path, env });
    expect(stdout.length).toBeLessThanOrEqual(10);
    expect(stderr).toBe('');
    expect(place.files()).toEqual(['in.csv', 'ok.csv', 'old.json']);
  });

  test('tokenize says so by its exit code, and leaves no map', async ({ place }) => {
    place.write('in.csv', largeClaims(6 << 20));
    const words = `tokenize ${product} --quiet --write-map map.json in.csv`;
    const command = `{ '${process.execPath}' '${cliPath}' ${words}; echo $? > code; } | true`;
    const env = { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret };
    const { stderr } = await inShell('sh', ['-c', command], { cwd: place.path, env });
    await until(() => place.files().includes('code') && place.read('code') !== '');
    expect([stderr, place.read('code')]).toEqual(['', '3\n']);
    expect(place.files()).toEqual(['code', 'in.csv']);
  });
});

/** Whoever feeds the pipe may be slow or hang: a refusal does not wait for the end of it. */
describe('a run that is refused ends though its input goes on', () => {
  const enough = largeClaims(1 << 20);

  test.for([
    ['for its header', `Claim ID,Pet Nickname\n${'A,b\n'.repeat(40_000)}`, [], 3],
    ['for a record', `${enough}ragged\n${enough}`, [], 3],
    ['for a map that is there', enough, ['--write-map=map.json'], 3],
    ['for an output that cannot be', enough, ['--output=no/out.csv'], 3],
    ['for wrong use', enough, ['--drop=#99'], 2],
  ] as const)('%s', async ([, stdin, words, code], { place }) => {
    place.write('map.json', 'old');
    const running = place.start(['tokenize', product, ...words]);
    running.write(stdin);
    expect(await running.finished).toMatchObject({ code });
    expect(place.files()).toEqual(['map.json']);
  });

  test('preview ends with the first 64 KiB', async ({ place }) => {
    const running = place.start(['preview', product, '--json']);
    running.write(enough);
    expect(await running.finished).toMatchObject({ code: 0 });
  });
});
