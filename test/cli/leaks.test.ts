import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { claims, type Finished, type Place, product, secret, test } from './support.ts';

/**
 * Recognisable originals, in the forms that identifiers have. They are put into files that fail in
 * every way there is; none of them may come up in any message, report or result of a check.
 */
const originals = [
  'Zzyzx Quagmire',
  '987-65-4329',
  'zzyzx.quagmire@example.org',
  '1931-07-19',
  '(555) 010-7788',
  'ZQ7788990011',
  'Zzyzx Member Nickname',
] as const;
/** Parts of them, as a message might cut them or a parser break them up. */
const traces = ['zzyzx', 'quagmire', '987-65', '4329', '1931', '7788', 'nickname'];

function expectNoTrace(text: string, what: string): void {
  const lower = text.toLowerCase();
  const found = traces.filter((trace) => lower.includes(trace));
  expect(found, what).toEqual([]);
  expect(lower, what).not.toContain('c0ffee00');
}

const headers = [
  'Claim ID',
  'Patient First Name',
  'DOB',
  'Zip Code',
  'Paid Amount',
  'Notes',
  'Flavour',
];
const header = `${headers.join(',')}\n`;
const plain = headers.map(() => 'x');

/** Every original in every column, each in a record of its own; the last records are broken. */
const everywhere = originals.flatMap((original) =>
  plain.map((_, at) => plain.with(at, `"${original}"`).join(',')),
);
const good = `${header}${everywhere.join('\n')}\n`;
/** Without what the output check refuses, so that the run gets to what is behind it. */
const passing = `${header}${everywhere.filter((line) => !/[-@].*"$/.test(line)).join('\n')}\n`;
const secrets = originals.map((original) => `"${original}"`).join(',');

const faults: Readonly<Record<string, string | Uint8Array>> = {
  'nothing wrong but what is kept': good,
  'a record too short': `${passing}${originals.slice(0, 3).join(',')}\n`,
  'a record too long': `${passing}${secrets},${secrets}\n`,
  'a quote never closed': `${passing}"${originals.join('\n')}`,
  'text after a quote': `${passing}"${originals[0]}"${originals[1]},x\n`,
  'a NUL': `${passing}${secrets}\0${secrets}\n`,
  'invalid UTF-8': Buffer.concat([Buffer.from(passing + secrets), Buffer.from([0xff, 0x0a])]),
  'an odd byte in UTF-16': Buffer.concat([
    Buffer.from(`\ufeff${passing}${secrets}`, 'utf16le'),
    Buffer.from('Z'),
  ]),
  'a lone surrogate': Buffer.from(`\ufeff${passing}"${originals[0]}\udc00`, 'utf16le'),
  'tokens already': `${passing}CLM_0123456789abcdef,${secrets.split(',').slice(1).join(',')}\n`,
  'a record too large': `${passing}"${`${originals[0]} `.repeat(1_200_000)}",x\n`,
  'no header row': `${secrets}\n${good}`,
  'no header row, of one field': `${originals[0]}\n${originals[1]}\n`,
  'no header row, another delimiter': `${originals.join(';')}\n${originals.join(';')}\n`,
  'no header row, then ragged': `"${originals[0]}","${originals[6]}"\n${originals[1]}\n`,
  'no header row, a quote never closed': `${originals[0]},"${originals[1]}\n`,
  'no header row, text after a quote': `"${originals[0]}"${originals[1]},"x"\n`,
  'no header row, far too long': `${originals.join(' ').repeat(2000)},x\n`,
  'no header row, with invalid bytes': Buffer.concat([
    Buffer.from(secrets),
    Buffer.from([0xc3, 0x0a]),
  ]),
  'no header row, with a NUL': `${secrets},\0\n`,
  'no text': Buffer.concat([Buffer.from('89504e470d0a1a0a00', 'hex'), Buffer.from(secrets)]),
  'compressed, breaking off': gzipSync(good.repeat(30)).subarray(0, 300),
  'compressed, with something behind it': Buffer.concat([gzipSync(good), Buffer.from(secrets)]),
  'no map': `{"${originals[0]}": "${originals[1]}"}`,
  'a map that breaks off': `{"CLM_0123456789abcdef": "${originals[0]}`,
};

const outputs = ['--output=out.csv', '--report=report.json', '--write-map=map.json', '--force'];

