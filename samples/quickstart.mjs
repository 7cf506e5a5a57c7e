/**
 * The library in one page: tokenize, verify and restore over web streams. Needs no network.
 *
 *   node samples/quickstart.mjs
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { importSecret, restoreCsv, token, tokenizeCsv, verifyCsv } from 'velora-vault';

/** @type {(name: string) => string} */
const sample = (name) => fileURLToPath(new URL(name, import.meta.url));

// Files as web streams: read and written piece by piece, however large they are. The map and the
// restored file are PHI: created anew ("wx") and readable by you alone.
/** @type {(path: string) => ReadableStream<Uint8Array>} */
const from = (path) => Readable.toWeb(createReadStream(path));
/** @type {(path: string) => WritableStream<Uint8Array>} */
const to = (path) => Writable.toWeb(createWriteStream(path, { flags: 'wx', mode: 0o600 }));

const product = 'claims_replay';
const work = await mkdtemp(join(tmpdir(), 'velora-vault-'));
const tokenized = join(work, 'claims.tokenized.csv');
const map = join(work, 'claims.map.json');
const restored = join(work, 'claims.restored.csv');

try {
  // 1. The secret. This one is published; never use it for real data.
  const secret = await importSecret(await readFile(sample('demo.key'), 'utf8'));
  console.log('key fingerprint', secret.fingerprint);

  // 2. A single token, for a look-up of your own.
  console.log('SYN54321000-01 is', await token(secret, 'member_id', 'SYN54321000-01'));

  // 3. A whole file. The report counts; it never holds a value.
  const report = await tokenizeCsv({
    source: from(sample('claims.csv')),
    output: to(tokenized),
    map: to(map),
    product,
    secret,
  });
  console.log(`${report.rows} rows, ${report.map?.entries} originals in the map`);

  // 4. The check that the receiver will run. Findings name column, row and rule, never a value.
  const { findings } = await verifyCsv({ source: from(tokenized), product });
  if (findings.length > 0) throw new Error(`the tokenized file has ${findings.length} findings`);

  // 5. The same bytes as everywhere else.
  for (const [made, reference] of [
    [tokenized, sample('claims.tokenized.csv')],
    [map, sample('claims.map.json')],
  ]) {
    if (!(await readFile(made)).equals(await readFile(reference))) {
      throw new Error(`${made} differs from ${reference}`);
    }
  }
  console.log('output and map equal the reference');

  // 6. The way back.
  await restoreCsv({ source: from(tokenized), output: to(restored), map: from(map) });
  console.log('restored', (await readFile(restored, 'utf8')).includes('SYN54321000-01'));
} finally {
  await rm(work, { recursive: true });
}
