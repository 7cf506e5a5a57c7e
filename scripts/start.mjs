/**
 * npm start: serves the built page and a receiver of uploads on 127.0.0.1 until Ctrl-C. The page is at
 * PORT, or else at 4173 or the next free port; the receiver stands behind it, below /api/, and keeps
 * what it gets in VELORA_RECEIVER_FOLDER, or else in demo-output/receiver. Builds first where nothing
 * has been built.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { startReceiver } from './receiver-process.mjs';
import { servePage } from './serve-page.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist', 'page');
const kept = process.env.VELORA_RECEIVER_FOLDER || join(root, 'demo-output', 'receiver');

/** Ends what was started, last first. @type {(() => Promise<unknown>)[]} */
const closers = [];
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));

try {
  await start();
} catch (error) {
  await end(1, error instanceof Error ? error.message : 'It did not start.');
}

async function start() {
  const port = wishedPort();
  if (!existsSync(join(folder, 'index.html')) || !existsSync(join(root, 'dist', 'receiver.js'))) {
    console.log('Building …');
    execFileSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: 'inherit' });
  }
  if (!existsSync(kept)) console.log('Making the database of the receiver: some seconds …');
  mkdirSync(dirname(kept), { recursive: true });
  const { signal } = ending;
  if (signal.aborted) return;
  const receiver = await startReceiver({ folder: kept, signal }).catch((error) => {
    if (!/\[folder-locked\]/.test(String(error))) throw error;
    throw new Error(
      `npm start is running already with ${near(kept)}: use that page, or stop it first. For a second one: VELORA_RECEIVER_FOLDER=/tmp/other npm start`,
    );
  });
  await keep(() => receiver.stop());
  void receiver.ended.then((how) => end(1, `The receiver has ended (${how}).\n${receiver.log()}`));
  const page = await serve(port, receiver.url);
  await keep(() => page.close());
  const key = await receiver.createKey({ tenant: 'demo', name: 'npm start' });
  if (signal.aborted) return;
  console.log(`
  Velora vault tokenizer: ${page.url}
  Upload token:           ${key}

  1. Open that address in Chrome, Edge, Firefox or Safari.
  2. Drop a claims file on it, or take the demo file that it offers.
  3. Upload the result with that token: the receiver runs on this machine too, for the customer
     "demo", and keeps it in ${near(kept)}. Nothing leaves this machine.

  Ctrl-C stops both. The same on the command line: npm run demo, and then

    VELORA_UPLOAD_TOKEN=${key} \\
      npx velora-vault upload --product claims_replay --url ${page.url.slice(0, -1)} \\
      --token-env VELORA_UPLOAD_TOKEN demo-output/claims.tokenized.csv
`);
}

/**
 * Remembers how something ends that has just begun; ends it at once where all is ending already.
 * @param {() => Promise<unknown>} close
 */
async function keep(close) {
  closers.push(close);
  if (!ending.signal.aborted) return;
  await close();
  throw new Error('stopped while it started');
}

/** The port that PORT names; undefined where it names none. */
function wishedPort() {
  const wished = process.env.PORT;
  if (wished === undefined || wished === '') return undefined;
  if (/^\d+$/.test(wished) && Number(wished) <= 65_535) return Number(wished);
  throw new Error('PORT must be a number from 0 to 65535.');
}

/** @param {number | undefined} wished @param {string} receiver */
async function serve(wished, receiver) {
  const first = wished ?? 4173;
  for (let port = first; ; port += 1) {
    try {
      return await servePage({ folder, port, receiver });
    } catch (error) {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown reason';
      if (code === 'EADDRINUSE' && wished === undefined && port < first + 99) continue;
      throw new Error(
        `Port ${port} of 127.0.0.1 cannot be used (${code}): name another, PORT=8080 npm start`,
        { cause: error },
      );
    }
  }
}

/** @param {string} path */
function near(path) {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/**
 * @param {number} code
 * @param {string} [message]
 */
async function end(code, message) {
  if (ending.signal.aborted) return;
  ending.abort();
  if (message !== undefined) console.error(message);
  for (const close of closers.reverse()) await close();
  process.exitCode = code;
}
