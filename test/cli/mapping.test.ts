import { describe, expect } from 'vitest';
import {
  claims,
  otherSecret,
  type Place,
  product,
  records,
  type RunOptions,
  test,
} from './support.ts';

const seeded = 'Zebra-SSN-219-09-9999';
const csv = 'Claim ID,Mbr Xref,Flavour,Flavour,MemberLastNameX\nA-1,m1,mint,lime,Example\n';

const mapping = {
  mapping: 1,
  product: 'instant_audit',
  keyFingerprint: null as string | null,
  columns: [
    { header: 'Mbr Xref', action: 'map', column: 'member_id' },
    { header: 'Flavour', occurrence: 2, action: 'drop' },
    { header: 'MemberLastNameX', action: 'keep' },
  ] as readonly object[],
};

function writeMapping(place: Place, change: Partial<typeof mapping> = {}): void {
  place.write('mapping.json', JSON.stringify({ ...mapping, ...change }));
}

async function fingerprint(place: Place, options: RunOptions = {}): Promise<string> {
  return (await place.run(['fingerprint'], options)).stdout.trim();
}

describe('--mapping', () => {
  test('decides as the options do', async ({ place }) => {
    writeMapping(place);
    place.write('in.csv', csv);
    const byFile = await place.tokenize(['--mapping', 'mapping.json', 'in.csv']);
    const byOptions = await place.tokenize([
      ...['--column=Mbr Xref=member_id', '--drop=#4', '--keep=MemberLastNameX', 'in.csv'],
    ]);
    expect(byFile.code, byFile.stderr).toBe(0);
    expect(byFile.stdout).toBe(byOptions.stdout);
    expect(records(byFile.stdout)[0]).toEqual([
      ...['Claim ID', 'member_id', 'Flavour', 'MemberLastNameX'],
    ]);
  });

  test('goes with standard input, other encodings and further options', async ({ place }) => {
    writeMapping(place, { columns: mapping.columns.slice(0, 2) });
    const stdin = Buffer.from(`\ufeff${csv}`, 'utf16le');
    const run = await place.tokenize(['--mapping=mapping.json', '--drop=MemberLastNameX'], {
      stdin,
    });
    expect(run.code, run.stderr).toBe(0);
    expect(records(run.stdout)[0]).toEqual(['Claim ID', 'member_id', 'Flavour']);
  });

  test('and an option on the same column contradict each other', async ({ place }) => {
    writeMapping(place);
    const run = await place.tokenize(['--mapping=mapping.json', '--drop=#2'], { stdin: csv });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('two decisions on one column');
  });

  test('loosens no identifier', async ({ place }) => {
    writeMapping(place, { columns: [{ header: 'Claim ID', action: 'keep' }] });
    const run = await place.tokenize(['--mapping=mapping.json'], { stdin: csv });
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  test('covers a large file, in threads', async ({ place }) => {
    writeMapping(place);
    const [header = '', row = ''] = csv.split('\n');
    place.write('in.csv', `${header}\n${`${row}\n`.repeat(200_000)}`);
    const words = ['--mapping=mapping.json', '--workers=2', '--output=out.csv', 'in.csv'];
    const run = await place.tokenize(words);
    expect(run.code, run.stderr).toBe(0);
    expect(place.read('out.csv').split('\n')).toHaveLength(200_002);
  });

  test('for preview', async ({ place }) => {
    writeMapping(place);
    const run = await place.run(['preview', product, '--json', '--mapping=mapping.json'], {
      stdin: csv,
    });
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      columns: [
        { action: 'tokenize' },
        { action: 'tokenize', column: 'member_id' },
        { action: 'unknown' },
        { action: 'drop' },
        { action: 'keep' },
      ],
    });
  });
});

describe('the key fingerprint that a mapping expects', () => {
  test('is compared with the secret, before anything is written', async ({ place }) => {
    const expected = await fingerprint(place);
    const other = await fingerprint(place, { env: { VELORA_VAULT_KEY: otherSecret } });
    writeMapping(place, { keyFingerprint: expected });
    place.write('in.csv', csv);
    const words = ['--mapping=mapping.json', '--output=out.csv', 'in.csv'];
    const wrong = await place.tokenize(words, { env: { VELORA_VAULT_KEY: otherSecret } });
    expect(wrong).toMatchObject({ code: 3, stdout: '' });
    expect(wrong.stderr).toContain('[fingerprint]');
    expect(wrong.stderr).toContain(expected);
    expect(wrong.stderr).toContain(other);
    expect(wrong.stderr).toContain('mapping.json');
    expect(place.files()).toEqual(['in.csv', 'mapping.json']);
    expect(await place.tokenize(words)).toMatchObject({ code: 0 });
  });

  test('is no matter for preview, which has no secret', async ({ place }) => {
    writeMapping(place, { keyFingerprint: '00000000' });
    const run = await place.run(['preview', product, '--mapping=mapping.json'], { stdin: csv });
    expect(run.code, run.stderr).toBe(0);
  });
});

