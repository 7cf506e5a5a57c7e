import { afterAll, expect, test } from 'vitest';
import { createEncryptedFiles } from '../../src/server/files/encrypted-files.ts';
import type { FileWriter } from '../../src/server/files/file-store.ts';
import { isDuplicate } from '../../src/server/store/database.ts';
import { withAdministrator } from '../../src/server/store/postgres.ts';
import { createUploads, type UploadEnd, type Uploads } from '../../src/server/uploads/uploads.ts';
import { eachDatabase } from './support/databases.ts';
import {
  type Intake,
  left,
  newestRecord,
  nothing,
  openIntake,
  receiptOf,
  storedFile,
} from './support/uploads.ts';

const tokens = 'member_id\nMBR_0123456789abcdef\n';
const started = {
  tenant: 'acme',
  product: 'claims_replay',
  schemaVersion: '1.0.0',
  mode: 'server',
  keyPrefix: '0a1b2c3d',
  idempotencyKey: null,
  secretFingerprint: null,
} as const;

function endOf(uploadId: string): UploadEnd {
  const summary = { bytes: 3, sha256: 'ab'.repeat(32) };
  return {
    tenant: 'acme',
    uploadId,
    rows: 1,
    received: summary,
    stored: { bytes: 5, sha256: 'cd'.repeat(32) },
    event: {
      actor: 'key:0a1b2c3d',
      action: 'upload',
      resource: `upload:${uploadId}`,
      success: true,
    },
  };
}

const partial: FileWriter[] = [];
afterAll(async () => {
  for (const file of partial) await file.discard();
});

/** An upload as a process leaves it that is killed: row, entries, and a file in either state. */
async function abandoned(
  { vault, files }: Intake,
  uploads: Uploads,
  committed: boolean,
): Promise<string> {
  const id = await uploads.begin(started);
  const writer = vault.writer('acme', id);
  const hex = (i: number): string => i.toString(16).padStart(16, '0');
  await writer.add(
    Array.from({ length: 5001 }, (_, i) => ({
      column: 'member_id',
      token: `MBR_${hex(i)}`,
      original: `Zebra${String(i)}`,
      identity: Buffer.from(hex(i), 'hex').subarray(0, 8),
    })),
  );
  await writer.finish();
  const file = await files.create('acme', id);
  await file.write(Buffer.from(tokens));
  if (committed) await file.commit();
  else partial.push(file);
  return id;
}

