import { startReceiver } from '../receiver.ts';
import { exits } from './exits.ts';
import { readKek, warnOfReadableKey } from './key-encryption-key.ts';
import { receiverSettings, type ServeOptions } from './options.ts';
import { explain, say } from './say.ts';

/**
 * Runs a receiver until a signal tells it to stop; a second one ends it at once. Where its folder is
 * lost to another process it ends without another write.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const order = awaitStopOrder();
  try {
    const { settings, key } = await receiverSettings(options);
    const kek = await readKek(key, true);
    await warnOfReadableKey(key);
    if (order.given()) return;
    const receiver = await startReceiver(settings, kek, (error) => {
      say(`housekeeping: ${explain(error)}`);
    });
    const database = receiver.database === 'pglite' ? 'embedded database' : 'PostgreSQL';
    say(`listening on ${receiver.url} (${database}, folder ${settings.folder})`);
    void receiver.lost.then(() => {
      say('another process holds the folder: ended [folder-lost]');
      process.exit(exits.other);
    });
    await order.told;
    say('stopping');
    await receiver.stop();
  } finally {
    order.forget();
  }
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

interface StopOrder {
  given(): boolean;
  readonly told: Promise<void>;
  /** Ends the listening, which keeps a process alive that somebody has a channel to. */
  forget(): void;
}

/**
 * Waits for a signal, or for the end of whoever has started us with a channel, from now on: both may
 * come before there is a receiver to stop, and the latter has perhaps come already.
 */
function awaitStopOrder(): StopOrder {
  const endNow = () => process.exit(exits.other);
  let given = false;
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  const stop = () => {
    if (given) return;
    given = true;
    for (const signal of signals) process.off(signal, stop).once(signal, endNow);
    tell();
  };
  for (const signal of signals) process.once(signal, stop);
  process.once('disconnect', stop);
  // `send` stays when a channel has ended.
  if (process.send !== undefined && !process.connected) stop();
  return {
    given: () => given,
    told,
    forget() {
      for (const signal of signals) process.off(signal, stop).off(signal, endNow);
      process.off('disconnect', stop);
    },
  };
}
