import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { claims, otherSecret, product, records, samples, secret, test } from './support.ts';

const slugs = [
  'instant_audit',
  'claims_replay',
  'tpa_spread',
  'pbm_transparency',
  'leakage_detection',
  'provider_benchmark',
];

describe('preview', () => {
  const csv = '\ufeffClaim ID;DOB;Zip Code;Notes;Paid Amount;Flavour;Pet Nickname\n';

  test('--json has the documented form and nothing else', async ({ place }) => {
    const run = await place.run(['preview', product, '--json', place.write('in.csv', csv)]);
    expect(run.code).toBe(0);
    const preview = JSON.parse(run.stdout) as Record<string, unknown>;
    expect(preview).toEqual({
      product: 'instant_audit',
      schemaVersion: expect.any(String) as unknown,
      encoding: 'utf-8',
      delimiter: ';',
      columns: [
        { index: 0, header: 'Claim ID', column: 'claim_id', action: 'tokenize', prefix: 'CLM' },
        { index: 1, header: 'DOB', column: 'date_of_birth', action: 'generalize', rule: 'year' },
        { index: 2, header: 'Zip Code', column: 'zip', action: 'generalize', rule: 'zip3' },
        { index: 3, header: 'Notes', column: 'notes', action: 'drop' },
        { index: 4, header: 'Paid Amount', column: 'paid_amount', action: 'keep' },
        { index: 5, header: 'Flavour', column: null, action: 'unknown' },
        { index: 6, header: 'Pet Nickname', column: null, action: 'unknown', suspect: true },
      ],
    });
    expect(Object.keys(preview)).toEqual([
      'product',
      'schemaVersion',
      'encoding',
      'delimiter',
      'columns',
    ]);
  });

  test('is a table for people, with what to type', async ({ place }) => {
    const run = await place.run(['preview', product], { stdin: csv, env: noSecret });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^1 +"Claim ID" +tokenize +CLM +claim_id/m);
    expect(run.stderr).toContain('--drop "Pet Nickname"');
  });

  test('takes decisions into account', async ({ place }) => {
    const words = ['--json', '--column=#6=member_id', '--drop=Pet Nickname', '--keep=#5'];
    const run = await place.run(['preview', product, ...words], { stdin: csv });
    const { columns } = JSON.parse(run.stdout) as { columns: { action: string }[] };
    expect(columns.map(({ action }) => action).slice(4)).toEqual(['keep', 'tokenize', 'drop']);
  });

  test('reads the beginning only: what is wrong further on does not matter', async ({ place }) => {
    place.write('in.csv', `${claims}${'A-9,Ada,,,1,\n'.repeat(8000)}ragged\n`);
    const run = await place.run(['preview', product, '--json', 'in.csv']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect((await place.tokenize(['in.csv'])).code).toBe(3);
  });
});

describe('verify', () => {
  test('finds nothing in what tokenize wrote', async ({ place }) => {
    await place.tokenize(['--output', 'out.csv', place.write('in.csv', claims)]);
    const run = await place.run(['verify', product, 'out.csv'], { env: noSecret });
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(run.stderr).toBe('out.csv: 3 rows, no finding\n');
    const quiet = await place.run(['verify', product, '--quiet', 'out.csv']);
    expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const json = await place.run(['verify', product, '--json', '-'], {
      stdin: place.read('out.csv'),
    });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, rows: 3, total: 0, findings: [] });
  });

  test('finds plaintext by column, row and rule, and exits with 3', async ({ place }) => {
    const run = await place.run(['verify', product, place.write('in.csv', claims)]);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/in\.csv: row 1, column 1 \("Claim ID"\) \[token\]/);
    expect(run.stderr).toMatch(/column 6 \("Notes"\) \[absent\]/);
    const json = await place.run(['verify', product, '--json', 'in.csv']);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      rows: 3,
      counts: [3, 3, 2, 2, 0, 1],
    });
  });

  test('--keep exempts a column that was kept on purpose', async ({ place }) => {
    const kept = 'Claim ID,Flavour\n,jane@example.com\n';
    const refused = await place.run(['verify', product], { stdin: kept });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('row 1, column 2 ("Flavour") [email]');
    const run = await place.run(['verify', product, '--keep', 'Flavour'], { stdin: kept });
    expect(run.code).toBe(0);
  });
});