eachDatabase('uploads', (_open, makePlace, kind) => {
  test('are found once they are completed, by their tenant', async () => {
    const { uploads, ...intake } = await openIntake(await makePlace());
    const id = await uploads.begin({ ...started, idempotencyKey: 'one' });
    expect(await uploads.find('acme', id)).toBeNull();
    expect(await uploads.findByKey('acme', 'one')).toBeNull();
    const receipt = await uploads.complete(endOf(id));
    expect(receipt).toMatchObject({
      ...{ uploadId: id, rows: 1, bytes: 3, sha256: 'ab'.repeat(32) },
      tokenized: { bytes: 5, sha256: 'cd'.repeat(32) },
    });
    expect(await uploads.find('acme', id)).toEqual(receipt);
    expect(await uploads.findByKey('acme', 'one')).toEqual({ receipt, secretFingerprint: null });
    expect(await uploads.find('zebra', id)).toBeNull();
    expect(await uploads.findByKey('zebra', 'one')).toBeNull();
    expect(await newestRecord({ uploads, ...intake })).toMatchObject({ resource: `upload:${id}` });
  });

  test('are completed once, and with the same key one of them; what fails is not recorded', async () => {
    const intake = await openIntake(await makePlace());
    const { uploads } = intake;
    const [one, other] = [
      await uploads.begin({ ...started, idempotencyKey: 'same' }),
      await uploads.begin({ ...started, idempotencyKey: 'same' }),
    ];
    await uploads.complete(endOf(one));
    const before = await intake.audit.head('acme');
    await expect(uploads.complete(endOf(one))).rejects.toMatchObject({ code: 'internal' });
    await expect(uploads.complete(endOf(other))).rejects.toSatisfy(isDuplicate);
    expect(await intake.audit.head('acme')).toEqual(before);
    expect(await uploads.find('acme', other)).toBeNull();
  });

  test('are discarded with their entries, but never once they are completed', async () => {
    const intake = await openIntake(await makePlace());
    const { uploads } = intake;
    const id = await abandoned(intake, uploads, true);
    expect(await left(intake)).toMatchObject({ unfinished: 1, entries: 5001 });
    await uploads.discard('zebra', id);
    expect(await left(intake)).toMatchObject({ unfinished: 1, entries: 5001 });
    expect(await uploads.discard('acme', id)).toBeNull();
    expect(await left(intake)).toEqual(nothing);

    const completed = await abandoned(intake, uploads, true);
    const receipt = await uploads.complete(endOf(completed));
    expect(await uploads.discard('acme', completed)).toEqual(receipt);
    expect(await left(intake)).toMatchObject({ completed: 1, entries: 5001 });
    expect((await storedFile(intake, completed)).toString()).toBe(tokens);
  });

  test('that a killed receiver left are swept, and nothing else is', async () => {
    const place = await makePlace();
    const intake = await openIntake(place);
    const { uploads, files, database, tenants, audit, store } = intake;
    const kept = await receiptOf(intake.send(tokens));
    const before = await left(intake);

    const other = createUploads({
      database,
      tenants,
      audit,
      files,
      store,
      instance: 'ab'.repeat(16),
    });
    const foreign = await other.begin(started);
    await abandoned(intake, uploads, true);
    await abandoned(intake, uploads, false);
    await uploads.begin({ ...started, tenant: 'zebra' });
    const orphan = await files.create('acme', `upl_${'0'.repeat(32)}`);
    await orphan.commit();
    expect((await left(intake)).files).toHaveLength(4);

    await uploads.sweep();
    expect(await left(intake)).toEqual({ ...before, unfinished: 1 });
    expect(await uploads.find('acme', kept.uploadId)).toEqual(kept);
    await other.discard('acme', foreign);
    expect(await left(intake)).toEqual(before);
    await uploads.sweep();
    expect(await left(intake)).toEqual(before);
  });

  if (kind === 'postgresql')
    test('that a lost connection is still completing are left to a later sweep, whole', async () => {
      const place = await makePlace();
      const intake = await openIntake(place);
      const id = await abandoned(intake, intake.uploads, true);
      const before = await left(intake);
      await withAdministrator(place.administratorUrl ?? '', async (holder) => {
        await holder.execute('begin');
        await holder.query('select from velora.uploads where id = $1 for update', [id]);
        await intake.uploads.sweep();
        await holder.execute('rollback');
      });
      expect(await left(intake)).toEqual(before);
      await intake.uploads.sweep();
      expect(await left(intake)).toEqual(nothing);
    });

  test('of a folder stay there when it is opened with another database', async () => {
    const [place, otherPlace] = [await makePlace(), await makePlace()];
    const intake = await openIntake(place);
    const { uploadId } = await receiptOf(intake.send(tokens));
    const { database, audit, tenants } = await openIntake(otherPlace);
    const { store } = intake;
    const wrong = createUploads({
      database,
      tenants,
      audit,
      files: createEncryptedFiles(store, (tenant) => tenants.dataKey(tenant)),
      store,
      instance: 'ab'.repeat(16),
    });
    await wrong.sweep();
    expect((await storedFile(intake, uploadId)).toString()).toBe(tokens);
  });

  test('of an empty receiver are nothing to sweep', async () => {
    const intake = await openIntake(await makePlace());
    await intake.uploads.sweep();
    expect(await left(intake)).toEqual(nothing);
  });
});
