import type { Transform } from '../engine.ts';
import { VaultError } from '../errors.ts';
import { digestLength, type PseudorandomFunction } from '../prf.ts';
import { formatToken } from '../token.ts';

/** A token as it stands in the output, and the message it was made of. */
export interface TokenSample {
  readonly column: number;
  readonly message: Uint8Array;
  readonly token: string;
}

/** Tokens of a run that are worked out anew. */
const checkedTokens = 64;
/** Of one segment, so that they come from more than the first. */
const perSegment = 16;

/** Holds some tokens of a run, as they are written, against another implementation of HMAC. */
export class SpotCheck {
  readonly #treatments: Transform['treatments'];
  readonly #prf: PseudorandomFunction;
  #left = checkedTokens;

  constructor({ treatments }: Transform, prf: PseudorandomFunction) {
    this.#treatments = treatments;
    this.#prf = prf;
  }

  /** How many tokens of the next segment should be given. */
  get wanted(): number {
    return Math.min(perSegment, this.#left);
  }

  /** @throws VaultError `output-check`, rule `token-differs` */
  async check(samples: readonly TokenSample[]): Promise<void> {
    if (samples.length === 0) return;
    this.#left -= samples.length;
    const ends = new Uint32Array(samples.length);
    let length = 0;
    samples.forEach(({ message }, i) => {
      length += message.length;
      ends[i] = length;
    });
    const messages = new Uint8Array(length);
    samples.forEach(({ message }, i) => {
      messages.set(message, (ends[i] as number) - message.length);
    });
    const digests = await this.#prf(messages, ends);
    samples.forEach(({ column, token }, i) => {
      const treatment = this.#treatments[column];
      const prefix = treatment?.kind === 'tokenize' ? treatment.prefix : '';
      if (formatToken(prefix, digests, digestLength * i) === token) return;
      throw new VaultError(
        'output-check',
        'a token that WebCrypto computes otherwise: expected the same; the run was stopped',
        { column: column + 1, rule: 'token-differs' },
      );
    });
  }
}
