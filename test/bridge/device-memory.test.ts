import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createDeviceMemory } from '../../src/bridge/device-memory.ts';
import type { Mapping } from '../../src/core/mapping.ts';

const mapping: Mapping = {
  product: 'claims_replay',
  keyFingerprint: 'ebea8576',
  columns: [{ header: 'Risk Band', action: 'keep' }],
};

beforeEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

describe('the memory of this device', () => {
  test('keeps fingerprints by product, and decisions by headers', () => {
    createDeviceMemory().rememberFingerprint('claims_replay', 'ebea8576');
    createDeviceMemory().rememberDecisions('ab12', mapping);
    const memory = createDeviceMemory();
    expect(memory.lastFingerprint('claims_replay')).toBe('ebea8576');
    expect(memory.lastFingerprint('tpa_spread')).toBeNull();
    expect(memory.decisionsFor('ab12')).toEqual(mapping);
    expect(memory.decisionsFor('cd34')).toBeNull();
  });

  test('forgets its own entries, and no others', () => {
    localStorage.setItem('other', 'x');
    const memory = createDeviceMemory();
    memory.rememberFingerprint('claims_replay', 'ebea8576');
    memory.rememberDecisions('ab12', mapping);
    memory.forget();
    expect(Object.keys(localStorage)).toEqual(['other']);
  });

  test.each([
    '',
    'null',
    '{}',
    '{"mapping":1}',
    '{"mapping":2,"product":"x","columns":[]}',
    'ebea',
  ])('takes %j in its place for nothing', (text) => {
    const memory = createDeviceMemory();
    memory.rememberFingerprint('claims_replay', 'ebea8576');
    memory.rememberDecisions('ab12', mapping);
    for (const key of Object.keys(localStorage)) localStorage.setItem(key, text);
    expect(memory.lastFingerprint('claims_replay')).toBeNull();
    expect(memory.decisionsFor('ab12')).toBeNull();
  });

  test('has none and no error where the browser refuses', () => {
    const refuse = (): never => {
      throw new DOMException('', 'QuotaExceededError');
    };
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(refuse);
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(refuse);
    const memory = createDeviceMemory();
    memory.rememberFingerprint('claims_replay', 'ebea8576');
    expect(memory.lastFingerprint('claims_replay')).toBeNull();
    memory.forget();
  });
});
