/**
 * velora-vault as a library: the token primitive, the schemas, and streaming tokenizer, validator
 * and restorer over web streams. Runs in Node and in browsers, and touches no network.
 */
export { isVaultError, VaultError, type VaultErrorCode, vaultErrorCodes } from './core/errors.ts';
export { generateSecret, importSecret, type Secret } from './core/secret.ts';
export { isTokenOf, type Token } from './core/token.ts';
export { token } from './core/value-token.ts';
export {
  generalizeAge90,
  generalizeYear,
  generalizeZip3,
  type Generalized,
} from './core/generalize.ts';
export {
  type AnalyticsColumn,
  catalogue,
  type Column,
  getProduct,
  type IdentifierColumn,
  type Product,
  products,
} from './core/schema.ts';
export { classifyHeader, type HeaderClass, normalizeHeader } from './core/headers.ts';
export { type DialectOptions, type Inspection, inspectHead } from './core/inspect.ts';
export {
  type ColumnDecision,
  type ColumnPlan,
  type Plan,
  planColumns,
  type PlanOptions,
} from './core/plan.ts';
export { type Progress, tokenizeCsv, type TokenizeJob } from './core/pipeline.ts';
export type { ColumnReport, Report } from './core/report.ts';
export { type Verification, verifyCsv, type VerifyJob } from './core/verify.ts';
export { type Restoration, restoreCsv, type RestoreJob } from './core/restore.ts';
export type { Finding } from './core/validate.ts';
export { version } from './core/version.ts';
