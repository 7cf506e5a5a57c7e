import type { RunProgress } from '../src/protocol.ts';

/** Milliseconds between two reports. */
const interval = 100;

/** Passes progress on at most ten times a second, and always the last. */
export function throttled(onProgress: (progress: RunProgress) => void): {
  readonly tell: (progress: () => RunProgress) => void;
  readonly finish: (progress: RunProgress) => void;
} {
  let last = -Infinity;
  return {
    tell: (progress) => {
      const now = performance.now();
      if (now - last < interval) return;
      last = now;
      onProgress(progress());
    },
    finish: onProgress,
  };
}
