import type { PlainVaultError } from '../../core/errors.ts';

/** Writes a line for people to standard error. Standard output is for data and for the log. */
export function say(line: string): void {
  process.stderr.write(`velora-receiver: ${line}\n`);
}

/** Writes to standard output; resolves when it is out. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The message of an error, with its rule: what was expected, no secret. */
export function explain({ message, rule }: PlainVaultError): string {
  return rule === undefined ? message : `${message} [${rule}]`;
}
