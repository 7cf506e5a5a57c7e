import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { classifyHeader } from '../../src/core/headers.ts';
import { getProduct } from '../../src/core/schema.ts';
import { type Answer, base64, bytesOf, Reference } from '../parity/reference.ts';
import { readTable } from './read-table.ts';
import type { Tally } from './tally.ts';

/** A secret that belongs to nobody. */
const secret = 'c0ffee00'.repeat(8);

const referenceYear = 2024;

/** The same files under several products and options. */
const settings: readonly { readonly product: string; readonly options: readonly string[] }[] = [
  { product: 'claims_replay', options: [] },
  {
    product: 'provider_benchmark',
    options: ['--safe-harbor', '--reference-year', String(referenceYear), '--unknown', 'drop'],
  },
];

interface PreviewColumn {
  readonly index: number;
  readonly header: string;
  readonly column: string | null;
  readonly action: string;
  readonly suspect?: boolean;
}

interface Preview {
  readonly columns: readonly PreviewColumn[];
}

interface Decisions {
  readonly columns: Record<string, string>;
  readonly drop: string[];
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every sample file through the real command line, against the reference. */
export async function checkHealth(folder: string, cli: string, tally: Tally): Promise<void> {
  tally.section('Health samples: preview, tokenize, verify, restore');
  const root = join(folder, 'health');
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.csv'));
  const reference = new Reference();
  try {
    for (const name of names.sort()) {
      for (const { product, options } of settings) {
        const place = mkdtempSync(join(tmpdir(), 'velora-corpus-'));
        try {
          const expect: Expect = (passes, what, why) => {
            tally.check(passes, `${relative(folder, join(root, name))} ${product} ${what}`, why);
          };
          const settled = { cli, place, product, options, reference, expect };
          const said = await checkFile(join(root, name), settled);
          tally.say(`  ${name} as ${product}: ${said}`);
        } finally {
          rmSync(place, { recursive: true, force: true });
        }
      }
    }
  } finally {
    await reference.close();
  }
}

type Expect = (passes: boolean, what: string, why?: string) => void;

interface Settled {
  readonly cli: string;
  /** An empty folder. */
  readonly place: string;
  readonly product: string;
  readonly options: readonly string[];
  readonly reference: Reference;
  readonly expect: Expect;
}

/** A sample; one with ragged records must be refused by both, and is then tried without them. */
async function checkFile(input: string, settled: Settled): Promise<string> {
  const { place, expect } = settled;
  const text = readFileSync(input, 'utf8');
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const width = lines[0]?.split(',').length;
  const whole = lines.filter((line) => line.split(',').length === width);
  if (text.includes('"') || whole.length === lines.length) {
    return new HealthFile(input, settled).check();
  }
  const broken = new HealthFile(input, settled);
  await broken.expectRefused('field-count', 'ragged');
  const mended = join(place, 'mended.csv');
  writeFileSync(mended, `${whole.join('\n')}\n`);
  const said = await new HealthFile(mended, settled).check();
  const left = lines.length - whole.length;
  expect(whole.length > 1, 'sound rows');
  return `refused; without ${String(left)} ragged records: ${said}`;
}

class HealthFile {
  readonly #input: string;
  readonly #settled: Settled;

  constructor(input: string, settled: Settled) {
    this.#input = input;
    this.#settled = settled;
  }

