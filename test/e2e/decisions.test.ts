import { describe, expect } from 'vitest';
import { claims } from './support/claims.ts';
import { test } from './support/way-test.ts';

describe('decisions', () => {
  const text = 'Claim ID,Flavour,Chart Thing\nC-1,a,T-1\nC-2,b,T-2\n';

  test('are shared in a queue where headers are the same, and each file has its result', async ({
    start,
    place,
  }) => {
    const way = await start();
    const files = ['a.csv', 'b.csv', 'c.csv'].map((name, i) =>
      place.write(name, i < 2 ? text.replaceAll('C-', `${name}-`) : claims(20)),
    );
    await way.drop(...files);
    await way.toReview();
    await way.turnTo('a.csv');
    await way.keep('Flavour');
    await way.take('Chart Thing', 'member_id');
    await way.approve();
    await way.turnTo('b.csv');
    await way.text('1 kept').waitFor();
    expect(await way.decision('Chart Thing').inputValue()).toBe('map:member_id');
    await way.approve();
    await way.turnTo('c.csv');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    for (const [i, name] of ['a.csv', 'b.csv', 'c.csv'].entries()) {
      await way.turnTo(name);
      const words = i < 2 ? ['--keep=Flavour', '--column=Chart Thing=member_id'] : [];
      const command = await place.tokenize(files[i] ?? '', words);
      expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
      expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
    }
  });

  test('are saved, and read by the command line and the page', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', text);
    await way.drop(file);
    await way.toReview();
    await way.keep('Flavour');
    await way.take('Chart Thing', 'member_id');
    const saved = await way.saveDecisions();
    expect(saved.bytes.toString()).not.toMatch(/C-1|T-1/);
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    const mapping = place.write(saved.name, saved.bytes);
    const command = await place.tokenize(file, ['--mapping', mapping]);
    const csv = await way.saveTokenized();
    expect(csv.bytes.equals(command.csv)).toBe(true);

    const expecting = {
      ...(JSON.parse(saved.bytes.toString()) as object),
      keyFingerprint: 'feedbeef',
    };
    const other = await start();
    await other.drop(file);
    await other.toReview();
    await other.loadDecisions(place.write('expecting.json', JSON.stringify(expecting)));
    await other.approve();
    await other.giveKey(place.key());
    await other.text('The saved decisions expect the key').waitFor();
    expect(await other.goesOn().isEnabled()).toBe(false);
    await other.tick('Use this key instead of feedbeef');
    await other.goOn();
    await other.tokenize();
    await other.done();
    expect((await other.saveTokenized()).bytes.equals(csv.bytes)).toBe(true);
  });

  test('are offered again for the same headers', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', text);
    await way.drop(file);
    await way.toReview();
    await way.leaveOut('Flavour');
    await way.leaveOut('Chart Thing');
    await way.approve();
    await way.clearEverything();
    await way.drop(place.write('next.csv', text.replaceAll('T-', 'U-')));
    await way.toReview();
    await way.button('Use the same decisions').click();
    expect(await way.decision('Flavour').inputValue()).toBe('drop');
    await way.approve();
    await way.button('Choose key file').waitFor();
  });

  test('that were saved for other headers are refused', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', text));
    await way.toReview();
    const columns = [{ header: 'Zebra-Header', action: 'keep' }];
    const mapping = { mapping: 1, product: 'claims_replay', keyFingerprint: null, columns };
    await way.loadDecisions(place.write('other.json', JSON.stringify(mapping)));
    await way.seesProblem({ code: 'mapping-invalid', rule: 'other-headers' });
    await way.loadDecisions(place.write('broken.json', '{"Zebra": 1'));
    await way.seesProblem({ code: 'mapping-invalid' });
    expect(await way.everythingSaid()).not.toContain('Zebra');
  });
});

test('a file of 2,000 columns is reviewed page by page, and decided all the same', async ({
  start,
  place,
}) => {
  const headers = Array.from({ length: 1999 }, (_, i) => `Odd Band ${String(i)}`);
  const cells = headers.map((_, i) => String(i % 7));
  const csv = `Member ID,${headers.join(',')}\nM1,${cells.join(',')}\n`;
  const way = await start();
  await way.drop(place.write('wide.csv', csv));
  await way.toReview();
  await way.text('1–200 of 2,000 columns').waitFor();
  expect(await way.page.getByLabel(/^What happens to/).count()).toBe(200);
  await way.decision('Odd Band 0').selectOption('drop');
  for (let page = 1; page < 10; page += 1) await way.button('Columns after').click();
  await way.text('1,801–2,000 of 2,000 columns').waitFor();
  await way.leaveOut('Odd Band 1998');
  // Back on the first page, where the next one is that nobody has decided on.
  await way.button('Next undecided column').click();
  await way.text('1–200 of 2,000 columns').waitFor();
  const focused = way.page.locator('select:focus');
  expect(await focused.getAttribute('aria-label')).toBe('What happens to Odd Band 1');
  await way.button('Keep all 1997 plain unknown columns').click();
  await way.approve();
  await way.giveKey(place.key());
  await way.goOn();
  await way.tokenize();
  await way.done();
  const { bytes } = await way.saveTokenized();
  expect(bytes.toString().split('\n')[0]?.split(',')).toHaveLength(1998);
});
