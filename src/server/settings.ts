/** What a receiver is told before it starts. Sizes are bytes, times are milliseconds. */
export interface Settings {
  /** Folder of its own: embedded database, tokenized files, lock. Nobody else may use it meanwhile. */
  readonly folder: string;
  /** PostgreSQL instead of the embedded database. */
  readonly databaseUrl: string | null;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Certificate and key in PEM; null where a proxy before it ends TLS, or on loopback. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Whether the addresses of clients are taken from `X-Forwarded-For`: only behind a proxy of one's own. */
  readonly trustProxy: boolean;
  /** Origins of pages that may read answers (CORS). */
  readonly origins: readonly string[];
  /** Longest file that is taken, in bytes. */
  readonly largestFile: number;
  /** Uploads that are taken at the same time. */
  readonly uploadsAtOnce: number;
  /** How long a connection may stand still. */
  readonly idleMs: number;
  /** How long uploads may go on after the receiver was told to stop. */
  readonly stopMs: number;
  /** Requests a minute and key. */
  readonly readsPerMinute: number;
  readonly writesPerMinute: number;
  /** How long an original stays in the vault. */
  readonly vaultDays: number;
}

/** The documented limits, and defaults for what nobody says. */
export const defaultSettings = {
  databaseUrl: null,
  host: '127.0.0.1',
  port: 8787,
  tls: null,
  trustProxy: false,
  origins: [],
  largestFile: 20e9,
  uploadsAtOnce: 64,
  idleMs: 60_000,
  stopMs: 30_000,
  readsPerMinute: 1000,
  writesPerMinute: 200,
  vaultDays: 90,
} as const satisfies Omit<Settings, 'folder'>;
