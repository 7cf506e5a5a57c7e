/**
 * What the person who deploys the page has written into its head: where files may be uploaded to,
 * and which of those receivers know `Idempotency-Key`.
 */

/**
 * The upload addresses that the policy's `connect-src` allows, in its order, this page's own origin
 * last. Sources that are no plain address (`*.example.com`, schemes) are no upload address.
 */
export function allowedOrigins(): readonly string[] {
  const policy = contentOf('meta[http-equiv="Content-Security-Policy" i]');
  const [, ...sources] =
    policy
      .split(';')
      .map((directive) => directive.trim().split(/\s+/))
      .find(([name]) => name?.toLowerCase() === 'connect-src') ?? [];
  const others = sources.flatMap(originOf).filter((origin) => origin !== location.origin);
  const own = sources.some((source) => source.toLowerCase() === "'self'" || isOwn(source));
  return [...new Set([...others, ...(own ? [location.origin] : [])])];
}

/** Whether the receiver at this origin knows `Idempotency-Key`, as this deployment says. */
export function knowsIdempotencyKey(origin: string): boolean {
  const named = contentOf('meta[name="velora-idempotency-key"]').split(/\s+/);
  return named.some(
    (source) =>
      (source.toLowerCase() === "'self'" && origin === location.origin) ||
      originOf(source).includes(origin),
  );
}

function contentOf(selector: string): string {
  return document.querySelector<HTMLMetaElement>(selector)?.content ?? '';
}

function isOwn(source: string): boolean {
  return originOf(source).includes(location.origin);
}

function originOf(source: string): string[] {
  if (!/^https?:\/\/[^*]+$/i.test(source)) return [];
  try {
    return [new URL(source).origin];
  } catch {
    return [];
  }
}
