import { describe, expect } from 'vitest';
import type { VaultErrorCode } from '../../src/protocol.ts';
import { claims, largeClaims } from './support/claims.ts';
import type { Place } from './support/command.ts';
import { badRequests, problem, type Reaction, type Receiver } from './support/receiver.ts';
import type { Way } from './support/way.ts';
import { type StartOptions, test } from './support/way-test.ts';

const token = `vlk_live_5eed5eed_${'5eedface'.repeat(4)}`;
const seeded = 'Zebra-900-12-3456';
const small = claims(30).replaceAll('Ada', seeded);
/** The tokenized file is more than the system's buffers take while a receiver does not read. */
const large = 10_000_000;

type Starter = (options?: StartOptions) => Promise<Way>;

/** A page that may send to the receiver, with a file tokenized and the upload open. */
async function toUpload(
  start: Starter,
  place: Place,
  receiver: Receiver,
  { text = small, ...options }: StartOptions & { readonly text?: string } = {},
): Promise<Way> {
  const way = await start({ uploadTo: ["'self'", receiver.origin], ...options });
  await way.through(place.write(`${seeded}.csv`, text), place.key());
  return way;
}

/** Nothing but the file's own name, which the person gave, is told of what is secret. */
async function expectNothingTold(way: Way): Promise<void> {
  const said = (await way.everythingSaid()).replaceAll(`${seeded}.csv`, '');
  for (const secret of [token, token.slice(-32), seeded]) expect(said).not.toContain(secret);
}

describe('an upload that is taken', () => {
  test('is the file as it was saved, under a neutral name, and was shown before', async ({
    start,
    place,
    receiver,
  }) => {
    const way = await toUpload(start, place, receiver);
    const saved = await way.saveTokenized();
    const report = JSON.parse((await way.saveReport()).bytes.toString()) as {
      output: { sha256: string; bytes: number };
    };
    const { sha256 } = report.output;
    await way.toUpload();
    const address = `${receiver.origin}/api/v2/secure-upload/claims_replay`;
    await way.text(address).waitFor();
    await way.text(saved.name).waitFor();
    for (const group of sha256.match(/.{8}/g) ?? []) await way.text(group).waitFor();
    expect(receiver.received.length + receiver.preflights()).toBe(0);

    const answer = { uploadId: 'upl_77', rows: 30, sha256 };
    receiver.reactWith({ status: 201, body: answer });
    await way.upload(token);
    await way.uploaded();
    await way.text('upl_77').waitFor();
    await way.text('the same as yours').waitFor();

    expect(receiver.received).toHaveLength(1);
    const [request] = receiver.received;
    expect(request?.path).toBe('/api/v2/secure-upload/claims_replay');
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      'x-velora-vault-mode': 'pretokenized',
    });
    expect(request?.headers).not.toHaveProperty('idempotency-key');
    expect(request?.headers.referer ?? '').not.toContain('/tools/');
    expect(request?.file).toMatchObject({ field: 'file', fileName: saved.name, type: 'text/csv' });
    expect(request?.file?.bytes.equals(saved.bytes)).toBe(true);
    await expectNothingTold(way);
  });

  test('may be answered by any success, and without a body', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    for (const status of [200, 202, 204]) {
      receiver.reactWith({ status });
      await way.upload(token);
      expect(await (await way.uploaded()).innerText()).toContain(String(status));
      await way.button('Send it again').click();
    }
    expect(receiver.received).toHaveLength(3);
  });

  test('carries an Idempotency-Key where the deployment says that it is known', async ({
    start,
    place,
    receiver,
  }) => {
    const meta = 'name="velora-idempotency-key" content="';
    const rewrite = (html: string): string => html.replace(meta, `${meta}${receiver.origin}`);
    const way = await toUpload(start, place, receiver, { rewrite });
    await way.toUpload();
    receiver.reactWith({ status: 503, headers: { 'Retry-After': '0' } });
    await way.upload(token);
    await way.uploaded();
    const [first, second] = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^claims_replay-[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });
});

describe('an upload that is refused', () => {
  const refusals: readonly (readonly [string, Reaction])[] = [
    ...badRequests,
    ['bad-request', problem(400, seeded)],
    ['unauthorized', problem(401, `unknown token ${seeded}`)],
    ['forbidden', problem(403, seeded)],
    ['not-found', { status: 404, body: seeded }],
    ['too-large', { status: 413 }],
  ];

  test('is told in words of our own, and not repeated', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    for (const [i, [rule, reaction]] of refusals.entries()) {
      receiver.reactWith(reaction);
      await way.upload(token);
      await way.seesProblem({ code: 'upload-refused', rule });
      expect(receiver.received).toHaveLength(i + 1);
      expect(await way.tokenField().inputValue()).toBe('');
      await expectNothingTold(way);
    }
    expect(await way.uploadCommand().count()).toBe(0);
  });

  test('before anything is sent, where the token cannot be one', async ({
    start,
    place,
    receiver,
  }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    for (const wrong of [token.slice(1), `${token}0`, 'Zebra-token']) {
      await way.upload(wrong);
      await way.seesProblem({ code: 'upload-refused', rule: 'token-form' });
      expect(await way.everythingSaid()).not.toContain(wrong);
    }
    expect(receiver.received.length + receiver.preflights()).toBe(0);
  });
});

