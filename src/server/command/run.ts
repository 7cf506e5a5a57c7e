import type { Command } from 'commander';
import { asVaultError } from '../../core/errors.ts';
import { describeError } from '../http/request-log.ts';
import { exitOf, exits } from './exits.ts';
import { createProgram, isParserExit, refuseSecretArguments } from './program.ts';
import { explain, say } from './say.ts';

/**
 * Does what the words of a command line say, and tells what went wrong on standard error.
 * @returns the exit code
 */
export async function runCommand(words: readonly string[]): Promise<number> {
  try {
    refuseSecretArguments(words);
    const program = createProgram();
    forgetEmptyVariables(program);
    await program.parseAsync([...words], { from: 'user' });
    return exits.done;
  } catch (error) {
    if (isParserExit(error)) return error.exitCode === 0 ? exits.done : exits.wrongUse;
    const known = asVaultError(error);
    say(explain(known));
    // What nobody expected: where it was thrown, without its message.
    if (known.code === 'internal') say(JSON.stringify(describeError(error)));
    return exitOf(known);
  }
}

/** A variable that is empty counts as not set. */
function forgetEmptyVariables(command: Command): void {
  for (const { envVar } of command.options) {
    if (envVar !== undefined && process.env[envVar] === '') {
      Reflect.deleteProperty(process.env, envVar);
    }
  }
  command.commands.forEach(forgetEmptyVariables);
}
