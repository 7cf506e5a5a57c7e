import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { withAdministrator } from '../../src/server/store/postgres.ts';
import { claimRows } from './support/claims.ts';
import { eachDatabase, type Place } from './support/databases.ts';
import { beginUpload, formOf, modeHeaders, sendUpload } from './support/sending.ts';

const rows = 20_000;
/** Moments at which the process ends: early and late in what is going on. */
const moments = [5, 60, 150, 300, 500, 800, 1200];

function start(place: Place, words: readonly string[] = []): Promise<ReceiverProcess> {
  const env = place.databaseUrl === null ? {} : { DATABASE_URL: place.databaseUrl };
  return startReceiver({ folder: place.folder, env, words });
}

/** What is in the store, seen from outside of it while no receiver runs. */
async function stored(place: Place): Promise<Record<string, number>> {
  const sql = `select
    (select count(*)::int from velora.uploads where completed_at is null) as unfinished,
    (select count(*)::int from velora.uploads where completed_at is not null) as completed,
    (select count(*)::int from velora.vault_entries e where not exists
      (select from velora.uploads u where u.id = e.upload_id and u.completed_at is not null)) as orphans`;
  if (place.administratorUrl !== null) {
    return withAdministrator(place.administratorUrl, async (runner) => {
      const [found] = await runner.query<Record<string, number>>(sql);
      return found ?? {};
    });
  }
  const database = await PGlite.create(join(place.folder, 'database'));
  const { rows: found } = await database.query<Record<string, number>>(sql);
  await database.close();
  return found[0] ?? {};
}

/** Files below a folder of the receiver, in whatever folders of theirs. */
function filesIn(place: Place, name: string): string[] {
  return readdirSync(join(place.folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

/**
 * Restarts, looks whether all is as if the lost work had never been, and stops again.
 * @returns how many uploads are there
 */
async function expectNothingHalf(place: Place): Promise<number> {
  const receiver = await start(place);
  expect(await receiver.run(['audit', 'verify'])).not.toMatch(/broken/i);
  expect(await receiver.stop()).toBe(0);
  const { completed = -1, ...rest } = await stored(place);
  expect(rest).toEqual({ unfinished: 0, orphans: 0 });
  expect(filesIn(place, 'files')).toHaveLength(completed);
  expect(filesIn(place, 'incoming')).toEqual([]);
  return completed;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

eachDatabase('a receiver that is killed', (_open, makePlace) => {
  test('within the body of an upload has kept nothing of it', async () => {
    const place = await makePlace();
    const receiver = await start(place);
    const key = await receiver.createKey({ tenant: 'acme' });
    for (const headers of [modeHeaders.pretokenized, { 'X-Velora-Customer-Id': 'acme' }]) {
      const form = formOf(() => claimRows(rows, 'original'));
      const { request: sent } = beginUpload(receiver.url, {
        Authorization: `Bearer ${key}`,
        'Content-Type': form.contentType,
        ...headers,
      });
      const [head, ...pieces] = form.bytes();
      for (const piece of [head, ...pieces.slice(0, 8)]) sent.write(piece);
    }
    await wait(500);
    expect(await receiver.kill()).toBe('SIGKILL');
    expect(await stored(place)).toMatchObject({ unfinished: 2 });
    expect(await expectNothingHalf(place)).toBe(0);
  });

  test('at any moment of a vault write has kept an upload whole, or nothing of it', async () => {
    const place = await makePlace();
    let completed = 0;
    let interrupted = 0;
    for (const moment of moments) {
      const receiver = await start(place);
      const key = await receiver.createKey({ tenant: 'acme' });
      const answer = sendUpload(receiver.url, key, { 'X-Velora-Customer-Id': 'acme' }, () =>
        claimRows(rows, 'original'),
      );
      await wait(moment);
      expect(await receiver.kill()).toBe('SIGKILL');
      const answered = (await answer)?.status === 201;
      const { unfinished = 0, orphans = 0 } = await stored(place);
      if (unfinished > 0 && orphans > 0) interrupted += 1;
      const now = await expectNothingHalf(place);
      // Without an answer nobody knows whether it was completed; with one it must be there.
      expect(now).toBeGreaterThanOrEqual(completed + (answered ? 1 : 0));
      expect(now).toBeLessThanOrEqual(completed + 1);
      completed = now;
    }
    // Else nothing of this was tried.
    expect(interrupted).toBeGreaterThan(0);
  });

  test('at any moment of an audit write has a chain that verifies', async () => {
    const place = await makePlace();
    for (const moment of moments.slice(0, 4)) {
      const receiver = await start(place);
      const key = await receiver.createKey({ tenant: 'acme' });
      const asking = Array.from({ length: 40 }, (_, i) =>
        ask(`${receiver.url}/api/v2/vault/resolve?token=MBR_${String(i).padStart(16, '0')}`, key),
      );
      await wait(moment);
      await receiver.kill();
      await Promise.all(asking);
      expect(await expectNothingHalf(place)).toBe(0);
    }
  });

  test('after its answer still has the upload, byte for byte', async () => {
    const place = await makePlace();
    const receiver = await start(place);
    const key = await receiver.createKey({ tenant: 'acme' });
    const answer = await sendUpload(receiver.url, key, modeHeaders.pretokenized, () =>
      claimRows(rows, 'tokenized'),
    );
    expect(answer?.status).toBe(201);
    await receiver.kill();
    const { uploadId, sha256 } = JSON.parse(answer?.text ?? '') as Record<string, string>;
    const restarted = await start(place);
    const file = await ask(`${restarted.url}/api/v2/uploads/${uploadId ?? ''}/file`, key);
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    await restarted.stop();
    expect(await expectNothingHalf(place)).toBe(1);
  });
});

/** The body of an answer, empty where there is none. */
function ask(url: string, key: string): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false, headers: { Authorization: `Bearer ${key}` } });
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('close', () => {
        resolve(text);
      });
    });
    sent.on('error', () => {
      resolve('');
    });
    sent.end();
  });
}
