/** Fingerprint of the demo's key, which is published: anybody can undo tokens made with it. */
export const publishedKeyFingerprint = 'ebea8576';
