import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** One process among all that may ever see a folder: of this machine, of containers, of other machines. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Null where the system does not tell (no Linux). */
  readonly boot: string | null;
  readonly pidNamespace: string | null;
  /** Clock ticks after boot, so that another process with the same number is told apart. */
  readonly startedAt: string | null;
}

/** Who we are: proc(5), `/proc/sys/kernel/random/boot_id`, `/proc/self/ns/pid`, `/proc/self/stat`. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: told(() => readlinkSync('/proc/self/ns/pid')),
    startedAt: statusOf('self')?.startedAt ?? null,
  };
}

/**
 * Whether another process lives, as far as can be told from here.
 * @returns `unknown` for one of another machine, boot or container, and where its number may have been given to a new process
 */
export function lifeOf(other: ProcessIdentity, own: ProcessIdentity): 'alive' | 'gone' | 'unknown' {
  const known = other.boot !== null && other.pidNamespace !== null && other.startedAt !== null;
  const neighbour = known
    ? other.boot === own.boot && other.pidNamespace === own.pidNamespace
    : own.boot === null && other.host === own.host;
  if (!neighbour) return 'unknown';
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') return 'gone';
  }
  if (!known) return 'unknown';
  const status = statusOf(String(other.pid));
  if (status === null) return 'alive';
  return status.startedAt === other.startedAt && !status.dead ? 'alive' : 'gone';
}

/** State and start of a process. Its name, in parentheses, may hold blanks and parentheses. */
function statusOf(pid: string): { startedAt: string; dead: boolean } | null {
  const text = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startedAt] = [fields[0], fields[19]];
  if (state === undefined || startedAt === undefined) return null;
  return { startedAt, dead: 'ZXx'.includes(state) };
}

function told(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
