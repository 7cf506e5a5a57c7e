import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtCommand } from './built.ts';

/** Secrets that belong to nobody. */
export const secret = 'c0ffee00'.repeat(8);
export const otherSecret = '0badcafe'.repeat(8);

/** What a run made, byte for byte. */
export interface Tokenized {
  readonly csv: Buffer;
  readonly map: Buffer;
}

/** A folder on the disk for one test: files to be dropped, and the command line to compare with. */
export class Place {
  readonly path = mkdtempSync(join(tmpdir(), 'velora-e2e-'));

  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  read(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  /** A key file with `secret`, or with another one. */
  key(text = secret): string {
    return this.write(`${text.slice(0, 8)}.key`, `${text}\n`);
  }

  /**
   * Runs the built command in this folder.
   * @returns its standard output; rejects with its messages where it fails
   */
  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [builtCommand, ...words],
        { cwd: this.path, env: { PATH: process.env['PATH'], ...env } },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`velora-vault ${words.join(' ')}: ${stderr}`, { cause: error }));
        },
      );
    });
  }

  /** What the command line makes of a file. */
  async tokenize(
    file: string,
    words: readonly string[],
    { product = 'claims_replay', key = this.key() } = {},
  ): Promise<Tokenized> {
    const [csv, map] = [`${file}.command.csv`, `${file}.command.map.json`];
    await this.run([
      ...['tokenize', '--product', product, '--key-file', key, '--quiet', '--force'],
      ...['--output', csv, '--write-map', map, ...words, file],
    ]);
    return { csv: readFileSync(csv), map: readFileSync(map) };
  }

  clear(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
