import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createLockFile, touchLockFile } from '../../src/server/store/lock-file.ts';
import { ownIdentity } from '../../src/server/store/process-identity.ts';
import { bundle } from './support/bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'velora-lock-file-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const posix = process.platform !== 'win32';
const long = new Date('2020-01-01T00:00:00Z');

describe('a heartbeat', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = mkdtempSync(join(root, 'folder-'));
    file = join(folder, 'receiver.lock');
    const content = { ...ownIdentity(), nonce: 'mine', control: '/nowhere' };
    expect(await createLockFile(folder, content)).toBe(true);
    utimesSync(file, long, long);
  });

  test('touches the file while it is ours', async () => {
    expect(await touchLockFile(folder, 'mine')).toBe('touched');
    expect(statSync(file).mtimeMs).toBeGreaterThan(long.getTime());
  });

  test('leaves the file of another one', async () => {
    expect(await touchLockFile(folder, 'another')).toBe('taken');
    expect(statSync(file).mtimeMs).toBe(long.getTime());
  });

  test('misses a file that is gone or not whole', async () => {
    writeFileSync(file, '{"nonce":');
    expect(await touchLockFile(folder, 'mine')).toBe('missing');
    rmSync(file);
    expect(await touchLockFile(folder, 'mine')).toBe('missing');
    rmSync(folder, { recursive: true });
    expect(await touchLockFile(folder, 'mine')).toBe('missing');
  });

  test('does not take a file that cannot be read for one that is missing', async () => {
    renameSync(file, `${file}.kept`);
    mkdirSync(file);
    expect(await touchLockFile(folder, 'mine')).toBe('failed');
    rmSync(file, { recursive: true });
    if (posix) {
      symlinkSync(file, file);
      expect(await touchLockFile(folder, 'mine')).toBe('failed');
      rmSync(file);
    }
    renameSync(`${file}.kept`, file);
    expect(await touchLockFile(folder, 'mine')).toBe('touched');
  });
});

if (posix)
  test('a process without a free descriptor keeps its folder, and goes on touching the lock', async () => {
    const program = await bundle(
      fileURLToPath(new URL('./support/lock-without-descriptors.ts', import.meta.url)),
      join(root, 'program'),
    );
    const folder = mkdtempSync(join(root, 'folder-'));
    const file = join(folder, 'receiver.lock');
    // Four beats: three without the file would be a loss.
    const running = promisify(execFile)('sh', [
      '-c',
      'ulimit -n 100 && exec "$0" "$@"',
      process.execPath,
      program,
      folder,
      '9000',
    ]);
    const touched = new Set<number>();
    const looking = setInterval(() => {
      if (existsSync(file)) touched.add(statSync(file).mtimeMs);
    }, 100);
    const { stdout } = await running;
    clearInterval(looking);
    expect(stdout).toBe('held\nEMFILE, kept\n');
    expect(touched.size).toBeGreaterThanOrEqual(4);
    expect(existsSync(file)).toBe(false);
  });
