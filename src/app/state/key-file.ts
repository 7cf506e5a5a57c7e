/** Bytes of a key file at most; larger files are no key, and are not even read. */
export const keyFileLimit = 4096;

/** The name under which a generated key is saved. */
export const keyFileName = (fingerprint: string): string => `velora-vault-${fingerprint}.key`;
