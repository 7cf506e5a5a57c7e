import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/server/receiver.ts';
import { openStore } from '../../src/server/services.ts';
import { defaultSettings, type Settings } from '../../src/server/settings.ts';
import { systemTenant } from '../../src/server/store/database.ts';
import { lockFolder } from '../../src/server/store/folder-lock.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { eachDatabase, type Place } from './support/databases.ts';

const kek = randomBytes(32);

const started: Receiver[] = [];
afterEach(async () => {
  for (const receiver of started.splice(0)) await receiver.stop();
});

const settingsOf = ({ folder, databaseUrl }: Place): Settings => ({
  ...defaultSettings,
  folder,
  databaseUrl,
  port: 0,
});

async function start(
  place: Place,
  other: Partial<Settings> = {},
  key: Uint8Array = kek,
): Promise<Receiver> {
  const receiver = await startReceiver(
    { ...settingsOf(place), ...other },
    Uint8Array.from(key),
    (error) => {
      throw error;
    },
    { write: () => true },
  );
  started.push(receiver);
  return receiver;
}

async function inStore<Result>(
  place: Place,
  work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(settingsOf(place), Uint8Array.from(kek));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const systemRecords = (place: Place) =>
  inStore(place, async ({ audit }) =>
    (await audit.page(systemTenant, { limit: 10 })).records
      .map(({ actor, action }) => `${actor} ${action}`)
      .reverse(),
  );

const health = async (url: string) => (await fetch(`${url}/healthz`)).status;

/** Whether the folder can be had: nobody holds it. */
async function isFree({ folder }: Place): Promise<boolean> {
  await (await lockFolder(folder)).release();
  return true;
}

eachDatabase('a receiver', (_open, makePlace, kind) => {
  test('listens, stops, lets its folder go, and records both', async () => {
    const place = await makePlace();
    const first = await start(place);
    expect(first.database).toBe(kind);
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await health(first.url)).toBe(200);
    await first.stop();
    await first.stop();
    await expect(health(first.url)).rejects.toThrow();
    expect(await isFree(place)).toBe(true);
    const second = await start(place);
    expect(await health(second.url)).toBe(200);
    await second.stop();
    const once = ['receiver receiver.start', 'receiver receiver.stop'];
    expect(await systemRecords(place)).toEqual([...once, ...once]);
  });

  test('does not start on a folder that another one holds, and leaves that one alone', async () => {
    const place = await makePlace();
    const first = await start(place);
    await expect(start(place)).rejects.toMatchObject({ rule: 'folder-locked' });
    expect(await health(first.url)).toBe(200);
    await first.stop();
    expect(await systemRecords(place)).toHaveLength(2);
  });

  test('does not start with another key-encryption key, before and after there is a tenant', async () => {
    const place = await makePlace();
    const wrong = { code: 'receiver-unusable', rule: 'kek-wrong' };
    await (await start(place)).stop();
    await expect(start(place, {}, randomBytes(32))).rejects.toMatchObject(wrong);
    await inStore(place, ({ tenants }) => tenants.ensure('acme'));
    await expect(start(place, {}, randomBytes(32))).rejects.toMatchObject(wrong);
    expect(await isFree(place)).toBe(true);
    expect(await systemRecords(place)).toHaveLength(2);
  });

  test('does not start on an audit log that was changed, and says what to do', async () => {
    const place = await makePlace();
    await inStore(place, ({ tenants }) => tenants.ensure('acme'));
    await (await start(place)).stop();
    await asAdministrator(
      place,
      `update velora.audit_heads set count = count - 1 where tenant = '${systemTenant}'`,
    );
    const broken = {
      rule: 'audit-broken',
      message: expect.stringContaining('audit verify') as string,
    };
    await expect(start(place)).rejects.toMatchObject(broken);
    expect(await isFree(place)).toBe(true);
  });

  test('does not start on an address that is taken, and undoes its start', async () => {
    const place = await makePlace();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(place, { port })).rejects.toMatchObject({ rule: 'address' });
    other.close();
    expect(await isFree(place)).toBe(true);
    expect(await systemRecords(place)).toEqual([
      'receiver receiver.start',
      'receiver receiver.stop',
    ]);
  });

  test('speaks plain HTTP to others only behind a proxy that ends TLS', async () => {
    const place = await makePlace();
    for (const host of ['0.0.0.0', '::', '127.0.0.1.example.com', '10.0.0.1']) {
      const starting = start(place, { host });
      await expect(starting, host).rejects.toMatchObject({
        code: 'receiver-unusable',
        rule: 'tls',
      });
    }
    const behind = await start(place, { host: '0.0.0.0', trustProxy: true });
    expect(await health(behind.url)).toBe(200);
  });
});

describe('a receiver that is told to stop before it listens', () => {
  const program = join(import.meta.dirname, '../../dist/receiver.js');

  /** Starts one as `npm start` does, and gives what it has said once it has ended. */
  async function endOf(
    folder: string,
    tell: (child: ReturnType<typeof spawn>, said: string) => boolean,
  ): Promise<{ code: number | null; said: string }> {
    const child = spawn(
      process.execPath,
      [program, 'serve', '--folder', folder, '--development', '--port', '0'],
      { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    let said = '';
    let told = tell(child, said);
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
      told ||= tell(child, said);
    });
    // Not 'close': with a channel that was ended from here it never comes.
    const written = once(child.stderr ?? child, 'end');
    const [code] = (await once(child, 'exit')) as [number | null];
    await written;
    expect(told).toBe(true);
    return { code, said };
  }

  const asked = {
    'by the end of its parent, at once': (child: ReturnType<typeof spawn>) => {
      child.disconnect();
      return true;
    },
    'by the end of its parent, while it starts': (
      child: ReturnType<typeof spawn>,
      said: string,
    ) => {
      if (said.includes('development:')) child.disconnect();
      return !child.connected;
    },
    'by a signal, while it starts': (child: ReturnType<typeof spawn>, said: string) =>
      said.includes('development:') && child.kill('SIGTERM'),
  };

  test.each(Object.entries(asked))('%s, ends in order', async (_, tell) => {
    const root = mkdtempSync(join(tmpdir(), 'velora-told-'));
    const folder = join(root, 'folder');
    const { code, said } = await endOf(folder, tell);
    expect(code, said).toBe(0);
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).not.toContain('receiver.lock');
    rmSync(root, { recursive: true, force: true });
  });

  test('ends also where its start is refused and its parent lives on', async () => {
    const { code, said } = await endOf('/proc/velora-receiver', () => true);
    expect([code, said]).toEqual([3, expect.stringContaining('[folder-unusable]')]);
  });
});
