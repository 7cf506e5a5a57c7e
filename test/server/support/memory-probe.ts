import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a receiver before its program: to whoever connects it tells the bytes that the process
 * still needs, as a number in text. What it no longer needs is collected first; how much memory it
 * has taken from the system says little, since that is given back late or never.
 */
const path = process.env['VELORA_TEST_PROBE'];
if (path !== undefined && process.argv[2] === 'serve') {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  rmSync(path, { force: true });
  createServer((socket) => {
    // Buffers that the first one finds unused are let go in the background: the second waits for that.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    socket.on('error', () => undefined);
    socket.end(String(heapUsed + external));
  })
    .listen(path)
    .unref();
}
