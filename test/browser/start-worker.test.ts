import { expect, test } from 'vitest';
import { isVaultError, type VaultErrorCode } from '../../src/core/errors.ts';
import { startWorker, unwrap } from '../../src/platform/start-worker.ts';
import { checkWalls } from '../../src/platform/walls.ts';

interface Contract {
  double(value: number): number;
  fail(): void;
  hang(): void;
  crash(): void;
}

/** Speaks Comlink's messages by hand, so that nothing has to be bundled for a test. */
const text = `
const functions = {
  double: (value) => value * 2,
  fail: () => { throw new Error('Zebra-SSN-1'); },
  hang: () => new Promise(() => {}),
  crash: () => { setTimeout(() => { throw new Error('Zebra-SSN-1'); }); return new Promise(() => {}); },
};
addEventListener('message', async ({ data: { id, path, argumentList } }) => {
  try {
    const value = await functions[path[0]](...argumentList.map(({ value }) => value));
    postMessage({ id, type: 'RAW', value });
  } catch (error) {
    const { message, name, stack } = error;
    postMessage({ id, type: 'HANDLER', name: 'throw', value: { isError: true, value: { message, name, stack } } });
  }
});`;

async function codeOf(work: Promise<unknown>): Promise<VaultErrorCode> {
  try {
    await work;
  } catch (error) {
    if (!isVaultError(error)) throw new Error('an error that is no VaultError', { cause: error });
    expect(error.message).not.toContain('Zebra');
    return error.code;
  }
  throw new Error('expected a rejection');
}

test('a worker answers, and a failure inside it tells no value', async () => {
  const { remote, terminate } = startWorker<Contract>(text, 'test');
  expect(await Promise.all([remote.double(1), remote.double(21)])).toEqual([2, 42]);
  expect(await codeOf(remote.fail())).toBe('internal');
  expect(await remote.double(2)).toBe(4);
  terminate();
});

test('calls that wait when a worker is terminated are rejected, and later ones too', async () => {
  const { remote, terminate } = startWorker<Contract>(text, 'test');
  const waiting = [remote.hang(), remote.hang()].map(codeOf);
  await remote.double(1);
  terminate();
  terminate();
  expect(await Promise.all(waiting)).toEqual(['worker-ended', 'worker-ended']);
  expect(await codeOf(remote.double(1))).toBe('worker-ended');
});

test('calls that wait when a worker crashes are rejected', async () => {
  const { remote } = startWorker<Contract>(text, 'test');
  const waiting = codeOf(remote.hang());
  expect(await codeOf(remote.crash())).toBe('worker-ended');
  expect(await waiting).toBe('worker-ended');
});

test('a worker whose script does not even parse ends its calls', async () => {
  const { remote } = startWorker<Contract>('this is no script', 'test');
  expect(await codeOf(remote.double(1))).toBe('worker-ended');
});

test('a remote can be awaited without being called', async () => {
  const { remote, terminate } = startWorker<Contract>(text, 'test');
  const same = await Promise.resolve(remote);
  expect(await same.double(3)).toBe(6);
  terminate();
});

test('an answer is its value or throws its error', async () => {
  expect(unwrap({ value: 7 })).toBe(7);
  const error = { name: 'VaultError', code: 'empty', message: 'nothing' } as const;
  expect(await codeOf(Promise.resolve().then(() => unwrap({ error })))).toBe('empty');
});

test('without a policy no wall holds', async () => {
  expect(await checkWalls()).toEqual({ code: false, network: false });
});
