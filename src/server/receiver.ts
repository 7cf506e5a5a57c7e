import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { asVaultError, VaultError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { listenForCommands } from './command/control-server.ts';
import { createApp } from './http/app.ts';
import type { LogSink } from './http/request-log.ts';
import { type KekSource, openServices, type Services } from './services.ts';
import type { Settings } from './settings.ts';
import { systemTenant } from './store/database.ts';
import { type FolderLock, lockFolder } from './store/folder-lock.ts';

/** A receiver that listens. */
export interface Receiver {
  /** Its origin, with the port that it got. */
  readonly url: string;
  readonly database: Services['database']['kind'];
  /** Resolves when somebody else holds its folder: end the process at once then, and write nothing more. */
  readonly lost: Promise<void>;
  /**
   * Refuses new requests, lets uploads end for `settings.stopMs`, refuses those that have not, and
   * lets the folder go.
   */
  stop(): Promise<void>;
}

const purgeEveryMs = 3_600_000;

/**
 * Starts a receiver: holds its folder, opens its store, sweeps what an earlier one left half done,
 * and listens.
 * @param complain told of errors of the housekeeping, which goes on with the next hour
 * @param log takes the log's lines; standard error unless told otherwise
 * @throws VaultError receiver-unusable: `tls`, `folder-locked`, `address`, and all that `openServices` throws
 */
export async function startReceiver(
  settings: Settings,
  kek: KekSource,
  complain: (error: VaultError) => void,
  log?: LogSink,
): Promise<Receiver> {
  assertPrivate(settings);
  const undo: (() => Promise<unknown>)[] = [];
  const undoAll = async () => {
    const failures: unknown[] = [];
    for (const step of undo.reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const lock: FolderLock = await lockFolder(settings.folder);
    undo.push(() => lock.release());
    const services = await openServices(settings, kek);
    undo.push(() => services.close());
    await recordStart(services);
    undo.push(() => record(services, 'receiver.stop'));
    await services.uploads.sweep();

    const control = await listenForCommands(lock.controlAddress, services);
    undo.push(() => control.close());
    const app = await createApp(services, log);
    undo.push(() => app.close());
    const url = await listen(app, settings);
    const purging = purgeHourly(services, complain);
    undo.push(() => purging.stop());

    let stopping: Promise<void> | undefined;
    return {
      url,
      database: services.database.kind,
      lost: lock.lost,
      stop: () => (stopping ??= undoAll()),
    };
  } catch (error) {
    // The first error says more than those that follow from it.
    await undoAll().catch(() => undefined);
    throw error;
  }
}

/** Plain HTTP may leave the machine only where a proxy of one's own ends TLS before it. */
function assertPrivate({ host, tls, trustProxy }: Settings): void {
  const loopback = host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
  if (loopback || tls !== null || trustProxy) return;
  throw new VaultError(
    'receiver-unusable',
    'expected TLS on an address that others can reach: give --tls-cert and --tls-key, or ' +
      '--behind-tls-proxy where a proxy before this receiver ends TLS, or --host 127.0.0.1',
    { rule: 'tls' },
  );
}

async function recordStart(services: Services & { close(): Promise<void> }): Promise<void> {
  try {
    await record(services, 'receiver.start');
  } catch (error) {
    if (!(error instanceof VaultError) || error.rule !== 'audit-broken') throw error;
    const [known] = await services.tenants.ids();
    // Where there is a tenant, its key has been unwrapped: then it is not the key that is wrong.
    if (known !== undefined) {
      throw new VaultError(
        'receiver-unusable',
        `${error.message}; \`velora-receiver audit verify\` names the first broken record`,
        { rule: 'audit-broken' },
      );
    }
    throw new VaultError(
      'receiver-unusable',
      'the key-encryption key is not the one that this store was made with, or the audit log was changed',
      { rule: 'kek-wrong' },
    );
  }
}

function record(
  { audit, database }: Services,
  action: 'receiver.start' | 'receiver.stop',
): Promise<void> {
  return audit.record(systemTenant, {
    actor: 'receiver',
    action,
    resource: 'receiver',
    success: true,
    details: { version, database: database.kind },
  });
}

async function listen(app: FastifyInstance, { host, port, tls }: Settings): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new VaultError(
      'receiver-unusable',
      `expected an address that is free, and that this user may listen on (${code})`,
      { rule: 'address' },
    );
  }
  const bound = (app.server.address() as AddressInfo).port;
  const name = host.includes(':') ? `[${host}]` : host;
  return `${tls === null ? 'http' : 'https'}://${name}:${String(bound)}`;
}

/** Removes from the vault what has run out: at once, and every hour. */
function purgeHourly(
  { vault }: Services,
  complain: (error: VaultError) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  let running = Promise.resolve();
  const purge = () => {
    running = running
      .then(() => vault.purge(stopped.signal))
      .then(
        () => undefined,
        (error: unknown) => {
          complain(asVaultError(error));
        },
      );
  };
  purge();
  const timer = setInterval(purge, purgeEveryMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      stopped.abort();
      return running;
    },
  };
}
