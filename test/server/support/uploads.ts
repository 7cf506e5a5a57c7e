import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { importSecret } from '../../../src/core/secret.ts';
import type { Caller } from '../../../src/server/access/api-keys.ts';
import { createKeyring } from '../../../src/server/access/keyring.ts';
import { createTenants, type Tenants } from '../../../src/server/access/tenants.ts';
import {
  type AuditLog,
  type AuditRecord,
  createAuditLog,
} from '../../../src/server/audit/audit-log.ts';
import {
  createEncryptedFiles,
  type EncryptedFiles,
} from '../../../src/server/files/encrypted-files.ts';
import type { FileStore } from '../../../src/server/files/file-store.ts';
import { createFolderStore } from '../../../src/server/files/folder-store.ts';
import { readInstance } from '../../../src/server/files/instance.ts';
import type { Problem } from '../../../src/server/http/problems.ts';
import type { Database } from '../../../src/server/store/database.ts';
import {
  createUploadTaker,
  type UploadMode,
  type UploadOutcome,
  type UploadRequest,
} from '../../../src/server/uploads/take-upload.ts';
import { createUploads, type Receipt, type Uploads } from '../../../src/server/uploads/uploads.ts';
import { createVault, type Vault } from '../../../src/server/vault/entries.ts';
import type { Place } from './databases.ts';

/** The key-encryption key of the tests. */
const kek = Buffer.alloc(32, 0x4b);
export const boundary = 'velora-boundary';
const keyPrefix = '0a1b2c3d';

/** What takes uploads, without HTTP before it. */
export interface Intake {
  readonly place: Place;
  readonly database: Database;
  readonly tenants: Tenants;
  readonly audit: AuditLog;
  readonly vault: Vault;
  readonly store: FileStore;
  readonly files: EncryptedFiles;
  readonly uploads: Uploads;
  /** Takes an upload of the tenant `acme`, pretokenized, for `claims_replay`, unless told otherwise. */
  send(file: string | Uint8Array, of?: Sending): Promise<UploadOutcome>;
}

export interface Sending extends Partial<Omit<UploadRequest, 'caller'>> {
  readonly tenant?: string;
  /** Bytes of each piece in which the form comes. */
  readonly pieces?: number;
}

/** Changes to the parts before they are put together: faults, for instance. */
export type Change = (parts: {
  readonly uploads: Uploads;
  readonly files: EncryptedFiles;
  readonly vault: Vault;
}) => { readonly uploads?: Uploads; readonly files?: EncryptedFiles; readonly vault?: Vault };

export async function openIntake(
  place: Place,
  { largestFile = 1e9, change }: { largestFile?: number; change?: Change } = {},
): Promise<Intake> {
  const database = await place.open();
  const keyring = createKeyring(kek);
  const tenants = createTenants(database, keyring);
  for (const tenant of ['acme', 'zebra']) await tenants.ensure(tenant);
  const audit = createAuditLog(database, keyring);
  const store = await createFolderStore(place.folder);
  const files = createEncryptedFiles(store, (tenant) => tenants.dataKey(tenant));
  const instance = await readInstance(place.folder);
  const parts = {
    uploads: createUploads({ database, tenants, audit, files, store, instance }),
    files,
    vault: createVault(database, tenants, audit, 90),
  };
  const used = { ...parts, ...change?.(parts) };
  const take = createUploadTaker({ tenants, audit, ...used, settings: { largestFile } });
  return {
    place,
    database,
    tenants,
    audit,
    store,
    ...parts,
    send: (file, { tenant = 'acme', pieces = 65_536, ...request } = {}) => {
      const caller: Caller = { tenant, keyPrefix, scopes: new Set(['upload:write']) };
      return take({
        product: 'claims_replay',
        idempotencyKey: null,
        contentType: `multipart/form-data; boundary=${boundary}`,
        body: bodyOf(formOf(file), pieces),
        address: '192.0.2.7',
        userAgent: 'tests',
        signal: new AbortController().signal,
        ...request,
        mode: withOwnState(request.mode ?? { kind: 'pretokenized' }),
        caller,
      });
    },
  };
}

