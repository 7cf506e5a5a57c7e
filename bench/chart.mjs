/**
 * Draws docs/performance.svg from what the benchmarks kept: speeds of the command line and of the
 * page beside Python and the floors, and peak memory over the size of the file; and, where there are
 * figures of them, HMACs alone.
 *
 *   npm run bench -- --json bench/results/run.json         and so on: page.json, growth.json
 *   node bench/chart.mjs
 *   node bench/chart.mjs --from FOLDER --to FILE.svg
 *
 * Each of run.json, page.json, growth.json and hmac.json may be missing, then so is its part.
 * hmac.json is { machine, figures: [{ group, name, perSecond }] }.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inWords } from './measure.mjs';

/** @typedef {import('./measure.mjs').Figures} Figures */
/** @typedef {{ machine: import('./measure.mjs').Machine }} Results */
/** @typedef {Results & { file: { bytes: number }, figures: Figures[] }} RunResults */
/** @typedef {RunResults & { large?: { bytes: number, peakMb: number, workers: number } }} PageResults */
/** @typedef {{ bytes: number, workers: number, name: string, peakMb: number }} Size */
/** @typedef {Results & { sizes: Size[], memory: { bytes: number, peakMbWithMap: number }[] }} GrowthResults */
/** @typedef {Results & { figures: { group: import('./measure.mjs').Group, name: string, perSecond: number }[] }} HmacResults */
/** @typedef {{ group: import('./measure.mjs').Group, name: string, value: number, words: string, more?: string }} Bar */
/** @typedef {{ name: string, colour: string, dashes?: string, points: { bytes: number, peakMb: number }[] }} Line */
/** @typedef {{ svg: string, height: number }} Part a part of the picture, drawn from y = 0 */

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    from: { type: 'string', default: join(root, 'bench', 'results') },
    to: { type: 'string', default: join(root, 'docs', 'performance.svg') },
  },
});

const width = 960;
const margin = 28;
const ink = '#1d262b';
const dim = '#56646c';
const rule = '#d9e0e3';

/** @type {Record<import('./measure.mjs').Group, string>} */
const colours = {
  python: '#8b979e',
  'papa-webcrypto': '#c08a3e',
  'kernel-webcrypto': '#4a7fb5',
  'kernel-wasm': '#2f7d68',
  floor: '#c3ccd1',
};

/**
 * @template T
 * @param {string} name
 * @returns {T | undefined}
 */
