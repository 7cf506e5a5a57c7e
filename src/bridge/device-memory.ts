import { formatMapping, type Mapping, parseMapping } from '../core/mapping.ts';
import type { DeviceMemory } from './contract.ts';

/** Keys carry the version of what lies under them; another version's entries are not read. */
const prefix = 'velora-vault:1:';
const fingerprints = `${prefix}fingerprint:`;
const decisions = `${prefix}decisions:`;
const product = `${prefix}product`;

/**
 * What is remembered on this device: fingerprints and decisions, never a key or a value. A browser
 * that stores nothing, or is full, or holds something else there, has no memory and no error.
 */
export function createDeviceMemory(): DeviceMemory {
  return {
    lastProduct: () => {
      const text = read(product);
      return text !== null && /^[a-z][a-z0-9_]{0,63}$/.test(text) ? text : null;
    },
    rememberProduct: (slug) => {
      write(product, slug);
    },
    lastFingerprint: (slug) => {
      const text = read(fingerprints + slug);
      return text !== null && /^[0-9a-f]{8}$/.test(text) ? text : null;
    },
    rememberFingerprint: (slug, fingerprint) => {
      write(fingerprints + slug, fingerprint);
    },
    decisionsFor: (headersDigest) => {
      const text = read(decisions + headersDigest);
      return text === null ? null : mappingIn(text);
    },
    rememberDecisions: (headersDigest, mapping) => {
      write(decisions + headersDigest, formatMapping(mapping));
    },
    forget: () => {
      quietly(() => {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith(prefix)) localStorage.removeItem(key);
        }
      });
    },
  };
}

function mappingIn(text: string): Mapping | null {
  return quietly(() => parseMapping(text));
}

function read(key: string): string | null {
  return quietly(() => localStorage.getItem(key));
}

function write(key: string, value: string): void {
  quietly(() => {
    localStorage.setItem(key, value);
  });
}

function quietly<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
