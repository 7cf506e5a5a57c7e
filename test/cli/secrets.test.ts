import { describe, expect } from 'vitest';
import { claims, otherSecret, type Place, product, secret, test } from './support.ts';

/** Ways in which somebody might write a secret; the same digits each time. */
const spellings = {
  'in lower case': otherSecret,
  'in capitals': otherSecret.toUpperCase(),
  'cut short': otherSecret.slice(0, 40),
  'with a letter first': `f${otherSecret.slice(1)}`,
  'in groups of four': otherSecret.replaceAll(/(....)/g, '$1 ').trim(),
  'in groups with hyphens': otherSecret.replaceAll(/(....)/g, '$1-').slice(0, -1),
  'in pairs with colons': otherSecret.replaceAll(/(..)/g, '$1:').slice(0, -1),
  'as an API key': `vlk_live_0badcafe_${otherSecret.slice(0, 32)}`,
} as const;

/** Whether a text holds any twelve digits of the secret, however they are spelled. */
function expectNoSecret(text: string): void {
  const digits = text.replaceAll(/[-: _]/g, '').toLowerCase();
  expect(digits).not.toMatch(/(?:0badcafe){2}|badcafe0badc|c0ffee00c0ff/);
}

describe('there is no option that takes the secret', () => {
  test.for([
    ['--key', otherSecret],
    [`--key=${otherSecret}`],
    [`--secret=${otherSecret}`],
    ['--secret', otherSecret],
    [`--KEY=${otherSecret}`],
    [`-key=${otherSecret}`],
    ['-k', otherSecret],
    [`-k${otherSecret}`],
    ['--key', 'no secret at all'],
    ['--key'],
  ])('%s', async (words, { place }) => {
    place.write('in.csv', claims);
    for (const command of [
      ['tokenize', product, ...words, 'in.csv'],
      [...words, 'tokenize', product, 'in.csv'],
      ['fingerprint', ...words],
      ['keygen', ...words],
      ['preview', product, 'in.csv', ...words],
    ]) {
      const run = await place.run(command);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(/no --key: .*history.*processes.*VELORA_VAULT_KEY.*--key-file/);
      expect(run.stderr).not.toContain('no secret at all');
      expectNoSecret(run.stderr);
    }
    expect(place.files()).toEqual(['in.csv']);
  });
});

describe('a secret in the wrong place is never repeated', () => {
  const uploadWords = ['upload', product, '--url=https://127.0.0.1:9', '--token-env=NONE'];
  const places: Readonly<Record<string, (typed: string) => readonly string[]>> = {
    'as the value of --key-env': (typed) => ['tokenize', product, '--key-env', typed],
    'as the value of --key-env=': (typed) => ['fingerprint', `--key-env=${typed}`],
    'as the path of --key-file': (typed) => ['tokenize', product, '--key-file', typed],
    'as FILE of tokenize': (typed) => ['tokenize', product, typed],
    'as FILE of preview': (typed) => ['preview', product, typed],
    'as FILE of verify': (typed) => ['verify', product, typed],
    'as FILE of restore': (typed) => ['restore', '--map', 'map.json', typed],
    'as the map of restore': (typed) => ['restore', '--map', typed, 'in.csv'],
    'as the product': (typed) => ['tokenize', '--product', typed],
    'as the slug of schema': (typed) => ['schema', typed],
    'as a command': (typed) => [typed],
    'as what to be helped with': (typed) => ['help', typed],
    'as one argument too many': (typed) => ['tokenize', product, 'in.csv', typed],
    'as the value of an unknown option': (typed) => ['tokenize', product, `--password=${typed}`],
    'behind an unknown option': (typed) => ['tokenize', product, '--password', typed],
    'glued to an unknown option': (typed) => ['tokenize', product, `-p${typed}`],
    'as an unknown option': (typed) => ['tokenize', product, `--${typed}`],
    'as the value of a flag': (typed) => ['tokenize', product, `--quiet=${typed}`],
    'as --unknown': (typed) => ['tokenize', product, '--unknown', typed],
    'as --delimiter': (typed) => ['tokenize', product, '--delimiter', typed, 'in.csv'],
    'as --encoding': (typed) => ['tokenize', product, '--encoding', typed, 'in.csv'],
    'as --reference-year': (typed) => [
      'tokenize',
      product,
      '--safe-harbor',
      '--reference-year',
      typed,
      'in.csv',
    ],
    'as --workers': (typed) => ['tokenize', product, '--workers', typed, 'in.csv'],
    'as --column': (typed) => ['tokenize', product, '--column', typed, 'in.csv'],
    'as the column of --column': (typed) => [
      'tokenize',
      product,
      '--column',
      `DOB=${typed}`,
      'in.csv',
    ],
    'as --keep': (typed) => ['tokenize', product, '--keep', typed, 'in.csv'],
    'as --drop': (typed) => ['preview', product, '--drop', typed, 'in.csv'],
    'in the path of --output': (typed) => [
      'tokenize',
      product,
      '--output',
      `no/${typed}`,
      'in.csv',
    ],
    'in the path of --write-map': (typed) => [
      'tokenize',
      product,
      '--write-map',
      `no/${typed}`,
      'in.csv',
    ],
    'in the path of --report': (typed) => [
      'tokenize',
      product,
      '--report',
      `no/${typed}`,
      'in.csv',
    ],
    'in the path of --mapping': (typed) => ['preview', product, '--mapping', typed, 'in.csv'],
    'in the path of --write-mapping': (typed) => [
      'preview',
      product,
      `--write-mapping=no/${typed}`,
      'in.csv',
    ],
    'as FILE of upload': (typed) => [...uploadWords, typed],
    'as --url': (typed) => [...uploadWords, '--url', typed, 'in.csv'],
    'in the address of --url': (typed) => [...uploadWords, `--url=https://${typed}@x`, 'in.csv'],
    'as --token-env': (typed) => [...uploadWords, '--token-env', typed, 'in.csv'],
    'as --token': (typed) => [...uploadWords, '--token', typed, 'in.csv'],
    'in the path of keygen': (typed) => ['keygen', '--output', `no/${typed}`],
  };

  async function expectSilence(place: Place, words: readonly string[]): Promise<void> {
    const run = await place.run(words, { stdin: 'Zzyzx\n' });
    expect([2, 3, 4]).toContain(run.code);
    expect(run.stdout).toBe('');
    expectNoSecret(run.stderr);
    expect(place.files()).toEqual(['in.csv', 'map.json']);
  }

  test.for(Object.entries(places))('%s', async ([, wordsFor], { place }) => {
    place.write('in.csv', claims);
    place.write('map.json', '{}');
    const all = Object.values(spellings).map((typed) => expectSilence(place, wordsFor(typed)));
    await Promise.all(all);
  });
});

