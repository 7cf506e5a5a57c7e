import { describe, expect } from 'vitest';
import { claims, windows1252 } from './support/claims.ts';
import { leftovers, nothing } from './support/private-files.ts';
import type { Way } from './support/way.ts';
import { test } from './support/way-test.ts';

/** A value that has no business anywhere but in its cell. */
const seeded = 'Zebra-900-12-3456';

async function expectNothingTold(way: Way): Promise<void> {
  expect(await way.everythingSaid()).not.toMatch(/Zebra|900-12|Müster/);
}

describe('an encoding that later bytes refute', () => {
  const restart = 'Start again with windows-1252';
  /** Plain ASCII for more than the first look, then a name in windows-1252. */
  const late = (header = ''): Buffer =>
    Buffer.concat([
      Buffer.from(claims(0).replace('Paid Amount', header === '' ? 'Paid Amount' : header)),
      Buffer.from(
        claims(3000)
          .split('\n')
          .slice(1)
          .join('\n')
          .replace(/Zoë|Müster/g, 'Lee'),
      ),
      windows1252('C-9,M9,Müster,1950-01-01,60604,1\n'),
    ]);

  test('starts again with one click, and the same as the command line', async ({
    start,
    place,
  }) => {
    const way = await start();
    const file = place.write('in.csv', late());
    await way.toRun(file, place.key());
    await way.tokenize();
    const problem = await way.seesProblem({ code: 'encoding-invalid' });
    expect(await problem.innerText()).toMatch(/Line \d+/);
    expect(await leftovers(way.page)).toEqual(nothing);
    await expectNothingTold(way);
    await way.button(restart).click();
    await way.done();
    const command = await place.tokenize(file, ['--encoding', 'windows-1252']);
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
    expect((await way.saveMap()).bytes.equals(command.map)).toBe(true);
  });

  test('is back in the review where a header changes', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', late('Größe'));
    await way.drop(file);
    await way.toReview();
    await way.keepConfirmed('Größe');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.seesProblem({ code: 'encoding-invalid' });
    await way.button(restart).click();
    await way.decision('GrÃ¶ÃŸe').waitFor();
    expect(await way.startButton().count()).toBe(0);
    await way.keepConfirmed('GrÃ¶ÃŸe');
    await way.approve();
    // It was started already.
    await way.done();
  });

  test('at the very beginning is read otherwise before the review', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', windows1252(`Claim ID,Müster\nC-1,${seeded}\n`));
    await way.drop(file);
    await way.seesProblem({ code: 'encoding-invalid', line: 1 });
    await way.page.getByRole('button', { name: 'Read it as windows-1252' }).click();
    await way.toReview();
    await way.leaveOut('Müster');
    await way.approve();
    await way.giveKey(place.key());
    await way.goOn();
    await way.tokenize();
    await way.done();
    expect((await way.saveTokenized()).bytes.toString()).toMatch(/^Claim ID\nCLM_[0-9a-f]{16}\n$/);
  });

  test('named by hand against the mark of the file is refused', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', `\ufeff${claims(20)}`));
    await way.set('in.csv', 'Encoding', 'windows-1252');
    await way.seesProblem({ code: 'encoding-invalid', line: 1, rule: 'encoding' });
    await way.set('in.csv', 'Encoding', '');
    await way.toReview();
    await way.approve();
  });
});