describe('restore', () => {
  test('gives the records of the original, dropped and generalized columns apart', async ({
    place,
  }) => {
    place.write('claims.csv', readFileSync(join(samples, 'claims.csv')));
    await place.tokenize(['--output', 'out.csv', '--write-map', 'map.json', 'claims.csv']);
    const run = await place.run(['restore', '--map', 'map.json', 'out.csv'], { env: noSecret });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('PHI');
    const before = records(place.read('claims.csv').slice(1));
    const after = records(run.stdout);
    const [header = [], ...rows] = before;
    const dropped = header.indexOf('Notes');
    const changed = new Set([header.indexOf('Pt DOB'), header.indexOf('Zip Code')]);
    const expected = [header, ...rows].map((record, i) =>
      record
        .map((cell, at) => (i > 0 && changed.has(at) ? expect.any(String) : cell) as unknown)
        .filter((_, at) => at !== dropped),
    );
    expect(after).toEqual(expected);
  });

  test('--output is readable by the owner alone; unknown tokens stay', async ({ place }) => {
    const token = 'CLM_0123456789abcdef';
    place.write('out.csv', `Claim ID,Anything\n${token},CLM_1111111111111111\n`);
    place.write('map.json', `{"${token}": "A-\\u00e9\\n"}`);
    const words = ['restore', '--map', 'map.json', '--output', 'back.csv', 'out.csv'];
    const run = await place.run(words);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(run.stderr).toContain('1 cell');
    expect(place.read('back.csv')).toBe('Claim ID,Anything\n"A-é\n",CLM_1111111111111111\n');
    expect(place.mode('back.csv')).toBe(0o600);
  });

  test.for([
    ['cut off', '{"CLM_0123456789abcdef": "A'],
    ['no map', '["A"]'],
    ['a key that is no token', '{"Zzyzx": "A"}'],
    ['no string', '{"CLM_0123456789abcdef": 1}'],
    ['empty', ''],
  ])('a map that is %s is refused', async ([, map = ''], { place }) => {
    place.write('map.json', map);
    const words = ['restore', '--map', 'map.json', '--output', 'back.csv'];
    const run = await place.run(words, { stdin: 'Claim ID\n' });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('map.json');
    expect(run.stderr).not.toContain('Zzyzx');
    expect(place.files()).toEqual(['map.json']);
  });
});

describe('keygen and fingerprint', () => {
  test('keygen prints a secret, another one each time', async ({ place }) => {
    const [one, two] = [await place.run(['keygen']), await place.run(['keygen'])];
    expect(one.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(two.stdout).not.toBe(one.stdout);
    expect(one.stderr).not.toContain(one.stdout.trim());
  });

  test('keygen --output makes a file for the owner alone and never replaces one', async ({
    place,
  }) => {
    const run = await place.run(['keygen', '--output', 'key']);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(place.read('key')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(place.mode('key')).toBe(0o600);
    const before = place.read('key');
    const again = await place.run(['keygen', '--output', 'key']);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('key: is there already');
    expect(place.read('key')).toBe(before);
    const print = await place.run(['fingerprint', '--key-file', 'key'], { env: noSecret });
    expect(run.stderr).toContain(`key fingerprint ${print.stdout.trim()};`);
  });

  test('fingerprint tells secrets apart and ignores case and line ends', async ({ place }) => {
    const of = async (text: string): Promise<string> =>
      (await place.run(['fingerprint', '--key-env=K'], { env: { K: text } })).stdout;
    expect(await of(secret)).toMatch(/^[0-9a-f]{8}\n$/);
    expect(await of(` ${secret.toUpperCase()}\n`)).toBe(await of(secret));
    expect(await of(otherSecret)).not.toBe(await of(secret));
  });
});

describe('what the command says about itself', () => {
  test('list-products lists the six', async ({ place }) => {
    const run = await place.run(['list-products'], { env: noSecret });
    expect(run.code).toBe(0);
    for (const slug of slugs) expect(run.stdout).toContain(slug);
  });

  test.for(slugs)('schema %s', async (slug, { place }) => {
    const run = await place.run(['schema', slug]);
    expect(run.code).toBe(0);
    const schema = JSON.parse(run.stdout) as { slug: string; columns: { name: string }[] };
    expect(schema.slug).toBe(slug);
    const npi = { name: 'npi', action: slug === 'provider_benchmark' ? 'keep' : 'tokenize' };
    expect(schema.columns).toContainEqual(expect.objectContaining(npi));
  });

  test('version, --version', async ({ place }) => {
    const file = readFileSync(join(samples, '..', 'package.json'), 'utf8');
    const { version } = JSON.parse(file) as { version: string };
    for (const word of ['version', '--version', '-V']) {
      expect(await place.run([word])).toMatchObject({
        code: 0,
        stdout: `${version}\n`,
        stderr: '',
      });
    }
  });

  test.for([['help'], ['--help'], ['help', 'tokenize'], ['tokenize', '--help']])(
    '%s %s documents the exit codes',
    async (words, { place }) => {
      const run = await place.run(words);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toMatch(/Exit codes:\s+0 {2}done\s+2 {2}wrong use\s+3 .*\s4 /s);
    },
  );

  test('help tokenize names every option', async ({ place }) => {
    const { stdout } = await place.run(['help', 'tokenize']);
    for (const option of [
      ...['--product', '--key-env', '--key-file', '--output', '--write-map', '--column', '--keep'],
      ...['--drop', '--unknown', '--accept-header', '--allow-tokens', '--safe-harbor', '--force'],
      ...['--reference-year', '--delimiter', '--encoding', '--report', '--quiet', '--workers'],
    ]) {
      expect(stdout).toContain(`${option} `.trimEnd());
    }
    expect(stdout).not.toMatch(/--key\s/);
  });
});

const noSecret = { VELORA_VAULT_KEY: undefined };
