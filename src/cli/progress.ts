import { grouped } from './say.ts';

const intervalMs = 100;

/** A bar on standard error, on a terminal only, redrawn at most ten times a second. */
export class ProgressBar {
  readonly #total: number | undefined;
  readonly #enabled: boolean;
  readonly #started = performance.now();
  #drawn = 0;
  #shown = false;

  /** @param total bytes to come, undefined where nobody knows */
  constructor(total: number | undefined, enabled: boolean) {
    this.#total = total;
    this.#enabled = enabled && process.stderr.isTTY;
  }

  update(bytes: number, rows: number): void {
    const now = performance.now();
    if (!this.#enabled || now - this.#drawn < intervalMs) return;
    this.#drawn = now;
    this.#shown = true;
    const seconds = Math.max((now - this.#started) / 1000, 0.001);
    const speed = bytes / seconds;
    const parts = [`${megabytes(bytes)} MB`, `${grouped(rows)} rows`, `${megabytes(speed)} MB/s`];
    if (this.#total !== undefined && this.#total > 0) {
      const share = Math.min(bytes / this.#total, 1);
      const filled = Math.round(20 * share);
      const left = Math.max(this.#total - bytes, 0) / Math.max(speed, 1);
      parts.unshift(
        `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${String(Math.floor(100 * share))} %`,
      );
      parts.push(`${String(Math.ceil(left))} s left`);
    }
    process.stderr.write(`\r\u001b[2K${parts.join('  ')}`);
  }

  /** Removes the bar, so that what follows stands on a line of its own. */
  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[2K');
    this.#shown = false;
  }
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
