import base64 from 'virtual:kernel';

let compiled: WebAssembly.Module | undefined;

/**
 * The kernel, compiled once in each realm. In a page it needs `'wasm-unsafe-eval'` in the policy
 * (CSP 3, section 4.4.2); structured-cloneable, so that workers need not compile it again.
 */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(kernelBytes());
  return compiled;
}

/** The module as it was built from `assembly/`. */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
