import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What stands between a receiver and its database. */
export interface CutProxy {
  /** The database's URL by way of here. */
  readonly url: string;
  /** Resolves when a connection has been cut. */
  readonly cut: Promise<void>;
  /** Takes connections again. */
  reopen(): void;
  close(): Promise<void>;
}

/**
 * Passes bytes to a PostgreSQL server and back, until an upload is completed: once COMMIT has been
 * passed on, that connection is cut, so that nobody hears what came of it.
 * @param stayAway whether connections are refused from then on
 */
export async function startCutProxy(databaseUrl: string, stayAway: boolean): Promise<CutProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let state: 'armed' | 'away' | 'open' = 'armed';
  let tell = (): void => undefined;
  const cut = new Promise<void>((resolve) => (tell = resolve));

  const server = createServer((near) => {
    if (state === 'away') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.end();
      });
    }
    let completing = false;
    near.on('data', (bytes: Buffer) => {
      if (far.writable) far.write(bytes);
      completing ||= bytes.includes('set completed_at');
      if (state !== 'armed' || !completing || !bytes.includes('commit\0')) return;
      state = stayAway ? 'away' : 'open';
      near.destroy();
      tell();
    });
    far.on('data', (bytes: Buffer) => {
      if (near.writable) near.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    cut,
    reopen: () => {
      state = 'open';
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
