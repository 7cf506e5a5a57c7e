import { describe, expect } from 'vitest';
import { claims } from './support/claims.ts';
import { otherSecret, secret } from './support/command.ts';
import { test } from './support/way-test.ts';

describe('the key', () => {
  test('that is generated has to come back before it is used', async ({ start, place }) => {
    const way = await start();
    const file = place.write('in.csv', claims(20));
    await way.drop(file);
    await way.toReview();
    await way.approve();
    const key = await way.generateKey();
    expect(key.bytes.toString()).toMatch(/^[0-9a-f]{64}\n$/);
    const fingerprint = /^velora-vault-([0-9a-f]{8})\.key$/.exec(key.name)?.[1] ?? '';
    await way.text('Now drop the saved key file back').waitFor();
    expect(await way.goesOn().count()).toBe(0);

    await way.giveKey(place.key());
    await way.text('That is another key').waitFor();
    expect(await way.goesOn().count()).toBe(0);

    const kept = place.write(key.name, key.bytes);
    await way.drop(kept);
    await way.text(fingerprint).waitFor();
    await way.goOn();
    await way.tokenize();
    await way.done();
    const command = await place.tokenize(file, [], { key: kept });
    expect((await way.saveTokenized()).bytes.equals(command.csv)).toBe(true);
    expect(await way.everythingSaid()).not.toContain(key.bytes.toString().trim());
  });

  test('that is not saved is not used', async ({ start, place }) => {
    const way = await start({ saves: 'dismissed' });
    await way.drop(place.write('in.csv', claims(20)));
    await way.toReview();
    await way.approve();
    await way.button('Generate a key').click();
    await expect.poll(() => way.button('Generate a key').isEnabled()).toBe(true);
    expect(await way.text('Now drop the saved key file back').count()).toBe(0);
  });

  test('may be pasted, and is gone from its field at once', async ({ start, place }) => {
    const way = await start();
    await way.drop(place.write('in.csv', claims(20)));
    await way.toReview();
    await way.approve();
    for (const wrong of ['Zebra-key', secret.slice(1), `${secret}0`, secret.replace('c', 'g')]) {
      await way.pasteKey(wrong);
      await way.seesProblem({ code: 'secret-invalid' });
      expect(await way.everythingSaid()).not.toContain(wrong);
    }
    const attributes = await way
      .keyField()
      .evaluate((field) => [
        (field as HTMLInputElement).type,
        field.getAttribute('autocomplete'),
        field.getAttribute('spellcheck'),
      ]);
    expect(attributes).toEqual(['text', 'off', 'false']);
    await way.pasteKey(secret);
    await way.goesOn().waitFor();
    expect(await way.everythingSaid()).not.toContain(secret);
  });

  test('that differs from the last one on this device is asked about', async ({ start, place }) => {
    const way = await start();
    await way.through(place.write('in.csv', claims(20)), place.key());
    const report = JSON.parse((await way.saveReport()).bytes.toString()) as {
      keyFingerprint: string;
    };
    await way.clearEverything();
    await way.drop(place.write('next.csv', claims(30)));
    await way.toReview();
    await way.approve();
    await way.giveKey(place.key(otherSecret));
    await way.text('This is not the expected key').waitFor();
    expect(await way.goesOn().isEnabled()).toBe(false);
    await way.tick(`Use this key although ${report.keyFingerprint} was used before`);
    await way.goOn();
    await way.startButton().waitFor();
    const memory = await way.page.evaluate(() => JSON.stringify(localStorage));
    expect(memory).toContain(report.keyFingerprint);
    expect(memory).not.toContain(secret);
  });
});
