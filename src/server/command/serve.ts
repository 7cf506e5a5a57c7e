import { startReceiver } from '../receiver.ts';
import { exits } from './exits.ts';
import { readKek } from './key-encryption-key.ts';
import { receiverSettings, type ServeOptions } from './options.ts';
import { explain, say } from './say.ts';

/**
 * Runs a receiver until a signal tells it to stop; a second one ends it at once. Where its folder is
 * lost to another process it ends without another write.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { settings, key } = await receiverSettings(options);
  const receiver = await startReceiver(settings, await readKek(key), (error) => {
    say(`housekeeping: ${explain(error)}`);
  });
  const database = receiver.database === 'pglite' ? 'embedded database' : 'PostgreSQL';
  say(`listening on ${receiver.url} (${database}, folder ${settings.folder})`);
  void receiver.lost.then(() => {
    say('another process holds the folder: ended [folder-lost]');
    process.exit(exits.other);
  });
  await toldToStop();
  say('stopping');
  await receiver.stop();
  if (process.connected) process.disconnect();
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** Waits for a signal, or for the end of whoever has started us with a channel. */
async function toldToStop(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.once(signal, resolve);
    process.once('disconnect', resolve);
  });
  for (const signal of signals) {
    process.removeAllListeners(signal);
    process.once(signal, () => process.exit(exits.other));
  }
}
