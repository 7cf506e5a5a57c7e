"""What a person may ask for. The same names serve the command line and the JSON lines."""
import datetime

from .errors import Refused

UNKNOWN = ("keep", "drop", "fail")


def _bad(message):
    return Refused("option-invalid", message)


class Options:
    def __init__(self, columns=(), keep=(), drop=(), unknown="keep", accept_header=False,
                 allow_tokens=False, safe_harbor=False, reference_year=None,
                 delimiter=None, encoding=None):
        if unknown not in UNKNOWN:
            raise _bad("--unknown is keep, drop or fail")
        if reference_year is None:
            reference_year = datetime.datetime.now(datetime.timezone.utc).year
        if type(reference_year) is not int or not 1000 <= reference_year <= 9999:
            raise _bad("--reference-year is a year of four digits")
        self.columns = list(columns)  # pairs (header, canonical column)
        self.keep = list(keep)
        self.drop = list(drop)
        self.unknown = unknown
        self.accept_header = accept_header
        self.allow_tokens = allow_tokens
        self.safe_harbor = safe_harbor
        self.reference_year = reference_year
        self.delimiter = delimiter
        self.encoding = encoding

    @property
    def earliest_birth(self):
        """The year that stands for all ages above 89, or None without Safe Harbor."""
        return self.reference_year - 90 if self.safe_harbor else None


_JSON_NAMES = {"columns": "columns", "keep": "keep", "drop": "drop", "unknown": "unknown",
               "acceptHeader": "accept_header", "allowTokens": "allow_tokens",
               "safeHarbor": "safe_harbor", "referenceYear": "reference_year",
               "delimiter": "delimiter", "encoding": "encoding"}


def options_from_json(given):
    values = {}
    for name, value in (given or {}).items():
        if name not in _JSON_NAMES:
            raise _bad("no such option")
        if value is not None:
            values[_JSON_NAMES[name]] = value
    if "columns" in values:
        values["columns"] = list(values["columns"].items())
    return Options(**values)
