import { mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { claims, onLinux, otherSecret, type Place, product, test } from './support.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600', 'hex');
const head = 'Claim ID,Patient First Name,Flavour\n';

interface Refusal {
  readonly what: string;
  readonly content: string | Uint8Array;
  /** Of the message: where, and the rule in brackets. */
  readonly says: RegExp;
  readonly options?: readonly string[];
}

const refusals: readonly Refusal[] = [
  { what: 'an image', content: png, says: /expected a text file.*\[nul\]/ },
  {
    what: 'a NUL further on',
    content: `${head}A,b,c\nA,\0,c\n`,
    says: /line 3: a NUL character.*\[nul\]/,
  },
  {
    what: 'UTF-16 without a mark',
    content: Buffer.from(head, 'utf16le'),
    says: /line 1: .*name the encoding/,
  },
  { what: 'an empty file', content: '', says: /the file holds no record.*\[header\]/ },
  { what: 'line ends only', content: '\n\r\n\n', says: /the file holds no record/ },
  { what: 'a byte order mark only', content: '\ufeff', says: /the file holds no record/ },
  {
    what: 'a record that is too short',
    content: `${head}A,b,c\n"x\ny",b\n`,
    says: /line 3: a record of 2 fields: expected 3.*\[field-count\]/,
  },
  {
    what: 'a record that is too long',
    content: `${head}A,b,c,d\n`,
    says: /line 2: a record of 4 fields: expected 3.*\[field-count\]/,
  },
  {
    what: 'a quote that is never closed',
    content: `${head}A,b,c\nA,"b,c\nA,b,c\n`,
    says: /line 3: .*never closed.*\[quote\]/,
  },
  {
    what: 'a quote in the header that is never closed',
    content: `Claim ID,"Name\n${'A,b\n'.repeat(40_000)}`,
    says: /line 1: .*never closed/,
  },
  {
    what: 'text after a closing quote',
    content: `${head}A,"b" x,c\n`,
    says: /line 2, column 2( \("Patient First Name"\))?: text after a closing quote.*\[quote\]/,
  },
  {
    what: 'bytes that are not UTF-8',
    content: Buffer.from(`${head}A,b,c\nA,Zo\xeb,c\n`, 'latin1'),
    says: /line 3: not valid UTF-8.*utf-8, windows-1252, utf-16le.*\[encoding\]\n.*--encoding /,
  },
  {
    what: 'an odd byte at the end of UTF-16',
    content: Buffer.concat([Buffer.from(`\ufeff${head}`, 'utf16le'), Buffer.from('A')]),
    says: /line 2: not valid utf-16le: expected an even number of bytes/,
  },
  {
    what: 'a lone surrogate in UTF-16',
    content: Buffer.from(`\ufeff${head}A,\ud800b,c\n`, 'utf16le'),
    says: /line 2: not valid utf-16le/,
  },
  {
    what: 'a mark against the encoding named',
    content: `\ufeff${head}`,
    options: ['--encoding', 'windows-1252'],
    says: /line 1: .*byte order mark of utf-8.*windows-1252/,
  },
  {
    what: 'a record of more than 16 MiB',
    content: `${head}A,b,c\nA,"${'x'.repeat(17 << 20)}",c\n`,
    says: /line 3: .*more than 16 MiB.*\[record-length\]/,
  },
  {
    what: 'a header that does not end in 64 KiB',
    content: `${'Flavour,'.repeat(10_000)}Claim ID\n`,
    says: /line 1: .*64 KiB.*\[header\]/,
  },
  {
    what: 'a first record with a value in it',
    content: 'Claim ID,1980-01-01\nA,b\n',
    says: /line 1, column 2: .*\[header-form\]\n[^]*--accept-header/,
  },
  {
    what: 'a first record without a known identifier',
    content: 'Zzyzx,Oak Street\nA,b\n',
    says: /line 1: .*\[header-known\]\n[^]*--accept-header/,
  },
  {
    what: 'cells that are tokens already',
    content: `${head}A,b,c\n"CLM_0123456789abcdef","x\ny",c\n`,
    says: /line 3, row 2, column 1.*\[already-token\]\n.*--allow-tokens/,
  },
  {
    what: 'a social security number in a kept column',
    content: `${head}A,b,c\nA,b,123-45-6789\n`,
    says: /row 2, column 3 \("Flavour"\): .*social security number.*\[ssn\]/,
  },
  {
    what: 'an e-mail address in a kept column',
    content: `${head}A,b,jane@example.com\n`,
    says: /row 1, column 3 \("Flavour"\): .*e-mail address.*\[email\]/,
  },
];

