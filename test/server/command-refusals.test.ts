import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { environmentOf, kek, run, settingsOf, start, words } from './support/command.ts';
import { eachDatabase } from './support/databases.ts';

const root = mkdtempSync(join(tmpdir(), 'velora-refusals-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const create = words('keys create --tenant acme --name n --scope audit:read');
const readers = [
  'keys list',
  'keys revoke 00000000',
  'audit verify',
  'audit head --tenant acme',
  'audit list --system',
  'vault purge',
];

test.each([...readers, 'migrate down --destroy-data'])(
  '%s refuses a folder that holds no store, and makes none',
  async (line) => {
    const empty = mkdtempSync(join(root, 'empty-'));
    for (const folder of [empty, join(empty, 'missing')]) {
      const refused = await run([...words(line), '--folder', folder], { VELORA_KEK: kek });
      expect([refused.code, refused.out]).toEqual([3, '']);
      expect(refused.err).toContain(
        "expected a receiver's folder: nothing is there [folder-empty]",
      );
    }
    expect(readdirSync(empty)).toEqual([]);
  },
);

test.each(['serve --port 0', create.join(' '), 'migrate up'])(
  '%s makes no folder but the last one of a path',
  async (line) => {
    for (const folder of [join(root, 'missing', 'folder'), '/proc/velora-receiver']) {
      const refused = await run([...words(line), '--folder', folder], { VELORA_KEK: kek });
      expect([refused.code, refused.err]).toEqual([
        3,
        expect.stringContaining('[folder-unusable]'),
      ]);
    }
    expect(existsSync(join(root, 'missing'))).toBe(false);
  },
);

test('a file in the place of a folder is refused', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const line of [...readers, create.join(' '), 'serve --port 0']) {
    const refused = await run([...words(line), '--folder', file], { VELORA_KEK: kek });
    expect([line, refused.code]).toEqual([line, 3]);
    expect(refused.err).toContain('[folder-unusable]');
  }
});

test('a key-encryption key for development is made after everything that may be refused', async () => {
  const folder = join(root, 'development');
  const serve = ['serve', '--port', '0', '--development', '--folder', folder];
  const open = await run([...serve, '--host', '0.0.0.0']);
  expect([open.code, open.err]).toEqual([3, expect.stringContaining('[tls]')]);
  expect(existsSync(folder)).toBe(false);
  const nowhere = await run(serve, { DATABASE_URL: 'postgresql://login@127.0.0.1:1/none' });
  expect([nowhere.code, nowhere.err]).toEqual([3, containing('[database-unreachable]')]);
  expect(readdirSync(folder)).toEqual([]);
});

test('serve warns of a key-encryption key that others can read', async () => {
  const file = join(root, 'kek');
  writeFileSync(file, kek);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const folder = join(root, 'warned');
  const serve = ['serve', '--folder', folder, '--kek-file', file, '--port', String(port)];
  chmodSync(file, 0o640);
  const warned = (await run(serve)).err.split('\n');
  expect(warned[0]).toMatch(/^velora-receiver: warning: .*chmod 600/);
  // It went on, until something else ended it.
  expect(warned[1]).toContain('[address]');
  chmodSync(file, 0o600);
  expect((await run(serve)).err).not.toContain('warning');
  taken.close();
});

const containing = (text: string): unknown => expect.stringContaining(text);

eachDatabase('a folder', (_open, makePlace, kind) => {
  const other = kind === 'pglite' ? 'postgresql://login@127.0.0.1:1/none' : '';

  test('knows the kind of its database, and no other one is started in it', async () => {
    const place = await makePlace({ migrated: kind === 'postgresql' });
    const there = { ...environmentOf(place), VELORA_KEK: kek };
    expect((await run(create, there)).code).toBe(0);
    const file = join(place.folder, 'database-kind');
    expect(readFileSync(file, 'utf8')).toBe(kind);

    const refusedEverywhere = async () => {
      const before = readdirSync(place.folder).sort();
      for (const line of ['serve --port 0', create.join(' '), ...readers]) {
        const refused = await run(words(line), { ...there, DATABASE_URL: other });
        expect([line, refused.code, refused.out]).toEqual([line, 3, '']);
        expect(refused.err).toContain('DATABASE_URL');
        expect(refused.err).toContain('[database-other]');
      }
      expect(readdirSync(place.folder).sort()).toEqual(before);
    };
    await refusedEverywhere();
    if (kind === 'postgresql') {
      const migrated = await run(['migrate', 'up', '--folder', place.folder], there);
      expect([migrated.code, migrated.err]).toEqual([3, containing('[database-other]')]);
    }

    // One of before there was such a file: what lies there tells.
    await (await start(place)).stop();
    rmSync(file);
    await refusedEverywhere();
    expect((await run(words('keys list'), there)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(kind);

    writeFileSync(file, 'Zebra');
    const broken = await run(words('keys list'), there);
    expect([broken.code, broken.err]).toEqual([3, containing('[database-kind]')]);
    expect(broken.err).not.toContain('Zebra');
  });

  test('that is refused is not marked', async () => {
    const place = await makePlace({ migrated: false });
    rmSync(join(place.folder, 'database'), { recursive: true, force: true });
    const url = 'postgresql://login@127.0.0.1:1/none';
    await expect(start({ ...place, databaseUrl: url })).rejects.toMatchObject({
      rule: 'database-unreachable',
    });
    expect(existsSync(join(settingsOf(place).folder, 'database-kind'))).toBe(false);
  });
});
