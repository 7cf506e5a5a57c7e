#!/usr/bin/env node
import { asVaultError } from '../../core/errors.ts';
import { describeError } from '../http/request-log.ts';
import { exits } from './exits.ts';
import { runCommand } from './run.ts';
import { explain, say } from './say.ts';

// Whatever is made here, the database's own files too, is for this user only.
process.umask(0o077);
// Errors of standard output reach whoever writes; without this listener they end the process.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
process.on('uncaughtException', (error) => {
  say(explain(asVaultError(error)));
  say(JSON.stringify(describeError(error)));
  process.exit(exits.other);
});

process.exitCode = await runCommand(process.argv.slice(2));