/** Everything that is done with a file; what each may print apart from messages is no data. */
const commands: Readonly<Record<string, readonly string[]>> = {
  tokenize: ['tokenize', product, ...outputs, 'in.csv'],
  'tokenize in threads': ['tokenize', product, '--workers=2', ...outputs, '-'],
  'tokenize with decisions': [
    'tokenize',
    product,
    ...outputs,
    '--keep=#7',
    '--unknown=drop',
    'in.csv',
  ],
  'tokenize for Safe Harbor': [
    'tokenize',
    product,
    ...outputs,
    '--safe-harbor',
    '--allow-tokens',
    'in.csv',
  ],
  'tokenize in another encoding': [
    'tokenize',
    product,
    ...outputs,
    '--encoding=utf-16be',
    'in.csv',
  ],
  'tokenize with another delimiter': [
    'tokenize',
    product,
    ...outputs,
    '--delimiter=pipe',
    'in.csv',
  ],
  'tokenize, refusing unknown columns': [
    'tokenize',
    product,
    ...outputs,
    '--unknown=fail',
    'in.csv',
  ],
  preview: ['preview', product, 'in.csv'],
  'preview as JSON': ['preview', product, '--json', 'in.csv'],
  verify: ['verify', product, 'in.csv'],
  'verify as JSON': ['verify', product, '--json', '--keep=#7', 'in.csv'],
  'restore with the file as map': ['restore', '--map=in.csv', '--output=back.csv', 'ok.csv'],
  'restore with the file as key': ['tokenize', product, '--key-file=in.csv', ...outputs, 'ok.csv'],
  restore: ['restore', '--map=old.json', '--output=back.csv', 'in.csv'],
};

describe('no message, report or check repeats what a file holds', () => {
  /** Each command with outputs of its own, so that all can run at a time. */
  async function runAll(place: Place): Promise<readonly (readonly [string, Finished])[]> {
    const content = place.bytes('in.csv');
    const runs = Object.entries(commands).map(async ([name, words], i) => {
      const own = words.map((word) =>
        word.replace(/=(out|report|map|back)\./, `=$1-${String(i)}.`),
      );
      const run = await place.run(own, words.includes('-') ? { stdin: content } : {});
      return [name, run] as const;
    });
    return Promise.all(runs);
  }

  test.for(Object.entries(faults))('%s', async ([, content], { place }) => {
    place.write('in.csv', content);
    place.write('ok.csv', claims);
    place.write('old.json', `{"CLM_0123456789abcdef": "${originals[0]}"}`);
    for (const [name, { code, stdout, stderr }] of await runAll(place)) {
      expect([0, 2, 3, 4], name).toContain(code);
      expectNoTrace(stdout, `standard output of ${name}`);
      expectNoTrace(stderr, `standard error of ${name}`);
      expect(stderr, name).not.toMatch(/unexpected|\bat .*:\d+:\d+/);
    }
    for (const name of place.files()) {
      expect(name).toMatch(
        /^(in|ok)\.csv$|^old\.json$|^(out|back)-\d+\.csv$|^(map|report)-\d+\.json$/,
      );
      if (name.startsWith('report')) expectNoTrace(place.read(name), name);
    }
  });

  test('a run that is fine: summary and report hold no value, the output kept ones only', async ({
    place,
  }) => {
    const csv = `${header}${originals[0]},${originals[0]},${originals[3]},${originals[5]},1,${originals[6]},mint\n`;
    place.write('in.csv', csv);
    const run = await place.run(['tokenize', product, ...outputs, 'in.csv']);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expectNoTrace(run.stderr, 'summary');
    expectNoTrace(place.read('report.json'), 'report');
    expectNoTrace(place.read('out.csv').replaceAll('1931', ''), 'output');
    expect(place.read('out.csv')).toMatch(/,1931,,1,mint\n$/);
  });

  test('an error names a header only once it is accepted as one', async ({ place }) => {
    const csv = `Claim ID,${originals[6]}\nA,b\n`;
    place.write('in.csv', csv);
    const accepted = await place.tokenize(['in.csv']);
    expect(accepted.stderr).toContain(originals[6]);
    place.write('in.csv', `${originals[1]},${originals[6]}\nA,b\n`);
    for (const words of [['--drop=#2'], ['--column=#1=ssn'], ['--keep=#9'], ['--unknown=fail']]) {
      const run = await place.tokenize([...words, 'in.csv']);
      expectNoTrace(run.stderr, words.join(' '));
    }
  });

  test('the environment of a run that is going on does not show the secret again', async ({
    place,
  }) => {
    for (const words of [['version'], ['help'], ['list-products'], ['fingerprint']]) {
      const run = await place.run(words);
      expect(run.code).toBe(0);
      expect(run.stdout + run.stderr).not.toContain(secret.slice(0, 9));
    }
  });
});
