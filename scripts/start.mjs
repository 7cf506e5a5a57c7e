/**
 * npm start: serves the built page and a receiver of uploads on 127.0.0.1 until Ctrl-C. The page is at
 * PORT, or else at 4173 or the next free port; the receiver stands behind it, below /api/. Builds
 * first where nothing has been built.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startReceiver } from './receiver-process.mjs';
import { servePage } from './serve-page.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist', 'page');

if (!existsSync(join(folder, 'index.html')) || !existsSync(join(root, 'dist', 'receiver.js'))) {
  console.log('Building …');
  execFileSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: 'inherit' });
}

console.log('Starting the receiver (the first time its database is made, which takes seconds) …');
const receiver = await startReceiver({ folder: receiverFolder() }).catch((error) =>
  stop(error instanceof Error ? error.message : 'The receiver did not start.'),
);
const page = await serve();
const key = await receiver.createKey({
  tenant: 'demo',
  name: 'npm start',
  scopes: ['upload:write'],
});
console.log(`
  Velora vault tokenizer: ${page.url}
  A key for uploads:      ${key}

  1. Open that address in Chrome, Edge, Firefox or Safari.
  2. Drop a claims file on it, or take the demo file that it offers.
  3. Upload the result with that key: the receiver runs on this machine too, for the customer "demo".
     Nothing leaves this machine.

  Ctrl-C stops both. The same on the command line: npm run demo
`);

let stopping = false;
async function stopBoth() {
  if (stopping) return;
  stopping = true;
  await page.close();
  const how = await receiver.stop();
  process.exitCode = how === 0 ? 0 : 1;
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stopBoth());
void receiver.ended.then((how) => {
  if (!stopping) stop(`The receiver has ended (${how}):\n${receiver.log().slice(-2000)}`);
});

/** Where the receiver keeps what it gets; another one for those who run two of them. */
function receiverFolder() {
  const { VELORA_RECEIVER_FOLDER: chosen } = process.env;
  if (chosen) return chosen;
  const parent = join(root, 'demo-output');
  mkdirSync(parent, { recursive: true });
  return join(parent, 'receiver');
}

async function serve() {
  const wished = process.env.PORT;
  const parts = { folder, receiver: receiver.url };
  if (wished !== undefined && wished !== '') {
    const port = Number(wished);
    if (!/^\d+$/.test(wished) || port > 65_535)
      return refuse('PORT must be a number from 0 to 65535.');
    return servePage({ ...parts, port }).catch((error) => refuse(cannot(port, error)));
  }
  const first = 4173;
  for (let port = first; ; port += 1) {
    try {
      return await servePage({ ...parts, port });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || port === first + 99) await refuse(cannot(port, error));
    }
  }
}

/** @param {number} port @param {unknown} error */
function cannot(port, error) {
  return `Port ${port} of 127.0.0.1 cannot be used (${codeOf(error)}): name another, PORT=8080 npm start`;
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown reason';
}

/**
 * @param {string} message
 * @returns {Promise<never>}
 */
async function refuse(message) {
  stopping = true;
  await receiver.stop();
  return stop(message);
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  console.error(message);
  process.exit(1);
}
