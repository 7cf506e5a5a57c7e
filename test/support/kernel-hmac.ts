import { deriveHmacState, hmacStateLength } from '../../src/core/hmac-state.ts';
import { kernelModule } from '../../src/core/kernel/module.ts';

/** The functions of the kernel that compute HMACs and hashes. */
export interface HmacFunctions {
  readonly memory: WebAssembly.Memory;
  setHmacState(state: number): void;
  wipeHmacState(): void;
  hmac(messages: number, start: number, ends: number, count: number, digests: number): void;
  sha256Blocks(state: number, data: number, blocks: number): void;
}

const pageLength = 65_536;
const digestLength = 32;
/** What the kernel may read after the last message. */
const readable = 64;
export const filler = 0xa5;

export function instantiate(): HmacFunctions {
  return new WebAssembly.Instance(kernelModule()).exports as unknown as HmacFunctions;
}

/** Room at the end of a kernel's memory, which nothing else uses; any byte after it is a trap. */
export function room(kernel: HmacFunctions, length: number): number {
  kernel.memory.grow(Math.ceil(length / pageLength));
  return kernel.memory.buffer.byteLength - length;
}

/**
 * The digests of a batch by the kernel. The bytes before, between and after must stay as they are.
 * @param secret of 64 bytes at most
 * @param start offset of the first message
 */
export function kernelHmacs(
  kernel: HmacFunctions,
  secret: Uint8Array,
  messages: readonly Uint8Array[],
  start = 0,
): Uint8Array[] {
  const textLength = start + messages.reduce((sum, message) => sum + message.length, 0);
  const endsLength = 4 * messages.length;
  const margin = 64;
  const digestsLength = digestLength * messages.length;
  const state = room(
    kernel,
    hmacStateLength + endsLength + 2 * margin + digestsLength + textLength + readable,
  );
  const memory = new Uint8Array(kernel.memory.buffer);
  const ends = state + hmacStateLength;
  const digests = ends + endsLength + margin;
  const text = digests + digestsLength + margin;
  memory.fill(filler, state);
  memory.set(deriveHmacState(secret), state);
  const view = new DataView(kernel.memory.buffer);
  let at = start;
  messages.forEach((message, i) => {
    memory.set(message, text + at);
    at += message.length;
    view.setUint32(ends + 4 * i, at, true);
  });
  kernel.setHmacState(state);
  memory.fill(filler, state, ends);
  const before = memory.slice(state);
  kernel.hmac(text, start, ends, messages.length, digests);
  const found = messages.map((_, i) =>
    memory.slice(digests + digestLength * i, digests + digestLength * (i + 1)),
  );
  memory.fill(filler, digests, digests + digestsLength);
  if (!equal(memory.subarray(state), before)) {
    throw new Error('the kernel has written beside its digests');
  }
  return found;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
