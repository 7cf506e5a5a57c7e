import { request } from 'node:http';
import { type PlainVaultError, VaultError } from '../../core/errors.ts';
import type { InputOf, OperationName, ResultOf } from './operations.ts';

/**
 * Has a running receiver do an operation.
 * @param address of its control socket
 * @returns null where nobody listens there
 * @throws VaultError what the operation threw there; receiver-unusable/control-lost where no answer came
 */
export async function callReceiver<Name extends OperationName>(
  address: string,
  operation: Name,
  input: InputOf<Name>,
): Promise<{ result: ResultOf<Name> } | null> {
  const text = await exchange(address, JSON.stringify({ operation, input }));
  if (text === null) return null;
  const answer = parse<Name>(text);
  if ('error' in answer) throw VaultError.fromPlain(answer.error);
  return answer;
}

type Answer<Name extends OperationName> =
  { readonly result: ResultOf<Name> } | { readonly error: PlainVaultError };

function parse<Name extends OperationName>(text: string): Answer<Name> {
  try {
    return JSON.parse(text) as Answer<Name>;
  } catch {
    throw lost();
  }
}

function exchange(address: string, body: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: address, method: 'POST', path: '/' }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        resolve(Buffer.concat(pieces).toString('utf8'));
      });
      response.on('error', () => {
        reject(lost());
      });
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(null);
      else reject(lost());
    });
    call.end(body);
  });
}

function lost(): VaultError {
  return new VaultError(
    'receiver-unusable',
    'expected an answer of the running receiver: whether it did what was asked is not known',
    { rule: 'control-lost' },
  );
}
