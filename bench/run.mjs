/**
 * npm run bench: the same claims file through the command line and through Python, in one run on
 * one machine, since only ratios mean anything on a noisy one. Each contender runs in turn,
 * several rounds; the best round counts. Then peak memory for that file and for one ten times as
 * large.
 *
 *   npm run bench                    400,000 rows (95 MB), three rounds, and 4,000,000 rows once
 *   npm run bench -- --rounds 5 --rows 100000 --no-large
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchClaims } from './claims.mjs';
import { benchMachine, measure, print, python, sha256 } from './measure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const command = join(here, '..', 'dist', 'cli.js');
const product = ['--product', 'claims_replay'];

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'boolean', default: true },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'velora-bench-'));
try {
  const file = await benchClaims({ rows: Number(options.rows) });
  const out = join(folder, 'out.csv');
  const vault = (/** @type {string[]} */ ...more) => [
    process.execPath,
    command,
    'tokenize',
    ...product,
    '--quiet',
    '--output',
    out,
    ...more,
  ];
  const cores = cpus().length;
  /** @type {{ name: string, words: string[] }[]} */
  const contenders = [
    { name: 'velora-vault, 1 worker', words: [...vault('--workers', '1'), file.path] },
    {
      name: `velora-vault, ${String(cores)} workers`,
      words: [...vault('--workers', String(cores)), file.path],
    },
    {
      name: 'velora-vault, 1 worker, with map',
      words: [
        ...vault('--workers', '1', '--force', '--write-map', join(folder, 'map.json')),
        file.path,
      ],
    },
    ...['python_rows.py', 'python_peer.py'].flatMap((script) =>
      [[], ['--cache']].map((cache) => ({
        name: `Python, ${script === 'python_rows.py' ? 'row by row' : 'tuned'}${cache.length > 0 ? ', cached' : ''}`,
        words: [
          python,
          join(here, script),
          ...cache,
          ...product,
          '--key-env',
          'VELORA_VAULT_KEY',
          file.path,
          out,
        ],
      })),
    ),
  ];
  console.log(
    `${(file.bytes / 1e6).toFixed(1)} MB, ${file.rows.toLocaleString('en')} rows, ${String(file.columns)} columns, ${file.tokenizedCells.toLocaleString('en')} cells to tokenize, ${file.distinctPairs.toLocaleString('en')} distinct; ${benchMachine()}\n`,
  );

  /** @type {Map<string, import('./measure.mjs').Measured>} */
  const best = new Map();
  /** @type {Map<string, string>} */
  const digests = new Map();
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const { name, words } of contenders) {
      const found = await measure(words);
      if (found.seconds < (best.get(name)?.seconds ?? Infinity)) best.set(name, found);
      digests.set(name, await sha256(out));
    }
  }
  if (new Set(digests.values()).size !== 1) throw new Error('the outputs differ');

  const cached = best.get('Python, row by row, cached')?.seconds ?? Number.NaN;
  const tuned = best.get('Python, tuned, cached')?.seconds ?? Number.NaN;
  print([
    ['whole process, best round', 's', 'MB/s', 'tokens/s', 'peak MB', '× Python cached', '× tuned'],
    ...[...best].map(([name, { seconds, peakMb }]) => [
      name,
      seconds.toFixed(2),
      (file.bytes / 1e6 / seconds).toFixed(1),
      Math.round(file.tokenizedCells / seconds).toLocaleString('en'),
      peakMb.toFixed(0),
      (cached / seconds).toFixed(2),
      (tuned / seconds).toFixed(2),
    ]),
  ]);
  console.log('\nAll outputs are the same, byte for byte.\n');

  if (options.large) {
    const large = await benchClaims({ rows: 10 * Number(options.rows) });
    const peaks = [];
    for (const { path, bytes } of [file, large]) {
      const one = await measure([...vault('--workers', '1'), path]);
      peaks.push({ bytes, ...one, written: (await stat(out)).size });
    }
    const [small, big] = peaks;
    print([
      ['memory, 1 worker, no map', 'MB in', 's', 'peak MB'],
      ...peaks.map(({ bytes, seconds, peakMb }) => [
        '',
        (bytes / 1e6).toFixed(0),
        seconds.toFixed(1),
        peakMb.toFixed(0),
      ]),
    ]);
    console.log(
      `\nTen times the file takes ${((big?.peakMb ?? 0) - (small?.peakMb ?? 0)).toFixed(0)} MB more.`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
