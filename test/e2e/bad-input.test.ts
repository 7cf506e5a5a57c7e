import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { claims, largeClaims } from './support/claims.ts';
import { leftovers, nothing } from './support/private-files.ts';
import type { Told } from './support/screen.ts';
import type { Way } from './support/way.ts';
import { test } from './support/way-test.ts';

/** A value that has no business anywhere but in its cell. */
const seeded = 'Zebra-900-12-3456';
const head = 'Claim ID,Patient First Name,Paid Amount\n';
const row = `A,${seeded},1\n`;
const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600', 'hex');
const gzipped = gzipSync(claims(9000).replaceAll('Ada', seeded));

async function expectNothingTold(way: Way): Promise<void> {
  expect(await way.everythingSaid()).not.toMatch(/Zebra|900-12|Müster/);
}

interface Refused {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly told: Told;
  readonly name?: string;
}

describe('what is told at once, before any key', () => {
  const refusals: readonly Refused[] = [
    { what: 'an image', content: png, told: { code: 'not-text', rule: 'nul' } },
    {
      what: 'UTF-16 without a mark',
      content: Buffer.from(`${head}${row}`, 'utf16le'),
      told: { code: 'not-text', line: 1 },
    },
    {
      what: 'a workbook under another name',
      content: Buffer.from(`PK\u0003\u0004${seeded}`, 'latin1'),
      told: { code: 'not-text', rule: 'archive' },
    },
    {
      what: 'a NUL further on',
      content: `${head}${row}A,\0${seeded},1\n`,
      told: { code: 'not-text', line: 3, rule: 'nul' },
    },
    {
      what: 'an odd byte at the end of UTF-16',
      content: Buffer.concat([Buffer.from(`\ufeff${head}${row}`, 'utf16le'), Buffer.from('A')]),
      told: { code: 'encoding-invalid', line: 3, rule: 'encoding' },
    },
    {
      what: 'a lone surrogate in UTF-16',
      content: Buffer.from(`\ufeff${head}A,\ud800${seeded},1\n`, 'utf16le'),
      told: { code: 'encoding-invalid', line: 2, rule: 'encoding' },
    },
    { what: 'line ends only', content: '\n\r\n\n', told: { code: 'empty', rule: 'header' } },
    { what: 'a byte order mark only', content: '\ufeff', told: { code: 'empty', rule: 'header' } },
    {
      what: 'a quote in the header that is never closed',
      content: `Claim ID,"${seeded}\n${'A,b\n'.repeat(40_000)}`,
      told: { code: 'header-too-long', line: 1, rule: 'header' },
    },
    {
      what: 'a header that does not end in 64 KiB',
      content: `${`${seeded},`.repeat(10_000)}Claim ID\n`,
      told: { code: 'header-too-long', line: 1, rule: 'header' },
    },
    {
      what: 'gzip that is damaged',
      name: 'in.csv.gz',
      content: Buffer.concat([gzipped.subarray(0, 40), Buffer.alloc(9), gzipped.subarray(49)]),
      told: { code: 'input-unreadable' },
    },
  ];

  test('each with its place and what to do, and one is in nobody’s way', async ({
    start,
    place,
  }) => {
    const way = await start();
    for (const [i, { what, content, told, name = 'in.csv' }] of refusals.entries()) {
      const file = place.write(`${String(i)}-${name}`, content);
      await way.drop(file);
      await way.seesProblem(told, what);
      expect(await way.button('Review the columns').isEnabled(), what).toBe(false);
      await expectNothingTold(way);
      await way.remove(basename(file));
    }
    await way.drop(place.write('bad.csv', png), place.write('good.csv', claims(20)));
    await way.remove('bad.csv');
    await way.toReview();
    await way.approve();
    await way.button('Choose key file').waitFor();
  });

  test('files of other kinds are not taken, each with its reason', async ({ start, place }) => {
    const way = await start();
    const names = ['a.xlsx', 'b.zip', 'c.pdf', 'd.parquet', 'e.tar.gz'];
    await way.drop(...names.map((name) => place.write(name, seeded)), place.write('f.csv', ''));
    const said = await way.alerts().filter({ hasText: 'Not taken' }).innerText();
    for (const name of [...names, 'f.csv']) expect(said).toContain(name);
    for (const reason of ['save the sheet as', 'Unpack it', 'is a document', '0 bytes']) {
      expect(said).toContain(reason);
    }
    expect(await way.button('Review the columns').count()).toBe(0);
    await expectNothingTold(way);
  });
});

