"""The data in `schemas/`: which header is which column, and what is done to it."""
import itertools
import json
import os
import pathlib
import re

from .errors import Refused
from .suspect import SuspectRules

_FOLDER = pathlib.Path(__file__).resolve().parents[3] / "schemas"
_RUN = re.compile(r"[^A-Za-z0-9]+")
_SLOT = re.compile(r"\{([^{}]*)\}")


def normalize(header):
    """Section 2. Only ASCII letters are left when lower() is called."""
    if header.startswith("\ufeff"):
        header = header[1:]
    return _RUN.sub("_", header).lower().strip("_")


def comparable(name):
    """Names are compared without their underscores (docs/headers.md, Aliases)."""
    return name.replace("_", "")


def expand(pattern, vocabulary):
    """An alias with slots, `{own}{zip}`, stands for every combination of their words."""
    parts = _SLOT.split(pattern)  # text, slot, text, slot, text
    choices = [vocabulary[part] if place % 2 else [part] for place, part in enumerate(parts)]
    for words in itertools.product(*choices):
        yield "".join(words)


class Treatment:
    """What is done to a column: keep, generalize by a rule, tokenize under a prefix, drop."""

    def __init__(self, column, action, prefix=None, rule=None, birth=False):
        self.column = column
        self.action = action
        self.prefix = prefix
        self.rule = rule
        self.birth = birth


class Names:
    """From every string that stands for a column to that column's canonical name."""

    def __init__(self, vocabulary):
        self._vocabulary = vocabulary
        self._columns = {}

    def add(self, column, patterns):
        for pattern in patterns:
            for name in expand(pattern, self._vocabulary):
                if self._columns.setdefault(comparable(name), column) != column:
                    raise ValueError("schemas: one string stands for two columns: " + name)

    def get(self, name):
        return self._columns.get(comparable(name))


class Schema:
    def __init__(self, catalogue, analytics, products, suspect):
        self._columns = {column["name"]: column for column in catalogue["columns"]}
        self._products = {product["slug"]: product for product in products}
        self._identifiers = Names(catalogue["vocabulary"])
        self._zip3_headers = Names(catalogue["vocabulary"])
        for column in catalogue["columns"]:
            said = column.get("generalizedAliases", [])
            self._identifiers.add(column["name"], [column["name"]] + column["aliases"] + said)
            self._zip3_headers.add(column["name"], said)
        self._analytics = {product["slug"]: self._analytics_of(product, analytics) for product in products}
        self._suspect = SuspectRules(suspect, normalize)

    @staticmethod
    def _analytics_of(product, dictionary):
        """The dictionary columns that the product names, and those of its own."""
        names = Names(dictionary["vocabulary"])
        named = [column for column in dictionary["columns"] if column["name"] in product["analytics"]]
        for column in named + product.get("columns", []):
            names.add(column["name"], [column["name"]] + column["aliases"])
        return names

    def check_product(self, product):
        if product not in self._products:
            raise Refused("product-unknown", "unknown product")

    def treatment(self, column, product, safe_harbor):
        """What the product does to a catalogue column; None when there is no such column."""
        entry = self._columns.get(column)
        if entry is None:
            return None
        if product is not None and column in self._products[product].get("relax", []):
            return self.kept(column)
        if safe_harbor and "safeHarborRule" in entry:
            return Treatment(column, "generalize", rule=entry["safeHarborRule"])
        return Treatment(column, entry["action"], entry.get("prefix"), entry.get("rule"),
                         entry.get("birth", False))

    @staticmethod
    def kept(column):
        return Treatment(column, "keep")

    @staticmethod
    def dropped(column):
        return Treatment(column, "drop")

    def says_zip3(self, header):
        """Whether the header itself says that ZIP codes have three digits already."""
        return self._zip3_headers.get(normalize(header)) is not None

    def suggestions(self, header):
        found = self._suggestions_as_written(header)
        if found is None and "#" in header:
            return self._suggestions_as_written(header.replace("#", " number "))
        return found

    def _suggestions_as_written(self, header):
        return self._suspect.suggestions(header, normalize(header))

    def classify(self, header, product, safe_harbor):
        """Gives (kind, treatment); kinds are resolved, analytics, suspect and unknown."""
        found = self._classify_as_written(header, product, safe_harbor)
        if "#" in header and found[0] not in ("resolved", "suspect"):
            numbered = self._classify_as_written(header.replace("#", " number "), product, safe_harbor)
            if numbered[0] in ("resolved", "suspect"):
                return numbered
        return found

    def _classify_as_written(self, header, product, safe_harbor):
        name = normalize(header)
        column = self._identifiers.get(name)
        if column is not None:
            return "resolved", self.treatment(column, product, safe_harbor)
        column = self._analytics[product].get(name)
        if column is not None:
            return "analytics", self.kept(column)
        if self._suggestions_as_written(header) is not None:
            return "suspect", self.kept(None)
        return "unknown", self.kept(None)


def _load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def load_schema(folder=None):
    folder = pathlib.Path(folder or os.environ.get("VELORA_SCHEMAS") or _FOLDER)
    products = [_load(path) for path in sorted((folder / "products").glob("*.json"))]
    return Schema(_load(folder / "catalogue.json"), _load(folder / "analytics.json"),
                  products, _load(folder / "suspect.json"))
