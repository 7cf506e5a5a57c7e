import type { Mapping } from '../../bridge/contract.ts';
import * as mappings from '../../bridge/mapping.ts';
import type { ColumnDecision, ColumnView, FileChoices, PlainVaultError } from '../../protocol.ts';
import { problemOf } from './problems.ts';

const headersOf = (columns: readonly ColumnView[]) => columns.map(({ header }) => header);

/** The decisions on a file as a mapping: headers and actions, no values. */
export function mappingOf(
  choices: FileChoices,
  columns: readonly ColumnView[],
  keyFingerprint: string | null,
): Mapping {
  const { product, decisions } = choices;
  return mappings.mappingOf(product, keyFingerprint, headersOf(columns), decisions);
}

/**
 * The decisions of a mapping on the columns of a file.
 * @returns a `mapping-invalid` error where it names a column that the file does not have
 */
export function decisionsOf(
  mapping: Mapping,
  columns: readonly ColumnView[],
): readonly ColumnDecision[] | PlainVaultError {
  try {
    return mappings.decisionsOf(mapping, headersOf(columns));
  } catch (error) {
    return problemOf(error);
  }
}
