import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, expect } from 'vitest';
import {
  canMount,
  claims,
  cliPath,
  type Finished,
  largeClaims,
  onLinux,
  type Place,
  product,
  secret,
  test,
  unshare,
} from './support.ts';

const noSpace = /: no space left on the device\n$/;

/** The map of it takes more than the tiny file systems below hold. */
const distinct = `Claim ID,Flavour\n${Array.from({ length: 9000 }, (_, i) => `C${String(i)},x\n`).join('')}`;

if (onLinux) {
  describe('a device that is full', () => {
    test.for(['--output', '--write-map', '--report'])('%s', async (option, { place }) => {
      place.write('in.csv', claims);
      const others = ['--output=out.csv', '--write-map=map.json', '--report=report.json'].filter(
        (other) => !other.startsWith(option),
      );
      const run = await place.tokenize([...others, option, '/dev/full', 'in.csv']);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toMatch(noSpace);
      expect(run.stderr).toContain('/dev/full');
      expect(place.files()).toEqual(['in.csv']);
    });

    test.for([
      ['tokenize', product, '--write-map=map.json', 'in.csv'],
      ['preview', product, 'in.csv'],
      ['preview', product, '--json', 'in.csv'],
      ['verify', product, '--json', 'out.csv'],
      ['restore', '--map=old.json', 'out.csv'],
      ['keygen'],
      ['fingerprint'],
      ['list-products'],
      ['schema', 'instant_audit'],
      ['version'],
    ])('standard output of %s', async (words, { place }) => {
      place.write('in.csv', claims);
      place.write('out.csv', 'Claim ID\n');
      place.write('old.json', '{}');
      const stdout = openSync('/dev/full', 'w');
      const run = await place.run(words, { stdout });
      closeSync(stdout);
      expect(run.code).toBe(3);
      expect(run.stderr).toMatch(/standard output: no space left on the device\n$/);
      expect(place.files()).toEqual(['in.csv', 'old.json', 'out.csv']);
    });

    test('keygen and restore', async ({ place }) => {
      place.write('map.json', '{}');
      for (const words of [
        ['keygen', '--output=/dev/full'],
        ['restore', '--map=map.json', '--output=/dev/full'],
      ]) {
        const run = await place.run(words, { stdin: claims });
        expect(run).toMatchObject({ code: 3, stdout: '' });
        expect(run.stderr).toMatch(noSpace);
      }
    });
  });

  test('a device is written in place, nothing is made beside it', async ({ place }) => {
    const run = await place.tokenize(['--output=/dev/null', place.write('in.csv', claims)]);
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(place.files()).toEqual(['in.csv']);
  });
}

if (canMount) {
  describe('file systems that are mounted', () => {
    /** Runs a script where mounts are seen by nobody else; `vault` is the command. */
    function mounted(place: Place, script: string): Promise<Omit<Finished, 'signal'>> {
      const vault = `vault() { '${process.execPath}' '${cliPath}' "$@"; }\n`;
      return new Promise((resolve) => {
        const words = ['-m', 'sh', '-c', `set -e\n${vault}${script}`];
        const env = { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret };
        const child = execFile(unshare, words, { cwd: place.path, env }, (_, stdout, stderr) => {
          resolve({ code: child.exitCode, stdout, stderr });
        });
      });
    }

    const tiny = 'mkdir tiny; mount -t tmpfs -o size=150k tmpfs tiny\n';

    test('one that is full: nothing is left on it', async ({ place }) => {
      place.write('in.csv', distinct);
      const commands = ['--output', '--write-map', '--output=out.csv --write-map'].map(
        (options) =>
          `vault tokenize ${product} ${options} tiny/file in.csv > taken || echo "code $?"\n`,
      );
      const run = await mounted(place, `${tiny}${commands.join('')}ls -A tiny`);
      expect(run.stdout).toBe('code 3\n'.repeat(3));
      expect(run.stderr).toContain('tiny/file: no space left on the device');
      expect(place.files()).toEqual(['in.csv', 'taken', 'tiny']);
    });

    test('one that is full: what was there is there still', async ({ place }) => {
      place.write('in.csv', distinct);
      const script = `echo old > tiny/file
        vault tokenize ${product} --output tiny/file in.csv || cat tiny/file; ls -A tiny`;
      expect((await mounted(place, tiny + script)).stdout).toBe('old\nfile\n');
    });

    const single = 'mkdir src; echo old > src/file; echo old > file; mount --bind src/file file\n';

    test('a single file, which cannot be renamed over, is replaced', async ({ place }) => {
      const direct = await place.tokenize([place.write('in.csv', claims)]);
      const script = `vault tokenize ${product} --quiet --output file in.csv`;
      expect(await mounted(place, single + script)).toMatchObject({ code: 0, stdout: '' });
      expect(place.read('src/file')).toBe(direct.stdout);
      expect(place.files()).toEqual(['file', 'in.csv', 'src']);
    });

    test('a single file as map: with --force, then for the owner alone', async ({ place }) => {
      place.write('in.csv', claims);
      const words = `vault tokenize ${product} --output out.csv --write-map file`;
      const script = `chmod 644 file; ${words} in.csv || echo "code $?"; ${words} --force in.csv`;
      expect(await mounted(place, single + script)).toMatchObject({ code: 0, stdout: 'code 3\n' });
      expect(place.read('src/file')).toMatch(/^\{\n.*\n\}\n$/s);
      expect(place.mode('src/file')).toBe(0o600);
      expect(place.files()).toEqual(['file', 'in.csv', 'out.csv', 'src']);
    });

    test('a single file is left as it was by a run that fails', async ({ place }) => {
      place.write('in.csv', `${largeClaims(2 << 20)}ragged\n`);
      const script = `vault tokenize ${product} --output file in.csv || echo "code $?"`;
      expect((await mounted(place, single + script)).stdout).toBe('code 3\n');
      expect(place.read('src/file')).toBe('old\n');
      expect(place.files()).toEqual(['file', 'in.csv', 'src']);
    });

    test('a single file on a device that is full is empty, and no map is left', async ({
      place,
    }) => {
      place.write('in.csv', distinct);
      const script = `echo old > tiny/file; touch file; mount --bind tiny/file file
        vault tokenize ${product} --output file --write-map map.json in.csv || echo "code $?"
        wc -c < tiny/file`;
      const run = await mounted(place, tiny + script);
      expect(run.stdout.split(/\s+/)).toEqual(['code', '3', '0', '']);
      expect(place.files()).toEqual(['file', 'in.csv', 'tiny']);
    });

    test('a folder that is read-only, with one file that is not', async ({ place }) => {
      const direct = await place.tokenize([place.write('in.csv', claims)]);
      const script = `mkdir ro; echo old > ro/file; echo old > rw
        mount --bind ro ro; mount -o remount,ro,bind ro; mount --bind rw ro/file
        vault tokenize ${product} --quiet --output ro/file in.csv
        vault tokenize ${product} --quiet --output ro/new in.csv || echo "code $?"`;
      const run = await mounted(place, script);
      expect(run.stdout).toBe('code 3\n');
      expect(run.stderr).toBe('velora-vault: ro/new: read-only file system\n');
      expect(place.read('rw')).toBe(direct.stdout);
    });
  });
}
