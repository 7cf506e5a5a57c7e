const engines: Readonly<Record<string, string>> = {
  kernel: 'Kernel',
  papa: 'Reference engine',
};

const hmacs: Readonly<Record<string, string>> = {
  webcrypto: 'HMACs by WebCrypto',
  wasm: 'HMACs by the kernel itself',
};

/** The engine of a run, as its report names it (`kernel+webcrypto`), in words. */
export function engineWords(name: string): string {
  const [engine = '', hmac = ''] = name.split('+');
  return [engines[engine] ?? engine, hmacs[hmac] ?? hmac].filter((word) => word !== '').join(', ');
}

/** What is said of a run for which this browser had no fast engine; null where it had one. */
export function fallbackWords(name: string): string | null {
  if (name.split('+')[0] !== 'papa') return null;
  return 'This browser has no WebAssembly SIMD: the slower reference engine ran. The result is the same.';
}

/** The choice of the fast engine, and what it changes. */
export const fastEngineWords = {
  label: 'Fast engine: about twice as fast',
  hint: 'State derived from the key, enough to make tokens, then lies in this page’s memory while the key is held and in its workers’ during a run, and is wiped afterwards; otherwise the key stays inside the browser’s own key store.',
  againTitle: 'Give the key again',
  again:
    'was taken without what the fast engine needs, and cannot be read back from the browser’s key store. It was forgotten.',
} as const;
