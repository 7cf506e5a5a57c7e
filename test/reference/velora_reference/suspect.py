"""When a header that resolves to nothing looks like an identifier (docs/headers.md, Suspicion)."""
import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CAPITALS = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])")
_LETTERS = re.compile(r"[a-z]+")


def _by_word(entries, value):
    return {word: entry[value] for entry in entries for word in entry["words"]}


def _is_letter(char):
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nl" or "\u24b6" <= char <= "\u24e9"


class SuspectRules:
    def __init__(self, data, normalize):
        self._normalize = normalize
        self._longest = data["longest"]
        self._whole = {word.replace("_", ""): suggest
                       for word, suggest in _by_word(data["whole"], "suggest").items()}
        self._pieces = _by_word(data["pieces"], "suggest")
        self._owner_kind = _by_word(data["owners"], "kind")
        self._counters = set(data["counters"])
        self._rules = data["rules"]
        self._endings = [ending.split(" ") for ending in data["endings"]]
        self._edges = data["edges"]
        self._lexicon = self._counters.union(
            data["fillers"], data["edges"], self._owner_kind, *self._endings,
            *(rule.get(part, ()) for rule in self._rules for part in ("words", "with", "unless")))

    def suggestions(self, header, name):
        """None when nothing is suspicious; else the catalogue columns it may be, likeliest first.
        `name` is the header normalized."""
        if name == "" or len(name) > self._longest:
            return []
        if name.replace("_", "") in self._whole:
            return self._whole[name.replace("_", "")]
        for part in name.split("_"):
            if part in self._pieces:
                return self._pieces[part]
        for text in (self.camel_case(header), name):
            found = self._by_rules(self.words(text))
            if found is not None:
                return found
        if any(_is_letter(char) and not char.isascii() for char in header):
            return []
        return None

    def _by_rules(self, words):
        if self._is_measure(words):
            return None
        for rule in self._rules:
            if any(self._matches(rule, words, at) for at in range(len(words))):
                return rule["suggest"]
        return None

    def _is_measure(self, words):
        """Ends in words such as `count` or `type code`, and something stands before them."""
        return any(len(words) > len(ending) and words[-len(ending):] == ending for ending in self._endings)

    def _matches(self, rule, words, at):
        if words[at] not in rule["words"]:
            return False
        if any(word in rule.get("unless", ()) for word in words):
            return False
        others = words[:at] + words[at + 1:]
        if rule.get("alone") and others:
            return False
        if "with" in rule and not any(word in rule["with"] for word in others):
            return False
        owner = self._owner(words, at)
        if "owners" in rule and owner not in rule["owners"]:
            return False
        return owner not in rule.get("notOwners", ())

    def _owner(self, words, at):
        """The kind of the nearest owner before the word, else after it, else None."""
        for word in reversed(words[:at]):
            if word in self._owner_kind:
                return self._owner_kind[word]
        if words[at] in self._counters:
            return None  # number of members is a count
        for word in words[at + 1:]:
            if word in self._owner_kind:
                return self._owner_kind[word]
        return None

    def camel_case(self, header):
        """`PatientLastName` and `MBRLastName`, broken before their capitals and normalized."""
        return self._normalize(_CAPITALS.sub("_", _CAMEL.sub("_", header)))

    def words(self, name):
        words = []
        for run in _LETTERS.findall(name):
            words.extend(self._cut(run))
        return words

    def _cut(self, run):
        if run in self._lexicon:
            return [run]
        # best[at]: the fewest words that make up run[at:]; of several, the longest first.
        best = {len(run): []}
        for at in reversed(range(len(run))):
            for end in range(len(run), at + 1, -1):  # words of two or more letters, longest first
                if end in best and run[at:end] in self._lexicon:
                    candidate = [run[at:end]] + best[end]
                    if at not in best or len(candidate) < len(best[at]):
                        best[at] = candidate
        if 0 in best:
            return best[0]
        found = [edge for edge in self._edges if run.startswith(edge) or run.endswith(edge)
                 or (len(edge) >= 6 and edge in run)]
        return [run] + sorted(found, key=lambda edge: (run.index(edge), -len(edge)))
