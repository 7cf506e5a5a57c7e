/** What the benchmarks share: how a process is timed, and how a table is printed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The secret of every contender: nobody's data is under it. */
export const benchSecret = createHash('sha256').update('velora-vault bench').digest('hex');
export const python = process.env.VELORA_PYTHON ?? 'python3';

/** The machine in words: figures mean nothing without it. */
export function benchMachine() {
  return `${cpus()[0]?.model ?? ''}, ${String(cpus().length)} cores, Node ${process.version}`;
}

/** @typedef {{ seconds: number, peakMb: number }} Measured */

/**
 * Runs a program to its end.
 * @param {string[]} words
 * @returns {Promise<Measured>} wall clock of the whole process, and its peak resident memory
 */
export async function measure(words) {
  const [program, ...rest] = words;
  if (program === undefined) throw new Error('no program');
  const started = performance.now();
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, VELORA_VAULT_KEY: benchSecret },
  });
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  let peakMb = 0;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, 20);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${complaint}`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

/** @param {number | undefined} pid */
export function peakOf(pid) {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** @param {string} path */
export async function sha256(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {(string | number)[][]} lines */
export function print(lines) {
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((cells) => String(cells[i]).length)),
  );
  for (const cells of lines) {
    console.log(
      cells
        .map((cell, i) =>
          i === 0 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0),
        )
        .join('  '),
    );
  }
}
