import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** A server that runs with a file of `deploy/`. */
export interface DeployedPage {
  /** Address of the page on it. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export type ServerName = 'nginx' | 'caddy';

/**
 * Starts a server on 127.0.0.1 with its file of `deploy/`, in which only paths, ports, the host's
 * name and the receiver's address are others.
 * @param page folder of the page
 * @param receiver origin of the receiver behind it
 */
export async function deploy(
  name: ServerName,
  page: string,
  receiver: string,
): Promise<DeployedPage> {
  const folder = mkdtempSync(join(tmpdir(), `velora-${name}-`));
  let child: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    if (child !== undefined) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // Servers drop their rights, and read it as somebody else.
    chmodSync(folder, 0o755);
    cpSync(page, join(folder, 'page'), { recursive: true });
    chmodSync(join(folder, 'page'), 0o755);
    mkdirSync(join(folder, 'log'));
    const port = await freePort();
    child = { nginx, caddy }[name](folder, port, receiver);
    await answering(port, child);
    return { url: `https://127.0.0.1:${String(port)}/vault/`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function nginx(folder: string, port: number, receiver: string): ChildProcess {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'];
  execFileSync(
    'openssl',
    [...words, '-subj', '/CN=127.0.0.1', '-keyout', 'privkey.pem', '-out', 'fullchain.pem'],
    { cwd: folder, stdio: 'ignore' },
  );
  const file = configuration('nginx.conf', [
    ['listen 443 ssl', `listen 127.0.0.1:${String(port)} ssl`],
    ['server_name vault.example.com', 'server_name 127.0.0.1'],
    ['/etc/ssl/vault.example.com/fullchain.pem', join(folder, 'fullchain.pem')],
    ['/etc/ssl/vault.example.com/privkey.pem', join(folder, 'privkey.pem')],
    ['/var/log/nginx/velora-vault.log', join(folder, 'log', 'access.log')],
    ['/srv/velora-vault/page/', join(folder, 'page', '/')],
    ['proxy_pass https://api.velora.health', `proxy_pass ${receiver}`],
  ]);
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, file);
  const log = join(folder, 'log', 'error.log');
  const own = `daemon off; pid ${join(folder, 'nginx.pid')}; error_log ${log};`;
  return spawn('nginx', ['-e', log, '-p', folder, '-c', path, '-g', own], { stdio: 'inherit' });
}

function caddy(folder: string, port: number, receiver: string): ChildProcess {
  const file = configuration('Caddyfile', [
    ['\nvault.example.com {', `\nhttps://127.0.0.1:${String(port)} {`],
    ['/srv/velora-vault/page', join(folder, 'page')],
    ['reverse_proxy https://api.velora.health', `reverse_proxy ${receiver}`],
  ]);
  const path = join(folder, 'Caddyfile');
  // Nothing of this machine is touched: no administration, no certificate in its store.
  writeFileSync(
    path,
    `{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tdefault_sni 127.0.0.1\n}\n${file}`,
  );
  return spawn('caddy', ['run', '--config', path, '--adapter', 'caddyfile'], {
    stdio: ['ignore', 'ignore', process.env['VELORA_VERBOSE'] === undefined ? 'ignore' : 'inherit'],
    env: {
      ...process.env,
      HOME: folder,
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    },
  });
}

/** A file of `deploy/` with each of these places changed, all of which must be there. */
function configuration(name: string, changes: readonly (readonly [string, string])[]): string {
  const path = join(import.meta.dirname, '..', '..', 'deploy', name);
  return changes.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`deploy/${name} does not hold: ${from}`);
      return text.replaceAll(from, to);
    },
    readFileSync(path, 'utf8'),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves once somebody speaks TLS at the port; rejects when the server has ended instead. */
async function answering(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => {
        resolve(false);
      });
    });
    if (there) return;
    if (child.exitCode !== null) throw new Error(`ended with code ${String(child.exitCode)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}
