import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect } from 'vitest';
import { samples } from './support/built.ts';
import { claims, gzipInTwo, utf16, windows1252 } from './support/claims.ts';
import type { SaveWay } from './support/saving.ts';
import type { Way } from './support/way.ts';
import { test } from './support/way-test.ts';

const sample = (name: string): Buffer => readFileSync(join(samples, name));
const demoFile = join(samples, 'claims.csv');
const demoKey = join(samples, 'demo.key');

/** Everything in the map, and what stands in columns that are kept or left out. */
const originals = (): string[] =>
  Object.values(JSON.parse(sample('claims.map.json').toString()) as Record<string, string>);

/** The demo file from the disk, with the demo key: everything is asked that can be asked of them. */
async function demoToResult(way: Way): Promise<void> {
  await way.drop(demoFile);
  await way.toReview();
  await way.keep('Risk Band');
  await way.approve();
  await way.giveKey(demoKey);
  await way.tick('These files hold made-up people only');
  await way.goOn();
  await way.tokenize();
  await way.done();
}

describe('the demo file', () => {
  test.for(['picker', 'download'] satisfies SaveWay[])(
    'gives the reference output and map, saved by %s',
    async (saves, { start, place }) => {
      const way = await start({ saves });
      await demoToResult(way);
      const [csv, map] = [await way.saveTokenized(), await way.saveMap()];
      expect(csv.bytes.equals(sample('claims.tokenized.csv'))).toBe(true);
      expect(map.bytes.equals(sample('claims.map.json'))).toBe(true);
      expect(csv.name).toMatch(/^claims_replay-[0-9a-f]{8}\.csv$/);
      expect(map.name).toBe(csv.name.replace('.csv', '.map.json'));

      const file = place.write('claims.csv', sample('claims.csv'));
      const command = await place.tokenize(file, [], { key: demoKey });
      expect(csv.bytes.equals(command.csv)).toBe(true);
      expect(map.bytes.equals(command.map)).toBe(true);
    },
  );

  test('is one click away, and so is its key', async ({ start }) => {
    const way = await start();
    await way.demo();
    await way.toReview();
    await way.keep('Risk Band');
    await way.approve();
    await way.useDemoKey();
    await way.goOn();
    await way.tokenize();
    await way.done();
    expect((await way.saveTokenized()).bytes.equals(sample('claims.tokenized.csv'))).toBe(true);
    // The published key is nothing to be reminded of.
    expect(await way.page.evaluate(() => JSON.stringify(localStorage))).not.toContain('ebea8576');
  });

  test('is told of in a report that holds no value and not the name of the file', async ({
    start,
    place,
  }) => {
    const way = await start();
    await way.drop(place.write('Zebra, Felda 1940-11-25.csv', sample('claims.csv')));
    await way.toReview();
    await way.keep('Risk Band');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const csv = await way.saveTokenized();
    const report = await way.saveReport();
    expect(report.name).toBe(csv.name.replace('.csv', '.report.json'));
    const text = report.bytes.toString();
    const held = originals().filter((value) => value.trim().length > 3 && text.includes(value));
    expect(held).toEqual([]);
    expect(text).not.toMatch(/Zebra|Felda|Northfold|SYN\d|c0ffee00c0ffee00/);
    expect(JSON.parse(text)).toMatchObject({
      product: 'claims_replay',
      rows: 1000,
      page: {
        walls: { hold: true, runWorkers: { code: true, network: true } },
        decisions: [{ header: 'Risk Band', action: 'keep' }],
        outputName: csv.name,
      },
    });
  });
});

describe('the network', () => {
  test('is asked for the parts of the page only, and for nothing after they have come', async ({
    start,
  }) => {
    const way = await start();
    const { requests } = way.heard;
    const loaded = requests.length;
    await demoToResult(way);
    await way.saveTokenized();
    await way.saveMap();
    await way.saveReport();
    expect(requests.filter((url) => !url.startsWith(way.url) && !ownBlob(url, way))).toEqual([]);
    expect(requests.slice(loaded).filter((url) => !ownBlob(url, way))).toEqual([]);
  });

  test('may be off once the page is loaded', async ({ start, place }) => {
    const way = await start();
    await way.context.setOffline(true);
    const file = place.write('in.csv', claims(500));
    await way.through(file, place.key());
    const command = await place.tokenize(file, []);
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
    expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
  });
});

