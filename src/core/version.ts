/** Version of this package, as in package.json. */
export const version = '1.0.0';

/** Version of the token specification: `docs/token-format.md`. */
export const specificationVersion = 1;