describe('what stops a run: line, column, and nothing left', () => {
  const refusals: readonly Refused[] = [
    {
      what: 'a record that is too short',
      content: `${head}${row}"x\ny",${seeded}\n`,
      told: { code: 'ragged', line: 3, rule: 'field-count' },
    },
    {
      what: 'a record that is too long',
      content: `${head}A,${seeded},1,2\n`,
      told: { code: 'ragged', line: 2, rule: 'field-count' },
    },
    {
      what: 'a quote that is never closed',
      content: `${head}${row}A,"${seeded},1\n${row}`,
      told: { code: 'quote-unterminated', line: 3, rule: 'quote' },
    },
    {
      what: 'text after a closing quote',
      content: `${head}A,"b" ${seeded},1\n`,
      told: {
        code: 'quote-text-after',
        line: 2,
        column: 2,
        header: 'Patient First Name',
        rule: 'quote',
      },
    },
    {
      what: 'a record of more than 16 MiB',
      content: `${head}${row}A,"${seeded.repeat((17 << 20) / seeded.length)}",1\n`,
      told: { code: 'record-too-long', line: 3, rule: 'record-length' },
    },
    {
      what: 'a fault far below what was looked at first',
      content: `${largeClaims(5_000_000)}C-1,${seeded}\n`,
      told: { code: 'ragged', rule: 'field-count' },
    },
    {
      what: 'gzip that breaks off',
      name: 'in.csv.gz',
      content: gzipped.subarray(0, gzipped.length - 9),
      told: { code: 'input-unreadable' },
    },
    {
      what: 'something behind the gzip',
      name: 'in.csv.gz',
      content: Buffer.concat([gzipped, Buffer.from(seeded)]),
      told: { code: 'input-unreadable' },
    },
  ];

  test('each in words', async ({ start, place }) => {
    const way = await start();
    for (const [i, { what, content, told, name = 'in.csv' }] of refusals.entries()) {
      const file = place.write(`${String(i)}-${name}`, content);
      await way.drop(file);
      await way.toReview();
      await way.approve();
      // The key stays for the next one.
      if (i === 0) {
        await way.giveKey(place.key());
        await way.goOn();
      }
      await way.tokenize();
      await way.seesProblem(told, what);
      expect(await leftovers(way.page), what).toEqual(nothing);
      expect(await way.mapButton().count(), what).toBe(0);
      await expectNothingTold(way);
      await way.foldedStep('Files').click();
      await way.remove(basename(file));
    }
  });
});

