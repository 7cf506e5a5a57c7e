"""Section 9: what the receiver checks, and what is checked before anything leaves."""
import re

from .errors import Refused
from .reader import read_table
from .secret import token_pattern
from .values import is_email, is_ssn

_GENERAL = {"year": re.compile(r"([0-9]{4})?"), "zip3": re.compile(r"([0-9]{3})?"),
            "age90": re.compile(r"([0-9]|[1-8][0-9]|90)?")}


class Finding:
    """A place and a rule; never the value."""

    def __init__(self, index, column, row, rule):
        self.index = index
        self.column = column
        self.row = row    # None where the whole column is at fault
        self.rule = rule

    def as_json(self):
        return {"index": self.index, "column": self.column, "row": self.row, "rule": self.rule}


def cell_is_good(treatment, cell):
    if treatment.action == "tokenize":
        return cell == "" or token_pattern(treatment.prefix).fullmatch(cell) is not None
    if treatment.action == "generalize":
        return _GENERAL[treatment.rule].fullmatch(cell) is not None
    return True


def _column_findings(index, treatment, rows):
    if treatment.action == "drop":
        return [Finding(index, treatment.column, None, "drop")]
    rule = treatment.rule or treatment.action
    return [Finding(index, treatment.column, number, rule)
            for number, fields in enumerate(rows, 1) if not cell_is_good(treatment, fields[index])]


def verify(header, rows, schema, product):
    """The receiver's check, for each catalogue column that is present."""
    schema.check_product(product)
    findings = []
    for index, text in enumerate(header):
        kind, treatment = schema.classify(text, product, False)
        if kind == "resolved":
            findings.extend(_column_findings(index, treatment, rows))
    return findings


def check_output(output, delimiter, decisions, rows_in):
    """On the finished bytes: the run's own decisions, and no plain SSN or e-mail address."""
    records = read_table(output.decode("utf-8"), delimiter)
    if len(records) != rows_in + 1:
        raise Refused("output-check", "as many records must come out as went in")
    for number, record in enumerate(records[1:], 1):
        for decision, cell in zip(decisions, record.fields):
            good = cell_is_good(decision.treatment, cell)
            if good and decision.checked:
                good = not is_ssn(cell) and not is_email(cell)
            if not good:
                raise Refused("output-check", "row %d, column #%d: a value that must not leave"
                              % (number, decision.index + 1))
