import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = join(import.meta.dirname, '..', 'dist', 'receiver.js');

/**
 * A receiver in a process of its own.
 * @typedef {object} ReceiverProcess
 * @property {string} url its origin
 * @property {number} pid
 * @property {() => string} log what it has written to standard error
 * @property {Promise<number | NodeJS.Signals | null>} ended exit code or signal, once it has ended
 * @property {(options: { tenant: string, name?: string, scopes?: readonly string[] }) => Promise<string>} createKey
 * @property {(words: readonly string[]) => Promise<string>} run another command on the same folder
 * @property {() => Promise<number | NodeJS.Signals | null>} stop asks it to end, and waits
 * @property {() => Promise<number | NodeJS.Signals | null>} kill ends it as a loss of power would, and waits
 */

/** Everything that a key may do. */
const allScopes = ['upload:write', 'uploads:read', 'vault:resolve', 'audit:read', 'audit:export'];

/**
 * Starts the built receiver and waits until it listens.
 * @param {object} options
 * @param {string} options.folder the receiver's own
 * @param {readonly string[]} [options.words] further arguments of `serve`
 * @param {Readonly<Record<string, string>>} [options.env] besides PATH and HOME
 * @param {AbortSignal} [options.signal] ends it, also while it starts
 * @returns {Promise<ReceiverProcess>} rejects where it ends before it listens
 */
export async function startReceiver({ folder, words = [], env = {}, signal }) {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...env };
  const place = ['--folder', folder];
  const child = spawn(
    process.execPath,
    [program, 'serve', ...place, '--development', '--port', '0', ...words],
    // A group of its own: Ctrl-C reaches whoever started it first, and that ends it in order. The
    // channel ends with whoever started it, and the receiver with the channel.
    { env: environment, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
  );
  /** @type {ReceiverProcess['ended']} */
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  /** @type {Set<NodeJS.Signals>} */
  const sent = new Set();
  /** Each signal once: a second one would end it at once. @param {NodeJS.Signals} how */
  const end = (how) => {
    const running = child.exitCode === null && child.signalCode === null;
    if (running && !sent.has(how)) child.kill(how);
    sent.add(how);
    return ended;
  };
  signal?.addEventListener('abort', () => void end('SIGTERM'));
  let log = '';
  const url = await new Promise((resolve, reject) => {
    child.stderr?.on('data', (/** @type {Buffer} */ part) => {
      log += part.toString();
      const [, origin] = /listening on (https?:\/\/\S+:\d+)/.exec(log) ?? [];
      if (origin !== undefined) resolve(origin);
    });
    void ended.then((how) => reject(new Error(`the receiver ended (${how}): ${log.slice(-2000)}`)));
  });
  const { pid = 0 } = child;
  /** @param {readonly string[]} commandWords */
  const run = async (commandWords) => {
    const [group = '', name = '', ...rest] = commandWords;
    const all = [program, group, name, ...place, '--development', ...rest];
    return (await promisify(execFile)(process.execPath, all, { env: environment })).stdout;
  };
  return {
    url,
    pid,
    log: () => log,
    ended,
    run,
    createKey: async ({ tenant, name = 'key', scopes = allScopes }) => {
      const granted = scopes.flatMap((scope) => ['--scope', scope]);
      return (await run(['keys', 'create', '--tenant', tenant, '--name', name, ...granted])).trim();
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
