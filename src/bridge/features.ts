import { VaultError } from '../core/errors.ts';
import type { MissingFeature } from './contract.ts';

const words: Readonly<Record<MissingFeature, string>> = {
  insecure: 'https, or http on localhost: on plain http the browser offers no cryptography',
  framed: 'a tab of its own: inside another page it could be clicked by way of that page',
  workers: 'Web Workers',
  'private-files': 'the origin private file system',
  locks: 'Web Locks',
  crypto: 'WebCrypto',
};

/** What this browser, or the way the page was opened, lacks of what a run needs. */
export function missingFeatures(): MissingFeature[] {
  const missing: MissingFeature[] = window.self === window.top ? [] : ['framed'];
  // Without a secure context the others are missing for that reason alone.
  if (!window.isSecureContext) return [...missing, 'insecure'];
  const has: readonly (readonly [MissingFeature, boolean])[] = [
    ['workers', 'Worker' in window],
    ['private-files', 'storage' in navigator && 'getDirectory' in navigator.storage],
    ['locks', 'locks' in navigator],
    ['crypto', 'crypto' in window && 'subtle' in crypto],
  ];
  return [...missing, ...has.flatMap(([feature, there]) => (there ? [] : [feature]))];
}

/** `browser-unsupported`, naming what is missing. */
export function unsupported(missing: readonly MissingFeature[]): VaultError {
  const needs = missing.map((feature) => words[feature]).join('; ');
  return new VaultError('browser-unsupported', `this page needs ${needs}`);
}
