import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assertPrivateFolder } from '../../src/server/store/folder-guard.ts';
import { controlAddressOf, lockFolder } from '../../src/server/store/folder-lock.ts';
import { ownIdentity } from '../../src/server/store/process-identity.ts';

const root = mkdtempSync(join(tmpdir(), 'velora-guard-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
const newFolder = (mode = 0o700): string => {
  const folder = mkdtempSync(join(root, 'folder-'));
  chmodSync(folder, mode);
  return folder;
};
const modeOf = (path: string) => statSync(path).mode & 0o7777;
const unusable = { code: 'receiver-unusable', rule: 'folder-unusable' };

/** Only root gives files away. */
const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

if (process.platform !== 'win32')
  describe('a receiver’s folder', () => {
    test.each([0o770, 0o707, 0o777, 0o720, 0o702, 0o1777, 0o2775])(
      'that others may write to is refused: mode %i',
      async (mode) => {
        const folder = newFolder(mode);
        await expect(lockFolder(folder)).rejects.toMatchObject(unusable);
        await expect(controlAddressOf(folder)).rejects.toMatchObject(unusable);
        expect(modeOf(folder)).toBe(mode);
        expect(readdirSync(folder)).toEqual([]);
      },
    );

    test.each([0o755, 0o750, 0o711, 0o701])(
      'that others may merely read is closed to them: mode %i',
      async (mode) => {
        const folder = newFolder(mode);
        const lock = await lockFolder(folder);
        expect(modeOf(folder)).toBe(0o700);
        await lock.release();
      },
    );

    test('that is not there is made for its owner only, and holds no receiver before', async () => {
      const folder = join(newFolder(), 'below');
      expect(await controlAddressOf(folder)).toBeNull();
      expect(existsSync(folder)).toBe(false);
      await (await lockFolder(folder)).release();
      expect(modeOf(folder)).toBe(0o700);
    });

    test('that cannot be looked at is refused', async () => {
      const loop = join(newFolder(), 'loop');
      symlinkSync(loop, loop);
      await expect(assertPrivateFolder(loop)).rejects.toMatchObject(unusable);
    });

    test('may be reached by a link', async () => {
      const folder = newFolder(0o755);
      const link = join(newFolder(), 'link');
      symlinkSync(folder, link);
      await (await lockFolder(link)).release();
      expect(modeOf(folder)).toBe(0o700);
    });

    if (isRoot)
      describe('with something of another user', () => {
        test('is refused: the folder itself', async () => {
          const folder = newFolder(0o700);
          chownSync(folder, nobody, nobody);
          await expect(lockFolder(folder)).rejects.toMatchObject(unusable);
          await expect(controlAddressOf(folder)).rejects.toMatchObject(unusable);
          expect(readdirSync(folder)).toEqual([]);
        });

        test.each(['receiver.lock', 'control.sock'])('is refused: %s', async (name) => {
          const folder = newFolder();
          const path = join(folder, name);
          writeFileSync(path, '{}');
          await assertPrivateFolder(folder);
          chownSync(path, nobody, nobody);
          await expect(lockFolder(folder)).rejects.toMatchObject(unusable);
          await expect(controlAddressOf(folder)).rejects.toMatchObject(unusable);
          rmSync(path);
          // A link of theirs to a file of ours is theirs too.
          symlinkSync('/etc/passwd', path);
          lchownSync(path, nobody, nobody);
          await expect(lockFolder(folder)).rejects.toMatchObject(unusable);
        });

        test('is refused: a socket that lies elsewhere', async () => {
          const folder = newFolder();
          const elsewhere = join(newFolder(), 'sockets');
          mkdirSync(elsewhere);
          const control = join(elsewhere, 'control.sock');
          writeFileSync(control, '');
          const content = { ...ownIdentity(), nonce: 'mine', control };
          writeFileSync(join(folder, 'receiver.lock'), JSON.stringify(content));
          expect(await controlAddressOf(folder)).toBe(control);
          chownSync(control, nobody, nobody);
          await expect(controlAddressOf(folder)).rejects.toMatchObject(unusable);
        });
      });
  });
