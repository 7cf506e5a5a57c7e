import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/server/command/run.ts';
import { type Receiver, startReceiver } from '../../src/server/receiver.ts';
import { openStore } from '../../src/server/services.ts';
import { defaultSettings } from '../../src/server/settings.ts';
import { lockFolder } from '../../src/server/store/folder-lock.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { eachDatabase, type Place } from './support/databases.ts';

const kek = randomBytes(32).toString('hex');

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Runs a command line as a process would, and gives its exit code and what it has written. */
async function run(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  for (const [name, value] of Object.entries({
    ...{ VELORA_RECEIVER_FOLDER: '', DATABASE_URL: '', DATABASE_ADMIN_URL: '', VELORA_KEK: '' },
    ...{ VELORA_KEK_FILE: undefined, HOST: undefined, PORT: undefined },
    ...environment,
  })) {
    vi.stubEnv(name, value);
  }
  const written = { out: '', err: '' };
  const collect = (into: 'out' | 'err') => (text: unknown, done?: unknown) => {
    written[into] += String(text);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(collect('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(collect('err')),
  ];
  try {
    return { code: await runCommand(words), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const environmentOf = ({ folder, databaseUrl }: Place) => ({
  VELORA_RECEIVER_FOLDER: folder,
  DATABASE_URL: databaseUrl ?? '',
});

const settingsOf = ({ folder, databaseUrl }: Place) => ({
  ...defaultSettings,
  folder,
  databaseUrl,
  port: 0,
});

const start = (place: Place): Promise<Receiver> =>
  startReceiver(settingsOf(place), Buffer.from(kek, 'hex'), () => undefined, { write: () => true });

const containing = (text: string): unknown => expect.stringContaining(text);
const words = (text: string) => text.split(' ');

eachDatabase('the command', (_open, makePlace, kind) => {
  describe.each(['on the store itself', 'through the running receiver'])('%s', (how) => {
    const running = how === 'through the running receiver';
    // A receiver has the key itself; whoever asks it needs none.
    const environment = (place: Place) => ({
      ...environmentOf(place),
      ...(running ? {} : { VELORA_KEK: kek }),
    });

    test('makes, lists and ends keys', async () => {
      const place = await makePlace();
      const receiver = running ? await start(place) : null;
      const there = environment(place);
      const made = await run(
        [...words('keys create --tenant acme --scope upload:write,audit:read'), '--name', 'Zebra'],
        there,
      );
      expect(made.code, made.err).toBe(0);
      expect(made.out).toMatch(/^vlk_live_[0-9a-f]{8}_[0-9a-f]{32}\n$/);
      const [, , prefix = '', secret = ''] = made.out.trim().split('_');
      expect(made.err).toContain(`vlk_live_${prefix}_…`);
      expect(made.err).not.toContain(secret);

      const listed = await run(words('keys list --tenant acme --json'), there);
      expect(JSON.parse(listed.out)).toMatchObject([
        { prefix, tenant: 'acme', name: 'Zebra', scopes: ['upload:write', 'audit:read'] },
      ]);
      expect((await run(words('keys list --tenant other'), there)).out).toBe('');

      const ended = await run(['keys', 'revoke', prefix], there);
      expect(ended.code, ended.err).toBe(0);
      const after = await run(words('keys list --tenant acme'), there);
      expect(after.out).toMatch(/ {2}revoked \d{4}-/);
      const unknown = await run(words('keys revoke 00000000'), there);
      expect([unknown.code, unknown.out]).toEqual([2, '']);
      await receiver?.stop();

      const store = await openStore(settingsOf(place), Buffer.from(kek, 'hex'));
      const known = await store.apiKeys.authenticate(`Bearer ${made.out.trim()}`);
      const { records } = await store.audit.page('acme', { limit: 10 });
      await store.close();
      expect(known).toMatchObject({ refused: 'revoked', keyPrefix: prefix });
      expect(records.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
        'key.list by operator',
        'key.revoke by operator',
        'key.list by operator',
        'key.create by operator',
      ]);
    });

    test('replays the audit log, and names the first broken record', async () => {
      const place = await makePlace();
      const there = environment(place);
      const make = async () =>
        run(words('keys create --tenant acme --name n --scope audit:read --expires-days 3'), there);
      let receiver = running ? await start(place) : null;
      expect((await make()).code).toBe(0);
      const head = await run(words('audit head --tenant acme'), there);
      expect(head.out).toMatch(/^1:[0-9a-f]{64}\n$/);
      expect((await make()).code).toBe(0);
      expect((await make()).code).toBe(0);
      const whole = await run(words('audit verify'), there);
      expect([whole.code, whole.out]).toEqual([
        0,
        expect.stringMatching(/\nacme: 3:[0-9a-f]{64}\n$/),
      ]);
      expect(whole.out.startsWith(`@system: ${running ? '1' : '0'}:`)).toBe(true);

      const expecting = ['audit', 'verify', '--tenant', 'acme', '--expect'];
      const kept = head.out.trim();
      expect((await run([...expecting, kept], there)).code).toBe(0);
      expect((await run([...expecting, `1:${'0'.repeat(64)}`], there)).code).toBe(3);
      expect((await run([...expecting, kept.replace('1:', '9:')], there)).code).toBe(3);
      expect((await run(['audit', 'verify', '--expect', kept], there)).code).toBe(2);

      await receiver?.stop();
      await asAdministrator(
        place,
        `update velora.audit_records set resource = 'x' where tenant = 'acme' and seq = 2`,
      );
      receiver = running ? await start(place) : null;
      const broken = await run(words('audit verify'), there);
      expect([broken.code, broken.err]).toEqual([
        3,
        expect.stringContaining('acme: broken at record 2:'),
      ]);
      expect(broken.out).toMatch(/^@system: /);
      await receiver?.stop();
    });

    test('empties the vault of what has run out', async () => {
      const place = await makePlace();
      const receiver = running ? await start(place) : null;
      const purged = await run(words('vault purge'), environment(place));
      expect(purged).toMatchObject({ code: 0, out: '', err: containing('nothing') });
      await receiver?.stop();
    });
  });

  test('without a key-encryption key, or with another one, says so and ends with 4', async () => {
    const place = await makePlace();
    const there = environmentOf(place);
    const create = words('keys create --tenant acme --name n --scope audit:read');
    const none = await run(create, there);
    expect([none.code, none.err]).toEqual([4, expect.stringContaining('[kek-missing]')]);
    const short = await run(create, { ...there, VELORA_KEK: kek.slice(1) });
    expect([short.code, short.err]).toEqual([4, expect.stringContaining('[kek-invalid]')]);
    expect(short.err).not.toContain(kek.slice(1, 9));
    expect((await run(create, { ...there, VELORA_KEK: kek })).code).toBe(0);
    const wrong = await run(create, { ...there, VELORA_KEK: 'f'.repeat(64) });
    expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('[kek-wrong]')]);
  });

  test('reads the key-encryption key from a file, and makes one for development only', async () => {
    const place = await makePlace();
    const there = environmentOf(place);
    const list = words('keys list --tenant acme');
    const file = join(place.folder, 'kek');
    writeFileSync(file, `${kek}\n`);
    chmodSync(file, 0o600);
    expect((await run([...list, '--kek-file', file], there)).code).toBe(0);
    expect((await run(list, { ...there, VELORA_KEK_FILE: file })).code).toBe(0);
    expect((await run(list, { ...there, VELORA_KEK_FILE: file, VELORA_KEK: kek })).code).toBe(2);
    const missing = await run([...list, '--kek-file', `${file}-not-there`], there);
    expect([missing.code, missing.err]).toEqual([4, expect.stringContaining('[kek-missing]')]);

    const fresh = await makePlace();
    for (let time = 0; time < 2; time += 1) {
      const developed = await run([...list, '--development'], environmentOf(fresh));
      expect([developed.code, developed.err]).toEqual([0, expect.stringContaining('development')]);
    }
    const made = join(fresh.folder, 'kek.development');
    expect(readFileSync(made, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(made).mode & 0o777).toBe(0o600);
    expect((await run(list, environmentOf(fresh))).code).toBe(4);
  });

  test('migrates up and down', async () => {
    const place = await makePlace({ migrated: false });
    const there = {
      DATABASE_ADMIN_URL: place.administratorUrl ?? '',
      DATABASE_URL: '',
    };
    const migrate = (direction: string) =>
      run(['migrate', direction, '--folder', place.folder], there);
    expect(await migrate('up')).toMatchObject({
      code: 0,
      err: containing('applied: 0001-receiver'),
    });
    expect(await migrate('up')).toMatchObject({
      code: 0,
      err: containing('nothing to do'),
    });
    expect(await migrate('down')).toMatchObject({
      code: 0,
      err: containing('taken back: 0001-receiver'),
    });
    if (kind === 'pglite') return;
    const there2 = { ...environmentOf(place), VELORA_KEK: kek };
    const early = await run(words('keys list --tenant acme'), there2);
    expect([early.code, early.err]).toEqual([
      3,
      expect.stringContaining('velora-receiver migrate up'),
    ]);
    const named = { ADMIN: place.administratorUrl ?? '' };
    expect((await run(words('migrate up --admin-url-env ADMIN'), named)).code).toBe(0);
  });

  if (kind !== 'pglite') return;

  test('waits for another command on the same folder, and tells of one that does not end', async () => {
    const place = await makePlace();
    const there = { ...environmentOf(place), VELORA_KEK: kek };
    const create = () => run(words('keys create --tenant acme --name n --scope audit:read'), there);
    const lock = await lockFolder(place.folder);
    setTimeout(() => void lock.release(), 500);
    expect((await create()).code).toBe(0);
    const held = await lockFolder(place.folder);
    const refused = await create();
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('[folder-locked]')]);
    await held.release();
  });
});

describe('the command line', () => {
  test.each([
    ['keys list --tenant acme', 'VELORA_RECEIVER_FOLDER'],
    ['serve', 'VELORA_RECEIVER_FOLDER'],
    ['migrate up', 'DATABASE_ADMIN_URL'],
    ['keys create --folder x --tenant acme --name n', '--scope'],
    ['keys create --folder x --tenant acme --name n --scope all', 'upload:write'],
    ['serve --folder x --tls-cert y', '--tls-key'],
    ['audit verify --folder x --tenant acme --system', 'not both'],
    ['nonsense', "unknown command 'nonsense'"],
  ])('refuses %s', async (line, said) => {
    const { code, out, err } = await run(words(line), { VELORA_KEK: kek });
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(said)]);
  });

  test.each([
    `serve --folder x --kek ${kek}`,
    `serve --folder x --kek=${kek}`,
    `serve --folder x --kek-hex=${kek}`,
    `serve --folder x --database-url postgresql://Zebra:${kek}@db/velora`,
    `serve postgresql://Zebra:${kek}@db/velora`,
    `serve --folder x --port ${kek}`,
    `keys revoke --folder x a ${kek}`,
    `migrate up --admin-url-env postgresql://Zebra:${kek}@db/velora`,
    `audit verify --folder x --expect ${kek}`,
    kek,
  ])('never repeats what may be a secret: %#', async (line) => {
    const { code, out, err } = await run(words(line));
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toMatch(new RegExp(`${kek.slice(0, 8)}|Zebra`));
  });

  test('never repeats a secret that stands in the wrong variable', async () => {
    for (const name of ['PORT', 'VELORA_VAULT_DAYS', 'VELORA_ORIGINS']) {
      const { code, err } = await run(words('serve --folder x'), { [name]: kek });
      expect([name, code]).toEqual([name, 2]);
      expect(err).not.toContain(kek.slice(0, 8));
    }
  });

  test('prints help and the version', async () => {
    const help = await run(['help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('VELORA_KEK')]);
    expect((await run(['version'])).out).toBe((await run(['--version'])).out);
  });
});
