import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { VaultError } from '../../src/core/errors.ts';
import { getProduct } from '../../src/core/schema.ts';
import { importSecret } from '../../src/core/secret.ts';
import type { UploadMode } from '../../src/server/uploads/take-upload.ts';
import { tokenizeText } from '../support/tokenize.ts';
import { eachDatabase } from './support/databases.ts';
import {
  bodyOf,
  boundary,
  clientMode,
  formOf,
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
const claims = readFileSync(join(samples, 'claims.csv'));
const tokenizedClaims = readFileSync(join(samples, 'claims.tokenized.csv'));
const demoSecret = readFileSync(join(samples, 'demo.key'), 'latin1').trim();

const ssn = '900-12-3456';
const original = `member_id,patient_last_name,ssn,dob,zip,units\nM1,Zebrawood,${ssn},1980-01-02,78701,1\nM2,Zebrafinch,,1975-03-04,10001,2\n`;
const server: UploadMode = { kind: 'server' };
const token = (prefix: string): string => `${prefix}_0123456789abcdef`;
const tokens = `member_id,dob,zip,units\n${token('MBR')},1980,787,1\n,,,\n`;

eachDatabase('an upload', (_open, makePlace) => {
  let intake: Intake;
  let client: UploadMode;

  beforeAll(async () => {
    intake = await openIntake(await makePlace());
    client = await clientMode(demoSecret);
  });

  test('gives the receipt of the file that was received, and is found and recorded', async () => {
    const sent = await receiptOf(intake.send(tokenizedClaims));
    expect(sent).toEqual({
      uploadId: expect.stringMatching(/^upl_[0-9a-f]{32}$/) as string,
      product: 'claims_replay',
      schemaVersion: getProduct('claims_replay').version,
      mode: 'pretokenized',
      rows: 1000,
      bytes: tokenizedClaims.length,
      sha256: await sha256(tokenizedClaims),
      tokenized: { bytes: tokenizedClaims.length, sha256: await sha256(tokenizedClaims) },
      completedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    });
    expect(await intake.uploads.find('acme', sent.uploadId)).toEqual(sent);
    expect(await intake.uploads.find('zebra', sent.uploadId)).toBeNull();
    expect(await newestRecord(intake)).toMatchObject({
      actor: 'key:0a1b2c3d',
      action: 'upload',
      resource: `upload:${sent.uploadId}`,
      address: '192.0.2.7',
      userAgent: 'tests',
      success: true,
      details: {
        product: 'claims_replay',
        mode: 'pretokenized',
        rows: 1000,
        bytes: tokenizedClaims.length,
      },
    });
  });

  test('of tokens is kept byte for byte, in whatever form it came', async () => {
    const form = Buffer.from(`\ufeff${tokens.replaceAll('\n', '\r\n')}`, 'utf16le');
    const { uploadId, rows } = await receiptOf(intake.send(form, { pieces: 3 }));
    expect(rows).toBe(2);
    expect((await storedFile(intake, uploadId)).equals(form)).toBe(true);
  });

  test('is the reference output where the client sends the demo secret', async () => {
    const sent = await receiptOf(intake.send(claims, { mode: client }));
    expect(sent).toMatchObject({ mode: 'client', rows: 1000, bytes: claims.length });
    expect(sent.sha256).toBe(await sha256(claims));
    expect(sent.tokenized).toEqual({
      bytes: tokenizedClaims.length,
      sha256: await sha256(tokenizedClaims),
    });
    expect((await storedFile(intake, sent.uploadId)).equals(tokenizedClaims)).toBe(true);
  });

  test('is the same in all three modes, and as the core writes it, for the same secret', async () => {
    const secret = (await intake.tenants.tokenKey('acme')).toString('hex');
    const expected = await tokenizeText(claims, { secret: await importSecret(secret) });
    const [byServer, byClient, byCustomer] = await Promise.all([
      receiptOf(intake.send(claims, { mode: server })),
      receiptOf(intake.send(claims, { mode: await clientMode(secret), pieces: 1000 })),
      receiptOf(intake.send(expected.output)),
    ]);
    for (const { uploadId } of [byServer, byClient, byCustomer]) {
      expect((await storedFile(intake, uploadId)).toString()).toBe(expected.output);
    }
    const map = Object.entries(JSON.parse(expected.map) as Record<string, string>);
    expect(map.length).toBeGreaterThan(1000);
    expect((await left(intake)).entries).toBe(map.length);
    for (const [given, value] of [...map.slice(0, 20), ...map.slice(-20)]) {
      expect((await intake.vault.resolve('acme', given))?.original).toBe(value);
      expect(await intake.vault.resolve('zebra', given)).toBeNull();
    }
  });

  test('of one tenant has other tokens than that of another', async () => {
    const outputs = await Promise.all(
      ['acme', 'zebra'].map(async (tenant) => {
        const { uploadId } = await receiptOf(intake.send(original, { mode: server, tenant }));
        return (await storedFile(intake, uploadId, tenant)).toString();
      }),
    );
    expect(outputs[0]).toMatch(/MBR_[0-9a-f]{16}/);
    expect(outputs[0]).not.toBe(outputs[1]);
  });

  test('of tokens keeps a column with an identifier: whoever tokenized has decided on it', async () => {
    const { uploadId } = await receiptOf(
      intake.send(`member_id,other_code_x\n${token('MBR')},${ssn}\n`),
    );
    expect((await storedFile(intake, uploadId)).toString()).toContain(ssn);
  });
});

eachDatabase('nothing is left of an upload', (_open, makePlace) => {
  let intake: Intake;
  let client: UploadMode;

  beforeAll(async () => {
    intake = await openIntake(await makePlace(), { largestFile: 100_000 });
    client = await clientMode(demoSecret);
  });

  /** Refuses in each of these modes, keeps nothing, and records it. */
  async function refusedAs(
    name: string,
    file: string | Uint8Array,
    of: Sending & { modes?: readonly UploadMode[] } = {},
  ): Promise<void> {
    const { modes = [{ kind: 'pretokenized' }, client, server], ...sending } = of;
    for (const mode of modes) {
      const body =
        sending.body === undefined ? {} : { body: Readable.from(await drained(sending.body)) };
      const problem = await problemOf(intake.send(file, { ...sending, ...body, mode }));
      expect([mode.kind, problem.name]).toEqual([mode.kind, name]);
      expect(JSON.stringify(problem)).not.toMatch(/Zebra|900-12-3456/);
      expect(await left(intake)).toEqual(nothing);
      expect(await newestRecord(intake)).toMatchObject({
        action: 'upload',
        success: false,
        details: { problem: name, mode: mode.kind },
      });
    }
  }

  const pieces = new Map<Readable, Buffer[]>();
  async function drained(body: Readable): Promise<Buffer[]> {
    const known = pieces.get(body) ?? ((await body.toArray()) as Buffer[]);
    pieces.set(body, known);
    return known;
  }

  test.each([
    ['file-empty', ''],
    ['csv-invalid', 'member_id,units\nZebra,1,2\n'],
    ['csv-invalid', 'member_id,units\n"Zebra,1\n'],
    ['csv-invalid', 'member_id,units\n"Zebra"x,1\n'],
    ['csv-invalid', 'member_id,units\nZebra\0,1\n'],
    ['csv-invalid', Buffer.from('member_id,units\nZebra\xff,1\n', 'latin1')],
    ['csv-invalid', Buffer.from('PK\x03\x04Zebra', 'latin1')],
    ['csv-invalid', gzipSync('member_id\nZebra\n')],
    ['csv-invalid', `member_id,${'x'.repeat(70_000)}\n`],
    ['header-not-accepted', `Zebra,${ssn}\nA,1\n`],
    ['header-not-accepted', 'colour,shape\nZebra,1\n'],
    ['header-not-accepted', 'units,cpt\nZebra,1\n'],
    ['file-too-large', `member_id\n${'\n'.repeat(100_000)}`],
  ])('that is %s', async (name, file) => {
    await refusedAs(name, file);
  });

  test('whose form is none, or not one of one file', async () => {
    const part = formOf('member_id\nZebra\n').subarray(0, -`--${boundary}--\r\n`.length);
    const end = Buffer.from(`--${boundary}--\r\n`);
    await refusedAs('form-invalid', '', { body: bodyOf(part) });
    await refusedAs('file-missing', '', { body: bodyOf(end) });
    await refusedAs('file-repeated', '', { body: bodyOf(Buffer.concat([part, part, end])) });
    await refusedAs('content-type-unsupported', original, { contentType: 'text/csv' });
  });

  test('for a product that nobody knows, whose name is not recorded', async () => {
    await refusedAs('product-unknown', original, { product: 'Zebra' });
    expect((await newestRecord(intake)).details).not.toHaveProperty('product');
  });

  test('with an idempotency key that is none', async () => {
    for (const idempotencyKey of ['', 'a b', 'ä', 'x'.repeat(201)]) {
      await refusedAs('idempotency-key-invalid', original, { idempotencyKey });
    }
  });

  test('that holds values where tokens belong, and the first of them are told', async () => {
    const row = `Zebra,${ssn},1980-01-02,78701,note\n`;
    const file = `member_id,ssn,dob,zip,notes\n${row.repeat(30)}`;
    const problem = await problemOf(intake.send(file));
    expect(problem).toMatchObject({
      name: 'plaintext-detected-in-tokenize-column',
      counts: [
        { column: 1, header: 'member_id', findings: 30 },
        { column: 2, header: 'ssn', findings: 30 },
        { column: 3, header: 'dob', findings: 30 },
        { column: 4, header: 'zip', findings: 30 },
        { column: 5, header: 'notes', findings: 1 },
      ],
    });
    expect(problem.findings).toHaveLength(20);
    expect(problem.findings?.slice(0, 3)).toEqual([
      { column: 5, header: 'notes', row: 0, rule: 'absent' },
      { column: 1, header: 'member_id', row: 1, rule: 'token' },
      { column: 2, header: 'ssn', row: 1, rule: 'token' },
    ]);
    expect(JSON.stringify(problem)).not.toMatch(/Zebra|900-12|1980|78701/);
    expect(await left(intake)).toEqual(nothing);
  });

  test.each([
    ['plaintext-detected-in-generalize-column', `member_id,dob\n${token('MBR')},1980-01-02\n`],
    ['plaintext-detected-in-generalize-column', `member_id,zip,notes\n${token('MBR')},78701,\n`],
    ['column-to-be-dropped', `member_id,notes\n${token('MBR')},\n`],
    ['plaintext-detected-in-tokenize-column', `member_id\n${token('SUB')}\n`],
    // Past the findings that are kept, the gravest still names it.
    ['plaintext-detected-in-tokenize-column', `member_id,zip\n${',78701\n'.repeat(50)}Zebra,787\n`],
  ])('of tokens with %s', async (name, file) => {
    await refusedAs(name, file, { modes: [{ kind: 'pretokenized' }] });
  });

  test('of originals with an identifier in a kept column, told by its place in the sent file', async () => {
    const file = `notes,member_id,other_code_x\nz,Zebra,${ssn}\nz,Zebra,a@example.com\n`;
    for (const mode of [client, server]) {
      expect(await problemOf(intake.send(file, { mode }))).toEqual({
        name: 'identifier-in-kept-column',
        findings: [
          { column: 3, header: 'other_code_x', row: 1, rule: 'ssn' },
          { column: 3, header: 'other_code_x', row: 2, rule: 'email' },
        ],
        counts: [{ column: 3, header: 'other_code_x', findings: 2 }],
      });
    }
    await refusedAs('identifier-in-kept-column', file, { modes: [client, server] });
  });

  test('of originals where something is undecided, or tokenized already', async () => {
    const modes = [client, server];
    await refusedAs('column-undecided', 'member_id,MemberLastNameX\nZebra,1\n', { modes });
    await refusedAs('column-undecided', 'notes\nZebra\n', { modes });
    await refusedAs('tokens-found', `member_id\n${token('MBR')}\n`, { modes });
  });

  test('with a fault, whose place is told', async () => {
    expect(
      await problemOf(intake.send('member_id,units\nZebra,1\nZebra\n', { mode: client })),
    ).toEqual({
      name: 'csv-invalid',
      detail: expect.stringContaining('expected') as string,
      fault: expect.objectContaining({ code: 'ragged', line: 3 }) as object,
    });
  });

  const oneEncoding = 'expected UTF-8, or UTF-16 with a byte order mark';
  const loneSurrogate = Buffer.from([0x00, 0xdc]);
  test.each<[string, Buffer, string]>([
    ['that is compressed', gzipSync(original), 'expected a CSV file that is not compressed'],
    ['in windows-1252', Buffer.from('member_id\nZebra\xff\n', 'latin1'), oneEncoding],
    ['with a NUL', Buffer.from('member_id\nZebra\0\n'), oneEncoding],
    ['in UTF-16 without a mark', Buffer.from('member_id\nZebra\n', 'utf16le'), oneEncoding],
    [
      'in broken UTF-16',
      Buffer.concat([Buffer.from('\ufeffmember_id\nZebra', 'utf16le'), loneSurrogate]),
      oneEncoding,
    ],
  ])('%s, and told what is taken', async (_, file, detail) => {
    for (const mode of [client, server, { kind: 'pretokenized' } as const]) {
      // Piece by piece: the first one is not enough to know.
      const problem = await problemOf(intake.send(file, { mode, pieces: 1 }));
      expect(problem).toMatchObject({ name: 'csv-invalid', detail });
    }
    expect(await left(intake)).toEqual(nothing);
  });

  test('whose body breaks off, late', async () => {
    for (const mode of [client, server, undefined]) {
      const body = new Readable({ read: () => undefined });
      body.push(formOf(original).subarray(0, -40));
      setImmediate(() => body.destroy());
      const problem = await problemOf(intake.send('', { body, ...(mode ? { mode } : {}) }));
      expect(problem).toMatchObject({ name: 'form-invalid', fault: { code: 'cancelled' } });
      expect(await left(intake)).toEqual(nothing);
    }
  });

  test('that is given up, for the reason that is given', async () => {
    const reason = new VaultError('request-refused', 'expected to go on', { rule: 'stopping' });
    for (const mode of [client, server]) {
      const controller = new AbortController();
      const body = new Readable({ read: () => undefined });
      body.push(formOf(original).subarray(0, -40));
      setImmediate(() => {
        controller.abort(reason);
      });
      const outcome = intake.send('', { body, mode, signal: controller.signal });
      expect(await problemOf(outcome)).toEqual({ name: 'stopping', detail: 'expected to go on' });
      expect(body.destroyed).toBe(false);
      expect(await left(intake)).toEqual(nothing);
    }
    await refusedAs('stopping', original, { signal: AbortSignal.abort(reason) });
  });
});

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes));
  return Buffer.from(digest).toString('hex');
}
