import { chunkLength, ChunkCipher } from './encrypted-chunks.ts';
import type { PrivateFileWriter } from './private-files.ts';

/** A private file as the end of a stream: closed it is complete, aborted it is gone. */
export interface PrivateSink {
  readonly stream: WritableStream<Uint8Array>;
  /** Bytes that it took so far, as they came. */
  readonly bytes: () => number;
}

/** A file of the bytes as they come. Writes blocks of a megabyte or more, since each call costs. */
export function plainSink(file: PrivateFileWriter): PrivateSink {
  const block = new Uint8Array(chunkLength);
  let filled = 0;
  const flush = (): void => {
    if (filled > 0) file.write(block.subarray(0, filled));
    filled = 0;
  };
  return {
    bytes: () => file.length + filled,
    stream: new WritableStream<Uint8Array>({
      write: (bytes) => {
        if (filled + bytes.length > block.length) flush();
        if (bytes.length >= block.length) {
          file.write(bytes as Uint8Array<ArrayBuffer>);
        } else {
          block.set(bytes, filled);
          filled += bytes.length;
        }
      },
      close: () => {
        flush();
        file.close();
      },
      abort: () => file.abort(),
    }),
  };
}

/** A file in the form of `encrypted-chunks.ts`, for what is PHI. */
export function encryptedSink(file: PrivateFileWriter, key: CryptoKey, name: string): PrivateSink {
  const cipher = new ChunkCipher(key, name);
  const block = new Uint8Array(chunkLength);
  let filled = 0;
  let index = 0;
  let taken = 0;
  const seal = async (last: boolean): Promise<void> => {
    if (index === 0) file.write(cipher.head);
    file.write(await cipher.seal(block.subarray(0, filled), index, last));
    index += 1;
    filled = 0;
  };
  return {
    bytes: () => taken,
    stream: new WritableStream<Uint8Array>({
      write: async (bytes) => {
        let rest = bytes;
        while (rest.length > 0) {
          // A full block waits: it may be the last one, which is sealed otherwise.
          if (filled === block.length) await seal(false);
          const part = rest.subarray(0, block.length - filled);
          block.set(part, filled);
          filled += part.length;
          taken += part.length;
          rest = rest.subarray(part.length);
        }
      },
      close: async () => {
        await seal(true);
        block.fill(0);
        file.close();
      },
      abort: async () => {
        block.fill(0);
        await file.abort();
      },
    }),
  };
}