function read(name) {
  try {
    return JSON.parse(readFileSync(join(options.from, name), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {string} words */
function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {{ size?: number, fill?: string, weight?: number, anchor?: 'start' | 'middle' | 'end' }} [style]
 */
function text(x, y, words, { size = 14, fill = ink, weight = 400, anchor = 'start' } = {}) {
  return `<text x="${place(x)}" y="${place(y)}" font-size="${String(size)}" fill="${fill}" font-weight="${String(weight)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

/** @param {number} at */
function place(at) {
  return String(Math.round(at * 10) / 10);
}

/** @param {number} bytes */
function sizeInWords(bytes) {
  return bytes < 2e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(0)} GB`;
}

/**
 * A heading and bars below it, a gap between groups. A bar beyond the scale is cut.
 * @param {string} heading
 * @param {Bar[]} bars
 * @param {number} scale the value of a full bar
 * @returns {Part}
 */
function barsPart(heading, bars, scale) {
  const left = 332;
  const full = 420;
  const height = 18;
  const parts = [text(margin, 16, heading, { size: 16, weight: 600 })];
  let y = 30;
  for (const [i, { group, name, value, words, more }] of bars.entries()) {
    if (i > 0 && bars[i - 1].group !== group) y += 8;
    const long = Math.min(full, Math.max(1, (value / scale) * full));
    const baseline = y + 13.5;
    parts.push(
      text(margin, baseline, name),
      `<rect x="${String(left)}" y="${String(y)}" width="${place(long)}" height="${String(height)}" rx="2" fill="${colours[group]}"/>`,
    );
    if (value > scale) {
      const at = left + full - 34;
      parts.push(
        `<path d="M${String(at)} ${String(y + height)} l8 -${String(height)} h7 l-8 ${String(height)} z" fill="#ffffff"/>`,
      );
    }
    parts.push(text(left + long + 8, baseline, words, { weight: 600 }));
    if (more !== undefined) {
      parts.push(text(width - margin, baseline, more, { fill: dim, anchor: 'end' }));
    }
    y += height + 6;
  }
  return { svg: parts.join('\n'), height: y };
}

/**
 * @param {Figures[]} figures
 * @returns {Bar[]}
 */
function speedBars(figures) {
  return figures.map(({ group, name, megabytesPerSecond, timesPython }) => ({
    group,
    name,
    value: megabytesPerSecond,
    words: `${megabytesPerSecond.toFixed(megabytesPerSecond < 99.95 ? 1 : 0)} MB/s`,
    ...(group === 'floor' ? {} : { more: `× ${timesPython.toFixed(2)}` }),
  }));
}

/**
 * @param {RunResults | undefined} run
 * @param {PageResults | undefined} page
 * @returns {Part[]}
 */
function speedParts(run, page) {
  const scale = Math.max(
    ...[run, page]
      .flatMap((results) => results?.figures ?? [])
      .filter(({ group }) => group !== 'floor')
      .map(({ megabytesPerSecond }) => megabytesPerSecond),
  );
  const parts = [];
  if (run) {
    const heading = `Command line, ${sizeInWords(run.file.bytes)}, whole process`;
    parts.push(barsPart(heading, speedBars(run.figures), scale));
  }
  if (page) {
    const heading = `Page in Chromium, ${sizeInWords(page.file.bytes)}, from the start to the checked file and its map`;
    parts.push(barsPart(heading, speedBars(page.figures), scale));
  }
  return parts;
}

/**
 * @param {PageResults | undefined} page
 * @param {GrowthResults | undefined} growth
 * @returns {Line[]}
 */
function memoryLines(page, growth) {
  /** @type {Line[]} */
  const lines = [];
  const widths = [...new Set(growth?.sizes.map(({ workers }) => workers))];
  for (const [i, workers] of widths.entries()) {
    const points = growth?.sizes.filter((one) => one.workers === workers) ?? [];
    lines.push({
      name: `command line, ${points[0]?.name ?? ''}`,
      colour: i === 0 ? colours['kernel-wasm'] : '#7cb8a8',
      points,
    });
  }
  const mapped = growth?.memory.map(({ bytes, peakMbWithMap }) => ({
    bytes,
    peakMb: peakMbWithMap,
  }));
  if (mapped) {
    lines.push({
      name: 'command line, 1 worker, with map',
      colour: '#8a5fa8',
      dashes: '6 4',
      points: mapped,
    });
  }
  const pool = page?.figures.findLast(({ group }) => group === 'kernel-wasm');
  if (page?.large && pool) {
    lines.push({
      name: pool.name.replace(', own HMAC', '') + ', with map',
      colour: colours['kernel-webcrypto'],
      dashes: '2 4',
      points: [{ bytes: page.file.bytes, peakMb: pool.peakMb }, page.large],
    });
  }
  return lines;
}

/**
 * Peak memory over the size of the file, which grows by the same factor over the same way.
 * @param {Line[]} lines
 * @returns {Part}
 */
function memoryPart(lines) {
  const left = margin + 66;
  const right = 600;
  const [top, bottom] = [44, 254];
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ bytes }) => bytes)))].sort(
    (a, b) => a - b,
  );
  const [least, most] = [Math.log(sizes[0]), Math.log(sizes.at(-1) ?? 1)];
  const step = niceStep(Math.max(...lines.flatMap(({ points }) => points.map((p) => p.peakMb))));
  const highest = 4 * step;
  const x = (/** @type {number} */ bytes) =>
    left + 24 + ((Math.log(bytes) - least) / (most - least || 1)) * (right - left - 48);
  const y = (/** @type {number} */ mb) => bottom - (mb / highest) * (bottom - top);

  const parts = [
    text(margin, 16, 'Peak memory over the size of the file (kernel + own HMAC)', {
      size: 16,
      weight: 600,
    }),
  ];
  for (let mb = 0; mb <= highest; mb += step) {
    parts.push(
      `<path d="M${String(left)} ${place(y(mb))} H${String(right)}" stroke="${rule}"/>`,
      text(left - 10, y(mb) + 4, `${String(mb)} MB`, { size: 13, fill: dim, anchor: 'end' }),
    );
  }
  for (const bytes of sizes) {
    parts.push(
      text(x(bytes), bottom + 20, sizeInWords(bytes), { size: 13, fill: dim, anchor: 'middle' }),
    );
  }
  for (const { colour, dashes, points } of lines) {
    const way = points.map((p) => `${place(x(p.bytes))} ${place(y(p.peakMb))}`).join(' L');
    parts.push(
      `<path d="M${way}" fill="none" stroke="${colour}" stroke-width="2.5"${dashed(dashes)}/>`,
      ...points.map(
        (p) =>
          `<circle cx="${place(x(p.bytes))}" cy="${place(y(p.peakMb))}" r="4" fill="${colour}"/>`,
      ),
    );
  }
  const sorted = lines.toSorted((a, b) => peakAtEnd(b) - peakAtEnd(a));
  for (const [i, line] of sorted.entries()) {
    const at = top + 10 + i * 48;
    const last = line.points.at(-1);
    parts.push(
      `<path d="M${String(right + 28)} ${String(at - 4)} h30" stroke="${line.colour}" stroke-width="2.5"${dashed(line.dashes)}/>`,
      text(right + 68, at, line.name),
      text(
        right + 68,
        at + 18,
        `${peakAtEnd(line).toFixed(0)} MB for ${sizeInWords(last?.bytes ?? 0)}`,
        { size: 13, fill: dim },
      ),
    );
  }
  return { svg: parts.join('\n'), height: bottom + 28 };
}

