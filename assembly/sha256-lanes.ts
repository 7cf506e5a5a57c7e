/**
 * Round constants: first 32 bits of the fractional parts of the cube roots of the first 64 primes
 * (FIPS 180-4, section 4.2.2).
 */
// prettier-ignore
const roundConstants: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 64);

/** Bytes of 16 rounds' constants. */
const stride: usize = 64;

/**
 * The compression function of SHA-256 (FIPS 180-4, section 6.2.2) on one block of each of four
 * messages at once: lane i of every vector belongs to message i. The first 16 rounds, then a loop
 * of 16 at a time, each after the word of its schedule, on local variables that change places
 * instead of contents. So the code stays in the processor's cache of decoded instructions: all 64
 * rounds in a row are a tenth slower.
 * @param from eight vectors: the hash values before the block
 * @param words 16 vectors: the words of the block, as numbers
 * @param to eight vectors: the hash values after it; may be `from`
 */
export function compressLanes(from: usize, words: usize, to: usize): void {
  let a = v128.load(from);
  let b = v128.load(from, 16);
  let c = v128.load(from, 32);
  let d = v128.load(from, 48);
  let e = v128.load(from, 64);
  let f = v128.load(from, 80);
  let g = v128.load(from, 96);
  let h = v128.load(from, 112);
  let w0 = v128.load(words);
  let w1 = v128.load(words, 16);
  let w2 = v128.load(words, 32);
  let w3 = v128.load(words, 48);
  let w4 = v128.load(words, 64);
  let w5 = v128.load(words, 80);
  let w6 = v128.load(words, 96);
  let w7 = v128.load(words, 112);
  let w8 = v128.load(words, 128);
  let w9 = v128.load(words, 144);
  let w10 = v128.load(words, 160);
  let w11 = v128.load(words, 176);
  let w12 = v128.load(words, 192);
  let w13 = v128.load(words, 208);
  let w14 = v128.load(words, 224);
  let w15 = v128.load(words, 240);
  let k = roundConstants;

  // prettier-ignore
  {
    h = t1(h, e, f, g, k + 0, w0); d = add(d, h); h = add(h, t2(a, b, c));
    g = t1(g, d, e, f, k + 4, w1); c = add(c, g); g = add(g, t2(h, a, b));
    f = t1(f, c, d, e, k + 8, w2); b = add(b, f); f = add(f, t2(g, h, a));
    e = t1(e, b, c, d, k + 12, w3); a = add(a, e); e = add(e, t2(f, g, h));
    d = t1(d, a, b, c, k + 16, w4); h = add(h, d); d = add(d, t2(e, f, g));
    c = t1(c, h, a, b, k + 20, w5); g = add(g, c); c = add(c, t2(d, e, f));
    b = t1(b, g, h, a, k + 24, w6); f = add(f, b); b = add(b, t2(c, d, e));
    a = t1(a, f, g, h, k + 28, w7); e = add(e, a); a = add(a, t2(b, c, d));
    h = t1(h, e, f, g, k + 32, w8); d = add(d, h); h = add(h, t2(a, b, c));
    g = t1(g, d, e, f, k + 36, w9); c = add(c, g); g = add(g, t2(h, a, b));
    f = t1(f, c, d, e, k + 40, w10); b = add(b, f); f = add(f, t2(g, h, a));
    e = t1(e, b, c, d, k + 44, w11); a = add(a, e); e = add(e, t2(f, g, h));
    d = t1(d, a, b, c, k + 48, w12); h = add(h, d); d = add(d, t2(e, f, g));
    c = t1(c, h, a, b, k + 52, w13); g = add(g, c); c = add(c, t2(d, e, f));
    b = t1(b, g, h, a, k + 56, w14); f = add(f, b); b = add(b, t2(c, d, e));
    a = t1(a, f, g, h, k + 60, w15); e = add(e, a); a = add(a, t2(b, c, d));
  }
  // prettier-ignore
  for (k += stride; k < roundConstants + 4 * stride; k += stride) {
    w0 = next(w0, w1, w9, w14);
    h = t1(h, e, f, g, k + 0, w0); d = add(d, h); h = add(h, t2(a, b, c));
    w1 = next(w1, w2, w10, w15);
    g = t1(g, d, e, f, k + 4, w1); c = add(c, g); g = add(g, t2(h, a, b));
    w2 = next(w2, w3, w11, w0);
    f = t1(f, c, d, e, k + 8, w2); b = add(b, f); f = add(f, t2(g, h, a));
    w3 = next(w3, w4, w12, w1);
    e = t1(e, b, c, d, k + 12, w3); a = add(a, e); e = add(e, t2(f, g, h));
    w4 = next(w4, w5, w13, w2);
    d = t1(d, a, b, c, k + 16, w4); h = add(h, d); d = add(d, t2(e, f, g));
    w5 = next(w5, w6, w14, w3);
    c = t1(c, h, a, b, k + 20, w5); g = add(g, c); c = add(c, t2(d, e, f));
    w6 = next(w6, w7, w15, w4);
    b = t1(b, g, h, a, k + 24, w6); f = add(f, b); b = add(b, t2(c, d, e));
    w7 = next(w7, w8, w0, w5);
    a = t1(a, f, g, h, k + 28, w7); e = add(e, a); a = add(a, t2(b, c, d));
    w8 = next(w8, w9, w1, w6);
    h = t1(h, e, f, g, k + 32, w8); d = add(d, h); h = add(h, t2(a, b, c));
    w9 = next(w9, w10, w2, w7);
    g = t1(g, d, e, f, k + 36, w9); c = add(c, g); g = add(g, t2(h, a, b));
    w10 = next(w10, w11, w3, w8);
    f = t1(f, c, d, e, k + 40, w10); b = add(b, f); f = add(f, t2(g, h, a));
    w11 = next(w11, w12, w4, w9);
    e = t1(e, b, c, d, k + 44, w11); a = add(a, e); e = add(e, t2(f, g, h));
    w12 = next(w12, w13, w5, w10);
    d = t1(d, a, b, c, k + 48, w12); h = add(h, d); d = add(d, t2(e, f, g));
    w13 = next(w13, w14, w6, w11);
    c = t1(c, h, a, b, k + 52, w13); g = add(g, c); c = add(c, t2(d, e, f));
    w14 = next(w14, w15, w7, w12);
    b = t1(b, g, h, a, k + 56, w14); f = add(f, b); b = add(b, t2(c, d, e));
    w15 = next(w15, w0, w8, w13);
    a = t1(a, f, g, h, k + 60, w15); e = add(e, a); a = add(a, t2(b, c, d));
  }

  v128.store(to, add(a, v128.load(from)));
  v128.store(to, add(b, v128.load(from, 16)), 16);
  v128.store(to, add(c, v128.load(from, 32)), 32);
  v128.store(to, add(d, v128.load(from, 48)), 48);
  v128.store(to, add(e, v128.load(from, 64)), 64);
  v128.store(to, add(f, v128.load(from, 80)), 80);
  v128.store(to, add(g, v128.load(from, 96)), 96);
  v128.store(to, add(h, v128.load(from, 112)), 112);
}

