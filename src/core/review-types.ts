import type { Delimiter } from './csv/dialect.ts';
import type { Encoding } from './csv/encoding.ts';
import type { PlainVaultError } from './errors.ts';
import type { ColumnDecision, ColumnPlan } from './plan.ts';
import type { Suggestion } from './suggest.ts';

/** What a person has said about one file. Decisions name columns by position, `#3`. */
export interface FileChoices {
  readonly product: string;
  readonly encoding?: Encoding;
  readonly delimiter?: Delimiter;
  readonly decisions: readonly ColumnDecision[];
  readonly acceptHeader: boolean;
  readonly allowTokens: boolean;
  readonly safeHarbor: boolean;
  /** Needed with `safeHarbor`. */
  readonly referenceYear?: number;
}

/** One column under review. */
export interface ColumnView extends Omit<ColumnPlan, 'treatment' | 'header'> {
  /** The header's text; null where it may be a value, as `outputHeader` is `#3` then. */
  readonly header: string | null;
  /** Up to three different shapes of the first values, `999-99-9999`; no value. */
  readonly shapes: readonly string[];
  /** What a cell will look like: `MBR_••••••••••••••••`, `1987`, `021`, a shape, or nothing. */
  readonly result: string;
  /** What this column may be, likeliest first, by the header's words and the values' shapes. */
  readonly suggestions: readonly Suggestion[];
  /** What a person may still choose: a resolved identifier cannot be loosened. */
  readonly allowed: readonly ColumnDecision['action'][];
  /** Catalogue columns that this one may be said to be: as strict as what the schema says of it. */
  readonly targets: readonly string[];
  /** Cells of the first records that are tokens of this very column already. */
  readonly tokensSeen: boolean;
  /** Cells of the first records that as a whole are an SSN or an e-mail address, though kept. */
  readonly identifiersSeen: boolean;
}

/** What the first 64 KiB of a file tell, under the choices made so far. */
export interface Review {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  /** Why the first record may be data; until it is accepted there are no columns. */
  readonly headerQuestion: PlainVaultError | null;
  /**
   * Names the same set of headers in the same order for the same product again: SHA-256,
   * hexadecimal. Where a header may be a value it is salted, and holds for this session only.
   */
  readonly headersDigest: string;
  readonly columns: readonly ColumnView[];
  /** Whether the header names an identifier at all. */
  readonly recognized: boolean;
  /** Canonical columns that more than one header resolves to. */
  readonly repeated: readonly string[];
  /**
   * What still keeps the run from starting, or null: a question about the header, a column to be
   * decided, no column left, or what the run would stop at in the first records.
   */
  readonly open: PlainVaultError | null;
  /** The first records as they will leave; cells that will be tokens are dots. */
  readonly sample: {
    readonly header: readonly string[];
    readonly records: readonly (readonly string[])[];
  };
}