describe('what is refused: exit code, message, and nothing left', () => {
  test.for(refusals)('$what', async ({ content, says, options = [] }, { place }) => {
    place.write('in.csv', content);
    const files = ['--output=out.csv', '--write-map=map.json', '--report=report.json'];
    const run = await place.tokenize([...options, ...files, 'in.csv']);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/^velora-vault: in\.csv: /m);
    expect(run.stderr).toMatch(says);
    expect(run.stderr).not.toMatch(/ at .*:\d+:\d+|Zzyzx|Oak|123-45|jane@/);
    expect(place.files()).toEqual(['in.csv']);

    const piped = await place.tokenize([...options, '--output=out.csv'], { stdin: content });
    expect(piped.code).toBe(3);
    expect(piped.stderr).toMatch(/^velora-vault: standard input: /m);
    expect(place.files()).toEqual(['in.csv']);
  });

  test('what was there before a refused run is there after it', async ({ place }) => {
    const names = ['out.csv', 'map.json', 'report.json'];
    for (const name of names) place.write(name, `old ${name}`);
    const words = ['--force', '--output=out.csv', '--write-map=map.json', '--report=report.json'];
    const run = await place.tokenize(words, { stdin: `${head}A,b\n` });
    expect(run.code).toBe(3);
    expect(names.map((name) => place.read(name))).toEqual(names.map((name) => `old ${name}`));
    expect(place.files()).toEqual([...names].sort());
  });

  test('a cell that is kept by a decision of its own may be anything', async ({ place }) => {
    const stdin = `${head}A,b,jane@example.com\n`;
    const run = await place.tokenize(['--keep', 'Flavour'], { stdin });
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('jane@example.com');
  });

  test('a header alone is a file of no rows', async ({ place }) => {
    const run = await place.tokenize(['--output=out.csv', place.write('in.csv', head)]);
    expect(run.code).toBe(0);
    expect(place.read('out.csv')).toBe(head);
  });

  test('an unknown product: the known ones are listed', async ({ place }) => {
    for (const words of [
      ['tokenize', '--product=zzyzx'],
      ['preview', '--product=zzyzx'],
      ['verify', '--product=zzyzx'],
      ['schema', 'zzyzx'],
    ]) {
      const run = await place.run(words, { stdin: claims });
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toMatch(/expected one of instant_audit, .*provider_benchmark/);
      expect(run.stderr).not.toContain('zzyzx');
    }
  });
});

describe('compressed input', () => {
  const whole = gzipSync(claims.repeat(1).concat('A-9,Ada,,,1,\n'.repeat(9000)));

  test.for([
    ['breaks off', whole.subarray(0, whole.length - 9)],
    ['breaks off in its header', whole.subarray(0, 5)],
    ['is damaged', Buffer.concat([whole.subarray(0, 40), Buffer.alloc(9), whole.subarray(49)])],
    ['has something behind it', Buffer.concat([whole, Buffer.from('and more')])],
  ] as const)('is refused where it %s', async ([, content], { place }) => {
    const run = await place.tokenize(['--output=out.csv', place.write('in.csv.gz', content)]);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/^velora-vault: in\.csv\.gz: [^\n]*gzip members\n$/);
    expect(place.files()).toEqual(['in.csv.gz']);
  });

  test('preview names the file that breaks off too', async ({ place }) => {
    const cut = place.write('in.csv.gz', whole.subarray(0, 30));
    const run = await place.run(['preview', product, cut]);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/^velora-vault: in\.csv\.gz: .*breaks off/);
  });
});

describe('a file that cannot be read', () => {
  const commands = (
    place: Place,
    file: string,
  ): Promise<{ code: number | null; stderr: string }>[] =>
    [
      ['tokenize', product, '--output=out.csv', file],
      ['preview', product, file],
      ['verify', product, file],
      ['restore', '--map', place.write('map.json', '{}'), '--output=out.csv', file],
    ].map((words) => place.run(words));

  async function expectRefused(place: Place, file: string, says: RegExp): Promise<void> {
    for (const run of await Promise.all(commands(place, file))) {
      expect(run.code).toBe(3);
      expect(run.stderr).toMatch(says);
    }
    expect(place.files()).not.toContain('out.csv');
  }

  test('because it is not there', async ({ place }) => {
    await expectRefused(place, 'no.csv', /^velora-vault: no\.csv: no such file or folder\n$/);
  });

  test('because it is a folder', async ({ place }) => {
    mkdirSync(place.at('folder'));
    await expectRefused(place, 'folder', /^velora-vault: folder: is a folder, expected a file\n$/);
  });

  if (onLinux) {
    test('because reading fails', async ({ place }) => {
      await expectRefused(
        place,
        '/proc/self/mem',
        /^velora-vault: \/proc\/self\/mem: input\/output/,
      );
    });
  }

  test.for(['--map', '--key-file'])('the file of %s', async (option, { place }) => {
    mkdirSync(place.at('folder'));
    for (const path of ['no', 'folder', 'in.csv/no']) {
      place.write('in.csv', claims);
      const words = option === '--map' ? ['restore'] : ['tokenize', product];
      const run = await place.run([...words, option, path, '--output=out.csv', 'in.csv']);
      expect(run).toMatchObject({ code: option === '--map' ? 3 : 4, stdout: '' });
      expect(run.stderr).toContain(`${path}: `);
    }
    expect(place.files()).toEqual(['folder', 'in.csv']);
  });
});

describe('restore and verify read by the same rules', () => {
  test.for(refusals.slice(0, 13))('$what', async ({ content, says }, { place }) => {
    place.write('in.csv', content);
    place.write('map.json', `{"CLM_0123456789abcdef": "${otherSecret}"}`);
    for (const words of [
      ['verify', product, '--accept-header'],
      ['restore', '--map=map.json', '--output=out.csv'],
    ]) {
      const run = await place.run([...words, 'in.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toMatch(/^velora-vault: in\.csv: /m);
      expect(run.stderr).toMatch(says);
    }
    expect(place.files()).toEqual(['in.csv', 'map.json']);
  });
});
