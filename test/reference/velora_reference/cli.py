"""The command line. Nothing printed repeats a value, a header or any part of the secret."""
import argparse
import os
import sys

from .check import verify
from .engine import Source, restore, tokenize
from .errors import Refused
from .localmap import create_private, parse_map
from .options import Options
from .schema import load_schema
from .secret import fingerprint, parse_secret
from .serve import serve


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Argparse repeats the argument it did not like, which may be a secret or a header."""
        self.print_usage(sys.stderr)
        self.exit(2, "wrong use\n")


def _parser():
    parser = _Parser(prog="velora_reference", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("tokenize", allow_abbrev=False)
    run.add_argument("--product", required=True)
    run.add_argument("--key", help=argparse.SUPPRESS)
    secret = run.add_mutually_exclusive_group()
    secret.add_argument("--key-env", metavar="NAME")
    secret.add_argument("--key-file", metavar="PATH")
    run.add_argument("--output", metavar="PATH")
    run.add_argument("--write-map", metavar="PATH")
    run.add_argument("--column", action="append", default=[], metavar="HEADER=COLUMN")
    run.add_argument("--keep", action="append", default=[], metavar="HEADER")
    run.add_argument("--drop", action="append", default=[], metavar="HEADER")
    run.add_argument("--unknown", default="keep")
    run.add_argument("--accept-header", action="store_true")
    run.add_argument("--allow-tokens", action="store_true")
    run.add_argument("--safe-harbor", action="store_true")
    run.add_argument("--reference-year", type=int)
    check = commands.add_parser("verify", allow_abbrev=False)
    check.add_argument("--product", required=True)
    back = commands.add_parser("restore", allow_abbrev=False)
    back.add_argument("--map", required=True)
    back.add_argument("--output", metavar="PATH")
    for command in (run, check, back):
        command.add_argument("--delimiter")
        command.add_argument("--encoding")
        command.add_argument("file")
    commands.add_parser("serve", allow_abbrev=False)
    return parser


def _read(path):
    if path == "-":
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def _secret(arguments):
    if arguments.key is not None:
        raise Refused("option-invalid", "there is no --key: a secret in an argument lands in the shell's "
                      "history and in ps; use --key-env or --key-file")
    if arguments.key_env is not None:
        return parse_secret(os.environ.get(arguments.key_env, ""))
    if arguments.key_file is not None:
        try:
            return parse_secret(_read(arguments.key_file).decode("latin-1"))
        except OSError:
            raise Refused("secret-invalid", "the key file cannot be read") from None
    raise Refused("secret-invalid", "no secret: give --key-env or --key-file")


def _split_column(text):
    header, equals, column = text.rpartition("=")
    if not equals:
        raise Refused("option-invalid", "--column takes HEADER=COLUMN")
    return header, column


def _tokenize(arguments):
    options = Options([_split_column(text) for text in arguments.column], arguments.keep, arguments.drop,
                      arguments.unknown, arguments.accept_header, arguments.allow_tokens,
                      arguments.safe_harbor, arguments.reference_year, arguments.delimiter, arguments.encoding)
    schema = load_schema()
    schema.check_product(arguments.product)
    key = _secret(arguments)
    result = tokenize(_read(arguments.file), key, schema, arguments.product, options)
    if arguments.write_map:
        create_private(arguments.write_map, result.map_bytes)
    try:
        _write(arguments.output, result.output)
    except OSError:
        if arguments.write_map:
            os.unlink(arguments.write_map)
        raise
    print("rows: %d  key fingerprint: %s" % (result.report["rows"], fingerprint(key)), file=sys.stderr)
    for column in result.report["columns"]:
        counts = ["%s %d" % (name, column[name]) for name in
                  ("tokenized", "empty", "alreadyTokens", "padded", "repaired", "suppressed") if column[name]]
        print("#%d %s %s %s" % (column["index"] + 1, column["column"] or "(unknown)", column["action"],
                                ", ".join(counts)), file=sys.stderr)
    return 0


def _verify(arguments):
    source = Source(_read(arguments.file), arguments.delimiter, arguments.encoding)
    findings = verify(source.header, source.rows, load_schema(), arguments.product)
    for finding in findings:
        print("column %s (#%d), row %s: %s" % (finding.column, finding.index + 1,
                                               finding.row or "-", finding.rule))
    return 3 if findings else 0


def _restore(arguments):
    options = Options(delimiter=arguments.delimiter, encoding=arguments.encoding)
    _write(arguments.output, restore(_read(arguments.file), parse_map(_read(arguments.map)), options))
    return 0


def _write(path, data):
    if path is None:
        sys.stdout.buffer.write(data)
        return
    with open(path, "wb") as file:
        file.write(data)


def main(arguments):
    parsed = _parser().parse_args(arguments)  # leaves with 2 when used wrongly
    try:
        if parsed.command == "serve":
            serve(sys.stdin.buffer, sys.stdout.buffer)
            return 0
        return {"tokenize": _tokenize, "verify": _verify, "restore": _restore}[parsed.command](parsed)
    except Refused as refusal:
        print("%s: %s" % (refusal.code, refusal), file=sys.stderr)
        return refusal.exit_code
    except OSError as error:
        print("file: %s" % error.strerror, file=sys.stderr)
        return 3
