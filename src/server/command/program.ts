import { Command, CommanderError } from 'commander';
import { VaultError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { scopes } from '../access/api-keys.ts';
import { createKey, listKeys, revokeKey, scopesOf } from './key-commands.ts';
import { largestPage } from '../audit/pages.ts';
import { type MigrateDownOptions, migrateStoreDown, migrateStoreUp } from './migrate.ts';
import { wholeNumber, withServing, withStore } from './options.ts';
import { print, say } from './say.ts';
import { serve } from './serve.ts';
import { headOf, listAudit, printHead, purgeVault, verifyAudit } from './store-commands.ts';

/** Whether the argument parser ended: help was shown, or a message of ours has been printed. */
export function isParserExit(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

/**
 * There is no option that takes a secret: an argument lands in the shell's history and in the list
 * of processes.
 * @throws VaultError option-invalid for `--kek`, `--database-url` and the like, and for a whole API key
 */
export function refuseSecretArguments(words: readonly string[]): void {
  if (words.some((word) => /vlk_live_[0-9a-f]{8}_[0-9a-f]/i.test(word))) {
    throw new VaultError(
      'option-invalid',
      'a secret in an argument lands in the list of processes: that key is to be revoked, under its ' +
        'prefix, which is 8 hexadecimal characters, as keys list shows',
    );
  }
  const secret =
    /^--?(?:kek|key|secret|password|(?:database|admin|db)-?url)(?:=|$)|^postgres(?:ql)?:/i;
  if (!words.some((word) => secret.test(word))) return;
  throw new VaultError(
    'option-invalid',
    'a secret in an argument lands in the list of processes: expected the key-encryption key in ' +
      'VELORA_KEK or --kek-file, and database URLs in DATABASE_URL and DATABASE_ADMIN_URL. If what ' +
      'was typed was real, make a new one',
  );
}

const help = `
Environment:
  VELORA_RECEIVER_FOLDER  the receiver's folder
  VELORA_KEK              key-encryption key, 64 hexadecimal characters; or VELORA_KEK_FILE
  DATABASE_URL            PostgreSQL instead of the embedded database
  DATABASE_ADMIN_URL      its administrator, for migrate

Exit codes:
  0  done
  2  wrong use
  3  the store or the audit log was refused
  4  the key-encryption key is missing or wrong
  1  anything else`;

/** The command. Its actions reject with a VaultError, and with a CommanderError once help is shown. */
export function createProgram(): Command {
  const program = configured(new Command('velora-receiver'))
    .description('Takes tokenized claims files, and tokenizes those that are not.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .addHelpText('after', help);

  withServing(subcommand(program, 'serve', 'run the receiver')).action(serve);

  const keys = subcommand(program, 'keys', 'API keys');
  withStore(subcommand(keys, 'create', 'make a key; it is printed this once'))
    .requiredOption('--tenant <id>', 'customer that it belongs to')
    .requiredOption('--name <text>', 'what it is for')
    .requiredOption('--scope <scope>', `what it may do; repeatable: ${scopes.join(', ')}`, scopesOf)
    .option('--expires-days <days>', 'after so many days', (text) => wholeNumber(text, 1, 36_500))
    .action(createKey);
  withStore(subcommand(keys, 'list', 'list the keys of all customers'))
    .option('--tenant <id>', "a customer's keys only")
    .option('--json', 'as JSON')
    .action(listKeys);
  withStore(subcommand(keys, 'revoke', 'end a key for good'))
    .argument('<prefix>', '8 hexadecimal characters, as keys list shows')
    .action(revokeKey);

  const audit = subcommand(program, 'audit', 'the audit log');
  withStore(subcommand(audit, 'verify', 'replay the chains, and name the first broken record'))
    .option('--tenant <id>', "a customer's chain only")
    .option('--system', "the system's chain only")
    .option('--expect <COUNT:HASH>', 'a head that was kept elsewhere', headOf)
    .action(verifyAudit);
  withStore(subcommand(audit, 'head', 'print where a chain ends, to be kept elsewhere'))
    .option('--tenant <id>', "a customer's chain; the system's without it")
    .option('--system', "the system's chain")
    .action(printHead);
  withStore(subcommand(audit, 'list', 'print the newest records of a chain, newest first'))
    .option('--tenant <id>', "a customer's chain; the system's without it")
    .option('--system', "the system's chain")
    .option(
      '--limit <number>',
      `at most so many, up to ${String(largestPage)}`,
      (text) => wholeNumber(text, 1, largestPage),
      50,
    )
    .option('--json', 'as NDJSON: a JSON object a line')
    .action(listAudit);

  const vault = subcommand(program, 'vault', 'originals in keeping');
  withStore(subcommand(vault, 'purge', 'remove what has run out')).action(purgeVault);

  const migrations = subcommand(program, 'migrate', "the database's schema");
  withMigrating(subcommand(migrations, 'up', 'apply what is open')).action(migrateStoreUp);
  withMigrating(subcommand(migrations, 'down', 'take back the newest, and drop what it keeps'))
    .option('--steps <number>', 'how many', (text) => wholeNumber(text, 1, 1000), 1)
    .option('--destroy-data', 'keys, vault, audit log: yes, they may be lost')
    .action((options: MigrateDownOptions) => migrateStoreDown(options));
  subcommand(program, 'version', 'print the version').action(() => print(`${version}\n`));
  subcommand(program, 'help', 'explain a command')
    .argument('[command...]', 'its words, such as: keys create')
    .action((names: readonly string[]) => {
      helped(program, names).outputHelp();
    });
  return program;
}

function withMigrating(command: Command): Command {
  return command
    .option('--folder <path>', "the receiver's folder, for the embedded database")
    .option('--admin-url-env <name>', 'environment variable', 'DATABASE_ADMIN_URL');
}

/** The command that words name. */
function helped(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names) {
    const next = command.commands.find((each) => each.name() === name);
    if (next === undefined) return program.error(`error: unknown command '${name}'`);
    command = next;
  }
  return command;
}

function subcommand(program: Command, name: string, description: string): Command {
  return configured(program.command(name)).description(description).allowExcessArguments(false);
}

function configured(command: Command): Command {
  return command
    .configureOutput({ outputError: outputParserError })
    .exitOverride()
    .showHelpAfterError(false);
}

/** The parser's own messages quote what was typed, or stands in the environment: never repeated. */
function outputParserError(message: string): void {
  const safe = message
    .trim()
    .replace(/^error: /, '')
    .replace(/ (?:argument|value) '[^]*'( from env '\w+')? is invalid/, ' value$1 is invalid')
    .replace(/(unknown (?:command|option)) '([^]*)'/, (_, what: string, typed: string) => {
      const [name = ''] = typed.split('=');
      return /^(?:--)?[a-z][a-z-]{0,23}$/i.test(name) ? `${what} '${name}'` : what;
    });
  say(`${safe}\n  See velora-receiver help.`);
}
