import type { HeldSecret, Vault } from '../../bridge/contract.ts';
import { keyFileLimit, keyFileName } from './key-file.ts';
import type { KeySource } from './model.ts';
import { problemOf } from './problems.ts';
import { publishedKeyFingerprint } from './published-key.ts';
import type { Store } from './store.ts';

/**
 * Keys come as text and leave as non-extractable keys: no text is kept here, and none of it ever
 * enters the state.
 */
export function keyWork(vault: Vault, { get, dispatch, subscribe }: Store) {
  let before: HeldSecret | null = null;
  // However a key goes, what was derived from it goes as well.
  subscribe(() => {
    const { held } = get().key;
    if (before === held) return;
    if (before?.fast === true && (before.key !== held?.key || !held.fast)) vault.wipeState(before);
    before = held;
  });

  async function take(text: string | Promise<string>, source: KeySource): Promise<void> {
    dispatch({ type: 'keyAwaitsWork' });
    try {
      const held = await vault.importSecret(await text, { hmacState: get().key.fast });
      // The demo's key is known wherever it comes from.
      const published = held.fingerprint === publishedKeyFingerprint;
      const products = get().catalogue?.products ?? [];
      const used = Object.fromEntries(
        products.map(({ slug }) => [slug, vault.device.lastFingerprint(slug)]),
      );
      dispatch({ type: 'keyCame', held, source, published, used });
      // It may not have been taken.
      if (get().key.held !== held) vault.wipeState(held);
    } catch (error) {
      dispatch({ type: 'keyRefused', problem: problemOf(error) });
    }
  }

  return {
    takeText: (text: string) => take(text, 'text'),

    async takeFile(file: File): Promise<void> {
      if (file.size > keyFileLimit) {
        dispatch({
          type: 'keyRefused',
          problem: {
            name: 'VaultError',
            code: 'secret-invalid',
            message: 'a file too large for a key: expected 64 hexadecimal characters (32 bytes)',
            rule: 'key-file-size',
          },
        });
        return;
      }
      await take(
        file.text().catch(() => ''),
        'file',
      );
    },

    takeDemo: () => take(vault.demoSecret(), 'demo'),

    /** A new key goes straight into a file; it is held by nobody until that file comes back. */
    async generate(): Promise<void> {
      dispatch({ type: 'keyAwaitsWork' });
      try {
        const { text, fingerprint } = await vault.generateSecret();
        const saved = await vault.saveText(keyFileName(fingerprint), `${text}\n`, 'text/plain');
        if (saved === 'dismissed') dispatch({ type: 'keyRefused', problem: null });
        else {
          const handedOver = saved === 'handed-over';
          dispatch({ type: 'keyGenerated', fingerprint, handedOver });
        }
      } catch (error) {
        dispatch({ type: 'keyRefused', problem: problemOf(error) });
      }
    },
  };
}