  /** Both sides refuse the file, and ours leaves nothing behind. */
  async expectRefused(rule: string, code: string): Promise<void> {
    const { expect } = this.#settled;
    const { accept, decisions } = this.#prepare();
    const run = this.#tokenize(accept, decisions);
    expect(run.code === 3 && run.stderr.includes(`[${rule}]`), 'tokenize, refused', run.stderr);
    expect(!existsSync(this.#at('out.csv')) && !existsSync(this.#at('map.json')), 'nothing left');
    const theirs = await this.#ask(accept.length > 0, decisions);
    expect(theirs.code === code, 'reference, refused', theirs.code ?? 'accepted');
  }

  async check(): Promise<string> {
    const { expect, product } = this.#settled;
    const read = (name: string): Buffer =>
      existsSync(this.#at(name)) ? readFileSync(this.#at(name)) : Buffer.of();
    const { accept, decisions } = this.#prepare();
    const run = this.#tokenize(accept, decisions);
    expect(run.code === 0, 'tokenize', run.stderr);

    const theirs = await this.#ask(accept.length > 0, decisions);
    expect(theirs.ok, 'reference', `${theirs.code ?? ''} ${theirs.message ?? ''}`);
    if (theirs.ok) {
      const differs = 'differs from the reference';
      expect(read('out.csv').equals(bytesOf(theirs, 'output')), 'output', differs);
      expect(read('map.json').equals(bytesOf(theirs, 'map')), 'map', differs);
    }

    const checked = ['--quiet', '--product', product, ...accept, this.#at('out.csv')];
    const verify = this.#run(['verify', ...checked]);
    expect(verify.code === 0, 'verify', verify.stderr);
    const back = ['--quiet', '--map', this.#at('map.json'), '--output', this.#at('back.csv')];
    const restore = this.#run(['restore', ...back, this.#at('out.csv')]);
    expect(restore.code === 0, 'restore', restore.stderr);

    const chosen = this.#chosen(accept, decisions);
    const after = this.#run(['preview', '--json', ...chosen, this.#input]);
    expect(after.code === 0, 'preview with decisions', after.stderr);
    if (after.code !== 0) return 'failed';
    const { columns } = JSON.parse(after.stdout) as Preview;
    return this.#compareBack(columns, read('out.csv'), read('back.csv'));
  }

  /** What the preview asks for. */
  #prepare(): { accept: readonly string[]; decisions: Decisions } {
    const { product, expect } = this.#settled;
    const words = ['preview', '--product', product, '--json', this.#input];
    // A file without a known identifier asks whether its first record is a header.
    const first = this.#run(words);
    const accept = first.code === 0 ? [] : ['--accept-header'];
    const preview = first.code === 0 ? first : this.#run([...words, ...accept]);
    expect(preview.code === 0, 'preview', preview.stderr);
    if (preview.code !== 0) return { accept, decisions: { columns: {}, drop: [] } };
    return { accept, decisions: this.#decide((JSON.parse(preview.stdout) as Preview).columns) };
  }

  #chosen(accept: readonly string[], { columns, drop }: Decisions): string[] {
    const { product, options } = this.#settled;
    const mapped = Object.entries(columns).map(([select, column]) => `${select}=${column}`);
    return [
      ...['--product', product, ...options, ...accept],
      ...mapped.flatMap((text) => ['--column', text]),
      ...drop.flatMap((select) => ['--drop', select]),
    ];
  }

  #tokenize(accept: readonly string[], decisions: Decisions): Run {
    const written = ['--output', this.#at('out.csv'), '--write-map', this.#at('map.json')];
    const chosen = this.#chosen(accept, decisions);
    return this.#run(['tokenize', '--quiet', ...chosen, ...written, this.#input]);
  }

  #at(name: string): string {
    return join(this.#settled.place, name);
  }

  /** Suspects become the likeliest column, or go where there is none. */
  #decide(columns: readonly PreviewColumn[]): Decisions {
    const decisions: Decisions = { columns: {}, drop: [] };
    for (const { index, header, suspect } of columns) {
      if (suspect !== true) continue;
      const select = `#${String(index + 1)}`;
      const found = classifyHeader(header, getProduct(this.#settled.product));
      const likeliest = found.kind === 'suspect' ? found.suggestions[0] : undefined;
      if (likeliest === undefined) decisions.drop.push(select);
      else decisions.columns[select] = likeliest;
    }
    return decisions;
  }

  #ask(acceptHeader: boolean, decisions: Decisions): Promise<Answer> {
    const { product, options: words, reference } = this.#settled;
    const safeHarbor = words.includes('--safe-harbor');
    const options = {
      ...decisions,
      acceptHeader,
      safeHarbor,
      ...(safeHarbor ? { referenceYear } : {}),
      unknown: words.includes('--unknown') ? 'drop' : 'keep',
    };
    const input = base64(readFileSync(this.#input));
    return reference.ask('tokenize', { product, secret, input, options });
  }

  /** Originals are back in tokenized columns, and every other column is as it was written. */
  async #compareBack(
    columns: readonly PreviewColumn[],
    output: Uint8Array,
    back: Uint8Array,
  ): Promise<string> {
    const { expect } = this.#settled;
    const delimiter = { delimiter: ',' } as const;
    const [before, between, after] = await Promise.all([
      readTable(readFileSync(this.#input), delimiter),
      readTable(output, delimiter),
      readTable(back, delimiter),
    ]);
    const staying = columns.filter(({ action }) => action !== 'drop');
    const wrong = before.rows.slice(1).flatMap((record, row) =>
      staying.filter(({ index, action }, i) => {
        const original = action === 'tokenize' ? record[index] : between.rows[row + 1]?.[i];
        return after.rows[row + 1]?.[i] !== original;
      }),
    );
    const lengths = [before, between, after].map(({ rows }) => rows.length);
    expect(new Set(lengths).size === 1, 'rows', lengths.join(', '));
    expect(wrong.length === 0, 'originals', `${String(wrong.length)} cells differ`);
    const tokenized = staying.filter(({ action }) => action === 'tokenize').length;
    const rows = String(before.rows.length - 1);
    return `${rows} rows, ${String(tokenized)} columns tokenized`;
  }

  #run(words: readonly string[]): Run {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.#settled.cli, ...words], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { PATH: process.env['PATH'], VELORA_VAULT_KEY: secret },
    });
    return { code: status, stdout, stderr: stderr.trim() };
  }
}
