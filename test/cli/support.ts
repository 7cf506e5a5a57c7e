import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test as base } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** The built command: `test/support/build.ts` makes it before the tests start. */
export const cliPath = join(root, 'dist', 'cli.js');
export const samples = join(root, 'samples');

/** Secrets that belong to nobody. */
export const secret = 'c0ffee00'.repeat(8);
export const otherSecret = '0badcafe'.repeat(8);

/** Every test here runs with `tokenize` of this product unless it says otherwise. */
export const product = '--product=instant_audit';

/** A small claims file, with every action: tokenize, generalize, keep, drop. */
export const claims = [
  'Claim ID,Patient First Name,DOB,Zip Code,Paid Amount,Notes',
  'A-1,Ada,1980-02-03,60604,12.50,called',
  'A-2,"O\'Hara, Bo",1955-12-31,60604,3,',
  'A-3,Ada,,,0,"two\nlines"',
  '',
].join('\n');

type Environment = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  /** Bytes for standard input; a number is an open file descriptor. Empty unless told. */
  readonly stdin?: string | Uint8Array | number;
  /** On top of PATH and the secret in VELORA_VAULT_KEY; undefined takes a variable away. */
  readonly env?: Environment;
  /** File descriptor for standard output. */
  readonly stdout?: number;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Runs as a user without rights, also where the tests run as root. */
  readonly unprivileged?: boolean;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of one test, and the command run in it. */
export class Place {
  readonly path = mkdtempSync(join(tmpdir(), 'velora-cli-'));
  readonly #children: ChildProcess[] = [];

  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and gives its name, for the command line. */
  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.at(name), content);
    return name;
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  bytes(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  json(name: string): unknown {
    return JSON.parse(this.read(name));
  }

  mode(name: string): number {
    return statSync(this.at(name)).mode & 0o777;
  }

  /** Names of all files in the folder, hidden ones too. */
  files(): string[] {
    return readdirSync(this.path).sort();
  }

  start(words: readonly string[], options: RunOptions = {}): Running {
    const { stdin, stdout = 'pipe', node = [], env = {}, unprivileged = false } = options;
    const child = spawn(process.execPath, [...node, this.#command(unprivileged), ...words], {
      cwd: this.path,
      env: { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret, ...env },
      stdio: [typeof stdin === 'number' ? stdin : 'pipe', stdout, 'pipe'],
      ...(unprivileged && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    });
    this.#children.push(child);
    return new Running(child);
  }

  async run(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
    const running = this.start(words, options);
    if (typeof options.stdin !== 'number') running.end(options.stdin ?? '');
    return running.finished;
  }

  tokenize(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.run(['tokenize', product, ...words], options);
  }

  /** A user without rights cannot read this checkout; a copy of the command will do. */
  #command(unprivileged: boolean): string {
    if (!unprivileged) return cliPath;
    const copy = this.at('.command');
    if (!existsSync(copy)) {
      chmodSync(this.path, 0o755);
      cpSync(join(root, 'dist'), copy, { recursive: true });
    }
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    return join(copy, basename(cliPath));
  }

  clear(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The command while it runs. */
export class Running {
  readonly finished: Promise<Finished>;
  readonly child: ChildProcess;

  constructor(child: ChildProcess) {
    this.child = child;
    // Who is refused early does not read on: that is what some tests are about.
    child.stdin?.on('error', () => undefined);
    const closed = new Promise<Pick<Finished, 'code' | 'signal'>>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
    const read = (stream: typeof child.stdout): Promise<string> =>
      stream === null ? Promise.resolve('') : text(stream);
    this.finished = Promise.all([closed, read(child.stdout), read(child.stderr)]).then(
      ([end, stdout, stderr]) => ({ ...end, stdout, stderr }),
    );
  }

  write(bytes: string | Uint8Array): void {
    this.child.stdin?.write(bytes);
  }

  /** Resolves when the pipe has taken the bytes; at once when its reader has gone. */
  written(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.child.stdin?.write(bytes, () => {
        resolve();
      });
    });
  }

  end(bytes: string | Uint8Array = ''): void {
    this.child.stdin?.end(bytes);
  }
}

/** A test in a folder of its own, which is removed afterwards. */
export const test = base.extend<{ place: Place }>({
  // The first argument must be a pattern: Vitest reads from it what a fixture needs.
  place: async ({}, use) => {
    const place = new Place();
    await use(place);
    place.clear();
  },
});

/** Linux has devices and views that other systems lack. */
export const onLinux = process.platform === 'linux' && existsSync('/dev/full');

/** Runs a command where nobody else sees what it mounts. */
export const unshare = 'unshare';
/** Whether that is possible here. */
export const canMount =
  onLinux && succeeds(unshare, ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']);

function succeeds(command: string, words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** CSV records, read by rules as plain as can be: the round trip must not depend on our reader. */
export function records(csv: string): string[][] {
  const fields = csv.matchAll(/("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n|\r|\n|$)/g);
  const found: string[][] = [[]];
  for (const [, field = '', end] of fields) {
    const plain = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
    found.at(-1)?.push(plain);
    if (end !== ',') found.push([]);
  }
  return found.filter((record) => record.length > 1 || (record[0] ?? '') !== '');
}

/** A claims file of at least so many bytes, quick to make. */
export function largeClaims(bytes: number): string {
  const row = (i: number): string =>
    `C${String(i)},Name${String(i % 5000)},1970-01-01,60604,1.00,\n`;
  const block = Array.from({ length: 10_000 }, (_, i) => row(i)).join('');
  const header = 'Claim ID,Patient First Name,DOB,Zip Code,Paid Amount,Notes\n';
  return header + block.repeat(Math.ceil(bytes / block.length));
}

/** Waits until something is so. The test's own time limit ends what never comes. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
