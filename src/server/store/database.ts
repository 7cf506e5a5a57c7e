/** What a parameter of a statement may be; arrays go to `unnest($1::text[])` and the like. */
export type Parameter =
  string | number | boolean | null | Date | Uint8Array | readonly string[] | readonly Uint8Array[];

/**
 * Statements of one transaction. Values come back as JavaScript has them: `bigint` as a number (none
 * of ours exceeds 2^53), `bytea` as a `Uint8Array`, `timestamptz` as a `Date`.
 */
export interface Transaction {
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters?: readonly Parameter[],
  ): Promise<Row[]>;
}

/** The tenant of what belongs to no tenant: the system's own audit chain. No tenant can be called so. */
export const systemTenant = '@system';

/**
 * The store. There is no way to it but a transaction in the name of a tenant: as a role that owns
 * nothing and cannot bypass row-level security, so that the database itself shows this tenant's
 * rows and no others.
 */
export interface Database {
  /** For messages and `/healthz`. */
  readonly kind: 'pglite' | 'postgresql';
  /**
   * Runs `work` in one transaction and commits it; rolls back what throws. Keep it short: the
   * embedded database has one connection, so never await a request's body in it.
   * @param tenant null before there is one: no row of any tenant is seen
   */
  as<Result>(
    tenant: string | null,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

/** Whether an error of the database says that a row with this key is there already (SQLSTATE 23505). */
export function isDuplicate(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && (error as { code?: unknown }).code === '23505'
  );
}
