import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { VaultError } from '../../src/core/errors.ts';
import type { Database } from '../../src/server/store/database.ts';
import { openPostgres } from '../../src/server/store/postgres.ts';
import type { UploadMode } from '../../src/server/uploads/take-upload.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { type CutProxy, startCutProxy } from './support/cut-proxy.ts';
import { eachDatabase, type Place } from './support/databases.ts';
import {
  clientMode,
  filesBelow,
  foundBelow,
  type Intake,
  left,
  newestRecord,
  nothing,
  openIntake,
  problemOf,
  receiptOf,
  type Sending,
  storedFile,
} from './support/uploads.ts';

const samples = join(import.meta.dirname, '../../samples');
const demoSecret = readFileSync(join(samples, 'demo.key'), 'latin1').trim();

const ssn = '900-12-3456';
const original = `member_id,patient_last_name,ssn,dob,zip,units\nM1,Zebrawood,${ssn},1980-01-02,78701,1\nM2,Zebrafinch,,1975-03-04,10001,2\n`;
const server: UploadMode = { kind: 'server' };
const tokens = 'member_id,dob,zip,units\nMBR_0123456789abcdef,1980,787,1\n,,,\n';

eachDatabase('an upload that the store fails', (_open, makePlace) => {
  const broken = (): Promise<never> => Promise.reject(new Error(`disk full at Zebra ${ssn}`));

  test.each<[string, Parameters<typeof openIntake>[1]]>([
    ['at its first byte', { change: ({ files }) => ({ files: { ...files, create: broken } }) }],
    [
      'while it is written',
      {
        change: ({ files }) => ({
          files: {
            ...files,
            create: async (...of) => ({ ...(await files.create(...of)), write: broken }),
          },
        }),
      },
    ],
    [
      'when it is committed',
      {
        change: ({ files }) => ({
          files: {
            ...files,
            create: async (...of) => ({ ...(await files.create(...of)), commit: broken }),
          },
        }),
      },
    ],
    [
      'when it is completed',
      { change: ({ uploads }) => ({ uploads: { ...uploads, complete: broken } }) },
    ],
    [
      'at its last originals',
      {
        change: ({ vault }) => ({
          vault: {
            ...vault,
            writer: (...of) => {
              const writer = vault.writer(...of);
              return {
                add: (entries) => writer.add(entries),
                async finish() {
                  await writer.finish();
                  await broken();
                },
              };
            },
          },
        }),
      },
    ],
  ])('%s leaves nothing, and no word of the fault', async (_name, options) => {
    const intake = await openIntake(await makePlace(), options);
    const outcome = intake.send(original, { mode: server });
    await expect(outcome).rejects.toMatchObject({ code: 'internal' });
    await expect(outcome).rejects.not.toThrow(/Zebra|900/);
    expect(await left(intake)).toEqual(nothing);
    expect(await newestRecord(intake)).toMatchObject({
      success: false,
      details: { problem: 'internal' },
    });
  });

  test('for want of room is told so, and leaves nothing', async () => {
    const full = (): Promise<never> =>
      Promise.reject(new VaultError('storage-full', 'no room', { rule: 'disk-full' }));
    const intake = await openIntake(await makePlace(), {
      change: ({ files }) => ({
        files: {
          ...files,
          create: async (...of) => ({ ...(await files.create(...of)), write: full }),
        },
      }),
    });
    const client = await clientMode(demoSecret);
    for (const [file, mode] of [
      [original, server],
      [original, client],
      [tokens, { kind: 'pretokenized' }],
    ] as const) {
      const problem = await problemOf(intake.send(file, { mode }));
      expect(problem).toEqual({ name: 'storage-full', retryAfter: 300 });
    }
    expect(await left(intake)).toEqual(nothing);
  });

  test('after it was completed is there, whatever the database said', async () => {
    const intake = await openIntake(await makePlace(), {
      change: ({ uploads }) => ({
        uploads: {
          ...uploads,
          async complete(of) {
            await uploads.complete(of);
            return broken();
          },
        },
      }),
    });
    const { uploadId } = await receiptOf(intake.send(tokens));
    expect((await storedFile(intake, uploadId)).toString()).toBe(tokens);
    expect(await left(intake)).toMatchObject({ completed: 1, unfinished: 0 });
  });
});

