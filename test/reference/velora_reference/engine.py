"""The run: text in, decisions, tokens and generalized values out (sections 3, 5 and 7)."""
from . import generalize
from .check import check_output
from .decide import decide
from .dialect import find_delimiter
from .encoding import decode, find_encoding, unpack
from .errors import Refused
from .localmap import LocalMap
from .reader import read_table
from .secret import BLANKS, token, token_pattern
from .writer import write_table

COUNTS = ("tokenized", "empty", "alreadyTokens", "padded", "repaired", "suppressed")


class Source:
    """A file that has been decoded, split by the right delimiter and read."""

    def __init__(self, data, delimiter=None, encoding=None):
        data = unpack(data)
        self.encoding, bom_length = find_encoding(data, encoding)
        text = decode(data[bom_length:], self.encoding)
        self.delimiter = find_delimiter(data, bom_length, self.encoding, delimiter)
        records = read_table(text, self.delimiter)
        self.header = records[0].fields
        self.first_ending = records[0].ending
        self.rows = [record.fields for record in records[1:]]


class ColumnRun:
    """Applies one column's decision, cell after cell, and counts."""

    def __init__(self, decision, key, options, local_map):
        self.decision = decision
        self.treatment = decision.treatment
        self.key = key
        self.options = options
        self.map = local_map
        self.counts = dict.fromkeys(COUNTS, 0)
        self.suppressed_rows = []
        self.is_token = token_pattern(self.treatment.prefix) if self.treatment.prefix else None

    def apply(self, cell, row):
        if self.treatment.action == "tokenize":
            return self._tokenize(cell, row)
        if self.treatment.action == "generalize":
            return self._generalize(cell, row)
        return cell

    def _tokenize(self, cell, row):
        if cell == "":
            self.counts["empty"] += 1
            return cell
        if self.is_token.fullmatch(cell):
            if not self.options.allow_tokens:
                raise Refused("tokens-found", "row %d, column #%d: already a token"
                              % (row, self.decision.index + 1))
            self.counts["alreadyTokens"] += 1
            return cell
        self.counts["tokenized"] += 1
        if cell[0] in BLANKS or cell[-1] in BLANKS:
            self.counts["padded"] += 1
        made = token(self.key, self.treatment.prefix, self.treatment.column, cell)
        self.map.add(made, self.treatment.column, cell)
        return made

    def _generalize(self, cell, row):
        if cell.strip(BLANKS) == "":
            self.counts["empty"] += 1
            return ""
        found = self._general_value(cell)
        if found is None:
            self.counts["suppressed"] += 1
            self.suppressed_rows.append(row)
            return ""
        return found

    def _general_value(self, cell):
        rule = self.treatment.rule
        if rule == "year":
            return generalize.year(cell, self.options.earliest_birth if self.treatment.birth else None)
        if rule == "age90":
            return generalize.age90(cell)
        says = self.decision.says_zip3 or self.options.allow_tokens
        found, repaired = generalize.zip3(cell, says, self.options.safe_harbor)
        self.counts["repaired"] += 1 if repaired else 0
        return found

    def report(self):
        return dict(self.counts, index=self.decision.index, column=self.decision.column,
                    action=self.decision.action)


class Result:
    def __init__(self, output, map_bytes, report):
        self.output = output
        self.map_bytes = map_bytes
        self.report = report


def tokenize(data, key, schema, product, options):
    schema.check_product(product)
    source = Source(data, options.delimiter, options.encoding)
    decisions = decide(source.header, schema, product, options)
    local_map = LocalMap()
    runs = [ColumnRun(decision, key, options, local_map) for decision in decisions]
    staying = [run for run in runs if run.decision.action != "drop"]
    table = [[run.decision.out_header for run in staying]]
    for number, fields in enumerate(source.rows, 1):
        table.append([run.apply(fields[run.decision.index], number) for run in staying])
    output = write_table(table, source.delimiter, source.first_ending)
    check_output(output, source.delimiter, [run.decision for run in staying], len(source.rows))
    report = {"rows": len(source.rows), "delimiter": source.delimiter, "encoding": source.encoding,
              "columns": [run.report() for run in runs],
              "suppressedRows": {str(run.decision.index): run.suppressed_rows
                                 for run in runs if run.suppressed_rows}}
    if options.safe_harbor:
        report["safeHarbor"] = {"referenceYear": options.reference_year,
                                "restrictedZip3": generalize.RESTRICTED_ZIP3_VERSION}
    return Result(output, local_map.to_bytes(), report)


def restore(data, entries, options):
    """Whole cells that are a token of the map become their originals again."""
    source = Source(data, options.delimiter, options.encoding)
    rows = [[entries.get(cell, cell) for cell in fields] for fields in source.rows]
    return write_table([source.header] + rows, source.delimiter, source.first_ending)
