import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createEncryptedFiles,
  type EncryptedFiles,
} from '../../src/server/files/encrypted-files.ts';
import type { FileStore } from '../../src/server/files/file-store.ts';
import { createFolderStore } from '../../src/server/files/folder-store.ts';
import { readInstance } from '../../src/server/files/instance.ts';

const chunk = 256 * 1024;
const head = 40;
const sealed = chunk + 16;
const id = `upl_${'0'.repeat(32)}`;
const otherId = `upl_${'1'.repeat(32)}`;

const folders: string[] = [];
let folder: string;
let store: FileStore;
let files: EncryptedFiles;

/** Each tenant's key, as a copy. */
const dataKey = (tenant: string): Promise<Buffer> =>
  Promise.resolve(Buffer.alloc(32, tenant.charCodeAt(0)));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'velora-files-'));
  folders.push(folder);
  store = await createFolderStore(folder);
  files = createEncryptedFiles(store, dataKey);
});

afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

/** Bytes in which no two chunks are alike. */
function plainOf(length: number): Buffer {
  const bytes = Buffer.alloc(length, 'Zebra,900-12-3456\n');
  for (let at = 0; at + 4 <= length; at += 4096) bytes.writeUInt32BE(at, at);
  return bytes;
}

async function write(
  plain: Uint8Array,
  pieces = 65_536,
  tenant = 'acme',
  upload = id,
): Promise<void> {
  const file = await files.create(tenant, upload);
  for (let at = 0; at < plain.length; at += pieces)
    await file.write(plain.subarray(at, at + pieces));
  await file.commit();
}

async function read(tenant = 'acme', upload = id): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of files.read(tenant, upload)) chunks.push(bytes);
  return Buffer.concat(chunks);
}

const pathOf = (tenant = 'acme', upload = id): string => join(folder, 'files', tenant, upload);

/** Everything below the folder that is no folder. */
function listed(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 12_345])(
  'a file of %d bytes comes back, and takes a head and 16 bytes a chunk more',
  async (length) => {
    const plain = plainOf(length);
    await write(plain);
    expect((await read()).equals(plain)).toBe(true);
    const chunks = Math.max(1, Math.ceil(length / chunk));
    expect(statSync(pathOf()).size).toBe(head + length + 16 * chunks);
  },
);

test('however it is written, it comes back', async () => {
  const plain = plainOf(chunk + 777);
  for (const pieces of [7, chunk, 10 * chunk]) {
    await write(plain, pieces);
    expect((await read()).equals(plain)).toBe(true);
  }
});

test('what was given to write may change afterwards', async () => {
  const piece = Buffer.from('first,');
  const file = await files.create('acme', id);
  await file.write(piece);
  piece.write('second');
  await file.write(piece);
  await file.commit();
  expect((await read()).toString()).toBe('first,second');
});

test('no value is to be seen on disk, and two files of the same bytes are not alike', async () => {
  const plain = plainOf(1000);
  await write(plain);
  await write(plain, 1000, 'acme', otherId);
  const [one, other] = [readFileSync(pathOf()), readFileSync(pathOf('acme', otherId))];
  expect(plain.includes('Zebra')).toBe(true);
  expect(one.includes('Zebra')).toBe(false);
  expect(one.subarray(head).equals(other.subarray(head))).toBe(false);
});

