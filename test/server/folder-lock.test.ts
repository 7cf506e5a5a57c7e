import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { controlAddressOf, lockFolder } from '../../src/server/store/folder-lock.ts';
import { lifeOf, ownIdentity } from '../../src/server/store/process-identity.ts';
import { bundle } from './support/bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'velora-lock-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const newFolder = () => mkdtempSync(join(root, 'folder-'));
const fileOf = (folder: string) => join(folder, 'receiver.lock');

let program = '';
beforeAll(async () => {
  program = await bundle(
    fileURLToPath(new URL('./support/lock-holder.ts', import.meta.url)),
    join(root, 'program'),
  );
});

const children: ChildProcessWithoutNullStreams[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Starts another process that wants the folder. */
function holder(folder: string) {
  const child = spawn(process.execPath, [program, folder]);
  children.push(child);
  child.stderr.resume();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    said: async () => {
      const line = await lines.next();
      return line.done === true ? null : line.value;
    },
  };
}

const folderLocked = { code: 'receiver-unusable', rule: 'folder-locked' };

/** A lock of a process that cannot be asked: of another machine. */
function writeForeignLock(folder: string): string {
  const content = JSON.stringify({
    ...ownIdentity(),
    nonce: 'foreign',
    boot: 'another',
    host: 'another',
    control: '/nowhere',
  });
  writeFileSync(fileOf(folder), content);
  return content;
}

test.each(['nobody', 'a dead process'])(
  'of many who come at once after %s, one gets the folder',
  async (before) => {
    const folder = newFolder();
    if (before !== 'nobody') {
      const { child, said } = holder(folder);
      expect(await said()).toBe('held');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(existsSync(fileOf(folder))).toBe(true);
    }
    const all = Array.from({ length: 6 }, () => holder(folder));
    const said = await Promise.all(all.map((each) => each.said()));
    expect(said.sort()).toEqual([
      'folder-locked',
      'folder-locked',
      'folder-locked',
      'folder-locked',
      'folder-locked',
      'held',
    ]);
  },
);

test('whoever holds a folder is told to others, until it lets go', async () => {
  const folder = newFolder();
  const { child, said } = holder(folder);
  expect(await said()).toBe('held');
  await expect(lockFolder(folder)).rejects.toMatchObject(folderLocked);
  expect(await controlAddressOf(folder)).toBe(join(folder, 'control.sock'));
  child.stdin.end();
  expect(await said()).toBe('released');
  expect(existsSync(fileOf(folder))).toBe(false);
  expect(await controlAddressOf(folder)).toBeNull();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject(folderLocked);
  await lock.release();
});

test('a process that was killed holds nothing', async () => {
  const folder = newFolder();
  const { child, said } = holder(folder);
  expect(await said()).toBe('held');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as ReturnType<typeof ownIdentity>;
  expect(left.pid).toBe(child.pid);
  expect(lifeOf(left, ownIdentity())).toBe('gone');
  expect(await controlAddressOf(folder)).toBeNull();
  await (await lockFolder(folder)).release();
});

describe('a process', () => {
  const own = ownIdentity();
  test('is alive while it runs, and gone when another one has its number', () => {
    expect(lifeOf(own, own)).toBe('alive');
    expect(lifeOf({ ...own, startedAt: '1' }, own)).toBe('gone');
  });
  test.each([
    ['machine', { boot: 'another', host: 'another' }],
    ['container', { pidNamespace: 'pid:[1]' }],
  ])('of another %s cannot be asked', (_, other) => {
    expect(lifeOf({ ...own, ...other, pid: 2 ** 22 + 1 }, own)).toBe('unknown');
  });
  test('of a system that tells little is gone when its number is free', () => {
    const little = { ...own, boot: null, pidNamespace: null, startedAt: null };
    expect(lifeOf(little, little)).toBe('unknown');
    expect(lifeOf({ ...little, pid: 2 ** 22 + 1 }, little)).toBe('gone');
    expect(lifeOf({ ...little, host: 'another', pid: 2 ** 22 + 1 }, little)).toBe('unknown');
  });
});

test('a lock of another machine is respected while it is touched', async () => {
  const folder = newFolder();
  const content = writeForeignLock(folder);
  const beats = setInterval(() => {
    const now = new Date();
    utimesSync(fileOf(folder), now, now);
  }, 500);
  await expect(lockFolder(folder)).rejects.toMatchObject(folderLocked);
  clearInterval(beats);
  expect(readFileSync(fileOf(folder), 'utf8')).toBe(content);
  expect(await controlAddressOf(folder)).toBe('/nowhere');
});

test.each(['of another machine', 'that is not whole'])(
  'a lock %s that stands still is taken over, by one',
  async (which) => {
    const folder = newFolder();
    if (which === 'that is not whole') writeFileSync(fileOf(folder), '{"nonce":');
    else writeForeignLock(folder);
    const all = [holder(folder), holder(folder), holder(folder)];
    const said = await Promise.all(all.map((each) => each.said()));
    expect(said.sort()).toEqual(['folder-locked', 'folder-locked', 'held']);
  },
);

test('whoever has lost the folder notices, and leaves the lock of the other one', async () => {
  const folder = newFolder();
  const lock = await lockFolder(folder);
  const content = writeForeignLock(folder);
  await lock.lost;
  await lock.release();
  expect(readFileSync(fileOf(folder), 'utf8')).toBe(content);
});

test('whoever finds no lock any more has lost the folder', async () => {
  const folder = newFolder();
  const lock = await lockFolder(folder);
  rmSync(fileOf(folder));
  await lock.lost;
  await lock.release();
  expect(existsSync(fileOf(folder))).toBe(false);
});

test('a folder with a long name has its control socket elsewhere, for its owner only', async () => {
  const parent = join(newFolder(), 'x'.repeat(100));
  mkdirSync(parent);
  const folder = join(parent, 'y'.repeat(100));
  const lock = await lockFolder(folder);
  expect(Buffer.byteLength(lock.controlAddress)).toBeLessThanOrEqual(100);
  expect(await controlAddressOf(folder)).toBe(lock.controlAddress);
  expect(existsSync(join(lock.controlAddress, '..'))).toBe(true);
  await lock.release();
  expect(existsSync(join(lock.controlAddress, '..'))).toBe(false);
});

test('only the last folder of a path is made', async () => {
  const parent = join(newFolder(), 'missing');
  const unusable = { code: 'receiver-unusable', rule: 'folder-unusable' };
  await expect(lockFolder(join(parent, 'folder'))).rejects.toMatchObject(unusable);
  await expect(lockFolder('/proc/velora-receiver')).rejects.toMatchObject(unusable);
  expect(existsSync(parent)).toBe(false);
  await (await lockFolder(parent)).release();
  expect(statSync(parent).mode & 0o777).toBe(0o700);
});
