import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { claims, largeClaims, records, samples, secret, test } from './support.ts';

const demoKey = join(samples, 'demo.key');
const tokenForm = /^[A-Z]{3}_[0-9a-f]{16}$/;

describe('tokenize: what comes out', () => {
  test('the demo file gives the published output and map, byte for byte', async ({ place }) => {
    const run = await place.tokenize([
      ...['--key-file', demoKey, '--output', 'out.csv', '--write-map', 'map.json'],
      join(samples, 'claims.csv'),
    ]);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(place.bytes('out.csv')).toEqual(sample('claims.tokenized.csv'));
    expect(place.bytes('map.json')).toEqual(sample('claims.map.json'));

    function sample(name: string): Buffer {
      symlinkSync(join(samples, name), place.at(name));
      return place.bytes(name);
    }
  });

  test('standard output holds the file alone, standard error the summary', async ({ place }) => {
    const run = await place.tokenize([place.write('in.csv', claims)]);
    expect(run.code).toBe(0);
    const [header, ...rows] = records(run.stdout);
    expect(header).toEqual(['Claim ID', 'Patient First Name', 'DOB', 'Zip Code', 'Paid Amount']);
    expect(rows.map(([, , ...rest]) => rest)).toEqual([
      ['1980', '606', '12.50'],
      ['1955', '606', '3'],
      ['', '', '0'],
    ]);
    for (const [claim, name] of rows) {
      expect(claim).toMatch(/^CLM_/);
      expect(claim).toMatch(tokenForm);
      expect(name).toMatch(tokenForm);
    }
    expect(run.stderr).toMatch(/^3 rows, .*key fingerprint [0-9a-f]{8}\n$/);
    expect(place.files()).toEqual(['in.csv']);
  });

  test('--output writes the same bytes and leaves standard output empty', async ({ place }) => {
    place.write('in.csv', claims);
    const direct = await place.tokenize(['in.csv']);
    const written = await place.tokenize(['--output', 'out.csv', 'in.csv']);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(place.read('out.csv')).toBe(direct.stdout);
    expect(place.files()).toEqual(['in.csv', 'out.csv']);
  });

  test('--output replaces a file that is there, through a link too', async ({ place }) => {
    place.write('in.csv', claims);
    place.write('out.csv', 'what was there\n');
    symlinkSync('out.csv', place.at('link.csv'));
    const run = await place.tokenize(['--output', 'link.csv', 'in.csv']);
    expect(run.code).toBe(0);
    expect(place.read('out.csv')).toMatch(/^Claim ID,/);
    expect(place.files()).toEqual(['in.csv', 'link.csv', 'out.csv']);
  });

  test.for(['-', undefined])('standard input is read for %s', async (file, { place }) => {
    const direct = await place.tokenize([place.write('in.csv', claims)]);
    const piped = await place.tokenize(file === undefined ? [] : [file], { stdin: claims });
    expect(piped).toMatchObject({ code: 0, stdout: direct.stdout });
  });

  test('gzip is decompressed, all members of it, from a file and a pipe', async ({ place }) => {
    const direct = await place.tokenize([place.write('in.csv', claims)]);
    const middle = claims.indexOf('Ada') + 1;
    const members = [claims.slice(0, middle), claims.slice(middle)].map((part) => gzipSync(part));
    const compressed = Buffer.concat(members);
    place.write('in.csv.gz', compressed);
    for (const run of [
      await place.tokenize(['in.csv.gz']),
      await place.tokenize(['-'], { stdin: compressed }),
    ]) {
      expect(run).toMatchObject({ code: 0, stdout: direct.stdout });
    }
  });

  test('gzip of which more than one read is taken is decompressed', async ({ place }) => {
    // Stored, not deflated: more bytes than the two pieces of memory that a file is read into.
    const large = claims + (claims.split('\n')[1] ?? '').concat('\n').repeat(60_000);
    const direct = await place.tokenize(['--output', 'a.csv', place.write('in.csv', large)]);
    place.write('in.csv.gz', gzipSync(large, { level: 0 }));
    const unpacked = await place.tokenize(['--output', 'b.csv', 'in.csv.gz']);
    expect([direct.code, unpacked.code]).toEqual([0, 0]);
    expect(place.bytes('b.csv')).toEqual(place.bytes('a.csv'));
  });

  test('--quiet says nothing when nothing is to be flagged', async ({ place }) => {
    const run = await place.tokenize(['--quiet', place.write('in.csv', claims)]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  test('output and map do not depend on the number of workers, nor on the engine', async ({
    place,
  }) => {
    // Larger than what is done without a thread.
    place.write('in.csv', largeClaims(9 << 20));
    const results = [];
    for (const words of [
      ['--workers=1'],
      ['--workers=2'],
      ['--workers=3'],
      ['--workers=2', '--engine=papa'],
    ]) {
      const run = await place.tokenize([
        ...[...words, '--quiet', '--force'],
        ...['--output', 'out.csv', '--write-map', 'map.json', 'in.csv'],
      ]);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      results.push([place.read('out.csv'), place.read('map.json')]);
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('the secret is taken from the variable or the file that is named', async ({ place }) => {
    place.write('in.csv', claims);
    place.write('key', `\t${secret.toUpperCase()}\r\n`);
    const env = { VELORA_VAULT_KEY: undefined, OTHER_KEY: secret };
    const direct = await place.tokenize(['in.csv']);
    for (const words of [
      ['--key-env', 'OTHER_KEY'],
      ['--key-file', 'key'],
    ]) {
      const run = await place.tokenize([...words, 'in.csv'], { env });
      expect(run).toMatchObject({ code: 0, stdout: direct.stdout });
    }
  });
});

describe('tokenize: the local map', () => {
  test('holds every original in order, readable by the owner alone', async ({ place }) => {
    const run = await place.tokenize(['--write-map', 'map.json', place.write('in.csv', claims)]);
    expect(run.code).toBe(0);
    const rows = records(run.stdout).slice(1);
    const map = place.json('map.json') as Record<string, string>;
    expect(place.mode('map.json')).toBe(0o600);
    expect(Object.values(map)).toEqual(['A-1', 'Ada', 'A-2', "O'Hara, Bo", 'A-3']);
    expect(rows.map(([claim = '', name = '']) => [map[claim], map[name]])).toEqual([
      ['A-1', 'Ada'],
      ['A-2', "O'Hara, Bo"],
      ['A-3', 'Ada'],
    ]);
    expect(place.read('map.json')).toBe(`${JSON.stringify(map, null, 2)}\n`);
  });

  test('one that is there is kept, and replaced with --force only', async ({ place }) => {
    place.write('in.csv', claims);
    place.write('map.json', '{"old": "map"}\n');
    const words = ['--write-map', 'map.json', '--output', 'out.csv', 'in.csv'];
    const refused = await place.tokenize(words);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/map\.json: is there already; .*--force/);
    expect(place.read('map.json')).toBe('{"old": "map"}\n');
    expect(place.files()).toEqual(['in.csv', 'map.json']);

    expect(await place.tokenize(['--force', ...words])).toMatchObject({ code: 0 });
    expect(place.read('map.json')).toMatch(/^\{\n {2}"CLM_/);
    expect(place.mode('map.json')).toBe(0o600);
    expect(place.files()).toEqual(['in.csv', 'map.json', 'out.csv']);
  });

  test('that nothing goes into is an empty object', async ({ place }) => {
    const run = await place.tokenize(['--write-map', 'map.json'], { stdin: 'Claim ID\n' });
    expect(run).toMatchObject({ code: 0, stdout: 'Claim ID\n' });
    expect(place.read('map.json')).toBe('{}\n');
  });
});
