import { proxy } from 'comlink';
import { describe, expect, test } from 'vitest';
import segmentText from 'virtual:worker/segment';
import { asVaultError, VaultError } from '../../src/core/errors.ts';
import { importSecret } from '../../src/core/secret.ts';
import { unwrap } from '../../src/platform/start-worker.ts';
import type { FileChoices, PrivateFileName, RunProgress } from '../../src/protocol.ts';
import { testSecretText, tokenizeText } from '../support/tokenize.ts';
import { gzip, joined } from './support/bytes.ts';
import {
  choices,
  createFolder,
  fileOf,
  namesIn,
  run,
  startTokenizer,
} from './support/tokenizer.ts';
import csv from '../../samples/claims.csv?raw';
import expectedMap from '../../samples/claims.map.json?raw';
import expectedCsv from '../../samples/claims.tokenized.csv?raw';
import demoSecret from '../../samples/demo.key?raw';

/** Nobody knows `Risk Band`: the person keeps it, as the command line does unless told otherwise. */
const demoChoices: FileChoices = { ...choices, decisions: [{ select: '#26', action: 'keep' }] };
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** More text than a pool takes to start. */
const rows = Array.from(
  { length: 160_000 },
  (_, i) => `M${String(i % 5003)},"Zoë, ${String(i % 397)}",2024-01-02,${String(i)}.50\n`,
);
const large = `member_id,patient_name,service_date,paid_amount\n${rows.join('')}`;

