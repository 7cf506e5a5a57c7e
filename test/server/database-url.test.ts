import { afterEach, describe, expect, test, vi } from 'vitest';
import { connectionOf } from '../../src/server/store/database-url.ts';
import { openPostgres, withAdministrator } from '../../src/server/store/postgres.ts';

const remote = 'postgresql://ZebraLogin:ZebraPassword@db.example.com:5432/velora';
const tls = { code: 'receiver-unusable', rule: 'database-tls' };

function refusal(url: string): unknown {
  try {
    return { accepted: connectionOf(url).connectionString };
  } catch (error) {
    return error;
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the URL of a database', () => {
  test.each([
    'postgresql://login@localhost/velora',
    'postgres://login:password@127.0.0.1:5432/velora',
    'postgresql://login@127.1.2.3/velora?sslmode=disable',
    'postgresql://login@[::1]:5432/velora',
    'postgresql:///velora?host=/run/postgresql',
    'postgresql://login@%2Frun%2Fpostgresql/velora',
    `${remote}?sslmode=verify-full`,
    `${remote}?application_name=x&sslmode=verify-full`,
    'postgresql://login@[2001:db8::1]/velora?sslmode=verify-full',
  ])('is taken: %s', (url) => {
    expect(refusal(url)).toEqual({ accepted: url });
  });

  test.each([
    remote,
    `${remote}?sslmode=disable`,
    `${remote}?sslmode=allow`,
    `${remote}?sslmode=prefer`,
    `${remote}?sslmode=require`,
    `${remote}?sslmode=verify-ca`,
    `${remote}?sslmode=no-verify`,
    `${remote}?sslmode=`,
    `${remote}?ssl=true`,
    `${remote}?ssl=no-verify`,
    `${remote}?sslmode=require&uselibpqcompat=true`,
    `${remote}?sslmode=verify-full&sslmode=disable`,
    `${remote}?sslmode=verify-full&sslmode=no-verify`,
    `${remote}?sslmode=no-verify&sslmode=verify-full`,
    'postgresql://ZebraLogin@localhost/velora?host=db.example.com',
    'postgresql://ZebraLogin@127.0.0.1.example.com/velora',
    'postgresql://ZebraLogin@localhost.example.com/velora',
    'postgresql://ZebraLogin@10.0.0.1/velora',
    'postgresql://ZebraLogin@[2001:db8::1]/velora',
  ])('of another machine is refused without TLS that is verified: %s', (url) => {
    const error = refusal(url);
    expect(error).toMatchObject({ name: 'VaultError', ...tls });
    expect(String(error)).toContain('expected sslmode=verify-full');
    expect(String(error)).not.toMatch(/Zebra|example/);
  });

  test('means the machine that the environment names where it names none', () => {
    vi.stubEnv('PGHOST', 'db.example.com');
    vi.stubEnv('PGSSLMODE', 'no-verify');
    expect(refusal('postgresql:///velora')).toMatchObject(tls);
    expect(refusal('postgresql://login@localhost/velora')).toHaveProperty('accepted');
  });

  test.each([
    '',
    'ZebraPassword',
    'postgresql://%zz:ZebraPassword@/',
    'mysql://login:ZebraPassword@localhost/velora',
    'socket:/run/postgresql?db=ZebraPassword',
    '/run/postgresql ZebraPassword',
    `${remote}?sslmode=verify-full&sslrootcert=/nowhere/ZebraPassword.pem`,
  ])('is none, and not repeated: %j', (url) => {
    const error = refusal(url);
    expect(error).toMatchObject({ name: 'VaultError', code: 'option-invalid' });
    expect(JSON.stringify(error) + String(error)).not.toContain('Zebra');
  });

  test('is looked at before anybody connects, the administrator’s too', async () => {
    await expect(openPostgres(remote)).rejects.toMatchObject(tls);
    const work = vi.fn(() => Promise.resolve());
    await expect(withAdministrator(remote, work)).rejects.toMatchObject(tls);
    expect(work).not.toHaveBeenCalled();
  });
});
