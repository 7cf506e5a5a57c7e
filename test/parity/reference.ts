import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../reference/velora_reference.py', import.meta.url));

/** What the reference says: `ok` and the operation's fields, or a code. */
export interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/** The Python reference as a process that answers one JSON line for each line it is given. */
export class Reference {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #complaint = '';
  #next = 1;

  constructor() {
    this.#process = spawn(process.env['VELORA_PYTHON'] ?? 'python3', [script, 'serve']);
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#complaint += chunk.toString();
    });
    this.#process.on('error', (error) => {
      this.#end(error.message);
    });
    this.#process.on('close', () => {
      this.#end(this.#complaint);
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer & { readonly id: number };
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  ask(op: string, fields: Readonly<Record<string, unknown>>): Promise<Answer> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.stdin.write(`${JSON.stringify({ id, op, ...fields })}\n`);
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#process, 'close');
    this.#process.stdin.end();
    await closed;
  }

  /** Whoever still waits gets an answer that no comparison accepts. */
  #end(message: string): void {
    for (const resolve of this.#waiting.values()) {
      resolve({ ok: false, code: 'reference-ended', message });
    }
    this.#waiting.clear();
  }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The bytes of a field that is base64. */
export function bytesOf(answer: Answer, field: string): Buffer {
  return Buffer.from(answer[field] as string, 'base64');
}
