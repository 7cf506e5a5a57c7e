import { createHash } from 'node:crypto';
import type { DigestFactory } from '../core/digest.ts';

/** Node's own SHA-256: several times faster than one in JavaScript. */
export const nodeDigest: DigestFactory = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};
