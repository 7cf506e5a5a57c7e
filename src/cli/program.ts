import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { engineNames, hmacNames } from '../core/engines.ts';
import { VaultError } from '../core/errors.ts';
import { productSlugs } from '../core/schema.ts';
import {
  fingerprintCommand,
  keygenCommand,
  restoreCommand,
  type RestoreOptions,
  verifyCommand,
  type VerifyOptions,
} from './file-commands.ts';
import {
  listProductsCommand,
  previewCommand,
  type PreviewOptions,
  schemaCommand,
} from './inspect-commands.ts';
import { print } from './output.ts';
import { say } from './say.ts';
import { defaultKeyVariable, type SecretOptions } from './secret-source.ts';
import { tokenizeCommand, type TokenizeOptions } from './tokenize.ts';
import type { UploadOptions } from './upload.ts';

/**
 * There is no option that takes the secret or the upload token: an argument lands in the shell's
 * history and in the list of processes.
 * @throws VaultError `option-invalid` for `--key` and `--token` in any form
 */
export function refuseSecretArguments(words: readonly string[]): void {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const why = (what: string): string =>
    `${what} in an argument lands in the shell's history and in the list of processes, where others can read it`;
  if (options.some((word) => /^--?(?:key|secret)(?:=|$)/i.test(word) || /^-k/i.test(word))) {
    throw new VaultError(
      'option-invalid',
      `there is no --key: ${why('a secret')}. Expected it in the environment variable ${defaultKeyVariable}, in one named by --key-env NAME, or in a file, --key-file PATH. If what you typed was a real secret, make a new one`,
    );
  }
  if (options.some((word) => /^--?(?:token|bearer|api-?key|authorization)(?:=|$)/i.test(word))) {
    throw new VaultError(
      'option-invalid',
      `there is no --token: ${why('an upload token')}. Expected it in an environment variable named by --token-env NAME. If what you typed was a real token, have it revoked`,
    );
  }
}

/** Whether the argument parser ended: help was shown, or a message of ours has been printed. */
export function isParserExit(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

const exitCodesHelp = `
Exit codes:
  0  done
  2  wrong use
  3  the input or the output was refused
  4  the secret or the upload token is missing or invalid
  1  anything else`;

const columnsHelp = `
HEADER is a header exactly as it stands in the file, or its position: "#3".`;

export function createProgram(version: string): Command {
  const program = new Command('velora-vault')
    .description('Tokenizes claims CSV files where they are, so that only tokens leave.')
    .version(version, '-V, --version', 'print the version')
    .configureOutput({ outputError: outputParserError })
    .exitOverride()
    .showHelpAfterError(false)
    .addHelpText('after', exitCodesHelp);

  withSecret(
    withDecisions(
      subcommand(program, 'tokenize', 'tokenize a CSV file')
        .argument('[FILE]', 'CSV file, also gzip; standard input for - or nothing')
        .addOption(productOption()),
    ),
  )
    .option('--output <path>', 'write the tokenized CSV here instead of to standard output')
    .option('--write-map <path>', 'write the local map (token to original) here; it is PHI')
    .option('--report <path>', 'write a report of the run here (JSON, no values)')
    .option('--force', 'replace a map that exists')
    .option('--workers <number>', 'engine threads for large files (default: one a core, at most 8)')
    .addOption(
      new Option('--engine <name>', 'kernel (fast) or papa (the reference); same results')
        .choices(engineNames)
        .default('kernel'),
    )
    .addOption(
      new Option(
        '--hmac <name>',
        'wasm: HMACs by the kernel, with state derived from the key in its memory for the run; webcrypto: slower, by a key that cannot be read',
      )
        .choices(hmacNames)
        .default('wasm'),
    )
    .option('--quiet', 'no progress and no summary')
    .addHelpText('after', columnsHelp + exitCodesHelp)
    .action((file: string | undefined, options: TokenizeOptions) => tokenizeCommand(file, options));

  withDecisions(
    subcommand(program, 'preview', 'say what would be done to each column; reads 64 KiB at most')
      .argument('[FILE]', 'CSV file, also gzip; standard input for - or nothing')
      .addOption(productOption()),
  )
    .option('--json', 'as JSON')
    .option('--write-mapping <path>', 'write the decisions made here as a mapping file')
    .addHelpText('after', columnsHelp)
    .action((file: string | undefined, options: PreviewOptions) => previewCommand(file, options));

  withReading(
    subcommand(program, 'verify', 'check a tokenized file as the receiver does')
      .argument('[FILE]', 'tokenized CSV file')
      .addOption(productOption()),
  )
    .option(
      '--keep <HEADER>',
      'a column that was kept on purpose, whatever it holds; repeatable',
      collect,
    )
    .option('--json', 'as JSON')
    .option('--quiet', 'say nothing when all is well')
    .action((file: string | undefined, options: VerifyOptions) => verifyCommand(file, options));

  withReading(
    subcommand(program, 'restore', 'put originals back in place of tokens, in any column')
      .argument('[FILE]', 'CSV file that holds tokens')
      .requiredOption('--map <path>', 'local map that tokenizing wrote (required)'),
    false,
  )
    .option('--output <path>', 'write here instead of to standard output')
    .option('--quiet', 'no progress and no summary')
    .action((file: string | undefined, options: RestoreOptions) => restoreCommand(file, options));

  withReading(
    subcommand(program, 'upload', 'check a tokenized file, and send it to the receiver')
      .argument('<FILE>', 'tokenized CSV file, not compressed')
      .addOption(productOption()),
  )
    .requiredOption('--url <address>', "the receiver's origin, such as https://api.example.com")
    .requiredOption('--token-env <name>', 'environment variable that holds the upload token')
    .option(
      '--keep <HEADER>',
      'a column that was kept on purpose, whatever it holds; repeatable',
      collect,
    )
    .option('--idempotency-key', 'send an Idempotency-Key: the receiver takes the file once')
    .option('--repeat-unanswered', 'send again where the whole file was sent and no answer came')
    .option('--quiet', 'no progress; only the receipt')
    .addHelpText('after', exitCodesHelp)
    .action(async (file: string, options: UploadOptions) => {
      // Only here, because the others need no `node:https`, which takes some 5 ms to load.
      const { uploadCommand } = await import('./upload.ts');
      await uploadCommand(file, options);
    });

  subcommand(program, 'keygen', 'make a secret: 32 random bytes as 64 hexadecimal characters')
    .option('--output <path>', 'write it here, readable by you only, instead of to standard output')
    .action((options: { output?: string }) => keygenCommand(options));

  withSecret(subcommand(program, 'fingerprint', 'print the key fingerprint of a secret')).action(
    (options: SecretOptions) => fingerprintCommand(options),
  );

  subcommand(program, 'list-products', 'list the products').action(listProductsCommand);

  subcommand(program, 'schema', "print a product's columns, actions and aliases as JSON")
    .argument('<slug>', 'product')
    .action((slug: string) => schemaCommand(slug));

  subcommand(program, 'version', 'print the version').action(() => print(`${version}\n`));
  return program;
}

function subcommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .configureOutput({ outputError: outputParserError })
    .exitOverride()
    .allowExcessArguments(false);
}

