import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL server of the tests' own, gone with them. */
export interface PostgresServer {
  /** Superuser's URL of one of its databases. */
  administrator(database: string): string;
  stop(): Promise<void>;
}

/** Where Debian's packages put the newest server, or null. */
export function findPostgres(): string | null {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return null;
  const newest = readdirSync(root)
    .filter((version) => existsSync(join(root, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(root, newest, 'bin');
}

/** PostgreSQL refuses to run as root: then as its own user, or as the one that owns nothing. */
function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = ['postgres', 'nobody']
    .map((wanted) => users.find(([name]) => name === wanted))
    .find((found) => found !== undefined);
  if (user === undefined) throw new Error('no user to run PostgreSQL as');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * Starts a server in a temporary folder, on a loopback port. It syncs nothing to disk.
 * @param programs folder of `initdb` and `postgres`
 */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'velora-postgres-'));
  const who = identity();
  const own = (path: string) => {
    if (who.uid !== undefined && who.gid !== undefined) chownSync(path, who.uid, who.gid);
  };
  own(folder);
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const data = join(folder, 'data');
    const password = randomBytes(12).toString('hex');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    own(passwordFile);
    execFileSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', 'administrator', '--no-sync', '-E', 'UTF8', '--locale=C'].concat([
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
      ]),
      { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const { child, port } = await listening(programs, folder, data, who);
    const kill = () => child.kill('SIGQUIT');
    process.once('exit', kill);
    return {
      administrator: (database) =>
        `postgresql://administrator:${password}@127.0.0.1:${String(port)}/${database}`,
      async stop() {
        process.removeListener('exit', kill);
        const gone = once(child, 'exit');
        child.kill('SIGINT');
        await gone;
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Somebody else may take the port between looking and listening: then another one is tried. */
async function listening(
  programs: string,
  folder: string,
  data: string,
  who: { uid?: number; gid?: number },
): Promise<{ child: ChildProcess; port: number }> {
  let said = '';
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await freePort();
    const settings = { listen_addresses: '127.0.0.1', port: String(port), fsync: 'off' };
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-k', folder].concat(
        Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ),
      { ...who, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    said = '';
    const ready = await new Promise<boolean>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (said.length < 10_000) said += text.toString();
        if (said.includes('ready to accept connections')) resolve(true);
      });
      child.once('exit', () => {
        resolve(false);
      });
      child.once('error', () => {
        resolve(false);
      });
    });
    if (ready) return { child, port };
  }
  throw new Error(`PostgreSQL did not start: ${said}`);
}
