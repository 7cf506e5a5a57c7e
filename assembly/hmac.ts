import { blockLength, entryLength, loadBlocks, transpose, vectorLength } from './lane-blocks';
import { compressLanes } from './sha256-lanes';
import { sha256Blocks } from './sha256-stream';

const digestLength: u32 = 32;
const lanes: u32 = 4;

/** Messages of more blocks are hashed alone: few are, and none then waits for lanes of its length. */
const maxLaneBlocks: u32 = 8;

const queueLength: usize = <usize>lanes * entryLength;

const scratchLength: i32 = 64 + 3 * 8 * 16 + 2 * 16 * 16 + 64 + 128 + 8 * (4 + 4 * 12);
/** Whatever depends on the key or on messages, in one piece, so that one fill wipes it. */
const scratch: usize = memory.data(scratchLength, 64);
const keyState = scratch;
const innerLanes = keyState + 64;
const outerLanes = innerLanes + 8 * vectorLength;
const laneState = outerLanes + 8 * vectorLength;
const innerWords = laneState + 8 * vectorLength;
const outerWords = innerWords + 16 * vectorLength;
const streamState = outerWords + 16 * vectorLength;
const tail = streamState + 64;
const queued = tail + 2 * blockLength;
const queues = queued + 4 * maxLaneBlocks;

/**
 * Sets the key of `hmac`.
 * @param state 64 bytes, 16 words of 32 bits, little-endian: the hash values after the key's block,
 * inner and outer (RFC 2104, section 4). They are copied.
 */
export function setHmacState(state: usize): void {
  memory.copy(keyState, state, 64);
  for (let i: usize = 0; i < 16; i += 1) {
    v128.store(innerLanes + vectorLength * i, v128.load32_splat(state + 4 * i));
  }
  // The outer block: the inner digest, a bit, zeros, and the length of the key's block and it.
  memory.fill(outerWords, 0, 16 * vectorLength);
  v128.store(outerWords + 8 * vectorLength, i32x4.splat(0x80000000));
  v128.store(outerWords + 15 * vectorLength, i32x4.splat(bitsAfterKey(digestLength)));
}

/** Zeroes the key's state and all that the last messages left. */
export function wipeHmacState(): void {
  memory.fill(scratch, 0, scratchLength);
}

/**
 * HMAC-SHA-256 (RFC 2104) of messages that lie one after another, under the key that was set. Four
 * of as many blocks are hashed at once. Up to 64 bytes after a message are read, and not used.
 * @param messages address that offsets count from
 * @param start offset of the first message
 * @param ends offsets of 32 bits: where each message ends and the next begins
 * @param count of messages, each shorter than 2^29 - 64 bytes
 * @param digests where 32 bytes a message are written, in their order
 */
export function hmac(messages: usize, start: u32, ends: usize, count: u32, digests: usize): void {
  memory.fill(queued, 0, 4 * maxLaneBlocks);
  let from = messages + start;
  for (let i: u32 = 0; i < count; i += 1) {
    const to = messages + load<u32>(ends + 4 * i);
    const length = to - from;
    // With a bit, and the length in 64 bits (FIPS 180-4, section 5.1.1).
    const blocks = (length + 1 + 8 + blockLength - 1) / blockLength;
    if (blocks > maxLaneBlocks) hmacAlone(from, length, digests);
    else enqueue(blocks, from, length, digests);
    from = to;
    digests += digestLength;
  }
  for (let blocks: u32 = 1; blocks <= maxLaneBlocks; blocks += 1) flush(blocks);
}

function enqueue(blocks: u32, from: usize, length: u32, digest: usize): void {
  const counter = queued + 4 * (blocks - 1);
  const queue = queues + queueLength * (blocks - 1);
  const waiting = load<u32>(counter);
  const entry = queue + entryLength * waiting;
  store<u32>(entry, from);
  store<u32>(entry, length, 4);
  store<u32>(entry, digest, 8);
  if (waiting + 1 < lanes) {
    store<u32>(counter, waiting + 1);
  } else {
    store<u32>(counter, 0);
    hmacLanes(queue, blocks);
  }
}

