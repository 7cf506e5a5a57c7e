import { type Delimiter, delimiterOf } from '../core/csv/dialect.ts';
import { type Encoding, encodingOf } from '../core/csv/encoding.ts';
import { VaultError } from '../core/errors.ts';
import type { ColumnDecision, PlanOptions } from '../core/plan.ts';

/** Options about how a file is read, as the argument parser gives them. */
export interface ReadingOptions {
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly acceptHeader?: boolean;
}

/** Options about what is done to columns. */
export interface DecisionOptions extends ReadingOptions {
  readonly column?: readonly string[];
  readonly keep?: readonly string[];
  readonly drop?: readonly string[];
  readonly unknown?: 'keep' | 'drop' | 'fail';
  readonly allowTokens?: boolean;
  readonly safeHarbor?: boolean;
  readonly referenceYear?: string;
  /** Path of a mapping file. */
  readonly mapping?: string;
}

/** @throws VaultError `option-invalid` */
export function dialectOf({ delimiter, encoding }: ReadingOptions): {
  delimiter?: Delimiter;
  encoding?: Encoding;
} {
  return {
    ...(delimiter === undefined ? {} : { delimiter: delimiterOf(delimiter) }),
    ...(encoding === undefined ? {} : { encoding: encodingOf(encoding) }),
  };
}

/** @throws VaultError `option-invalid` */
export function planOptionsOf(options: DecisionOptions): PlanOptions {
  const safeHarbor = options.safeHarbor ?? false;
  if (options.referenceYear !== undefined && !safeHarbor) {
    throw new VaultError(
      'option-invalid',
      '--reference-year: expected together with --safe-harbor',
    );
  }
  return {
    decisions: decisionsOf(options),
    unknown: options.unknown ?? 'keep',
    acceptHeader: options.acceptHeader ?? false,
    allowTokens: options.allowTokens ?? false,
    safeHarbor,
    ...(safeHarbor ? { referenceYear: yearOf(options.referenceYear) } : {}),
  };
}

function yearOf(text: string | undefined): number {
  if (text === undefined) return new Date().getUTCFullYear();
  return /^\d{4}$/.test(text) ? Number(text) : Number.NaN;
}

function decisionsOf(options: DecisionOptions): ColumnDecision[] {
  const maps = (options.column ?? []).map((text): ColumnDecision => {
    // Canonical names hold no `=`; headers may.
    const at = text.lastIndexOf('=');
    if (at <= 0) {
      throw new VaultError(
        'option-invalid',
        '--column: expected "Header=column", for example --column "Member No=member_id"',
      );
    }
    return { select: text.slice(0, at), action: 'map', column: text.slice(at + 1).trim() };
  });
  return [
    ...maps,
    ...(options.keep ?? []).map((select): ColumnDecision => ({ select, action: 'keep' })),
    ...(options.drop ?? []).map((select): ColumnDecision => ({ select, action: 'drop' })),
  ];
}
