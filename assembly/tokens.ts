import { rooms } from './regions';
import { tokenOf } from './table';

/** Three letters, an underscore, sixteen digits. */
export const TOKEN_LENGTH: usize = 20;
export const ROOM_SIZE: usize = 8;

/** Writes eight bytes as sixteen lower-case hexadecimal digits. */
// @ts-ignore: decorator
@inline
export function writeHex(at: usize, bytes: u64): void {
  const digits = i8x16(0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66);
  const both = i64x2.splat(bytes);
  const high = v128.and(i16x8.shr_u(both, 4), i8x16.splat(15));
  const low = v128.and(both, i8x16.splat(15));
  const nibbles = i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128.store(at, i8x16.swizzle(digits, nibbles));
}

/** Puts tokens where room was left: after the prefixes, which stand there already. */
export function fillRooms(output: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 1) {
    const room = rooms + <usize>i * ROOM_SIZE;
    writeHex(output + load<u32>(room) + 4, tokenOf(load<u32>(room, 4)));
  }
}
