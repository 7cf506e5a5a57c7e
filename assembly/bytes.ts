/** Copies bytes, sixteen at a time: up to fifteen more may be read and written. */
// @ts-ignore: decorator
@inline
export function copyBytes(to: usize, from: usize, length: usize): void {
  v128.store(to, v128.load(from));
  for (let i: usize = 16; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Whether two stretches of bytes are equal; up to fifteen more may be read. */
// @ts-ignore: decorator
@inline
export function equalBytes(a: usize, b: usize, length: usize): bool {
  let at: usize = 0;
  while (length - at > 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at))) != 0xffff) return false;
    at += 16;
  }
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at)));
  return (equal | (<u32>0xffffffff << <u32>(length - at))) == 0xffffffff;
}