/** @param {Line} line */
function peakAtEnd({ points }) {
  return points.at(-1)?.peakMb ?? 0;
}

/** @param {string | undefined} dashes */
function dashed(dashes) {
  return dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
}

/**
 * A round number of which four are enough.
 * @param {number} most
 */
function niceStep(most) {
  const unit = 10 ** Math.floor(Math.log10(most / 4));
  return unit * ([1, 2, 2.5, 5, 10].find((factor) => 4 * factor * unit >= most) ?? 10);
}

/**
 * @param {HmacResults} results
 * @returns {Part}
 */
function hmacPart({ figures }) {
  const bars = figures.map(({ group, name, perSecond }) => ({
    group,
    name,
    value: perSecond,
    words: `${(perSecond / 1e6).toFixed(2)} million/s`,
  }));
  return barsPart('HMACs alone', bars, Math.max(...figures.map(({ perSecond }) => perSecond)));
}

/** @type {RunResults | undefined} */
const run = read('run.json');
/** @type {PageResults | undefined} */
const page = read('page.json');
/** @type {GrowthResults | undefined} */
const growth = read('growth.json');
/** @type {HmacResults | undefined} */
const hmac = read('hmac.json');
const machine = (run ?? page ?? growth ?? hmac)?.machine;
if (machine === undefined) throw new Error(`no figures in ${options.from}`);

const lines = memoryLines(page, growth);
const parts = [
  ...speedParts(run, page),
  ...(lines.length > 0 ? [memoryPart(lines)] : []),
  ...(hmac ? [hmacPart(hmac)] : []),
];
let y = 112;
const placed = parts.map(({ svg, height }) => {
  const group = `<g transform="translate(0 ${String(y)})">\n${svg}\n</g>`;
  y += height + 26;
  return group;
});

/** The fastest of a kind, for those who do not see the picture. */
const told = [run, page].flatMap((results) => {
  const best = results?.figures
    .filter(({ group }) => group === 'kernel-wasm')
    .toSorted((a, b) => b.megabytesPerSecond - a.megabytesPerSecond)[0];
  if (!best) return [];
  return `${best.name}: ${best.megabytesPerSecond.toFixed(1)} MB/s, ${best.timesPython.toFixed(2)} times cached Python.`;
});
const described = `Bars of megabytes a second of Python, of the engines with each HMAC and of the floors; and lines of peak memory over the size of the file. ${told.join(' ')}`;

writeFileSync(
  options.to,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(y)}" viewBox="0 0 ${String(width)} ${String(y)}" role="img" aria-labelledby="t d" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif">
<title id="t">Speed and memory of velora-vault</title>
<desc id="d">${escaped(described)}</desc>
<rect x="0.5" y="0.5" width="${String(width - 1)}" height="${String(y - 1)}" rx="10" fill="#ffffff" stroke="${rule}"/>
${text(margin, 40, 'Speed and memory', { size: 22, weight: 600 })}
${text(margin, 64, 'MB of input a second; × is a multiple of cached Python (row by row) in the same run. A broken bar is longer than the scale.', { fill: dim })}
${text(margin, 84, inWords(machine), { size: 13, fill: dim })}
${placed.join('\n')}
</svg>
`,
);
