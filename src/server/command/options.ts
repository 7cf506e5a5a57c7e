import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { VaultError } from '../../core/errors.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import type { KeySource } from './key-encryption-key.ts';
import type { StorePlace } from './perform.ts';

/** What says which store a command is about. */
export interface StoreOptions {
  readonly folder?: string;
  readonly kekFile?: string;
  readonly development?: boolean;
}

/** The options of `serve`. */
export interface ServeOptions extends StoreOptions {
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindTlsProxy?: boolean;
  readonly origin?: readonly string[];
  readonly largestFile: number;
  readonly uploadsAtOnce: number;
  readonly idle: number;
  readonly stop: number;
  readonly readsPerMinute: number;
  readonly writesPerMinute: number;
  readonly vaultDays: number;
}

/** Options of every command that needs the store; secrets come from the environment or from files. */
export function withStore(command: Command): Command {
  return command
    .addOption(new Option('--folder <path>', "the receiver's folder").env('VELORA_RECEIVER_FOLDER'))
    .addOption(
      new Option(
        '--kek-file <path>',
        'file with the key-encryption key, 64 hexadecimal characters; or VELORA_KEK holds it',
      ).env('VELORA_KEK_FILE'),
    )
    .option('--development', 'make a key-encryption key in the folder where none is given');
}

/** Options of `serve`. Each can be set in the environment. */
export function withServing(command: Command): Command {
  const whole = (flags: string, description: string, name: string, most: number, least = 1) =>
    new Option(flags, description).env(name).argParser((text) => wholeNumber(text, least, most));
  const { host, port, largestFile, uploadsAtOnce, idleMs, stopMs } = defaultSettings;
  const { readsPerMinute, writesPerMinute } = defaultSettings;
  return withVaultDays(
    withStore(command)
      .addOption(new Option('--host <address>', 'listen here').env('HOST').default(host))
      .addOption(whole('--port <number>', '0 for any free one', 'PORT', 65_535, 0).default(port))
      .addOption(new Option('--tls-cert <path>', 'certificate, PEM').env('VELORA_TLS_CERT'))
      .addOption(new Option('--tls-key <path>', 'its key, PEM').env('VELORA_TLS_KEY'))
      .option(
        '--behind-tls-proxy',
        'a proxy of yours ends TLS before this receiver, and its X-Forwarded-For is believed',
      )
      .addOption(
        new Option('--origin <origin>', 'origin of a page that may read answers; repeatable')
          .env('VELORA_ORIGINS')
          .argParser(origins),
      )
      .addOption(
        whole('--largest-file <bytes>', 'longest file', 'VELORA_LARGEST_FILE', 1e15).default(
          largestFile,
        ),
      )
      .addOption(
        whole('--uploads-at-once <number>', 'at most', 'VELORA_UPLOADS_AT_ONCE', 10_000).default(
          uploadsAtOnce,
        ),
      )
      .addOption(
        whole(
          '--idle <seconds>',
          'how long a connection may stand still',
          'VELORA_IDLE_SECONDS',
          86_400,
        ).default(idleMs / 1000),
      )
      .addOption(
        whole(
          '--stop <seconds>',
          'how long uploads may go on when it is told to stop',
          'VELORA_STOP_SECONDS',
          86_400,
          0,
        ).default(stopMs / 1000),
      )
      .addOption(
        whole('--reads-per-minute <number>', 'of one key', 'VELORA_READS_PER_MINUTE', 1e9).default(
          readsPerMinute,
        ),
      )
      .addOption(
        whole(
          '--writes-per-minute <number>',
          'of one key',
          'VELORA_WRITES_PER_MINUTE',
          1e9,
        ).default(writesPerMinute),
      ),
  );
}

function withVaultDays(command: Command): Command {
  return command.addOption(
    new Option('--vault-days <days>', 'how long an original stays in the vault')
      .env('VELORA_VAULT_DAYS')
      .argParser((text) => wholeNumber(text, 1, 36_500))
      .default(defaultSettings.vaultDays),
  );
}

/** A whole number, for commander. */
export function wholeNumber(text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(
    `expected a whole number from ${String(least)} to ${String(most)}`,
  );
}

/** Origins (RFC 6454), separated by commas in the environment. */
function origins(text: string, earlier: readonly string[] = []): string[] {
  const given = text.split(',').map((origin) => origin.trim());
  const valid = given.every(
    (origin) =>
      /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin,
  );
  if (!valid) throw new InvalidArgumentError('expected origins such as https://example.com');
  return [...earlier, ...given];
}

/**
 * Which store the options and the environment name.
 * @throws VaultError option-invalid where neither folder nor database is named
 */
export function storePlace(options: StoreOptions): StorePlace {
  const folder = options.folder ?? null;
  const databaseUrl = variable('DATABASE_URL') ?? null;
  if (folder === null && databaseUrl === null) throw noFolder();
  return { folder, databaseUrl, key: keySource(options), vaultDays: defaultSettings.vaultDays };
}

/** The settings of a receiver. @throws VaultError option-invalid, receiver-unusable/tls */
export async function receiverSettings(
  options: ServeOptions,
): Promise<{ settings: Settings; key: KeySource }> {
  if (options.folder === undefined) throw noFolder();
  const settings: Settings = {
    folder: options.folder,
    databaseUrl: variable('DATABASE_URL') ?? null,
    host: options.host,
    port: options.port,
    tls: await readTls(options),
    trustProxy: options.behindTlsProxy === true,
    origins: options.origin ?? [],
    largestFile: options.largestFile,
    uploadsAtOnce: options.uploadsAtOnce,
    idleMs: options.idle * 1000,
    stopMs: options.stop * 1000,
    readsPerMinute: options.readsPerMinute,
    writesPerMinute: options.writesPerMinute,
    vaultDays: options.vaultDays,
  };
  return { settings, key: keySource(options) };
}

function keySource({ folder, kekFile, development }: StoreOptions): KeySource {
  const text = variable('VELORA_KEK');
  // Nothing that is started from here inherits it.
  Reflect.deleteProperty(process.env, 'VELORA_KEK');
  return { text, file: kekFile, developmentFolder: development === true ? (folder ?? null) : null };
}

async function readTls({ tlsCert, tlsKey }: ServeOptions): Promise<Settings['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new VaultError('option-invalid', 'expected --tls-cert and --tls-key together');
  }
  try {
    const certificate = await readFile(tlsCert, 'utf8');
    const key = await readFile(tlsKey, 'utf8');
    createSecureContext({ cert: certificate, key });
    return { certificate, key };
  } catch {
    throw new VaultError(
      'receiver-unusable',
      'expected a certificate and its key in PEM, in files that can be read, where --tls-cert and --tls-key point',
      { rule: 'tls' },
    );
  }
}

/** An environment variable; one that is empty counts as not set. */
export function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

function noFolder(): VaultError {
  return new VaultError(
    'option-invalid',
    "expected the receiver's folder: --folder PATH, or VELORA_RECEIVER_FOLDER",
  );
}
