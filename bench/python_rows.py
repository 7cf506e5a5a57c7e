#!/usr/bin/env python3
"""The plain way to do it in Python: read a row, change its cells, write it.

    python3 bench/python_rows.py [--cache] --product claims_replay --key-env VELORA_VAULT_KEY IN OUT

csv.reader and csv.writer, hmac.digest for each value; with --cache a dict of the tokens of
distinct values. `python_peer.py` beside this file does the same work tuned, column by column.
Prints one JSON line on stderr: {"seconds": ..., "rows": ..., "tokens": ...}.
"""
import argparse
import csv
import hmac
import json
import os
import sys
import time

import python_peer as peer


def run(arguments, key):
    columns = peer.find_columns(peer.read_header(arguments.input), arguments.product)
    line_end = "\r\n" if peer.ends_in_crlf(arguments.input) else "\n"
    plan = [(i, column, says_zip3, {}) for i, (column, says_zip3) in enumerate(columns)
            if column and column["action"] in ("tokenize", "generalize")]
    rows = tokens = 0
    started = time.perf_counter()
    with open(arguments.input, encoding="utf-8-sig", newline="") as source, \
            open(arguments.output, "w", encoding="utf-8", newline="") as sink:
        reader = csv.reader(source, strict=True)
        writer = csv.writer(sink, lineterminator=line_end)
        writer.writerow(next(reader))
        for row in reader:
            for i, column, says_zip3, known in plan:
                value = row[i]
                if column["action"] == "generalize":
                    row[i] = peer.year_of(value) if column["rule"] == "year" else peer.zip3_of(value, says_zip3)
                elif value:
                    token = known.get(value)
                    if token is None:
                        message = (column["name"] + ":" + value).encode()
                        token = column["prefix"] + "_" + hmac.digest(key, message, "sha256").hex()[:16]
                        if arguments.cache:
                            known[value] = token
                    row[i] = token
                    tokens += 1
            writer.writerow(row)
            rows += 1
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": round(seconds, 3), "rows": rows, "tokens": tokens}), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--product", required=True)
    parser.add_argument("--key-env", required=True)
    parser.add_argument("--cache", action="store_true")
    parser.add_argument("input")
    parser.add_argument("output")
    arguments = parser.parse_args()
    run(arguments, bytes.fromhex(os.environ[arguments.key_env].strip()))


if __name__ == "__main__":
    main()
