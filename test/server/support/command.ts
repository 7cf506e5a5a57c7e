import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { runCommand } from '../../../src/server/command/run.ts';
import { type Receiver, startReceiver } from '../../../src/server/receiver.ts';
import { defaultSettings, type Settings } from '../../../src/server/settings.ts';
import type { Place } from './databases.ts';

/** The key-encryption key of a test file, as VELORA_KEK has it. */
export const kek = randomBytes(32).toString('hex');

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command line as a process would, and gives its exit code and what it has written. Call
 * `vi.unstubAllEnvs` after the test.
 */
export async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
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

/** The variables that name a place. */
export const environmentOf = ({ folder, databaseUrl }: Place) => ({
  VELORA_RECEIVER_FOLDER: folder,
  DATABASE_URL: databaseUrl ?? '',
});

/** The settings of a receiver of a place, on any free port. */
export const settingsOf = ({ folder, databaseUrl }: Place): Settings => ({
  ...defaultSettings,
  folder,
  databaseUrl,
  port: 0,
});

/** Starts a receiver in this process. */
export const start = (place: Place): Promise<Receiver> =>
  startReceiver(settingsOf(place), Buffer.from(kek, 'hex'), () => undefined, { write: () => true });

/** Words without blanks in them. */
export const words = (text: string) => text.split(' ');
