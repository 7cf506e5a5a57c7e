import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PseudorandomFunction, webCryptoFunction } from '../../src/core/prf.ts';
import { instantiate, kernelHmacs } from '../support/kernel-hmac.ts';
import type { Tally } from './tally.ts';

interface Wycheproof {
  readonly testGroups: readonly {
    readonly tagSize: number;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly key: string;
      readonly msg: string;
      readonly tag: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

interface Rfc4231 {
  readonly cases: readonly {
    readonly rfc_section: string;
    readonly key: string;
    readonly data: string;
    readonly hmac_sha256: string;
  }[];
}

const unhex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'hex'));

async function functionsOf(key: string): Promise<Record<string, PseudorandomFunction>> {
  const bytes = unhex(key);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const webKey = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  return { webcrypto: webCryptoFunction(webKey), kernel: kernelFunction(bytes) };
}

/** Bytes of a block of SHA-256. Longer keys are hashed first (RFC 2104, section 2). */
const blockLength = 64;

/** For one message. The kernel's own keys are of 32 bytes: longer ones are hashed for it. */
function kernelFunction(key: Uint8Array): PseudorandomFunction {
  const short = key.length > blockLength ? createHash('sha256').update(key).digest() : key;
  return (message) => {
    const [digest] = kernelHmacs(instantiate(), short, [message]);
    return Promise.resolve(Uint8Array.from(digest ?? []));
  };
}

async function digestOf(compute: PseudorandomFunction, message: string): Promise<string> {
  const bytes = unhex(message);
  return Buffer.from(await compute(bytes, Uint32Array.of(bytes.length))).toString('hex');
}

const read = async (folder: string, name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, 'hmac', name), 'utf8'));

/** Known answers for HMAC-SHA-256, whole and truncated, by both implementations that compute tokens. */
export async function checkHmac(folder: string, tally: Tally): Promise<void> {
  tally.section('HMAC-SHA-256, by WebCrypto and by the kernel');
  const before = tally.passed;
  const { testGroups } = (await read(folder, 'wycheproof_hmac_sha256_test.json')) as Wycheproof;
  for (const { tagSize, tests } of testGroups) {
    for (const { tcId, comment, key, msg, tag, result } of tests) {
      for (const [name, compute] of Object.entries(await functionsOf(key))) {
        const digest = (await digestOf(compute, msg)).slice(0, tagSize / 4);
        tally.check((digest === tag) === (result === 'valid'), `${name} ${String(tcId)}`, comment);
      }
    }
  }
  tally.say(`  Wycheproof: ${String(tally.passed - before)} passed`);
  const between = tally.passed;
  const { cases } = (await read(folder, 'rfc4231_hmac_sha256.json')) as Rfc4231;
  for (const { rfc_section: section, key, data, hmac_sha256: expected } of cases) {
    for (const [name, compute] of Object.entries(await functionsOf(key))) {
      tally.check((await digestOf(compute, data)) === expected, `${name} RFC 4231 ${section}`);
    }
  }
  tally.say(`  RFC 4231: ${String(tally.passed - between)} passed`);
}
