export function generalizeYear(from: usize, to: usize): u32 {
  return <u32>(to - from);
}
export function generalizeZip3(from: usize, to: usize): u32 {
  return <u32>(to - from);
}
export function generalizeAge90(from: usize, to: usize): u32 {
  return <u32>(to - from);
}
