declare module 'virtual:kernel' {
  /** The WebAssembly kernel, compiled from `assembly/`, in base64. */
  const base64: string;
  export default base64;
}
