import { type AddressInfo, createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { claims, largeClaims } from './support/claims.ts';
import type { Place } from './support/command.ts';
import type { Way } from './support/way.ts';
import { type StartOptions, test } from './support/way-test.ts';

const seeded = 'Zebra-900-12-3456';
const small = claims(30).replaceAll('Ada', seeded);
const largest = 20_000_000;
/** More than the receiver takes, and much more than any buffer on the way. */
const tooLarge = 60_000_000;

const folder = mkdtempSync(join(tmpdir(), 'velora-e2e-receiver-'));
let receiver: ReceiverProcess;
let key = '';
/** Of the page that may use the receiver from another origin; the receiver has to know it first. */
let port = 0;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

beforeAll(async () => {
  port = await freePort();
  receiver = await startReceiver({
    folder,
    words: ['--origin', `http://127.0.0.1:${String(port)}`, '--largest-file', String(largest)],
  });
  key = await receiver.createKey({ tenant: 'acme', scopes: ['upload:write'] });
});

afterAll(async () => {
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Starter = (options?: StartOptions) => Promise<Way>;

/** Two ways to the receiver: by the page's own server, and straight to another origin. */
const ways = {
  'through the server of the page': () => ({ receiver: receiver.url }),
  'at another origin': () => ({ uploadTo: [receiver.url], port }),
} as const satisfies Record<string, () => StartOptions>;

async function toUpload(
  start: Starter,
  place: Place,
  options: StartOptions,
  text = small,
): Promise<Way> {
  const way = await start(options);
  await way.through(place.write('claims.csv', text), place.key());
  await way.toUpload();
  return way;
}

describe.each(Object.entries(ways))('the receiver %s', (_, options) => {
  test('takes what the page made, and the page says so', async ({ start, place }) => {
    const way = await toUpload(start, place, options());
    await way.upload(key);
    expect(await (await way.uploaded()).innerText()).toContain('201');
    await way.text(/upl_[0-9a-f]{32}/).waitFor();
    await way.text('the same as yours').waitFor();
    const said = await way.everythingSaid();
    for (const secret of [key.slice(-32), seeded]) expect(said).not.toContain(secret);
    expect(receiver.log()).not.toMatch(new RegExp(`${key.slice(-32)}|Zebra`));
  });

  test('refuses keys in words that help', async ({ start, place }) => {
    const way = await toUpload(start, place, options());
    await way.upload(`vlk_live_5eed5eed_${'5eedface'.repeat(4)}`);
    await way.seesProblem({ code: 'upload-refused', rule: 'unauthorized' });
    await way.upload(await receiver.createKey({ tenant: 'acme', scopes: ['audit:read'] }));
    await way.seesProblem({ code: 'upload-refused', rule: 'scope-missing' });
  });

  test('answers a file that is too large, and a key that is wrong, whatever is still on its way', async ({
    start,
    place,
  }) => {
    const way = await toUpload(start, place, options(), largeClaims(tooLarge));
    await way.upload(key);
    await way.seesProblem({ code: 'upload-refused', rule: 'too-large' });
    await way.upload(`vlk_live_5eed5eed_${'5eedface'.repeat(4)}`);
    await way.seesProblem({ code: 'upload-refused', rule: 'unauthorized' });
  });
});

test('a page of an origin that the receiver does not know is shown the command, and it works', async ({
  start,
  place,
}) => {
  const way = await start({ uploadTo: [receiver.url] });
  await way.through(place.write('claims.csv', small), place.key());
  const saved = await way.saveTokenized();
  await way.toUpload();
  await way.upload(key);
  await way.seesProblem({ code: 'upload-unreachable' });
  const command = await way.uploadCommand().innerText();
  place.write(saved.name, saved.bytes);
  const [, ...words] = command.trim().split(' ');
  const answer = JSON.parse(await place.run(words, { VELORA_UPLOAD_TOKEN: key })) as {
    status: number;
    receipt: { rows: number };
  };
  expect(answer).toMatchObject({ status: 201, receipt: { rows: 30 } });
});

test('the same file goes twice with one Idempotency-Key, and is there once', async ({
  start,
  place,
}) => {
  const way = await toUpload(start, place, { receiver: receiver.url });
  await way.upload(key);
  await way.uploaded();
  const [first] = await way.text(/upl_[0-9a-f]{32}/).allInnerTexts();
  await way.button('Send it again').click();
  await way.upload(key);
  await way.uploaded();
  expect(await way.text(/upl_[0-9a-f]{32}/).allInnerTexts()).toEqual([first]);
});