async function refused(work: Promise<unknown>): Promise<VaultError> {
  try {
    await work;
  } catch (error) {
    return asVaultError(error);
  }
  throw new Error('expected a refusal');
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

describe('a run', () => {
  test('of the demo file gives the bytes of the command line', async () => {
    const { outcome, output, map } = await run(fileOf(csv), {
      secretText: demoSecret,
      choices: demoChoices,
    });
    expect(output).toBe(expectedCsv);
    expect(map).toBe(expectedMap);
    expect(outcome.mapBytes).toBe(utf8(expectedMap).length);
    expect(outcome.report).toMatchObject({
      engine: 'kernel+webcrypto',
      input: { bytes: utf8(csv).length, sha256: await digestOf(utf8(csv)) },
      output: { bytes: utf8(expectedCsv).length, sha256: await digestOf(utf8(expectedCsv)) },
    });
    expect(outcome.report.input).not.toHaveProperty('gzip');
    expect(outcome.walls).toEqual({ code: false, network: false });
  });

  test.each([1, 3])('of a large file by %d workers is as without any', async (workers) => {
    const expected = await tokenizeText(large);
    const told: RunProgress[] = [];
    const { outcome, output, map } = await run(fileOf(large), {
      workers,
      onProgress: (progress) => told.push(progress),
    });
    expect(output === expected.output && map === expected.map).toBe(true);
    expect(outcome.report).toMatchObject({
      rows: rows.length,
      columns: expected.report.columns,
      output: expected.report.output,
      input: expected.report.input,
    });
    expect(told.at(-1)).toEqual({ bytes: utf8(large).length, rows: rows.length });
    expect(told.map(({ bytes }) => bytes)).toEqual(
      told.map(({ bytes }) => bytes).sort((a, b) => a - b),
    );
  });

  test('of gzip with several members is about the file as given', async () => {
    const half = large.length >> 1;
    const members = await Promise.all(
      [large.slice(0, half), large.slice(half)].map(utf8).map(gzip),
    );
    const file = joined(members);
    const expected = await tokenizeText(large);
    const { outcome, output } = await run(fileOf(file, 'claims.csv.gz'));
    expect(output === expected.output).toBe(true);
    expect(outcome.report.input).toMatchObject({
      bytes: file.length,
      sha256: await digestOf(file),
      gzip: true,
    });
  });

  test('leaves the map encrypted on the disk, and the output plain', async () => {
    const { folder } = await run(fileOf('member_id,paid_amount\nZebra-Member-1,10\n'));
    expect(await namesIn(folder.handle)).toEqual(['map.json', 'tokenized.csv']);
    const bytes = async (name: string): Promise<string> =>
      new TextDecoder('latin1').decode(
        await (await (await folder.handle.getFileHandle(name)).getFile()).arrayBuffer(),
      );
    expect(await bytes('map.json')).not.toMatch(/Zebra|MBR_/);
    expect(await bytes('tokenized.csv')).toMatch(/^member_id,paid_amount\nMBR_[0-9a-f]{16},10\n$/);
  });

  test('does not begin where the walls are open and nobody has said so', async () => {
    for (const text of [csv, large]) {
      const error = await refused(run(fileOf(text), { openWallsAcknowledged: false }));
      expect(error.code).toBe('walls-open');
    }
  });
});

describe('without a picker, a run', () => {
  test('goes on where its map can be saved', async () => {
    const { outcome } = await run(fileOf(large), { largestMap: 1 << 28 });
    expect(outcome.report.rows).toBe(rows.length);
  });

  test('does not begin where its map may be too large to be saved', async () => {
    const told: RunProgress[] = [];
    const onProgress = (progress: RunProgress): void => void told.push(progress);
    const error = await refused(run(fileOf(large), { largestMap: 1 << 20, onProgress }));
    expect(error).toMatchObject({ code: 'storage-full', rule: 'no-picker' });
    expect(error.message).toMatch(/up to 1 MB: use Chrome or Edge, or the command line$/);
    expect(told).toEqual([]);
  });
});

describe('a run that fails', () => {
  async function failing(
    content: BlobPart,
    changes: Parameters<typeof run>[1] = {},
  ): Promise<{ readonly error: VaultError; readonly left: string[] }> {
    const folder = await createFolder();
    const { remote, terminate } = startTokenizer();
    try {
      const { handle, ...given } = folder;
      const answer = await remote.tokenize(
        {
          file: fileOf(content),
          choices,
          workers: 2,
          segmentWorker: segmentText,
          openWallsAcknowledged: true,
          largestMap: null,
          ...changes,
          secret: await importSecret(testSecretText),
          folder: given,
        },
        proxy(() => undefined),
      );
      if ('value' in answer) throw new Error('expected a failure');
      return { error: VaultError.fromPlain(answer.error), left: await namesIn(handle) };
    } finally {
      terminate();
    }
  }

  test.each([
    ['ragged', 'M1,Zebra-SSN-1,2024-01-02,1,Zebra-SSN-2\n'],
    ['quote-text-after', 'M1,"Zebra-SSN-1"x,2024-01-02,1\n'],
    ['quote-unterminated', 'M1,"Zebra-SSN-1,2024-01-02,1\n'],
    ['tokens-found', 'MBR_0123456789abcdef,Zebra-SSN-1,2024-01-02,1\n'],
    ['output-check', 'M1,Zebra-SSN-1,2024-01-02,078-05-1120\n'],
    ['not-text', 'M1,Zebra\0SSN,2024-01-02,1\n'],
  ])('%s: leaves no file and tells no value', async (code, record) => {
    for (const text of [large, 'member_id,patient_name,service_date,paid_amount\n']) {
      const { error, left } = await failing(text + record);
      expect(error.code).toBe(code);
      expect(JSON.stringify(error.toPlain())).not.toMatch(/Zebra|0123456789abcdef|078-05-1120/);
      expect(left).toEqual([]);
    }
  });

  test('gzip that breaks off', async () => {
    const bytes = await gzip(utf8(large));
    const { error, left } = await failing(bytes.subarray(0, bytes.length - 9));
    expect(error).toMatchObject({ code: 'input-unreadable' });
    expect(error.message).toMatch(/^the file: the compressed data is damaged or breaks off/);
    expect(left).toEqual([]);
  });

  test('a segment worker that dies', async () => {
    const dying = `addEventListener('message', ({ data }) => {
      if (data.path?.[0] === 'process') setTimeout(() => { throw new Error('Zebra-SSN-1'); });
    });${segmentText}`;
    const { error, left } = await failing(large, { segmentWorker: dying });
    expect(error.code).toBe('worker-ended');
    expect(error.message).not.toContain('Zebra');
    expect(left).toEqual([]);
  });

  test('cancelled by termination: the call ends, and the folder can be removed', async () => {
    const folder = await createFolder();
    const { remote, terminate } = startTokenizer();
    const { handle: _, ...given } = folder;
    let begun = (): void => undefined;
    const underWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const work = refused(
      remote.tokenize(
        {
          file: fileOf(large),
          choices,
          workers: 2,
          segmentWorker: segmentText,
          openWallsAcknowledged: true,
          largestMap: null,
          secret: await importSecret(testSecretText),
          folder: given,
        },
        proxy(() => {
          begun();
        }),
      ),
    );
    await underWay;
    terminate();
    expect((await work).code).toBe('worker-ended');
    const origin = await navigator.storage.getDirectory();
    const root = await origin.getDirectoryHandle('velora-vault');
    // The handles of a dead worker close a moment after it.
    await expect
      .poll(
        () => root.removeEntry(folder.name, { recursive: true }).then(() => 'removed', String),
        {
          timeout: 20_000,
        },
      )
      .toBe('removed');
  });
});

describe('a preview', () => {
  test('of plain text and of gzip is the same, but for that', async () => {
    const { remote, terminate } = startTokenizer();
    const plain = unwrap(await remote.preview(fileOf(csv), choices));
    const zipped = unwrap(await remote.preview(fileOf(await gzip(utf8(csv))), choices));
    expect(zipped).toEqual({ ...plain, gzip: true });
    expect(plain).toMatchObject({ gzip: false, delimiter: ',', headerQuestion: null });
    terminate();
  });

  test('tells faults as answers', async () => {
    const { remote, terminate } = startTokenizer();
    expect(await remote.preview(fileOf(''), choices)).toMatchObject({ error: { code: 'empty' } });
    expect(await remote.preview(fileOf('PK\u0003\u0004'), choices)).toMatchObject({
      error: { code: 'not-text' },
    });
    terminate();
  });

  test('shows values of one column when asked for them', async () => {
    const { remote, terminate } = startTokenizer();
    const file = fileOf('member_id,paid_amount\nA,1\nB,2\nA,3\n,4\nC,5\nD,6\n');
    expect(unwrap(await remote.examples(file, choices, 0))).toEqual(['A', 'B', 'C']);
    terminate();
  });

  test('the catalogue names products and what a column may be', async () => {
    const { remote, terminate } = startTokenizer();
    const catalogue = await remote.catalogue();
    expect(catalogue.products.map(({ slug }) => slug)).toContain('claims_replay');
    expect(catalogue.targets).toContainEqual({
      column: 'member_id',
      action: 'tokenize',
      prefix: 'MBR',
    });
    terminate();
  });
});

describe('a restore', () => {
  const given = large.split('\n', 1001).join('\n') + '\n';

  test.each([false, true])('gives the originals back (gzip: %s)', async (zipped) => {
    const packed = async (text: string): Promise<File> =>
      fileOf(zipped ? await gzip(utf8(text)) : text);
    const { output, map } = await run(fileOf(given));
    const { handle: _, ...folder } = await createFolder();
    const { remote, terminate } = startTokenizer();
    const outcome = unwrap(
      await remote.restore(
        { file: await packed(output), map: await packed(map), folder },
        proxy(() => undefined),
      ),
    );
    const restored = await unwrap(await remote.read(folder, 'restored.csv')).text();
    terminate();
    expect(outcome).toEqual({
      rows: 1000,
      restored: 2000,
      unknownTokens: 0,
      bytes: utf8(given).length,
    });
    expect(restored).toBe(given);
  });

  test('with a map that is none leaves no file', async () => {
    const { handle, ...folder } = await createFolder();
    const { remote, terminate } = startTokenizer();
    const answer = await remote.restore(
      { file: fileOf('member_id\nx\n'), map: fileOf('{"Zebra-SSN-1": "x"}'), folder },
      proxy(() => undefined),
    );
    terminate();
    expect(answer).toMatchObject({ error: { code: 'map-invalid' } });
    expect(JSON.stringify(answer)).not.toContain('Zebra');
    expect(await namesIn(handle)).toEqual([]);
  });
});

describe('saving', () => {
  async function target(name: string): Promise<FileSystemFileHandle> {
    const origin = await navigator.storage.getDirectory();
    const folder = await origin.getDirectoryHandle('picked', { create: true });
    return folder.getFileHandle(name, { create: true });
  }

  test('writes the plain bytes of either file', async () => {
    const { folder, map, output } = await run(fileOf(large));
    const { handle: _, ...given } = folder;
    const { remote, terminate } = startTokenizer();
    const saved = async (name: PrivateFileName): Promise<string> => {
      const picked = await target(crypto.randomUUID());
      unwrap(await remote.saveTo(given, name, picked));
      return (await picked.getFile()).text();
    };
    expect((await saved('map.json')) === map).toBe(true);
    expect((await saved('tokenized.csv')) === output).toBe(true);
    terminate();
  });

  test('a damaged file leaves what was picked as it was', async () => {
    const { folder } = await run(fileOf(csv), { choices: demoChoices });
    const { handle, ...given } = folder;
    const file = await handle.getFileHandle('map.json');
    const writable = await file.createWritable({ keepExistingData: true });
    await writable.write({ type: 'write', position: 20, data: 'x' });
    await writable.close();
    const picked = await target(crypto.randomUUID());
    const { remote, terminate } = startTokenizer();
    const answer = await remote.saveTo(given, 'map.json', picked);
    terminate();
    expect(answer).toMatchObject({ error: { code: 'input-unreadable', rule: 'private-file' } });
    expect((await picked.getFile()).size).toBe(0);
  });

  test('of a run that is gone says so', async () => {
    const { key } = await createFolder();
    const { remote, terminate } = startTokenizer();
    const answer = await remote.read({ name: crypto.randomUUID(), key }, 'map.json');
    terminate();
    expect(answer).toMatchObject({ error: { code: 'input-unreadable' } });
  });
});
