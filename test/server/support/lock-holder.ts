import { VaultError } from '../../../src/core/errors.ts';
import { lockFolder } from '../../../src/server/store/folder-lock.ts';

/** A process that says whether it got the folder, and holds it until its input ends. */
const say = (word: string): void => void process.stdout.write(`${word}\n`);

try {
  const lock = await lockFolder(process.argv[2] ?? '');
  say('held');
  void lock.lost.then(() => {
    say('lost');
  });
  for await (const _ of process.stdin);
  await lock.release();
  say('released');
} catch (error) {
  say(error instanceof VaultError ? String(error.rule) : 'failed');
}
