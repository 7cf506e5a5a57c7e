const blockLength: usize = 64;

/**
 * The compression function of SHA-256 (FIPS 180-4, section 6.2.2) over whole blocks of one message.
 * All 64 rounds in a row on local variables, which change places instead of contents: as a loop of
 * 16 it is a twentieth slower. Words, not vectors: a schedule four words at a time by SIMD, and two
 * messages in lockstep, are slower too.
 * @param state eight words, little-endian: the hash value, which becomes that after the blocks
 * @param data the first block
 * @param blocks how many
 */
export function sha256Blocks(state: usize, data: usize, blocks: u32): void {
  for (; blocks > 0; blocks -= 1) {
    compressBlock(state, data);
    data += blockLength;
  }
}

function compressBlock(state: usize, data: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let w0 = bswap(load<u32>(data));
  let w1 = bswap(load<u32>(data, 4));
  let w2 = bswap(load<u32>(data, 8));
  let w3 = bswap(load<u32>(data, 12));
  let w4 = bswap(load<u32>(data, 16));
  let w5 = bswap(load<u32>(data, 20));
  let w6 = bswap(load<u32>(data, 24));
  let w7 = bswap(load<u32>(data, 28));
  let w8 = bswap(load<u32>(data, 32));
  let w9 = bswap(load<u32>(data, 36));
  let w10 = bswap(load<u32>(data, 40));
  let w11 = bswap(load<u32>(data, 44));
  let w12 = bswap(load<u32>(data, 48));
  let w13 = bswap(load<u32>(data, 52));
  let w14 = bswap(load<u32>(data, 56));
  let w15 = bswap(load<u32>(data, 60));
  // Of the majority of a, b and c: a ^ b of one round is b ^ c of the next.
  let ab: u32;
  let bc = b ^ c;

  // prettier-ignore
  {
    h = t1(h, e, f, g, w0 + 0x428a2f98); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    g = t1(g, d, e, f, w1 + 0x71374491); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    f = t1(f, c, d, e, w2 + 0xb5c0fbcf); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    e = t1(e, b, c, d, w3 + 0xe9b5dba5); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    d = t1(d, a, b, c, w4 + 0x3956c25b); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    c = t1(c, h, a, b, w5 + 0x59f111f1); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    b = t1(b, g, h, a, w6 + 0x923f82a4); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    a = t1(a, f, g, h, w7 + 0xab1c5ed5); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    h = t1(h, e, f, g, w8 + 0xd807aa98); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    g = t1(g, d, e, f, w9 + 0x12835b01); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    f = t1(f, c, d, e, w10 + 0x243185be); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    e = t1(e, b, c, d, w11 + 0x550c7dc3); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    d = t1(d, a, b, c, w12 + 0x72be5d74); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    c = t1(c, h, a, b, w13 + 0x80deb1fe); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    b = t1(b, g, h, a, w14 + 0x9bdc06a7); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    a = t1(a, f, g, h, w15 + 0xc19bf174); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w0 = next(w0, w1, w9, w14);
    h = t1(h, e, f, g, w0 + 0xe49b69c1); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w1 = next(w1, w2, w10, w15);
    g = t1(g, d, e, f, w1 + 0xefbe4786); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w2 = next(w2, w3, w11, w0);
    f = t1(f, c, d, e, w2 + 0x0fc19dc6); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w3 = next(w3, w4, w12, w1);
    e = t1(e, b, c, d, w3 + 0x240ca1cc); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w4 = next(w4, w5, w13, w2);
    d = t1(d, a, b, c, w4 + 0x2de92c6f); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w5 = next(w5, w6, w14, w3);
    c = t1(c, h, a, b, w5 + 0x4a7484aa); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w6 = next(w6, w7, w15, w4);
    b = t1(b, g, h, a, w6 + 0x5cb0a9dc); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w7 = next(w7, w8, w0, w5);
    a = t1(a, f, g, h, w7 + 0x76f988da); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w8 = next(w8, w9, w1, w6);
    h = t1(h, e, f, g, w8 + 0x983e5152); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w9 = next(w9, w10, w2, w7);
    g = t1(g, d, e, f, w9 + 0xa831c66d); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w10 = next(w10, w11, w3, w8);
    f = t1(f, c, d, e, w10 + 0xb00327c8); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w11 = next(w11, w12, w4, w9);
    e = t1(e, b, c, d, w11 + 0xbf597fc7); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w12 = next(w12, w13, w5, w10);
    d = t1(d, a, b, c, w12 + 0xc6e00bf3); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w13 = next(w13, w14, w6, w11);
    c = t1(c, h, a, b, w13 + 0xd5a79147); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w14 = next(w14, w15, w7, w12);
    b = t1(b, g, h, a, w14 + 0x06ca6351); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w15 = next(w15, w0, w8, w13);
    a = t1(a, f, g, h, w15 + 0x14292967); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w0 = next(w0, w1, w9, w14);
    h = t1(h, e, f, g, w0 + 0x27b70a85); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w1 = next(w1, w2, w10, w15);
    g = t1(g, d, e, f, w1 + 0x2e1b2138); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w2 = next(w2, w3, w11, w0);
    f = t1(f, c, d, e, w2 + 0x4d2c6dfc); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w3 = next(w3, w4, w12, w1);
    e = t1(e, b, c, d, w3 + 0x53380d13); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w4 = next(w4, w5, w13, w2);
    d = t1(d, a, b, c, w4 + 0x650a7354); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w5 = next(w5, w6, w14, w3);
    c = t1(c, h, a, b, w5 + 0x766a0abb); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w6 = next(w6, w7, w15, w4);
    b = t1(b, g, h, a, w6 + 0x81c2c92e); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w7 = next(w7, w8, w0, w5);
    a = t1(a, f, g, h, w7 + 0x92722c85); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w8 = next(w8, w9, w1, w6);
    h = t1(h, e, f, g, w8 + 0xa2bfe8a1); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w9 = next(w9, w10, w2, w7);
    g = t1(g, d, e, f, w9 + 0xa81a664b); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w10 = next(w10, w11, w3, w8);
    f = t1(f, c, d, e, w10 + 0xc24b8b70); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w11 = next(w11, w12, w4, w9);
    e = t1(e, b, c, d, w11 + 0xc76c51a3); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w12 = next(w12, w13, w5, w10);
    d = t1(d, a, b, c, w12 + 0xd192e819); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w13 = next(w13, w14, w6, w11);
    c = t1(c, h, a, b, w13 + 0xd6990624); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w14 = next(w14, w15, w7, w12);
    b = t1(b, g, h, a, w14 + 0xf40e3585); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w15 = next(w15, w0, w8, w13);
    a = t1(a, f, g, h, w15 + 0x106aa070); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w0 = next(w0, w1, w9, w14);
    h = t1(h, e, f, g, w0 + 0x19a4c116); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w1 = next(w1, w2, w10, w15);
    g = t1(g, d, e, f, w1 + 0x1e376c08); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w2 = next(w2, w3, w11, w0);
    f = t1(f, c, d, e, w2 + 0x2748774c); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w3 = next(w3, w4, w12, w1);
    e = t1(e, b, c, d, w3 + 0x34b0bcb5); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w4 = next(w4, w5, w13, w2);
    d = t1(d, a, b, c, w4 + 0x391c0cb3); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w5 = next(w5, w6, w14, w3);
    c = t1(c, h, a, b, w5 + 0x4ed8aa4a); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w6 = next(w6, w7, w15, w4);
    b = t1(b, g, h, a, w6 + 0x5b9cca4f); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w7 = next(w7, w8, w0, w5);
    a = t1(a, f, g, h, w7 + 0x682e6ff3); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
    w8 = next(w8, w9, w1, w6);
    h = t1(h, e, f, g, w8 + 0x748f82ee); d += h; ab = a ^ b; h += sum0(a) + (b ^ (ab & bc));
    w9 = next(w9, w10, w2, w7);
    g = t1(g, d, e, f, w9 + 0x78a5636f); c += g; bc = h ^ a; g += sum0(h) + (a ^ (bc & ab));
    w10 = next(w10, w11, w3, w8);
    f = t1(f, c, d, e, w10 + 0x84c87814); b += f; ab = g ^ h; f += sum0(g) + (h ^ (ab & bc));
    w11 = next(w11, w12, w4, w9);
    e = t1(e, b, c, d, w11 + 0x8cc70208); a += e; bc = f ^ g; e += sum0(f) + (g ^ (bc & ab));
    w12 = next(w12, w13, w5, w10);
    d = t1(d, a, b, c, w12 + 0x90befffa); h += d; ab = e ^ f; d += sum0(e) + (f ^ (ab & bc));
    w13 = next(w13, w14, w6, w11);
    c = t1(c, h, a, b, w13 + 0xa4506ceb); g += c; bc = d ^ e; c += sum0(d) + (e ^ (bc & ab));
    w14 = next(w14, w15, w7, w12);
    b = t1(b, g, h, a, w14 + 0xbef9a3f7); f += b; ab = c ^ d; b += sum0(c) + (d ^ (ab & bc));
    w15 = next(w15, w0, w8, w13);
    a = t1(a, f, g, h, w15 + 0xc67178f2); e += a; bc = b ^ c; a += sum0(b) + (c ^ (bc & ab));
  }

  store<u32>(state, a + load<u32>(state));
  store<u32>(state, b + load<u32>(state, 4), 4);
  store<u32>(state, c + load<u32>(state, 8), 8);
  store<u32>(state, d + load<u32>(state, 12), 12);
  store<u32>(state, e + load<u32>(state, 16), 16);
  store<u32>(state, f + load<u32>(state, 20), 20);
  store<u32>(state, g + load<u32>(state, 24), 24);
  store<u32>(state, h + load<u32>(state, 28), 28);
}

/** T1 of a round. @param kw the sum of its constant and its word of the schedule */
function t1(h: u32, e: u32, f: u32, g: u32, kw: u32): u32 {
  return h + kw + (g ^ (e & (f ^ g))) + sum1(e);
}

/** A word of the schedule from those 16, 15, 7 and two before it. */
function next(w16: u32, w15: u32, w7: u32, w2: u32): u32 {
  return w16 + w7 + sigma0(w15) + sigma1(w2);
}

/** Rotations by 2, 13 and 22, one after the other. */
function sum0(x: u32): u32 {
  return rotr(rotr(rotr(x, 9) ^ x, 11) ^ x, 2);
}

/** Rotations by 6, 11 and 25, one after the other. */
function sum1(x: u32): u32 {
  return rotr(rotr(rotr(x, 14) ^ x, 5) ^ x, 6);
}

function sigma0(x: u32): u32 {
  return rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3);
}

function sigma1(x: u32): u32 {
  return rotr(x, 17) ^ rotr(x, 19) ^ (x >> 10);
}
