export function setHmacState(state: usize): void {}
export function wipeHmacState(): void {}
export function hmac(messages: usize, start: u32, ends: usize, count: u32, digests: usize): void {}