/** As of a request of its own: what is derived from its secret is wiped with it. */
function withOwnState(mode: UploadMode): UploadMode {
  if (mode.kind !== 'client' || mode.secret.hmacState === undefined) return mode;
  return { ...mode, secret: { ...mode.secret, hmacState: mode.secret.hmacState.slice() } };
}

/** The form that holds a file. */
export function formOf(file: string | Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="Zebra.csv"\r\nContent-Type: text/csv\r\n\r\n`,
    ),
    Buffer.from(file),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

export function bodyOf(bytes: Buffer, pieces = 65_536): Readable {
  let at = 0;
  return new Readable({
    read() {
      this.push(at < bytes.length ? bytes.subarray(at, (at += pieces)) : null);
    },
  });
}

/** The client's mode with a secret of 64 hexadecimal characters. */
export async function clientMode(secret: string): Promise<UploadMode> {
  return { kind: 'client', secret: await importSecret(secret, { hmacState: true }) };
}

/** The receipt of an upload that was taken; fails where it was refused. */
export async function receiptOf(outcome: Promise<UploadOutcome>): Promise<Receipt> {
  const found = await outcome;
  if ('receipt' in found) return found.receipt;
  throw new Error(`refused: ${JSON.stringify(found.problem)}`);
}

/** The problem of an upload that was refused; fails where it was taken. */
export async function problemOf(outcome: Promise<UploadOutcome>): Promise<Problem> {
  const found = await outcome;
  if ('problem' in found) return found.problem;
  throw new Error('expected a refusal');
}

export async function storedFile(
  { files }: Intake,
  uploadId: string,
  tenant = 'acme',
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of files.read(tenant, uploadId)) chunks.push(bytes);
  return Buffer.concat(chunks);
}

/** Paths of all files below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** How much there is of anything that an upload may leave: rows, entries in the vault, files. */
export async function left({ database, place }: Intake): Promise<{
  readonly completed: number;
  readonly unfinished: number;
  readonly entries: number;
  readonly files: readonly string[];
}> {
  let [completed, unfinished, entries] = [0, 0, 0];
  for (const tenant of ['acme', 'zebra']) {
    const [row] = await database.as(tenant, (transaction) =>
      transaction.query<{ completed: number; unfinished: number; entries: number }>(
        `select (select count(*)::int from velora.uploads where completed_at is not null) as completed,
           (select count(*)::int from velora.uploads where completed_at is null) as unfinished,
           (select count(*)::int from velora.vault_entries) as entries`,
      ),
    );
    completed += row?.completed ?? 0;
    unfinished += row?.unfinished ?? 0;
    entries += row?.entries ?? 0;
  }
  const files = ['files', 'incoming'].flatMap((name) =>
    filesBelow(join(place.folder, name)).map((path) => `${name}/${path}`),
  );
  return { completed, unfinished, entries, files };
}

export const nothing = { completed: 0, unfinished: 0, entries: 0, files: [] };

/** The newest audit record of a tenant. */
export async function newestRecord({ audit }: Intake, tenant = 'acme'): Promise<AuditRecord> {
  const { records } = await audit.page(tenant, { limit: 1 });
  const [record] = records;
  if (record === undefined) throw new Error('expected a record');
  return record;
}

/**
 * Which of these texts lie in the files below a folder: as they are, in hexadecimal, and, where they
 * are 32 bytes in hexadecimal, as those bytes.
 */
export function foundBelow(folder: string, texts: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of filesBelow(folder)) {
    const bytes = readFileSync(join(folder, path));
    for (const text of texts) {
      const forms = [text, Buffer.from(text).toString('hex')].map((form) => Buffer.from(form));
      if (/^[0-9a-f]{64}$/.test(text)) forms.push(Buffer.from(text, 'hex'));
      if (forms.some((form) => bytes.includes(form))) found.add(text);
    }
  }
  return [...found].sort();
}