describe('a mapping that does not fit is refused', () => {
  test.for<[string, string | Uint8Array]>([
    ['no JSON', `{"${seeded}`],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['a name that is not known', JSON.stringify({ ...mapping, [seeded]: 1 })],
    ['another product', JSON.stringify({ ...mapping, product: 'tpa_spread' })],
    [
      'a header that the file does not have',
      JSON.stringify({ ...mapping, columns: [{ header: seeded, action: 'drop' }] }),
    ],
    [
      'a header that the file has twice',
      JSON.stringify({ ...mapping, columns: [{ header: 'Flavour', action: 'drop' }] }),
    ],
    ['too much', Buffer.alloc(5 << 20, ' ')],
  ])('%s', async ([, content], { place }) => {
    place.write('mapping.json', content);
    place.write('in.csv', csv);
    for (const words of [
      ['tokenize', product, '--output=out.csv'],
      ['preview', product],
    ]) {
      const run = await place.run([...words, '--mapping=mapping.json', 'in.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toContain('mapping.json: ');
      expect(run.stderr).not.toContain('Zebra');
    }
    expect(place.files()).toEqual(['in.csv', 'mapping.json']);
  });

  test('one that is not there, and standard input', async ({ place }) => {
    const missing = await place.tokenize(['--mapping=none.json'], { stdin: csv });
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(missing.stderr).toContain('none.json: no such file');
    const dash = await place.tokenize(['--mapping=-'], { stdin: csv });
    expect(dash).toMatchObject({ code: 2, stdout: '' });
  });

  test('and is never written over by a result', async ({ place }) => {
    writeMapping(place);
    place.write('in.csv', csv);
    const words = ['--mapping=mapping.json', '--report=mapping.json', 'in.csv'];
    expect(await place.tokenize(words)).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(place.read('mapping.json'))).toEqual(mapping);
  });

  test('a fault of the file itself is told as one', async ({ place }) => {
    writeMapping(place);
    const run = await place.tokenize(['--mapping=mapping.json'], { stdin: '' });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).not.toContain('mapping.json');
  });
});

describe('preview --write-mapping', () => {
  test('writes the decisions, and tokenize takes them', async ({ place }) => {
    place.write('in.csv', csv);
    const decisions = ['--column=Mbr Xref=member_id', '--drop=#4', '--keep=MemberLastNameX'];
    const preview = ['preview', product, ...decisions, '--write-mapping=new.json', 'in.csv'];
    const run = await place.run(preview);
    expect(run.code, run.stderr).toBe(0);
    expect(place.json('new.json')).toEqual({
      ...mapping,
      columns: [mapping.columns[0], mapping.columns[2], mapping.columns[1]],
    });
    const byFile = await place.tokenize(['--mapping=new.json', 'in.csv']);
    const byOptions = await place.tokenize([...decisions, 'in.csv']);
    expect(byFile).toMatchObject({ code: 0, stdout: byOptions.stdout });
  });

  test('adds to one that is read, in its place if wanted', async ({ place }) => {
    writeMapping(place, { keyFingerprint: '0a1b2c3d' });
    const words = ['preview', product, '--mapping=mapping.json', '--write-mapping=mapping.json'];
    const run = await place.run([...words, '--drop=#3'], { stdin: csv });
    expect(run.code, run.stderr).toBe(0);
    expect(place.json('mapping.json')).toEqual({
      ...mapping,
      keyFingerprint: '0a1b2c3d',
      columns: [...mapping.columns, { header: 'Flavour', occurrence: 1, action: 'drop' }],
    });
  });

  test('holds no header that may be a value, and is not the input', async ({ place }) => {
    place.write('in.csv', `Claim ID,219-09-9999\nA,b\n`);
    const words = ['preview', product, '--accept-header', '--drop=#2'];
    const run = await place.run([...words, '--write-mapping=new.json', 'in.csv']);
    expect(run.code, run.stderr).toBe(0);
    expect(place.read('new.json')).not.toContain('219');
    place.write('claims.csv', claims);
    const over = await place.run(['preview', product, '--write-mapping=claims.csv', 'claims.csv']);
    expect(over).toMatchObject({ code: 3, stdout: '' });
    expect(place.read('claims.csv')).toBe(claims);
  });
});
