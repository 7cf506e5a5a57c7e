import { Dicer } from '@fastify/busboy';
import type { VaultError } from '../../core/errors.ts';
import type { ProblemName } from '../http/problems.ts';
import { faultOf, type Headers, noHeaders, oneFile, refused } from './form-headers.ts';

/** Bytes before the first part and after the last at most, as whole chunks of the body. */
const outsideMax = 1024 * 1024;

/** A part of a form: its headers, when they have come, and whether all of its data has. */
interface Part {
  headers: boolean;
  ended: boolean;
}

/**
 * A form while it is parsed: bytes go in, the file's bytes come out, and the first thing that is
 * wrong stays. Data comes out of the parser's streams some ticks after it went in, therefore each
 * write waits for its callback, and the end for that of the part. Uses the multipart parser below
 * Busboy, which leaves out in silence what it does not understand.
 */
export class FormParser {
  readonly #parser: Dicer;
  readonly #largestFile: number;
  #part: Part | null = null;
  #hasFile = false;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #outside = 0;
  #finished = false;
  #failure: VaultError | null = null;
  #wake: (() => void) | null = null;

  constructor(boundary: string, largestFile: number) {
    this.#largestFile = largestFile;
    // Headers that are cut at a limit would be taken for whole ones: their length is checked here.
    const settings = { boundary, maxHeaderSize: Infinity, maxHeaderPairs: Infinity };
    this.#parser = new Dicer(settings);
    this.#parser.on('part', (stream) => {
      this.#begin(stream);
    });
    this.#parser.on('finish', () => {
      this.#finished = true;
      this.#wake?.();
    });
    this.#parser.on('error', () => {
      this.#fail('form-invalid', 'expected a form that ends with its last boundary');
    });
  }

  /** @throws VaultError as `readFile` */
  async write(chunk: Buffer): Promise<void> {
    const before = this.#inFile() ? null : this.#part;
    if (!this.#finished) {
      let written = false;
      this.#parser.write(chunk, () => {
        written = true;
        this.#wake?.();
      });
      // A part that ends while the parser is held up never sets it going again.
      await this.#until(() => written || this.#finished);
    }
    if (this.#inFile() || this.#part !== before) return;
    this.#outside += chunk.length;
    if (this.#outside > outsideMax) {
      throw refused('form-invalid', 'expected little but the file in the form');
    }
  }

  /** @throws VaultError unless exactly one file has come, and the form has ended */
  async end(): Promise<void> {
    if (!this.#finished) {
      this.#parser.end();
      await this.#until(() => this.#finished);
    }
    const part = this.#part;
    if (part === null) throw refused('file-missing', oneFile);
    if (!part.headers) throw refused('form-invalid', noHeaders);
    await this.#until(() => part.ended);
  }

  *taken(): Generator<Uint8Array, void, undefined> {
    const chunks = this.#chunks;
    this.#chunks = [];
    yield* chunks;
  }

  #inFile(): boolean {
    return this.#part !== null && this.#part.headers && !this.#part.ended;
  }

  #begin(stream: Dicer.PartStream): void {
    if (this.#part?.headers === false) this.#fail('form-invalid', noHeaders);
    const part: Part = { headers: false, ended: false };
    this.#part = part;
    stream.on('header', (headers) => {
      part.headers = true;
      const wrong = faultOf(headers as Headers);
      if (wrong !== null) this.#fail(...wrong);
      else if (this.#hasFile) this.#fail('file-repeated', oneFile);
      this.#hasFile = true;
    });
    stream.on('data', (data) => {
      this.#take(data as Buffer);
    });
    stream.on('end', () => {
      part.ended = true;
      this.#wake?.();
    });
    // Told by the parser too.
    stream.on('error', () => undefined);
  }

  async #until(reached: () => boolean): Promise<void> {
    while (this.#failure === null && !reached()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #take(data: Buffer): void {
    this.#length += data.length;
    if (this.#length > this.#largestFile) {
      const most = String(this.#largestFile);
      this.#fail('file-too-large', `expected a file of at most ${most} bytes`);
    }
    if (this.#failure === null) this.#chunks.push(data);
  }

  #fail(rule: ProblemName, expected: string): void {
    this.#failure ??= refused(rule, expected);
    this.#wake?.();
  }
}