const ownBlob = (url: string, way: Way): boolean =>
  url.startsWith(`blob:${new URL(way.url).origin}/`);

describe('a file is read as the command line reads it', () => {
  const forms: Readonly<Record<string, string | Buffer>> = {
    'crlf.csv': claims(400, { delimiter: ',', newline: '\r\n' }),
    'semicolons.csv': claims(400, { delimiter: ';', newline: '\n' }),
    'tabs.tsv': claims(400, { delimiter: '\t', newline: '\r\n' }),
    'pipes.txt': claims(400, { delimiter: '|', newline: '\n' }),
    'utf-16-le.csv': utf16(claims(400), 'le'),
    'utf-16-be.csv': utf16(claims(400), 'be'),
    'two-members.csv.gz': gzipInTwo(claims(4000)),
    'no-line-end.csv': claims(40).trimEnd(),
    'a-header-alone.csv': claims(0),
  };

  test('in whatever form, and many of them in one queue', async ({ start, place }) => {
    const way = await start();
    const files = Object.entries(forms).map(([name, content]) => place.write(name, content));
    await way.drop(...files);
    await way.toReview();
    for (const file of files) {
      await way.turnTo(basename(file));
      await way.approve();
    }
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    for (const file of files) {
      await way.turnTo(basename(file));
      const command = await place.tokenize(file, []);
      expect((await way.saveTokenized()).bytes.equals(command.csv), file).toBe(true);
      expect((await way.saveMap()).bytes.equals(command.map), file).toBe(true);
    }
  });

  test('windows-1252, which nobody can know but a person', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', windows1252(claims(400)));
    await way.drop(file);
    await way.set('in.csv', 'Encoding', 'windows-1252');
    await way.toReview();
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const command = await place.tokenize(file, ['--encoding', 'windows-1252']);
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
    expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
  });

  test('with another delimiter than the one that seems right', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', 'Claim ID;Note, long\nC-1;a\nC-2;b\n');
    await way.drop(file);
    await expect.poll(() => way.found('in.csv', 'Delimiter')).toContain('Semicolon');
    await way.set('in.csv', 'Delimiter', ',');
    await way.toReview();
    await way.page.getByRole('rowheader', { name: 'Claim ID;Note' }).waitFor();
  });

  test('under Safe Harbor, with a year to count back from', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', claims(400));
    await way.drop(file);
    await way.safeHarbor(2021);
    await way.toReview();
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const command = await place.tokenize(file, ['--safe-harbor', '--reference-year', '2021']);
    const plain = await place.tokenize(file, []);
    const csv = await way.saveTokenized();
    expect(csv.bytes.equals(command.csv)).toBe(true);
    expect(csv.bytes.equals(plain.csv)).toBe(false);
  });

  test('for another product, with every way to decide', async ({ start, place }) => {
    const way = await start();
    const text = 'Claim ID,Flavour,Colour,Chart Thing,Ref\nC-1,a,b,T-1,9\nC-2,,b,T-2,8\n';
    const file = place.write('in.csv', text);
    await way.drop(file);
    await way.set('in.csv', 'Product', 'instant_audit');
    await way.toReview();
    await way.keep('Flavour');
    await way.leaveOut('Colour');
    await way.take('Chart Thing', 'member_id');
    await way.keepConfirmed('Ref');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const command = await place.tokenize(
      file,
      ['--keep=Flavour', '--drop=Colour', '--column=Chart Thing=member_id', '--keep=Ref'],
      { product: 'instant_audit' },
    );
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
    expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
    const report = JSON.parse((await way.saveReport()).bytes.toString()) as {
      page: { confirmations: unknown };
    };
    expect(report.page.confirmations).toEqual([
      { column: 5, header: 'Ref', statement: 'holds nothing that identifies a person' },
    ]);
  });
});
