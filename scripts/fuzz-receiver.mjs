/**
 * npm run test:fuzz: random and hostile forms and files, by default for 35 seconds each, against a
 * receiver of its own. Fails on an answer of 500, on none at all, on a value of the files in an answer or
 * in the log, on a broken audit chain, and where fewer than 90 % of the requests got as far as the
 * parser that they were meant for. Arguments: seconds for each of the two, and a seed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReceiver } from './receiver-process.mjs';

const seconds = Number(process.argv[2] ?? 35);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
/** What stands in the files, and may stand nowhere else. */
const marker = 'Zebra';
const lanes = 8;
const patience = 30_000;

const random = generator(seed);
/** @param {number} below */
const integer = (below) => Math.floor(random() * below);
/** @template T @param {readonly T[]} from @returns {T} */
const pick = (from) => /** @type {T} */ (from[integer(from.length)]);

const samples = join(import.meta.dirname, '..', 'samples');
/** @param {string} name */
const someRows = (name) =>
  Buffer.from(readFileSync(join(samples, name), 'utf8').split('\n').slice(0, 30).join('\n'));
const tokenized = someRows('claims.tokenized.csv');
const original = Buffer.from(
  [
    'member_id,patient_last_name,dob,zip,notes,units',
    `A1,${marker},1980-01-02,78701,"${marker}, ""quoted""",1`,
    `A2,"${marker}\nin two lines",1/2/1949,02139,,2`,
  ].join('\r\n'),
);

/** Bytes that mean something to one of the parsers. */
const meaningful = [
  '"',
  '""',
  ',',
  '\t',
  '|',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\ufeff',
  '--',
  '@',
  marker,
].map((text) => Buffer.from(text));
const odd = [
  Buffer.from([0xff]),
  Buffer.from([0xc3]),
  Buffer.from([0xff, 0xfe]),
  Buffer.alloc(70_000, 'x'),
];

/** @param {Buffer} bytes */
function mutated(bytes) {
  let result = bytes;
  for (let changes = integer(5); changes > 0; changes -= 1) {
    const at = integer(result.length + 1);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    switch (integer(4)) {
      case 0:
        result = Buffer.concat([before, pick(random() < 0.9 ? meaningful : odd), after]);
        break;
      case 1:
        result = Buffer.concat([before, after.subarray(integer(20))]);
        break;
      case 2:
        result = Buffer.concat([before, before.subarray(-integer(200)), after]);
        break;
      default:
        result = Buffer.from(result);
        if (result.length > 0) result[integer(result.length)] = integer(256);
    }
  }
  return result;
}

/** @param {Buffer} content @param {string} boundary */
function wellFormed(content, boundary) {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${marker}.csv"\r\nContent-Type: text/csv\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/** @typedef {{ body: Buffer, contentType: string }} Form */

/** @type {() => Form} */
function anyForm() {
  const boundary = pick(['b', 'velora-vault-0123456789abcdef', "a'()+_,-./:=?z", 'x'.repeat(70)]);
  const content = pick([tokenized, original, Buffer.alloc(0), Buffer.from(`\r\n--${boundary}`)]);
  const part = (/** @type {string} */ head) =>
    Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), content, Buffer.from('\r\n')]);
  const end = Buffer.from(`--${boundary}--\r\n`);
  const bodies = [
    () => mutated(wellFormed(content, boundary)),
    () => wellFormed(content, boundary).subarray(0, integer(2000)),
    () => Buffer.concat([wellFormed(content, boundary), wellFormed(content, boundary)]),
    () => Buffer.concat([part('Content-Disposition: form-data; name="other"'), end]),
    () =>
      Buffer.concat([
        part(`content-disposition: FORM-DATA; filename*=utf-8''${marker}; name=file`),
        end,
      ]),
    () =>
      Buffer.concat([
        part('X: y'),
        part('Content-Disposition: form-data; name="file"; filename=""'),
        end,
      ]),
    () =>
      Buffer.concat([
        part(
          `Content-Disposition: form-data; name="file"; filename="a"\r\nX: ${'y'.repeat(integer(30_000))}`,
        ),
        end,
      ]),
    () =>
      Buffer.concat(
        Array.from({ length: integer(300) }, () =>
          part('Content-Disposition: form-data; name="a"'),
        ).concat(end),
      ),
    () => Buffer.from(Array.from({ length: integer(3000) }, () => integer(256))),
  ];
  const contentTypes = [
    `multipart/form-data; boundary=${boundary}`,
    `multipart/form-data; boundary="${boundary}"`,
    `Multipart/Form-Data;charset=utf-8;  BOUNDARY="${boundary}"`,
  ];
  return { body: pick(bodies)(), contentType: pick(contentTypes) };
}

/** @type {() => Form} */
function anyFile() {
  const boundary = 'velora-vault-0123456789abcdef';
  const content = mutated(pick([tokenized, original]));
  return {
    body: wellFormed(content, boundary),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'velora-fuzz-'));