describe('a secret that is missing or invalid', () => {
  const hex = /expected 64 hexadecimal characters/;

  test.for([
    ['missing', undefined],
    ['empty', ''],
  ])('%s', async ([, value], { place }) => {
    place.write('in.csv', claims);
    const env = { VELORA_VAULT_KEY: value };
    for (const words of [['tokenize', product, '--output=out.csv', 'in.csv'], ['fingerprint']]) {
      const run = await place.run(words, { env });
      expect(run).toMatchObject({ code: 4, stdout: '' });
      expect(run.stderr).toMatch(/no secret: .*VELORA_VAULT_KEY.*--key-file PATH.*keygen/);
    }
    const named = await place.run(['fingerprint', '--key-env', 'OTHER_KEY']);
    expect(named.code).toBe(4);
    expect(named.stderr).toContain('OTHER_KEY');
    expect(place.files()).toEqual(['in.csv']);
  });

  test.for([
    ['one digit short', otherSecret.slice(1)],
    ['one digit long', `${otherSecret}0`],
    ['a letter that is no digit', `g${otherSecret.slice(1)}`],
    ['with 0x before it', `0x${otherSecret}`],
    ['in groups', spellings['in groups of four']],
    ['in quotes', `"${otherSecret}"`],
    ['wide digits', otherSecret.replace('0', '０')],
    ['another thing', 'Zzyzx Zzyzx'],
    ['with a NUL', `${otherSecret}\0`],
  ])('invalid: %s', async ([, value = ''], { place }) => {
    place.write('in.csv', claims);
    place.write('key', value);
    const words = ['tokenize', product, '--output=out.csv', '--write-map=map.json', 'in.csv'];
    const runs = [await place.run([...words, '--key-file=key'])];
    if (!value.includes('\0')) {
      runs.push(await place.run(words, { env: { VELORA_VAULT_KEY: value } }));
    }
    for (const run of runs) {
      expect(run).toMatchObject({ code: 4, stdout: '' });
      expect(run.stderr).toMatch(hex);
      expect(run.stderr).not.toContain('Zzyzx');
      expectNoSecret(run.stderr);
    }
    expect(place.files()).toEqual(['in.csv', 'key']);
  });

  test('two sources at a time are wrong use', async ({ place }) => {
    place.write('key', secret);
    const words = ['fingerprint', '--key-file=key', '--key-env=VELORA_VAULT_KEY'];
    expect(await place.run(words)).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('wrong use', () => {
  test.for([
    [[]],
    [['tokenize']],
    [['preview', 'in.csv']],
    [['verify', 'in.csv']],
    [['restore', 'in.csv']],
    [['schema']],
    [['tokenise', product]],
    [['tokenize', product, '--frobnicate']],
    [['tokenize', product, 'in.csv', 'in.csv']],
    [['tokenize', product, '--output']],
    [['version', 'twice']],
  ])('%s', async ([words], { place }) => {
    place.write('in.csv', claims);
    const run = await place.run(words as string[]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/velora-vault/);
    expect(run.stderr).not.toMatch(/ at .*:\d+:\d+/);
    expect(place.files()).toEqual(['in.csv']);
  });
});
