import type { Walls } from '../protocol.ts';

/** A name that no resolver knows (RFC 2606): where there is no wall, nobody hears of the probe. */
const foreignAddress = 'https://walls.invalid/';
/** Code that does nothing, should it run. */
const harmlessCode = '0';

/** How long a request may take to fail, and an event to come after what it tells of, in ms. */
const requestLimit = 1000;
const eventLimit = 50;

/**
 * Tries what the policy has to forbid in this realm, window or worker: code made from text, and a
 * request to a foreign address. A request that a policy stopped and one that failed look alike, so
 * that only a `securitypolicyviolation` event of an enforced policy counts as a wall. Under Trusted
 * Types the code is stopped as a string for a script sink (CSP 3, section 2.4; Trusted Types, 4.5).
 * WebAssembly made from bytes, which the policy allows, is none of either.
 * @returns which walls hold; about a second later at the worst, and never rejects
 */
export async function checkWalls(): Promise<Walls> {
  const code = expectation((event) => {
    const { blockedURI, effectiveDirective } = event;
    return (
      (blockedURI === 'eval' && /^(?:script|default)-src/.test(effectiveDirective)) ||
      (blockedURI === 'trusted-types-sink' &&
        effectiveDirective === 'require-trusted-types-for' &&
        /^eval\b/.test(event.sample))
    );
  });
  const network = expectation(
    ({ blockedURI, effectiveDirective }) =>
      blockedURI.startsWith(foreignAddress.slice(0, -1)) &&
      /^(?:connect|default)-src$/.test(effectiveDirective),
  );
  const listen = (event: Event): void => {
    const violation = event as SecurityPolicyViolationEvent;
    if (violation.disposition !== 'enforce') return;
    code.see(violation);
    network.see(violation);
  };
  globalThis.addEventListener('securitypolicyviolation', listen, true);
  const request = new AbortController();
  try {
    tryCode();
    await Promise.race([network.met, tryRequest(request.signal), after(requestLimit)]);
    await Promise.race([Promise.all([code.met, network.met]), after(eventLimit)]);
  } finally {
    request.abort();
    globalThis.removeEventListener('securitypolicyviolation', listen, true);
  }
  return { code: code.isMet(), network: network.isMet() };
}

interface Expectation {
  readonly see: (event: SecurityPolicyViolationEvent) => void;
  readonly met: Promise<void>;
  readonly isMet: () => boolean;
}

function expectation(fits: (event: SecurityPolicyViolationEvent) => boolean): Expectation {
  let isMet = false;
  const { promise, resolve } = withResolvers();
  return {
    see: (event) => {
      if (!fits(event)) return;
      isMet = true;
      resolve();
    },
    met: promise,
    isMet: () => isMet,
  };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function tryCode(): void {
  try {
    globalThis.eval(harmlessCode);
  } catch {
    // Refused, or failed otherwise: the event tells which.
  }
}

async function tryRequest(signal: AbortSignal): Promise<void> {
  try {
    await fetch(foreignAddress, {
      mode: 'no-cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      signal,
    });
  } catch {
    // As above.
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
