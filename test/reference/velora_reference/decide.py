"""From headers, product and options to one decided action for each column (section 2)."""
import re

from .errors import Refused
from .generalize import year
from .secret import BLANKS
from .values import has_form_of_email, is_ssn

RANK = {"keep": 0, "generalize": 1, "tokenize": 2, "drop": 3}
_POSITION = re.compile(r"#[1-9][0-9]*")
_DIGITS = re.compile(r"[0-9]+")
_PHONE = re.compile(r"(\+?\d{1,3}[-. ]?)?(\(\d{3}\)|\d{3})[-. ]?\d{3}[-. ]?\d{4}"
                    r"( ?(x|ext\.?) ?\d{1,6})?", re.ASCII | re.IGNORECASE)
_SHORT_DATE = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}")
_AMOUNT = re.compile(r"-?\$?[0-9,]+\.[0-9]+")
_LONGEST_VALUE = 320  # UTF-16 code units


class Decision:
    """What is done to one column of the file."""

    def __init__(self, index, header, treatment, kind):
        self.index = index
        self.header = header
        self.out_header = header
        self.kind = kind              # resolved, analytics, suspect, unknown
        self.treatment = treatment
        self.says_zip3 = False
        self.by_hand = None           # "column", "keep" or "drop" once a person has decided

    @property
    def column(self):
        return self.treatment.column

    @property
    def action(self):
        return self.treatment.action

    @property
    def checked(self):
        """Whether whole cells are searched for an SSN or an e-mail address (section 9)."""
        return self.action == "keep" and self.by_hand != "keep"


def _has_form_of_value(header):
    text = header.strip(BLANKS)
    if _DIGITS.fullmatch(text) is not None:
        return True
    if len(text) > _LONGEST_VALUE or len(text.encode("utf-16-le")) > 2 * _LONGEST_VALUE:
        return False
    return (year(text) is not None or _SHORT_DATE.fullmatch(text) is not None
            or _AMOUNT.fullmatch(text) is not None or is_ssn(text) or _PHONE.fullmatch(text) is not None
            or has_form_of_email(text))


def check_header_row(decisions):
    if not any(decision.kind == "resolved" for decision in decisions):
        raise Refused("header-not-accepted", "no column of the first record is known: is it a header? "
                      "If so, say --accept-header")
    for decision in decisions:
        if _has_form_of_value(decision.header):
            raise Refused("header-not-accepted", "column #%d of the first record has the form of a value: "
                          "is it a header? If so, say --accept-header" % (decision.index + 1))


def _find(decisions, name):
    """A header by its exact text, or by position: `#3` is the third. Where another column has
    that very text, the name could mean either."""
    position = name[1:] if _POSITION.fullmatch(name) else None
    found = [d for d in decisions if d.header == name or str(d.index + 1) == position]
    if len(found) != 1:
        raise Refused("option-invalid", "an option names a header that is not there" if not found
                      else "an option names a header that several columns share: name it by position")
    if found[0].by_hand is not None:
        raise Refused("option-invalid", "two options name column #%d" % (found[0].index + 1))
    return found[0]


def _check_as_strict(old, new, position):
    looser = RANK[new.action] < RANK[old.action]
    other_rule = (old.action == new.action == "generalize"
                  and (old.rule, old.birth) != (new.rule, new.birth))
    if looser or other_rule:
        raise Refused("option-invalid", "column #%d is an identifier: it cannot be treated less strictly"
                      % position)


def _apply(decisions, schema, product, options):
    for name, column in options.columns:
        decision = _find(decisions, name)
        new = schema.treatment(column, product, options.safe_harbor)
        if new is None:
            raise Refused("option-invalid", "--column needs the name of a catalogue column")
        if decision.kind in ("resolved", "analytics"):
            _check_as_strict(decision.treatment, new, decision.index + 1)
        decision.treatment = new
        decision.out_header = column
        decision.by_hand = "column"
    for name in options.keep:
        decision = _find(decisions, name)
        if decision.kind in ("resolved", "analytics") and decision.action != "keep":
            raise Refused("option-invalid", "column #%d is an identifier: it cannot be kept"
                          % (decision.index + 1))
        decision.treatment = schema.kept(decision.column)
        decision.by_hand = "keep"
    for name in options.drop:
        decision = _find(decisions, name)
        decision.treatment = schema.dropped(decision.column)
        decision.by_hand = "drop"


def _settle(decisions, schema, options):
    """Columns that nobody decided: suspects stop the run, unknown ones go by --unknown."""
    for decision in decisions:
        if decision.by_hand is not None or decision.kind in ("resolved", "analytics"):
            continue
        position = decision.index + 1
        if decision.kind == "suspect":
            raise Refused("suspect-undecided", "column #%d looks like an identifier: decide with --column, "
                          "--keep or --drop" % position)
        if options.unknown == "fail":
            raise Refused("unknown-columns", "column #%d is unknown" % position)
        if options.unknown == "drop":
            decision.treatment = schema.dropped(None)


def decide(headers, schema, product, options):
    decisions = []
    for index, header in enumerate(headers):
        kind, treatment = schema.classify(header, product, options.safe_harbor)
        decision = Decision(index, header, treatment, kind)
        decision.says_zip3 = schema.says_zip3(header)
        decisions.append(decision)
    if not options.accept_header:
        check_header_row(decisions)
    _apply(decisions, schema, product, options)
    _settle(decisions, schema, options)
    if all(decision.action == "drop" for decision in decisions):
        raise Refused("no-columns-left", "every column is dropped")
    return decisions
