#!/usr/bin/env node
import { isVaultError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { fileOf } from './failure.ts';
import { undoUnfinished } from './output.ts';
import { createProgram, isParserExit, refuseSecretArguments } from './program.ts';
import { explainAny, say } from './say.ts';

/** Signals that end a process and can be caught: what is unfinished is undone first. */
const signals: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGINT', 'SIGTERM', 'SIGHUP']
    : [
        'SIGINT',
        'SIGTERM',
        'SIGHUP',
        'SIGQUIT',
        'SIGABRT',
        'SIGALRM',
        'SIGVTALRM',
        'SIGXCPU',
        'SIGUSR2',
      ];

async function main(words: readonly string[]): Promise<number> {
  try {
    refuseSecretArguments(words);
    await createProgram(version).parseAsync([...words], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (isParserExit(error)) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUse;
    const gone = isVaultError(error) && error.code === 'output-closed';
    if (!gone) say(explainAny(error, fileOf(error)));
    return isVaultError(error) ? exitCodeOf[error.code] : exitCodes.other;
  } finally {
    undoUnfinished();
    // Whoever feeds it may go on: nobody reads that any more.
    process.stdin.destroy();
  }
}

for (const signal of signals) {
  process.once(signal, () => {
    undoUnfinished();
    process.kill(process.pid, signal);
  });
}
process.on('exit', undoUnfinished);
process.on('uncaughtException', (error) => {
  say(explainAny(error));
  process.exit(exitCodes.other);
});
// Errors of standard output reach whoever writes; without this listener they end the process.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await main(process.argv.slice(2));
