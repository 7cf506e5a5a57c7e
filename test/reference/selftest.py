#!/usr/bin/env python3
"""Runs the known answers: `python3 test/reference/selftest.py vectors.json`.

Those for headers are in test/vectors/headers.json, or in a second file that is named.
"""
import json
import pathlib
import sys

from velora_reference import generalize
from velora_reference.errors import Refused
from velora_reference.reader import read_table
from velora_reference.encoding import decode, find_encoding
from velora_reference.schema import load_schema, normalize
from velora_reference.secret import fingerprint, parse_secret, token
from velora_reference.spec_table import KEEPS_NPI, PRODUCTS, TABLE
from velora_reference.writer import write_table

HEADERS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "headers.json"
REFUSALS = {"text after closing quote": "quote-text-after", "unterminated quote": "quote-unterminated",
            "ragged": "ragged", "nul": "not-text", "no header": "empty"}


class Tally:
    def __init__(self):
        self.counts = {}
        self.wrong = 0

    def expect(self, group, place, expected, given):
        self.counts[group] = self.counts.get(group, 0) + 1
        if expected != given:
            self.wrong += 1
            print("WRONG %s %s: expected %r, got %r" % (group, place, expected, given))


def code_of(action, *arguments):
    """The refusal's code, or None where nothing was refused."""
    try:
        action(*arguments)
    except Refused as refusal:
        return refusal.code
    return None


def check_tokens(tally, sets, schema):
    for one in sets:
        key = parse_secret(one["secret"])
        tally.expect("fingerprints", one["fingerprint"], one["fingerprint"], fingerprint(key))
        for place, case in enumerate(one["tokens"]):
            treatment = schema.treatment(case["column"], PRODUCTS[0], False)
            tally.expect("prefixes", place, case["prefix"], treatment.prefix)
            made = token(key, case["prefix"], case["column"], case["value"])
            tally.expect("tokens", place, case["token"], made)


def check_generalized(tally, vectors):
    for case in vectors["year"]:
        tally.expect("year", case["value"], case["result"], generalize.year(case["value"]) or "")
    for case in vectors["zip3"]:
        plain, _ = generalize.zip3(case["value"], False)
        said, _ = generalize.zip3(case["value"], True)
        tally.expect("zip3", case["value"], case["result"], plain or "")
        tally.expect("zip3", case["value"], case["result_where_header_says_zip3"], said or "")


def _read(case):
    data = case["input"].encode("utf-8")
    encoding, bom_length = find_encoding(data)
    return read_table(decode(data[bom_length:], encoding), case["delimiter"])


def check_csv(tally, cases):
    for place, case in enumerate(cases):
        if "refused" in case:
            tally.expect("csv refused", place, REFUSALS[case["refused"]], code_of(_read, case))
            continue
        records = _read(case)
        rows = [record.fields for record in records]
        tally.expect("csv records", place, case["records"], rows)
        output = write_table(rows, case["delimiter"], records[0].ending).decode("utf-8")
        tally.expect("csv output", place, case["output"], output)


def check_secrets(tally, secrets):
    for place, secret in enumerate(secrets["valid"]):
        tally.expect("secrets", place, None, code_of(parse_secret, secret))
    for place, secret in enumerate(secrets["invalid"]):
        tally.expect("secrets", place, "secret-invalid", code_of(parse_secret, secret))


def check_schema(tally, schema):
    """The data in `schemas/` against the table of section 4."""
    for product in PRODUCTS:
        tally.expect("products", product, None, code_of(schema.check_product, product))
        for column, (prefix, action, rule) in TABLE.items():
            if prefix == "NPI" and product == KEEPS_NPI:
                prefix, action = None, "keep"
            kind, found = schema.classify(column, product, False)
            tally.expect("catalogue", (product, column), ("resolved", column, prefix, action, rule),
                         (kind, found.column, found.prefix, found.action, found.rule))


def check_headers(tally, schema, cases):
    for case in cases:
        header = case["header"]
        kind, found = schema.classify(header, case["product"], False)
        given = {"header": header, "product": case["product"], "kind": kind}
        if kind in ("resolved", "analytics"):
            given.update(kind="resolved", column=found.column, action=found.action)
        if schema.says_zip3(header):
            given["saysZip3"] = True
        if kind == "suspect":
            given["suggestions"] = schema.suggestions(header)
        tally.expect("header kinds", header, case, given)


def main(path, header_path=HEADERS):
    vectors = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    schema, tally = load_schema(), Tally()
    check_tokens(tally, vectors["sets"], schema)
    for case in vectors["headers"]:
        tally.expect("headers", case["header"], case["normalized"], normalize(case["header"]))
    check_generalized(tally, vectors)
    check_csv(tally, vectors["csv"])
    check_secrets(tally, vectors["secrets"])
    check_schema(tally, schema)
    check_headers(tally, schema, json.loads(pathlib.Path(header_path).read_text(encoding="utf-8")))
    for group, count in sorted(tally.counts.items()):
        print("%-14s %d" % (group, count))
    print("wrong: %d of %d" % (tally.wrong, sum(tally.counts.values())))
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: selftest.py VECTORS.json [HEADERS.json]")
    sys.exit(main(*sys.argv[1:]))
