import type { IncomingMessage } from 'node:http';
import { importSecret } from '../../core/secret.ts';
import type { UploadMode } from '../uploads/take-upload.ts';
import type { Problem, ProblemName } from './problems.ts';

const keyHeader = 'x-velora-vault-key';
/** The headers that choose a mode. Exactly one is there; an empty one is there too. */
const modeHeaders = ['x-velora-vault-mode', keyHeader, 'x-velora-customer-id'] as const;

/**
 * The mode that a request's headers choose. The request has no secret any more afterwards.
 * @returns the mode, with the secret imported as a key that cannot be read back; or the problem
 *   `vault-mode-required`, `ambiguous-vault-mode`, `vault-mode-unknown` or `vault-key-invalid`
 */
export async function uploadMode(
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
): Promise<{ readonly mode: UploadMode } | { readonly problem: Problem }> {
  const { headers } = request;
  const present = modeHeaders.filter((name) => headers[name] !== undefined);
  const [name] = present;
  const value = name === undefined ? '' : String(headers[name]);
  forgetSecret(request);
  if (name === undefined) return problem('vault-mode-required');
  if (present.length > 1) return problem('ambiguous-vault-mode');
  switch (name) {
    case 'x-velora-vault-mode':
      if (value !== 'pretokenized') return problem('vault-mode-unknown');
      return { mode: { kind: 'pretokenized' } };
    case 'x-velora-customer-id':
      return { mode: { kind: 'server' } };
    case keyHeader:
      try {
        const secret = await importSecret(value, { hmacState: true });
        return { mode: { kind: 'client', secret } };
      } catch {
        return problem('vault-key-invalid');
      }
  }
}

/** Takes the secret out of what the rest of the receiver, and whatever looks at it, can see. */
function forgetSecret({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): void {
  Reflect.deleteProperty(headers, keyHeader);
  // Names and values in turn; Node counts on their number.
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === keyHeader) rawHeaders[at + 1] = '';
  }
}

function problem(name: ProblemName): { readonly problem: Problem } {
  return { problem: { name } };
}