/** T1 of a round. @param k address of its constant @param w its word of the schedule */
function t1(h: v128, e: v128, f: v128, g: v128, k: usize, w: v128): v128 {
  const ch = v128.bitselect(f, g, e);
  return add(add(add(h, add(v128.load32_splat(k), w)), ch), sum1(e));
}

/** T2 of a round. Where a and b agree they are the majority, and where they do not c is. */
function t2(a: v128, b: v128, c: v128): v128 {
  return add(sum0(a), v128.bitselect(c, b, xor(a, b)));
}

/** A word of the schedule from those 16, 15, 7 and two before it. */
function next(w16: v128, w15: v128, w7: v128, w2: v128): v128 {
  return add(add(w16, sigma0(w15)), add(w7, sigma1(w2)));
}

function sum0(x: v128): v128 {
  return xor(xor(rotr(x, 2), rotr(x, 13)), rotr(x, 22));
}

function sum1(x: v128): v128 {
  return xor(xor(rotr(x, 6), rotr(x, 11)), rotr(x, 25));
}

function sigma0(x: v128): v128 {
  return xor(xor(rotr(x, 7), rotr(x, 18)), i32x4.shr_u(x, 3));
}

function sigma1(x: v128): v128 {
  return xor(xor(rotr(x, 17), rotr(x, 19)), i32x4.shr_u(x, 10));
}

function rotr(x: v128, bits: i32): v128 {
  return xor(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}
