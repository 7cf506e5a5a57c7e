import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReceiverProcess, startReceiver } from '../../scripts/receiver-process.mjs';
import { parseKek } from '../../src/server/access/keyring.ts';
import { openStore } from '../../src/server/services.ts';
import { systemTenant } from '../../src/server/store/database.ts';
import { claimRows } from './support/claims.ts';
import { eachDatabase, type Place } from './support/databases.ts';
import { beginUpload, formOf, modeHeaders, sendUpload } from './support/sending.ts';

const rows = 20_000;
const serverMode = { 'X-Velora-Customer-Id': 'acme' };

function start(place: Place): Promise<ReceiverProcess> {
  const env = place.databaseUrl === null ? {} : { DATABASE_URL: place.databaseUrl };
  return startReceiver({ folder: place.folder, env });
}

/** What is in the store of a receiver that does not run. Ids of uploads, sorted. */
interface Stored {
  readonly completed: readonly string[];
  readonly unfinished: readonly string[];
  /** Of entries in the vault without a completed upload. */
  readonly orphans: readonly string[];
  /** Records of `vault.resolve`. */
  readonly resolved: number;
}

/** Looks into the store; its audit chains verify, whenever that is. */
async function stored(place: Place): Promise<Stored> {
  const kek = parseKek(readFileSync(join(place.folder, 'kek.development'), 'latin1'));
  const store = await openStore({ ...place, vaultDays: 90 }, kek);
  try {
    for (const chain of ['acme', systemTenant]) {
      expect(await store.audit.verify(chain)).toMatchObject({ ok: true });
    }
    return await store.database.as('acme', async (transaction) => {
      const ids = async (sql: string): Promise<string[]> =>
        (await transaction.query<{ id: string }>(`${sql} order by 1`)).map(({ id }) => id);
      const [records] = await transaction.query<{ count: number }>(
        `select count(*)::int as count from velora.audit_records where action = 'vault.resolve'`,
      );
      return {
        completed: await ids('select id from velora.uploads where completed_at is not null'),
        unfinished: await ids('select id from velora.uploads where completed_at is null'),
        orphans: await ids(
          `select distinct upload_id as id from velora.vault_entries e where not exists
             (select from velora.uploads u where u.id = e.upload_id and u.completed_at is not null)`,
        ),
        resolved: records?.count ?? 0,
      };
    });
  } finally {
    await store.close();
  }
}

