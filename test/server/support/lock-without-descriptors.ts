import { closeSync, openSync } from 'node:fs';
import { lockFolder } from '../../../src/server/store/folder-lock.ts';

/** Holds a folder while no file can be opened any more, and says whether it has lost it meanwhile. */
const [, , folder = '', waitMs = ''] = process.argv;
const lock = await lockFolder(folder);
const lost = lock.lost.then(() => 'lost');
// Whatever writes and waits later is loaded now.
process.stdout.write('held\n');
await new Promise((resolve) => setTimeout(resolve, 10));

const { descriptors, code } = exhaust();
const kept = new Promise<string>((resolve) => {
  setTimeout(resolve, Number(waitMs), 'kept');
});
const outcome = await Promise.race([lost, kept]);
for (const descriptor of descriptors) closeSync(descriptor);
process.stdout.write(`${code}, ${outcome}\n`);
await lock.release();
process.exit();

function exhaust(): { descriptors: number[]; code: string } {
  const descriptors: number[] = [];
  for (;;) {
    try {
      descriptors.push(openSync('/dev/null', 'r'));
    } catch (error) {
      return { descriptors, code: (error as NodeJS.ErrnoException).code ?? '' };
    }
  }
}