eachDatabase(
  'an upload whose connection is cut while the database commits it',
  (_open, makePlace) => {
    const closing: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });

    /** An intake behind a proxy. The database takes its time to commit, and then does, or does not. */
    async function openBehind(
      place: Place,
      { commits, stayAway }: { commits: boolean; stayAway: boolean },
    ): Promise<{ intake: Intake; proxy: CutProxy }> {
      await asAdministrator(
        place,
        `create function public.hesitate() returns trigger language plpgsql as $$
       begin
         if new.completed_at is null then return null; end if;
         perform pg_sleep(1);
         ${commits ? '' : "if (select count(*) from velora.uploads) = 1 then raise exception 'no'; end if;"}
         return null;
       end $$`,
        `create constraint trigger hesitate after update on velora.uploads
       deferrable initially deferred for each row execute function public.hesitate()`,
      );
      const proxy = await startCutProxy(place.databaseUrl ?? '', stayAway);
      closing.push(() => proxy.close());
      const open = async (): Promise<Database> => {
        const database = await openPostgres(proxy.url);
        closing.unshift(() => database.close());
        return database;
      };
      return { intake: await openIntake({ ...place, open }), proxy };
    }

    /** That there is one upload with this key, whole: its file, its entries, its record. */
    async function expectOne(intake: Intake, idempotencyKey: string): Promise<void> {
      const known = await intake.uploads.findByKey('acme', idempotencyKey);
      const { uploadId = '', tokenized } = known?.receipt ?? {};
      const file = await storedFile(intake, uploadId);
      expect(file.length).toBe(tokenized?.bytes);
      const [token = ''] = /MBR_[0-9a-f]{16}/.exec(file.toString()) ?? [];
      expect((await intake.vault.resolve('acme', token))?.original).toBe('M1');
      const after = await left(intake);
      expect(after).toMatchObject({ completed: 1, unfinished: 0, entries: 5 });
      expect(after.files).toHaveLength(1);
      const { records } = await intake.audit.page('acme', { limit: 100 });
      const taken = records.filter(
        ({ success, resource, details }) =>
          success && resource === `upload:${uploadId}` && details['repeated'] !== true,
      );
      expect(taken).toHaveLength(1);
    }

    const sending = { mode: server, idempotencyKey: 'in-doubt' };

    test('is taken where it was committed', async () => {
      const { intake, proxy } = await openBehind(await makePlace(), {
        commits: true,
        stayAway: false,
      });
      const receipt = await receiptOf(intake.send(original, sending));
      await proxy.cut;
      await expectOne(intake, sending.idempotencyKey);
      expect(await intake.send(original, sending)).toEqual({ receipt, repeated: true });
      await expectOne(intake, sending.idempotencyKey);
    });

    test('is absent where it was not, and taken when it comes again', async () => {
      const { intake, proxy } = await openBehind(await makePlace(), {
        commits: false,
        stayAway: false,
      });
      await expect(intake.send(original, sending)).rejects.toMatchObject({
        name: 'VaultError',
      });
      await proxy.cut;
      expect(await left(intake)).toEqual(nothing);
      // The trigger lets the second one through: the first is no longer the only one there was.
      await intake.uploads.begin({
        ...{ tenant: 'acme', product: 'claims_replay', schemaVersion: '1.0.0', mode: 'server' },
        ...{ keyPrefix: '0a1b2c3d', idempotencyKey: null, secretFingerprint: null },
      });
      await receiptOf(intake.send(original, sending));
      await intake.uploads.sweep();
      await expectOne(intake, sending.idempotencyKey);
    });

    test('is found whole when the database comes back', async () => {
      const { intake, proxy } = await openBehind(await makePlace(), {
        commits: true,
        stayAway: true,
      });
      await expect(intake.send(original, sending)).rejects.toMatchObject({
        name: 'VaultError',
      });
      await proxy.cut;
      proxy.reopen();
      // While it is still in doubt: whoever comes waits for what is being committed.
      const again = await intake.send(original, sending);
      expect(again).toMatchObject({ repeated: true });
      await intake.uploads.sweep();
      await expectOne(intake, sending.idempotencyKey);
    });
  },
  'postgresql',
);