/** Files below a folder of the receiver, in whatever folders of theirs. */
function filesIn(place: Place, name: string): string[] {
  return readdirSync(join(place.folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

eachDatabase('a receiver that is killed', (_open, makePlace) => {
  let place: Place;
  let receiver: ReceiverProcess;
  let key = '';
  /** What killed receivers have left, and those after them have swept. */
  const lost = new Set<string>();

  beforeAll(async () => {
    place = await makePlace();
    receiver = await start(place);
    key = await receiver.createKey({ tenant: 'acme' });
  });

  afterAll(async () => {
    await receiver.kill();
  });

  /** Kills the receiver, and starts one in its place: all is as if the lost work had never been. */
  async function killed(): Promise<Stored> {
    expect(await receiver.kill()).toBe('SIGKILL');
    const found = await stored(place);
    expectSwept(found);
    for (const id of [...found.unfinished, ...found.orphans]) lost.add(id);
    receiver = await start(place);
    expect(filesIn(place, 'files')).toEqual(found.completed);
    expect(filesIn(place, 'incoming')).toEqual([]);
    return found;
  }

  /** Of earlier uploads: the last receiver has swept before it listened. */
  function expectSwept({ unfinished, orphans }: Stored): void {
    expect([...unfinished, ...orphans].filter((id) => lost.has(id))).toEqual([]);
  }

  const uploadedByServer = () =>
    sendUpload(receiver.url, key, serverMode, () => claimRows(rows, 'original'));

  test('within the body of an upload has kept nothing of it', async () => {
    for (const headers of [modeHeaders.pretokenized, serverMode]) {
      const form = formOf(() => claimRows(rows, 'original'));
      const { request: sent } = beginUpload(receiver.url, {
        Authorization: `Bearer ${key}`,
        'Content-Type': form.contentType,
        ...headers,
      });
      const [head, ...pieces] = form.bytes();
      for (const piece of [head, ...pieces.slice(0, 8)]) sent.write(piece);
    }
    const partial = (): number => filesIn(place, 'incoming').length;
    await expect.poll(partial, { timeout: 60_000 }).toBe(2);
    const found = await killed();
    expect([found.unfinished.length, found.completed.length]).toEqual([2, 0]);
  });

  test('at any moment of a vault write has kept an upload whole, or nothing of it', async () => {
    const began = performance.now();
    const answer = await uploadedByServer();
    const wholeMs = performance.now() - began;
    expect(answer?.status).toBe(201);
    let { completed } = await killed();
    expect(completed).toHaveLength(1);
    // Byte for byte.
    const receipt = JSON.parse(answer?.text ?? '') as {
      uploadId: string;
      tokenized: { sha256: string };
    };
    const file = await ask(`${receiver.url}/api/v2/uploads/${receipt.uploadId}/file`, key);
    const sha256 = createHash('sha256')
      .update(file?.text ?? '')
      .digest('hex');
    expect(sha256).toBe(receipt.tokenized.sha256);

    let interrupted = 0;
    for (const part of [0.1, 0.4, 0.7, 0.95]) {
      const sending = uploadedByServer();
      await wait(part * wholeMs);
      const found = await killed();
      const answered = (await sending)?.status === 201;
      if (found.unfinished.length > 0 && found.orphans.length > 0) interrupted += 1;
      // Without an answer nobody knows whether it was completed; with one it must be there.
      expect(found.completed).toEqual(expect.arrayContaining([...completed]));
      const more = found.completed.length - completed.length;
      expect([more, answered]).toBeOneOf([
        [0, false],
        [1, false],
        [1, true],
      ]);
      ({ completed } = found);
    }
    // Else nothing of this was tried.
    expect(interrupted).toBeGreaterThan(0);
  });

  test('while it writes the audit log has recorded what it has answered, in a chain that verifies', async () => {
    const before = await killed();
    let answered = 0;
    let unanswered = 0;
    for (const enough of [1, 10, 25]) {
      let reached = (): void => undefined;
      const some = new Promise<void>((resolve) => (reached = resolve));
      let came = 0;
      const asking = Array.from({ length: 60 }, async (_, i) => {
        const token = `MBR_${String(i).padStart(16, '0')}`;
        const answer = await ask(`${receiver.url}/api/v2/vault/resolve?token=${token}`, key);
        if (answer === null) {
          unanswered += 1;
          return;
        }
        expect(answer.status).toBe(404);
        answered += 1;
        if ((came += 1) === enough) reached();
      });
      await some;
      const [found] = await Promise.all([killed(), ...asking]);
      expect(found.resolved - before.resolved).toBeGreaterThanOrEqual(answered);
    }
    // Else nothing was interrupted.
    expect(unanswered).toBeGreaterThan(0);
  });

  test('has left nothing in the end but what was completed', async () => {
    expect(lost.size).toBeGreaterThan(2);
    expect(await ask(`${receiver.url}/healthz`, key)).toMatchObject({ status: 200 });
    expect(await receiver.stop()).toBe(0);
    const { completed, ...rest } = await stored(place);
    expect(rest).toMatchObject({ unfinished: [], orphans: [] });
    expect(filesIn(place, 'files')).toEqual(completed);
  });
});

/** An answer, or null where there is none, or not all of it. */
function ask(url: string, key: string): Promise<{ status: number; text: string } | null> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false, headers: { Authorization: `Bearer ${key}` } });
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('error', () => undefined);
      response.on('close', () => {
        resolve(response.complete ? { status: response.statusCode ?? 0, text } : null);
      });
    });
    sent.on('error', () => {
      resolve(null);
    });
    sent.end();
  });
}
