/**
 * npm run bench:hmac: HMAC-SHA-256 of messages of 32 bytes under one key, by the kernel and by what
 * else there is, next to OpenSSL in the same run, since only ratios mean anything on a noisy
 * machine. Each contender runs in turn, several rounds; the best round counts. Time is wall clock,
 * of OpenSSL too.
 *
 *   npm run bench:hmac
 *   npm run bench:hmac -- --rounds 5 --seconds 1
 */
import { spawnSync } from 'node:child_process';
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { parseArgs } from 'node:util';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { compileKernel } from '../scripts/kernel.mjs';
import { benchMachine, benchSecret, inWords, keepResults, print } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const key = Buffer.from(benchSecret, 'hex');
const messageLength = 32;
const digestLength = 32;
const count = 4096;
const inFlight = 64;
const messages = Buffer.concat(
  Array.from({ length: count }, (_, i) => createHash('sha256').update(String(i)).digest()),
);
const message = (/** @type {number} */ i) =>
  messages.subarray(messageLength * i, messageLength * (i + 1));

const openssl = 'OpenSSL (openssl speed)';

/** @returns {number} HMACs a second, or 0 where OpenSSL is not installed */
function opensslSpeed() {
  const words = ['-hmac', 'sha256', '-bytes', String(messageLength), '-seconds', options.seconds];
  const { stdout } = spawnSync('openssl', ['speed', '-elapsed', ...words], { encoding: 'utf8' });
  const found = /^hmac\(sha256\)\s+([\d.]+)k/m.exec(stdout ?? '');
  return (1000 * Number(found?.[1] ?? 0)) / messageLength;
}

/** FIPS 180-4, section 5.3.3. */
const sha256Start = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** @returns {Promise<() => void>} one batch by the kernel, whose digests are those of Node */
async function kernelBatch() {
  const compiled = new WebAssembly.Module(Uint8Array.from(await compileKernel()));
  const kernel = /** @type {any} */ (new WebAssembly.Instance(compiled).exports);
  const text = kernel.memory.buffer.byteLength;
  const ends = text + messages.length + 64;
  const digests = ends + 4 * count;
  const state = digests + digestLength * count;
  const block = state + 64;
  kernel.memory.grow(Math.ceil((block + 64 - text) / 65_536));
  const memory = Buffer.from(kernel.memory.buffer);
  memory.set(messages, text);
  for (let i = 0; i < count; i += 1) memory.writeUInt32LE(messageLength * (i + 1), ends + 4 * i);
  [0x36, 0x5c].forEach((pad, half) => {
    sha256Start.forEach((word, i) => memory.writeUInt32LE(word, state + 32 * half + 4 * i));
    for (let i = 0; i < 64; i += 1) memory[block + i] = (key[i] ?? 0) ^ pad;
    kernel.sha256Blocks(state + 32 * half, block, 1);
  });
  kernel.setHmacState(state);
  const batch = () => kernel.hmac(text, 0, ends, count, digests);
  batch();
  for (let i = 0; i < count; i += 1) {
    const digest = memory.subarray(digests + digestLength * i, digests + digestLength * (i + 1));
    if (!digest.equals(createHmac('sha256', key).update(message(i)).digest())) {
      throw new Error(`the kernel's digest of message ${String(i)} is wrong`);
    }
  }
  return batch;
}

/** @param {(message: Buffer) => unknown} one */
const eachMessage = (one) => () => {
  for (let i = 0; i < count; i += 1) one(message(i));
};

async function webCryptoBatch() {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return async () => {
    for (let i = 0; i < count; i += inFlight) {
      const some = Array.from({ length: inFlight }, (_, j) => message(i + j));
      await Promise.all(some.map((one) => crypto.subtle.sign('HMAC', imported, one)));
    }
  };
}

/** @param {() => void | Promise<void>} batch of `count` messages */
async function speed(batch) {
  const started = performance.now();
  for (let batches = 1; ; batches += 1) {
    await batch();
    const passed = (performance.now() - started) / 1000;
    if (passed >= seconds) return (batches * count) / passed;
  }
}

const secret = createSecretKey(key);
const keyed = hmac.create(sha256, key);
/** @type {[string, () => void | Promise<void>][]} */
const batches = [
  ['the kernel, four lanes', await kernelBatch()],
  ['Node createHmac', eachMessage((one) => createHmac('sha256', secret).update(one).digest())],
  ['@noble/hashes', eachMessage((one) => keyed.clone().update(one).digest())],
  [`WebCrypto, ${String(inFlight)} in flight (thread pool)`, await webCryptoBatch()],
];

/** @type {Map<string, number>} */
const best = new Map([[openssl, 0]]);
const note = (/** @type {string} */ name, /** @type {number} */ found) =>
  best.set(name, Math.max(found, best.get(name) ?? 0));
for (let round = 0; round < Number(options.rounds); round += 1) {
  note(openssl, opensslSpeed());
  for (const [name, batch] of batches) note(name, await speed(batch));
}

const reference = best.get(openssl) ?? 0;
const machine = benchMachine();
console.log(`HMAC-SHA-256 of ${String(messageLength)} bytes; ${inWords(machine)}\n`);
print([
  ['contender', 'HMACs a second', 'to OpenSSL'],
  ...[...best].map(([name, found]) => [
    name,
    found > 0 ? Math.round(found).toLocaleString('en') : 'not installed',
    found > 0 && reference > 0 ? (found / reference).toFixed(2) : '-',
  ]),
]);

/** The colours of docs/performance.svg, by contender. */
const groups = ['floor', 'kernel-wasm', 'papa-webcrypto', 'papa-webcrypto', 'kernel-webcrypto'];
await keepResults(options.json, {
  machine,
  figures: [...best].map(([name, perSecond], i) => ({ group: groups[i], name, perSecond })),
});