describe('an upload is tried again', () => {
  test('when the receiver says it may be, after 429', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    receiver.reactWith({ status: 429, headers: { 'Retry-After': '1' } });
    await way.upload(token);
    await way.text('The receiver asks for patience (429). Trying again in 1 second.').waitFor();
    expect(await (await way.uploaded()).innerText()).toContain('attempt 2');
    const [first, second] = receiver.received;
    expect(second?.file?.bytes.equals(first?.file?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  test('after a fault of the receiver', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    receiver.reactWith(problem(500, seeded));
    await way.upload(token);
    await way.text('The receiver has a fault (500).').waitFor();
    await way.uploaded();
    expect(receiver.received).toHaveLength(2);
    await expectNothingTold(way);
  });

  test('five times at most', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    const fault = { status: 503, headers: { 'Retry-After': '0' } };
    receiver.reactWith(fault, fault, fault, fault, fault);
    await way.upload(token);
    await way.seesProblem({ code: 'upload-refused', rule: 'server-error', message: '(503)' });
    expect(receiver.received).toHaveLength(5);
    await expectNothingTold(way);
  });

  test('after the connection broke within the file', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver, { text: largeClaims(large) });
    await way.toUpload();
    receiver.reactWith('stall');
    await way.upload(token);
    await way.text(/^(?!0 bytes).* of \d+(\.\d)? MB$/).waitFor();
    await expect.poll(() => receiver.isStalled()).toBe(true);
    receiver.dropStalled();
    await way.text('The connection broke before everything was sent.').waitFor();
    await way.uploaded();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.file?.bytes.length).toBeGreaterThan(large);
  });
});

describe('an upload without an answer after the whole file', () => {
  const noAnswer = { code: 'upload-unanswered' } satisfies { code: VaultErrorCode };

  test('is asked about before it is sent again', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    receiver.reactWith('drop');
    await way.upload(token);
    await way.dialog().getByText('The receiver may have taken it').waitFor();
    expect(receiver.received).toHaveLength(1);
    await way.button('Do not send it again').click();
    await way.seesProblem(noAnswer);
    expect(receiver.received).toHaveLength(1);
    await expectNothingTold(way);

    receiver.reactWith('drop');
    await way.upload(token);
    await way.button('Send it again').click();
    expect(await (await way.uploaded()).innerText()).toContain('attempt 2');
    expect(receiver.received).toHaveLength(3);
  });

  test('is not waited for without end', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver, {
      prepare: (context) => context.clock.install(),
    });
    await way.toUpload();
    receiver.reactWith('silence');
    await way.upload(token);
    await way.text('Everything is sent. Waiting for the answer…').waitFor();
    await way.page.clock.fastForward('05:01');
    await way.dialog().getByText('The receiver may have taken it').waitFor();
    await way.button('Do not send it again').click();
    await way.seesProblem(noAnswer);
  });
});

describe('an upload that does not get there', () => {
  test('because the receiver allows no other origin: the command is shown, and does it', async ({
    start,
    place,
    receiver,
  }) => {
    const way = await toUpload(start, place, receiver);
    const saved = await way.saveTokenized();
    await way.toUpload();
    receiver.setCors(false);
    await way.upload(token);
    await way.seesProblem({ code: 'upload-unreachable' });
    expect(receiver.received).toEqual([]);
    const command = await way.uploadCommand().innerText();
    expect(command).not.toContain(token);
    await expectNothingTold(way);

    place.write(saved.name, saved.bytes);
    const [program, ...words] = command.trim().split(' ');
    expect(program).toBe('velora-vault');
    await place.run(words, { VELORA_UPLOAD_TOKEN: token });
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.file?.fileName).toBe(saved.name);
    expect(receiver.received[0]?.file?.bytes.equals(saved.bytes)).toBe(true);
  });

  test('because nobody is there', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver);
    await way.toUpload();
    await receiver.close();
    await way.upload(token);
    await way.seesProblem({ code: 'upload-unreachable' });
    await way.uploadCommand().waitFor();
    await expectNothingTold(way);
  });

  test('because the person cancels it', async ({ start, place, receiver }) => {
    const way = await toUpload(start, place, receiver, { text: largeClaims(large) });
    await way.toUpload();
    receiver.reactWith('stall');
    await way.upload(token);
    await expect.poll(() => receiver.isStalled()).toBe(true);
    await way.button('Cancel the upload').click();
    await way.tokenField().waitFor();
    expect(await receiver.readOn()).toBe(false);
    expect(await way.alerts().count()).toBe(0);
    await expectNothingTold(way);
    await way.upload(token);
    await way.uploaded();
  });
});