function productOption(): Option {
  return new Option('--product <slug>', `one of ${productSlugs.join(', ')}`).makeOptionMandatory();
}

function withReading(command: Command, header = true): Command {
  command
    .option('--delimiter <character>', 'comma, semicolon, tab or pipe; found out unless given')
    .option(
      '--encoding <name>',
      'utf-8, utf-16le, utf-16be or windows-1252; all but the last are found out',
    );
  if (header)
    command.option('--accept-header', 'the first record is a header, whatever it looks like');
  return command;
}

function withDecisions(command: Command): Command {
  return withReading(command)
    .option(
      '--column <HEADER=column>',
      'take a column for this one of the catalogue; repeatable',
      collect,
    )
    .option(
      '--keep <HEADER>',
      'keep a column that is unknown or looks like an identifier; repeatable',
      collect,
    )
    .option('--drop <HEADER>', 'leave a column out; repeatable', collect)
    .option('--mapping <path>', 'decisions on columns, as the page saves them')
    .addOption(
      new Option('--unknown <action>', 'what to do with unknown columns')
        .choices(['keep', 'drop', 'fail'])
        .default('keep'),
    )
    .option('--allow-tokens', 'leave cells that are tokens already as they are')
    .option('--safe-harbor', 'cap birth years and ages at 90, blank out small ZIP areas')
    .option(
      '--reference-year <year>',
      'year from which --safe-harbor counts back (default: this one)',
    );
}

function withSecret(command: Command): Command {
  return command
    .option(
      '--key-env <name>',
      `environment variable that holds the secret (default: ${defaultKeyVariable})`,
    )
    .option('--key-file <path>', 'file that holds the secret');
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('expected a header or a position');
  return [...earlier, value];
}

/**
 * The parser's own messages quote what was typed, which may be a secret in the wrong place. Of it
 * only the name of an option or a command is repeated, where it has the form of one.
 */
function outputParserError(message: string): void {
  const safe = message
    .trim()
    .replace(/^error: /, '')
    .replace(/ argument '[^]*' is invalid/, ' argument is invalid')
    .replace(/(unknown (?:command|option)) '([^]*)'/, (_, what: string, typed: string) => {
      const [name = ''] = typed.split('=');
      return /^(?:--)?[a-z][a-z-]{0,23}$/i.test(name) ? `${what} '${name}'` : what;
    });
  const products = safe.includes('--product') ? `\n  Products: ${productSlugs.join(', ')}` : '';
  say(`velora-vault: ${safe}${products}\n  See velora-vault help.`);
}
