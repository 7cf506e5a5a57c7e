import pg from 'pg';
import { VaultError } from '../../core/errors.ts';

/** For a connection, be it a new one or one of ours to become free. */
const connectMs = 30_000;

/** Object identifier of the type `bigint`, the same in every server. */
const int8 = 20;
/** A `bigint` as a number; every other type as the driver has it. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type, format): unknown =>
    (type as number) === int8 ? Number : pg.types.getTypeParser(type, format),
};

/**
 * What the driver is told of a database. Nothing is connected yet.
 * @param url postgresql://login:password@host:port/database
 * @throws VaultError `option-invalid` for what is no such URL; `receiver-unusable`, rule
 *   `database-tls`, for another machine without TLS that proves which one it is. Repeats nothing of the URL.
 */
export function connectionOf(url: string): pg.ClientConfig {
  const connection: pg.ClientConfig = {
    connectionString: url,
    types,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
  };
  const { host, ssl } = understood(url, connection);
  if (isOfThisMachine(host) || (verifies(ssl) && asksForVerification(url))) return connection;
  throw new VaultError(
    'receiver-unusable',
    'expected sslmode=verify-full in DATABASE_URL for a database on another machine',
    { rule: 'database-tls' },
  );
}

/** What the driver makes of a URL, and of the environment (PGHOST, PGSSLMODE) where it says nothing. */
function understood(url: string, connection: pg.ClientConfig): { host: string; ssl: unknown } {
  try {
    const { password, username } = new URL(url);
    decodeURIComponent(password + username);
    if (/^postgres(?:ql)?:\/\//.test(url)) return new pg.Client(connection);
  } catch {
    // Told below: the parser's own message would repeat the URL.
  }
  throw new VaultError(
    'option-invalid',
    'expected the URL of a database, such as postgresql://login@host:5432/database, and files that ' +
      'can be read where it names certificates',
  );
}

/** A loopback address, or the folder of a Unix socket. */
function isOfThisMachine(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    host.startsWith('/') ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

function verifies(ssl: unknown): boolean {
  if (typeof ssl !== 'object' || ssl === null) return ssl === true;
  return !('rejectUnauthorized' in ssl && ssl.rejectUnauthorized === false);
}

/**
 * The driver takes `require`, `prefer` and `verify-ca` for `verify-full` today; libpq and its own next
 * version do not, so that they are no way to ask for it.
 */
function asksForVerification(url: string): boolean {
  return new URL(url).searchParams.get('sslmode') === 'verify-full';
}