const receiver = await startReceiver({
  folder,
  words: ['--writes-per-minute', '10000000', '--reads-per-minute', '10000000'],
});
const key = await receiver.createKey({ tenant: 'fuzz' });
const { hostname, port } = new URL(receiver.url);
/** @type {string[]} */
const faults = [];

/**
 * @param {Form} form
 * @returns {Promise<{ status: number, text: string, type: string }>} status 0 where there is no answer
 */
function send({ body, contentType }) {
  return new Promise((resolve) => {
    const mode = pick([
      { 'X-Velora-Vault-Mode': 'pretokenized' },
      { 'X-Velora-Vault-Key': 'ab'.repeat(32) },
      { 'X-Velora-Customer-Id': 'fuzz' },
    ]);
    const sent = request({
      ...{ hostname, port, method: 'POST', path: '/api/v2/secure-upload/claims_replay' },
      agent: false,
      timeout: patience,
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': contentType,
        'Content-Length': String(body.length),
        ...mode,
      },
    });
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (/** @type {Buffer} */ piece) => (text += piece.toString()));
      response.on('error', () => resolve({ status: 0, text, type: '' }));
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, text, type });
      });
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve({ status: 0, text: '', type: '' }));
    sent.on('close', () => resolve({ status: 0, text: '', type: '' }));
    let from = 0;
    const next = () => {
      if (from >= body.length || sent.destroyed) return void sent.end();
      const to = from + 1 + integer(random() < 0.2 ? 16 : body.length);
      sent.write(body.subarray(from, to));
      from = to;
      setImmediate(next);
    };
    next();
  });
}

/**
 * Whether a mutation has put the marker into what a reader takes for the file's header, which
 * answers may name. @param {Buffer} body
 */
function isInHeader(body) {
  const file = body.subarray(Math.max(0, body.indexOf('\r\n\r\n') + 4)).toString('latin1');
  let quoted = false;
  for (let i = 0; i < file.length; i += 1) {
    if (file[i] === '"') quoted = !quoted;
    const ends = !quoted && (file[i] === '\r' || file[i] === '\n');
    if (ends && file.slice(0, i).trim() !== '') return file.slice(0, i).includes(marker);
  }
  return file.includes(marker);
}

/** Refusals from before the form is read. */
const beforeTheForm = new Set([
  'content-type-unsupported',
  'unauthorized',
  'too-many-requests',
  'busy',
]);
/** Refusals from before the file is read. */
const beforeTheFile = new Set([...beforeTheForm, 'form-invalid', 'file-missing', 'file-repeated']);

/**
 * @param {string} name
 * @param {() => Form} form
 * @param {ReadonlySet<string>} outside problems that say that the parser was not reached
 */
async function campaign(name, form, outside) {
  const until = Date.now() + 1000 * seconds;
  /** @type {Map<string, number>} */
  const outcomes = new Map();
  let [count, reached] = [0, 0];
  const lane = async () => {
    while (Date.now() < until) {
      const sent = form();
      const { status, text, type } = await send(sent);
      count += 1;
      const problem = /"urn:velora:problem:([a-z-]+)"/.exec(text)?.[1];
      const outcome = `${status} ${problem ?? ''}`.trim();
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (status !== 0 && !outside.has(problem ?? '')) reached += 1;
      const fault =
        (status === 0 && 'no answer') ||
        (status >= 500 && `answer ${outcome}`) ||
        (status >= 400 && !type.startsWith('application/problem+json') && 'no problem document') ||
        (text.includes(marker) && !isInHeader(sent.body) && 'a value in the answer');
      if (fault)
        faults.push(`${name}: ${fault}; form: ${sent.body.toString('base64').slice(0, 4000)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const share = (100 * reached) / count;
  console.log(
    `${name}: ${count} requests in ${seconds} s, ${share.toFixed(1)} % reached the parser`,
  );
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a)) {
    console.log(`  ${String(times).padStart(7)}  ${outcome}`);
  }
  if (count === 0 || share < 90) faults.push(`${name}: expected 90 % to reach the parser`);
}

console.log(`seed ${seed}`);
await campaign('forms', anyForm, beforeTheForm);
await campaign('files', anyFile, beforeTheFile);

const chain = await receiver.run(['audit', 'verify']).catch((error) => String(error));
console.log(chain.trim());
if (!/^(?!.*broken)/is.test(chain)) faults.push('the audit chain does not verify');
const how = await receiver.stop();
if (how !== 0) faults.push(`the receiver ended with ${how}`);
if (receiver.log().includes(marker)) faults.push('a value in the log');
rmSync(folder, { recursive: true, force: true });
for (const fault of faults.slice(0, 20)) console.error(fault);
console.log(faults.length === 0 ? 'no fault found' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

/**
 * Numbers from 0 to 1 that a seed repeats (mulberry32).
 * @param {number} state
 */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
