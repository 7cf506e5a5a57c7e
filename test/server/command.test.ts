import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { scopes } from '../../src/server/access/api-keys.ts';
import { openStore } from '../../src/server/services.ts';
import { lockFolder } from '../../src/server/store/folder-lock.ts';
import { asAdministrator } from './support/as-administrator.ts';
import { environmentOf, kek, run, settingsOf, start, words } from './support/command.ts';
import { eachDatabase, type Place } from './support/databases.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const containing = (text: string): unknown => expect.stringContaining(text);

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
      const told = made.err.split('\n');
      expect(told[0]).toBe(
        'velora-receiver: This key is shown once: keep it where secrets are kept.',
      );
      expect(told[1]).toContain(`vlk_live_${prefix}_…`);
      expect(made.err).not.toContain(secret);

      const listed = await run(words('keys list --tenant acme --json'), there);
      expect(JSON.parse(listed.out)).toMatchObject([
        { prefix, tenant: 'acme', name: 'Zebra', scopes: ['upload:write', 'audit:read'] },
      ]);
      const beside = await run(
        words('keys create --tenant zebra --name n --scope audit:read'),
        there,
      );
      expect(beside.code, beside.err).toBe(0);
      const all = await run(words('keys list'), there);
      expect(all.out).toMatch(/^vlk_live_\w+_… {2}acme {2}.*\nvlk_live_\w+_… {2}zebra {2}.*\n$/);

      for (const shown of [prefix, `vlk_live_${prefix}`, `vlk_live_${prefix}_…`]) {
        const ended = await run(['keys', 'revoke', shown], there);
        expect(ended.code, ended.err).toBe(0);
        expect(ended.err).toMatch(/ {2}revoked \d{4}-/);
      }
      const after = await run(words('keys list --tenant acme'), there);
      expect(after.out).toMatch(/ {2}revoked \d{4}-/);
      const unknown = await run(words('keys revoke 00000000'), there);
      expect([unknown.code, unknown.out]).toEqual([2, '']);
      expect(unknown.err).toContain('8 hexadecimal characters, as keys list shows');
      await receiver?.stop();

      const store = await openStore(settingsOf(place), Buffer.from(kek, 'hex'));
      const known = await store.apiKeys.authenticate(`Bearer ${made.out.trim()}`);
      const { records } = await store.audit.page('acme', { limit: 10 });
      await store.close();
      expect(known).toMatchObject({ refused: 'revoked', keyPrefix: prefix });
      expect(records.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
        'key.list by operator',
        'key.revoke by operator',
        'key.revoke by operator',
        'key.revoke by operator',
        'key.list by operator',
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
      expect(whole.out.startsWith(`@system: ${running ? '2' : '1'}:`)).toBe(true);

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

    test('prints the newest records of a chain, and records that', async () => {
      const place = await makePlace();
      const receiver = running ? await start(place) : null;
      const there = environment(place);
      await run(words('keys create --tenant acme --name n --scope audit:read'), there);
      const first = await run(words('audit list --tenant acme'), there);
      expect(first.code, first.err).toBe(0);
      expect(first.out).toMatch(
        /^1 {2}\d{4}-\S+Z {2}operator {2}key\.create {2}key:[0-9a-f]{8} {2}done {2}scopes=audit:read {2}expires=never\n$/,
      );
      const newest = await run(words('audit list --tenant acme --limit 1 --json'), there);
      expect(
        newest.out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toMatchObject([
        { seq: 2, actor: 'operator', action: 'audit.list', details: { events: 1 }, success: true },
      ]);
      for (const which of [[], ['--system']]) {
        const system = await run(['audit', 'list', ...which], there);
        expect([system.code, system.out]).toEqual([0, expect.stringMatching(/^1 .*\n$/m)]);
        expect(system.out).toContain('tenant.create  tenant:acme');
      }
      await receiver?.stop();
    });

    test('refuses a customer that is not there, and makes none', async () => {
      const place = await makePlace();
      const receiver = running ? await start(place) : null;
      const there = environment(place);
      await run(words('keys create --tenant acme --name n --scope audit:read'), there);
      for (const line of ['audit verify', 'audit head', 'audit list', 'keys list']) {
        const refused = await run([...words(line), '--tenant', 'other'], there);
        expect([line, refused.code, refused.out]).toEqual([line, 3, '']);
        expect(refused.err).toContain('[tenant-unknown]');
      }
      expect((await run(words('audit verify'), there)).out).not.toContain('other');
      await receiver?.stop();
    });

    test('empties the vault of what has run out', async () => {
      const place = await makePlace();
      if (!running) await (await start(place)).stop();
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
    const list = words('keys list');
    const create = words('keys create --tenant acme --name n --scope audit:read');
    const file = join(place.folder, 'kek');
    writeFileSync(file, `${kek}\n`);
    chmodSync(file, 0o600);
    expect((await run([...create, '--kek-file', file], there)).code).toBe(0);
    expect((await run(list, { ...there, VELORA_KEK_FILE: file })).code).toBe(0);
    expect((await run(list, { ...there, VELORA_KEK_FILE: file, VELORA_KEK: kek })).code).toBe(2);
    const missing = await run([...list, '--kek-file', `${file}-not-there`], there);
    expect([missing.code, missing.err]).toEqual([4, expect.stringContaining('[kek-missing]')]);

    // The store has a key already: none is made beside it.
    const late = await run([...list, '--development'], there);
    expect([late.code, late.err]).toEqual([4, expect.stringContaining('[kek-missing]')]);
    expect(existsSync(join(place.folder, 'kek.development'))).toBe(false);

    const fresh = await makePlace();
    for (const words of [create, list]) {
      const developed = await run([...words, '--development'], environmentOf(fresh));
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
    const migrate = (...direction: readonly string[]) =>
      run(['migrate', ...direction, '--folder', place.folder], there);
    expect(await migrate('up')).toMatchObject({
      code: 0,
      err: containing('applied: 0001-receiver'),
    });
    expect(await migrate('up')).toMatchObject({
      code: 0,
      err: containing('nothing to do'),
    });
    expect(await migrate('down')).toMatchObject({ code: 2, err: containing('--destroy-data') });
    expect(await migrate('up')).toMatchObject({ code: 0, err: containing('nothing to do') });
    expect(await migrate('down', '--destroy-data')).toMatchObject({
      code: 0,
      err: containing('taken back: 0001-receiver'),
    });
    if (kind === 'pglite') return;
    const there2 = { ...environmentOf(place), VELORA_KEK: kek };
    const early = await run(words('keys create --tenant acme --name n --scope audit:read'), there2);
    expect([early.code, early.err]).toEqual([
      3,
      expect.stringContaining('velora-receiver migrate up'),
    ]);
    const unprivileged = { DATABASE_ADMIN_URL: place.databaseUrl ?? '' };
    for (const line of ['migrate up', 'migrate down --destroy-data']) {
      const refused = await run(words(line), unprivileged);
      expect([refused.code, refused.out, refused.err]).toEqual([
        3,
        '',
        expect.stringMatching(/^velora-receiver: expected an administrator's login[^\n]+\n$/),
      ]);
      expect(refused.err).toContain('[database-role]');
    }
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
    ['keys list', 'VELORA_RECEIVER_FOLDER'],
    ['serve', 'VELORA_RECEIVER_FOLDER'],
    ['migrate up', 'DATABASE_ADMIN_URL'],
    ['keys create --folder x --tenant acme --name n', '--scope'],
    ['keys create --folder x --tenant acme --name n --scope all', 'upload:write'],
    ['serve --folder x --tls-cert y', '--tls-key'],
    ['audit verify --folder x --tenant acme --system', 'not both'],
    ['help keys nonsense', "unknown command 'nonsense'"],
    ['keys create --folder x --tenant acme --name n --scope all', 'expected one of upload:write'],
    ['keys revoke --folder x abc', '8 hexadecimal characters, as keys list shows'],
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
    `keys revoke --folder x ${kek}`,
    `keys revoke --folder x vlk_live_a707ceae_${kek.slice(0, 32)}`,
    `help ${kek}`,
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
    const nested = await run(words('help keys create'));
    expect([nested.code, nested.out]).toEqual([
      0,
      expect.stringContaining('velora-receiver keys create'),
    ]);
    for (const scope of scopes) expect(nested.out).toContain(scope);
    const revoked = await run(['keys', 'revoke', `vlk_live_a707ceae_${'0'.repeat(32)}`]);
    expect(revoked.err).toContain('is to be revoked, under its prefix');
    expect((await run(['version'])).out).toBe((await run(['--version'])).out);
  });
});