describe('what a person has to say', () => {
  const headerless = `Zebra-Street,1980-01-01\nA,b\n`;

  test.for([
    ['that has a value in it', headerless],
    ['without a known identifier', 'Zebra-Street,Zebra-Oak\nA,b\n'],
  ] as const)('whether the first line is a header, one %s', async ([, text], { start, place }) => {
    const way = await start();
    const file = place.write('in.csv', text);
    await way.drop(file);
    await way.toReview();
    await way.heading('Is the first line of this file a row of column names?').waitFor();
    await expectNothingTold(way);
    await way.button('No, remove this file').click();
    await way.button('Choose files').waitFor();

    await way.drop(file);
    await way.toReview();
    await way.button('Yes, the first line holds column names').click();
    await way.leaveOut('Column 1');
    await way.text('does not leave').waitFor();
  });

  test('whether tokens may stay: cells that were seen at first', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', `${head}CLM_0123456789abcdef,${seeded},1\nA,b,2\n`);
    await way.drop(file);
    await way.toReview();
    await way.text('This file seems to have been tokenized before').waitFor();
    expect(await way.approval().isEnabled()).toBe(false);
    await way.tick(/^Leave these tokens as they are/);
    await expectNothingTold(way);
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const command = await place.tokenize(file, ['--allow-tokens']);
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
  });

  test('whether tokens may stay: cells that only the run came upon', async ({ start, place }) => {
    const way = await start();
    const text = `${claims(3000)}CLM_0123456789abcdef,M1,${seeded},,,\n`;
    const file = place.write('in.csv', text);
    await way.toRun(file, place.key());
    await way.tokenize();
    const told = { row: 3001, column: 1, header: 'Claim ID', rule: 'already-token' };
    const problem = await way.seesProblem({ code: 'tokens-found' });
    for (const part of ['row 3001', 'column 1', told.rule]) {
      expect(await problem.innerText()).toContain(part);
    }
    await expectNothingTold(way);
    await way.button('Leave the tokens and start again').click();
    await way.done();
    const command = await place.tokenize(file, ['--allow-tokens']);
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
  });

  test('what unknown columns are, each of them', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', `Claim ID,Flavour,Colour\nA,${seeded},${seeded}\n`));
    await way.toReview();
    await way.text('2 columns need you').waitFor();
    await way.approve();
    // The way on leads to the first that is open.
    await expect
      .poll(() => way.decision('Flavour').evaluate((list) => list === document.activeElement))
      .toBe(true);
    await expectNothingTold(way);
    await way.button('Keep all 2 plain unknown columns').click();
    await way.approve();
    await way.button('Choose key file').waitFor();
  });

  test('that a suspect column identifies nobody', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', `Claim ID,Ref\nA,${seeded}\n`));
    await way.toReview();
    await way.keep('Ref');
    const confirm = way.button('Keep this column');
    expect(await confirm.isEnabled()).toBe(false);
    await way.dialog().getByRole('button', { name: 'Cancel' }).click();
    await way.decision('Ref').selectOption('keep');
    await expectNothingTold(way);
    await way.tick(/^I confirm that/);
    await confirm.click();
    // What is kept is shown as it will leave.
    await way.page.getByRole('cell', { name: seeded }).waitFor();
    await way.approve();
    await way.button('Choose key file').waitFor();
  });

  test('what to do with a column that holds identifiers where nobody looked', async ({
    start,
    place,
  }) => {
    const way = await start();
    const rows = Array.from({ length: 9000 }, (_, i) => `C-${String(i)},sweet\n`).join('');
    await way.drop(place.write('in.csv', `Claim ID,Flavour\n${rows}C-1,123-45-6789\n`));
    await way.toReview();
    await way.keep('Flavour');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    const told = { code: 'output-check', row: 9001, column: 2, header: 'Flavour' } as const;
    await way.seesProblem({ ...told, rule: 'ssn' });
    expect(await leftovers(way.page)).toEqual(nothing);
    expect(await way.everythingSaid()).not.toContain('123-45');
    await way.button('Back to the review').click();
    // Once is not enough any more: now it takes a confirmation.
    await way.decision('Flavour').selectOption('');
    await way.keepConfirmed('Flavour');
    await way.decision('Flavour').selectOption('drop');
    await way.text('does not leave').waitFor();
    await way.approve();
    await way.tokenize();
    await way.done();
    expect((await way.saveTokenized()).bytes.toString()).not.toContain('123-45');
  });

  test('that a known identifier is to be treated as such: it cannot be kept', async ({
    start,
    place,
  }) => {
    const way = await start();
    await way.drop(place.write('in.csv', `${head}${row}`));
    await way.toReview();
    const options = await way
      .decision('Patient First Name')
      .evaluate((list) => Array.from((list as HTMLSelectElement).options, ({ value }) => value));
    expect(options).not.toContain('keep');
    expect(options).toContain('drop');
    for (const header of ['Claim ID', 'Patient First Name', 'Paid Amount']) {
      await way.decision(header).selectOption('drop');
    }
    await way.seesProblem({ code: 'no-columns-left' });
  });

  test('to see values, which nobody is shown unasked', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', `${head}${row}`));
    await way.toReview();
    await way.approval().waitFor();
    await expectNothingTold(way);
    await way.button('Show values of Patient First Name').click();
    await way.text(seeded).waitFor();
    await way.button('Hide values of Patient First Name').click();
    await expectNothingTold(way);
  });
});
