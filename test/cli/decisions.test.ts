import { execFileSync } from 'node:child_process';
import { describe, expect } from 'vitest';
import { cliPath, type Place, product, records, secret, test } from './support.ts';

/** A header that is unknown, one that looks like an identifier, and one that is known. */
const mixed = 'Claim ID,Flavour Rating,Pet Nickname\nA-1,mint,rex\nA-2,plum,fido\n';

/** The header and the first row of what a run wrote. */
function firstRows(csv: string): string[][] {
  return records(csv).slice(0, 2);
}

function tokenizeMixed(place: Place, words: readonly string[]) {
  return place.tokenize([...words, place.write('in.csv', mixed)]);
}

describe('columns', () => {
  test('an unknown one is kept and flagged on standard error', async ({ place }) => {
    const run = await tokenizeMixed(place, ['--quiet', '--drop', 'Pet Nickname']);
    expect(run.code).toBe(0);
    expect(firstRows(run.stdout)).toEqual([
      ['Claim ID', 'Flavour Rating'],
      [expect.stringMatching(/^CLM_/), 'mint'],
    ]);
    expect(run.stderr).toBe('velora-vault: unknown, kept unchanged: column 2 "Flavour Rating"\n');
  });

  test('--unknown drop leaves unknown ones out', async ({ place }) => {
    const run = await tokenizeMixed(place, ['--unknown', 'drop', '--drop', '#3']);
    expect(run.code).toBe(0);
    expect(firstRows(run.stdout)[0]).toEqual(['Claim ID']);
  });

  test('--unknown fail refuses the file and names the column', async ({ place }) => {
    const run = await tokenizeMixed(place, ['--unknown=fail', '--drop', '#3', '--output', 'o.csv']);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(
      /in\.csv: line 1, column 2 \("Flavour Rating"\).*\[unknown-columns\]/,
    );
    expect(place.files()).toEqual(['in.csv']);
  });

  test.for(['keep', 'drop', 'fail'])(
    'a suspect one is refused under --unknown %s, with the options to type',
    async (unknown, { place }) => {
      const run = await tokenizeMixed(place, ['--unknown', unknown, '--output', 'out.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toContain('column 3 "Pet Nickname"');
      expect(run.stderr).toMatch(/\n {4}--drop "Pet Nickname"\n {4}--keep "Pet Nickname"\n/);
      expect(run.stderr).toMatch(/column 3 \("Pet Nickname"\).*\[suspect-undecided\]/);
      expect(place.files()).toEqual(['in.csv']);
    },
  );

  test.for([
    ['a plain header', 'pet_nickname'],
    ['a header with blanks', 'Pet Nickname'],
    ['a header with a quote', 'Pet "Nickname"'],
    ['a header with an apostrophe', "Pet's Nickname"],
    ['a header with what a shell reads', 'Pet Nickname $(id) `id` \\ !'],
    ['a header with an equals sign', 'Pet Nickname=x'],
    ['a header that begins like an option', '-k pet nickname'],
    ['a header that begins like a long option', '--pet-nickname'],
    ['a header that begins with a number sign', '#pet nickname'],
    ['a header of two lines', 'Pet\nNickname'],
    ['a header with a letter outside ASCII', 'Prénom'],
    ['an empty header', ''],
    ['a header with blanks at its ends', ' Pet Nickname '],
    ['a header that is there twice', 'Pet Nickname,Pet Nickname'],
  ])('the options for %s work when they are typed', async ([, header = ''], { place }) => {
    const field = header.includes(',') ? header : `"${header.replaceAll('"', '""')}"`;
    const columns = header.includes(',') ? 2 : 1;
    place.write('in.csv', `Claim ID,${field}\nA-1${',x'.repeat(columns)}\n`);
    const refused = await place.tokenize(['in.csv']);
    expect(refused.code).toBe(3);
    const blocks = refused.stderr.split(/\n {2}column /).slice(1);
    expect(blocks).toHaveLength(columns);
    const choices = blocks.map((block) =>
      Array.from(block.matchAll(/\n {4}(--.*)/g), ([, words]) => words),
    );
    for (let choice = 0; choice < (choices[0]?.length ?? 0); choice += 1) {
      const typed = choices.map((each) => each[choice]).join(' ');
      const out = inShell(place, `tokenize ${product} ${typed} in.csv`);
      expect(firstRows(out)[0]?.[0]).toBe('Claim ID');
    }
  });

  test('--column maps a header to a column of the catalogue, by text or place', async ({
    place,
  }) => {
    place.write('in.csv', 'Claim ID,No.\nA-1,M1\n');
    const known = await place.tokenize([], { stdin: 'Claim ID,member_id\nA-1,M1\n' });
    for (const select of ['No.', '#2']) {
      const run = await place.tokenize(['--column', `${select}=member_id`, 'in.csv']);
      expect(run).toMatchObject({ code: 0, stdout: known.stdout });
    }
  });

  test('--keep and --drop take a header or a place, as often as wanted', async ({ place }) => {
    const run = await tokenizeMixed(place, ['--keep', '#3', '--drop', 'Flavour Rating']);
    expect(run.code).toBe(0);
    expect(firstRows(run.stdout)).toEqual([
      ['Claim ID', 'Pet Nickname'],
      [expect.stringMatching(/^CLM_/), 'rex'],
    ]);
  });

  test('a file with every column dropped is refused', async ({ place }) => {
    const run = await tokenizeMixed(place, ['--drop=#1', '--drop=#2', '--drop=#3']);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('in.csv: every column is dropped');
  });

  test.for([
    ['keeping an identifier', ['--keep', 'Claim ID']],
    ['keeping what is generalized', ['--keep', '#4']],
    ['taking an identifier for what is kept', ['--column', 'Claim ID=age']],
    ['a header that is not there', ['--drop', 'No such header']],
    ['a position that is not there', ['--drop', '#9']],
    ['position nought', ['--drop', '#0']],
    ['two decisions on one column', ['--keep', '#2', '--drop', 'Flavour Rating']],
    ['no such column', ['--column', 'Flavour Rating=flavour']],
    ['a mapping without a column', ['--column', 'Flavour Rating']],
    ['an empty header', ['--keep', '']],
    ['another word for --unknown', ['--unknown', 'pass']],
  ])('wrong use: %s', async ([, words], { place }) => {
    place.write('in.csv', mixed.replace('\n', ',DOB\n').replaceAll(/(rex|fido)/g, '$1,1980'));
    const run = await place.tokenize([...(words as string[]), '--output', 'out.csv', 'in.csv']);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/^velora-vault: /);
    expect(place.files()).toEqual(['in.csv']);
  });
});

function inShell(place: Place, words: string): string {
  const command = `'${process.execPath}' '${cliPath}' ${words}`;
  return execFileSync('sh', ['-c', command], {
    cwd: place.path,
    env: { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
