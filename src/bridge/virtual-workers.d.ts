/** Texts of the workers, bundled by `scripts/worker-text.mjs`: one classic script each. */
declare module 'virtual:worker/tokenizer' {
  const text: string;
  export default text;
}

declare module 'virtual:worker/segment' {
  const text: string;
  export default text;
}