eachDatabase('an idempotency key', (_open, makePlace) => {
  let intake: Intake;
  const idempotencyKey = 'claims-2024';

  beforeAll(async () => {
    intake = await openIntake(await makePlace());
  });

  test('gives the same receipt for the same file, product and mode, and a conflict for others', async () => {
    const first = await receiptOf(intake.send(original, { mode: server, idempotencyKey }));
    const before = await left(intake);
    const again = await intake.send(original, { mode: server, idempotencyKey, pieces: 11 });
    expect(again).toEqual({ receipt: first, repeated: true });
    expect(await newestRecord(intake)).toMatchObject({
      resource: `upload:${first.uploadId}`,
      success: true,
      details: { repeated: true },
    });
    const others: [string, Sending][] = [
      [`${original}M3,Zebra,,,,\n`, { mode: server }],
      [original, { mode: server, product: 'instant_audit' }],
      [original, { mode: await clientMode(demoSecret) }],
      // Not looked at as a CSV file.
      ['', { mode: server }],
    ];
    for (const [file, of] of others) {
      const problem = await problemOf(intake.send(file, { ...of, idempotencyKey }));
      expect(problem).toEqual({ name: 'idempotency-conflict' });
    }
    expect(await left(intake)).toEqual(before);
  });

  test('is another upload’s where the file comes with another secret', async () => {
    const sending = { mode: await clientMode(demoSecret), idempotencyKey: 'two-secrets' };
    const first = await receiptOf(intake.send(original, sending));
    expect(await intake.send(original, sending)).toEqual({ receipt: first, repeated: true });
    const other = { ...sending, mode: await clientMode('5e'.repeat(32)) };
    const problem = await problemOf(intake.send(original, other));
    expect(problem).toEqual({ name: 'idempotency-conflict' });
  });

  test('is each tenant’s own', async () => {
    const sending = { mode: server, idempotencyKey: 'shared' };
    const [one, other] = [
      await receiptOf(intake.send(original, sending)),
      await receiptOf(intake.send(original, { ...sending, tenant: 'zebra' })),
    ];
    expect(one.uploadId).not.toBe(other.uploadId);
  });

  test('of an upload that was refused is free', async () => {
    const sending = { mode: server, idempotencyKey: 'refused-first' };
    await problemOf(intake.send('', sending));
    expect((await intake.send(original, sending)) as unknown).toMatchObject({ repeated: false });
  });

  test('that comes twice at once is taken once', async () => {
    const before = await left(intake);
    const sending = { mode: server, idempotencyKey: 'at-once' };
    const outcomes = await Promise.all([
      ...Array.from({ length: 4 }, () => intake.send(original, sending)),
      intake.send(`${original}M3,Zebra,,,,\n`, sending),
    ]);
    const after = await left(intake);
    expect(after).toMatchObject({ completed: before.completed + 1, unfinished: 0 });
    expect(after.files).toHaveLength(before.files.length + 1);
    const receipts = outcomes.flatMap((outcome) => ('receipt' in outcome ? [outcome] : []));
    expect(receipts.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(receipts.map(({ receipt }) => receipt.uploadId)).size).toBe(1);
    for (const outcome of outcomes) {
      if ('problem' in outcome) expect(outcome.problem.name).toBe('idempotency-conflict');
    }
    expect([1, 4]).toContain(receipts.length);
  });
});

eachDatabase('originals', (_open, makePlace) => {
  /** Values of the file, of every kind of column that is not kept. */
  const seeded = ['Zebrawood', 'Zebrafinch', ssn, '1980-01-02', '78701-9876', 'zebra@example.com'];
  const rows = Array.from(
    { length: 3000 },
    (_, i) =>
      `M${String(i)},Zebrawood,${ssn},1980-01-02,78701-9876,zebra@example.com,Zebrafinch${String(i)}\n`,
  );
  const file = `member_id,patient_last_name,ssn,dob,zip,email,patient_first_name\n${rows.join('')}`;
  const refused = `${file}M,Zebrawood\n`;

  /** Every byte that the process has written, and that the database has. */
  async function foundIn(
    intake: Intake,
    database: Database,
    texts: readonly string[],
  ): Promise<string[]> {
    const found = foundBelow(intake.place.folder, texts);
    await database.close();
    found.push(...foundBelow(intake.place.folder, texts));
    if (intake.place.administratorUrl !== null) {
      const [row] = await asAdministrator<{ folder: string }>(
        intake.place,
        'checkpoint',
        "select current_setting('data_directory') as folder",
      );
      found.push(...foundBelow(row?.folder ?? '', texts));
    }
    return [...new Set(found)].sort();
  }

  test.each(['client', 'server'] as const)('are on no disk as they are (%s mode)', async (kind) => {
    const intake = await openIntake(await makePlace());
    const mode = kind === 'client' ? await clientMode(demoSecret) : server;
    const { uploadId } = await receiptOf(intake.send(file, { mode }));
    expect((await problemOf(intake.send(refused, { mode }))).name).toBe('csv-invalid');
    const { entries } = await left(intake);
    expect(entries > 0).toBe(kind === 'server');
    expect(filesBelow(intake.place.folder).length).toBeGreaterThan(1);
    const keys = [await intake.tenants.dataKey('acme'), await intake.tenants.tokenKey('acme')];
    // The id and the hash show that the search finds what is there, as text and as bytes.
    const { hash } = await intake.audit.head('acme');
    const texts = [
      ...seeded,
      demoSecret,
      ...keys.map((key) => key.toString('hex')),
      uploadId,
      hash,
    ];
    expect(await foundIn(intake, intake.database, texts)).toEqual([uploadId, hash].sort());
  });
});
