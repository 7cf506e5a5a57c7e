/** The part of the Trusted Types API that is used here; TypeScript's libraries do not have it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** Addresses of worker scripts that this module made and that no worker has started from yet. */
const made = new Set<string>();

/** Made as soon as this module is there: the name can be taken once only, and is then ours. */
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(
  'velora-workers',
  { createScriptURL: accept },
);

/**
 * A `blob:` address of a script's text, in the form that `new Worker` takes. Under Trusted Types
 * it comes from the policy `velora-workers`, which accepts addresses made here and no others; a
 * worker with such an address inherits the policy of the document that started it.
 * @returns the address, and what takes it back once the worker has started
 */
export function scriptAddress(text: string): {
  readonly url: string;
  readonly revoke: () => void;
} {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  made.add(url);
  const revoke = (): void => {
    URL.revokeObjectURL(url);
  };
  return { url: policy?.createScriptURL(url) ?? accept(url), revoke };
}

function accept(url: string): string {
  if (!made.delete(url)) throw new TypeError('expected the address of a worker of this page');
  return url;
}