describe('what is not as it was written is refused', () => {
  const damaged = { code: 'input-unreadable', rule: 'stored-file' };

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut after its first chunk', (bytes) => bytes.subarray(0, head + sealed)],
    ['cut after its second chunk', (bytes) => bytes.subarray(0, head + 2 * sealed)],
    ['cut by a byte', (bytes) => bytes.subarray(0, -1)],
    ['cut within its head', (bytes) => bytes.subarray(0, 20)],
    ['cut after its head', (bytes) => bytes.subarray(0, head)],
    ['cut within a tag', (bytes) => bytes.subarray(0, head + 8)],
    ['empty', () => Buffer.alloc(0)],
    ['longer by a byte', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    [
      'with its last chunk twice',
      (bytes) => Buffer.concat([bytes, bytes.subarray(head + 2 * sealed)]),
    ],
    [
      'with two chunks exchanged',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, head),
          bytes.subarray(head + sealed, head + 2 * sealed),
          bytes.subarray(head, head + sealed),
          bytes.subarray(head + 2 * sealed),
        ]),
    ],
    [
      'without its first chunk',
      (bytes) => Buffer.concat([bytes.subarray(0, head), bytes.subarray(head + sealed)]),
    ],
    ...[0, 7, 8, 39, head, head + sealed - 1, head + sealed + 5, head + 2 * sealed + 1].map(
      (at): [string, (bytes: Buffer) => Buffer] => [
        `with another bit in byte ${String(at)}`,
        (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        },
      ],
    ),
  ])('a file that is %s', async (_name, change) => {
    await write(plainOf(2 * chunk + 100));
    writeFileSync(pathOf(), change(readFileSync(pathOf())));
    await expect(read()).rejects.toMatchObject(damaged);
  });

  test('a file of another tenant or upload, and one that is not there', async () => {
    await write(plainOf(100));
    mkdirSync(join(folder, 'files', 'beta'));
    writeFileSync(pathOf('acme', otherId), readFileSync(pathOf()));
    writeFileSync(pathOf('beta'), readFileSync(pathOf()));
    writeFileSync(pathOf('beta', otherId), readFileSync(pathOf()));
    await expect(read('acme', otherId)).rejects.toMatchObject(damaged);
    await expect(read('beta')).rejects.toMatchObject(damaged);
    await expect(read('acme', `upl_${'2'.repeat(32)}`)).rejects.toMatchObject(damaged);

    // Tenants whose keys are the same still have files of their own.
    files = createEncryptedFiles(store, () => dataKey('acme'));
    expect(await read('acme')).toHaveLength(100);
    await expect(read('beta')).rejects.toMatchObject(damaged);
  });

  test('a file under another data key', async () => {
    await write(plainOf(100));
    files = createEncryptedFiles(store, () => dataKey('z'));
    await expect(read()).rejects.toMatchObject(damaged);
  });
});

test('the tenant’s key is wiped after use', async () => {
  const lent: Buffer[] = [];
  files = createEncryptedFiles(store, () => {
    lent.push(Buffer.alloc(32, 1));
    return Promise.resolve(lent.at(-1) ?? Buffer.alloc(0));
  });
  await write(plainOf(10));
  await read();
  expect(lent).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
});

test('a file is not there before it is committed, and discarded it leaves nothing', async () => {
  const file = await files.create('acme', id);
  await file.write(plainOf(2 * chunk));
  expect(listed()).toEqual([expect.stringMatching(/^incoming\/[0-9a-f]{32}$/)]);
  await expect(read()).rejects.toMatchObject({ rule: 'stored-file' });
  await file.discard();
  await file.discard();
  expect(listed()).toEqual([]);
});

test('a committed file stays when it is discarded, and goes when it is removed', async () => {
  const file = await files.create('acme', id);
  await file.commit();
  await file.discard();
  expect(listed()).toEqual([`files/acme/${id}`]);
  await files.remove('acme', id);
  await files.remove('acme', id);
  expect(listed()).toEqual([]);
});

test('the store names what is committed, and sweeps what is not', async () => {
  await write(plainOf(10));
  await write(plainOf(10), 10, 'beta', otherId);
  const partial = await files.create('acme', otherId);
  expect(listed()).toHaveLength(3);
  await store.sweep();
  await partial.discard();
  expect(listed()).toHaveLength(2);
  const names: string[] = [];
  for await (const name of store.names()) names.push(name);
  expect(names.sort()).toEqual([`acme/${id}`, `beta/${otherId}`]);
});

test('files and folders are for their owner only', async () => {
  await write(plainOf(10));
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  expect(modeOf(pathOf())).toBe(0o600);
  expect(
    [join(folder, 'files'), join(folder, 'files', 'acme'), join(folder, 'incoming')].map(modeOf),
  ).toEqual([0o700, 0o700, 0o700]);
});

test('a name that would lead elsewhere is refused', async () => {
  for (const name of ['../x', 'acme/../../x', 'acme', '/etc/x', 'acme/x/y', 'acme/.x']) {
    await expect(store.put(name)).rejects.toMatchObject({ code: 'internal' });
  }
  expect(listed()).toEqual([]);
});

test('a folder keeps the name of its receiver, and a broken one is told', async () => {
  const instance = await readInstance(folder);
  expect(instance).toMatch(/^[0-9a-f]{32}$/);
  expect(await readInstance(folder)).toBe(instance);
  writeFileSync(join(folder, 'instance'), 'x');
  await expect(readInstance(folder)).rejects.toMatchObject({ rule: 'instance-broken' });
});