/** Hashes what waits for lanes, if anything: lanes that are left do what the first does. */
function flush(blocks: u32): void {
  const waiting = load<u32>(queued + 4 * (blocks - 1));
  if (waiting == 0) return;
  const queue = queues + queueLength * (blocks - 1);
  for (let lane = waiting; lane < lanes; lane += 1) {
    memory.copy(queue + entryLength * lane, queue, entryLength);
  }
  hmacLanes(queue, blocks);
}

/** @param queue four entries, of messages of as many blocks */
function hmacLanes(queue: usize, blocks: u32): void {
  let from = innerLanes;
  for (let block: u32 = 1; block < blocks; block += 1) {
    loadBlocks(queue, blockLength * (block - 1), innerWords);
    compressLanes(from, innerWords, laneState);
    from = laneState;
  }
  loadBlocks(queue, blockLength * (blocks - 1), innerWords);
  v128.store(innerWords + 15 * vectorLength, lengths(queue));
  compressLanes(from, innerWords, outerWords);
  compressLanes(outerLanes, outerWords, laneState);
  const digest0 = load<u32>(queue, 8);
  const digest1 = load<u32>(queue + entryLength, 8);
  const digest2 = load<u32>(queue + 2 * entryLength, 8);
  const digest3 = load<u32>(queue + 3 * entryLength, 8);
  for (let half: usize = 0; half < 2; half += 1) {
    const words = laneState + 4 * vectorLength * half;
    const at = vectorLength * half;
    transpose(
      v128.load(words),
      v128.load(words, 16),
      v128.load(words, 32),
      v128.load(words, 48),
      digest0 + at,
      digest1 + at,
      digest2 + at,
      digest3 + at,
    );
  }
}

/** The lengths of the hashed messages in bits, of which the key's block is part. */
function lengths(queue: usize): v128 {
  let bits = i32x4.splat(bitsAfterKey(load<u32>(queue, 4)));
  bits = i32x4.replace_lane(bits, 1, bitsAfterKey(load<u32>(queue + entryLength, 4)));
  bits = i32x4.replace_lane(bits, 2, bitsAfterKey(load<u32>(queue + 2 * entryLength, 4)));
  return i32x4.replace_lane(bits, 3, bitsAfterKey(load<u32>(queue + 3 * entryLength, 4)));
}

function bitsAfterKey(length: u32): u32 {
  return 8 * (blockLength + length);
}

/** A long message, by itself. */
function hmacAlone(from: usize, length: u32, digest: usize): void {
  memory.copy(streamState, keyState, digestLength);
  const blocks = length / blockLength;
  sha256Blocks(streamState, from, blocks);
  finish(from + blockLength * blocks, length);
  for (let i: usize = 0; i < 8; i += 1) {
    store<u32>(digest + 4 * i, bswap(load<u32>(streamState + 4 * i)));
  }
  memory.copy(streamState, keyState + digestLength, digestLength);
  finish(digest, digestLength);
  for (let i: usize = 0; i < 8; i += 1) {
    store<u32>(digest + 4 * i, bswap(load<u32>(streamState + 4 * i)));
  }
}

/** Hashes the end of a message that is not a whole block, and the padding. @param length of it all */
function finish(from: usize, length: u32): void {
  const rest = length % blockLength;
  const blocks: u32 = rest + 1 + 8 <= blockLength ? 1 : 2;
  memory.fill(tail, 0, 2 * blockLength);
  memory.copy(tail, from, rest);
  store<u8>(tail + rest, 0x80);
  store<u32>(tail + blockLength * blocks - 4, bswap(bitsAfterKey(length)));
  sha256Blocks(streamState, tail, blocks);
}
