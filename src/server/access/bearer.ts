/** An API key in its two parts: the prefix it is looked up by, and the secret. */
export interface KeyParts {
  readonly prefix: string;
  readonly secret: string;
}

const keyPattern = /^vlk_live_([0-9a-f]{8})_([0-9a-f]{32})$/;

/** The text of an API key, as it is shown once and sent with each request. */
export const keyText = ({ prefix, secret }: KeyParts): string => `vlk_live_${prefix}_${secret}`;

/**
 * The API key of an `Authorization` header: the scheme Bearer (RFC 6750, section 2.1) in any case
 * (RFC 9110, section 11.1), one space or more, a key, and nothing else.
 * @returns null where it is anything else
 */
export function keyOfAuthorization(authorization: string): KeyParts | null {
  const [scheme, key] = splitScheme(authorization);
  if (scheme.toLowerCase() !== 'bearer') return null;
  const [, prefix, secret] = keyPattern.exec(key) ?? [];
  return prefix === undefined || secret === undefined ? null : { prefix, secret };
}

function splitScheme(authorization: string): readonly [string, string] {
  const space = authorization.indexOf(' ');
  if (space < 0) return [authorization, ''];
  let start = space;
  while (authorization[start] === ' ') start += 1;
  return [authorization.slice(0, space), authorization.slice(start)];
}
