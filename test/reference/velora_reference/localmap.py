"""Section 8: the local map, token to original. It is PHI."""
import json
import os
import re

from .errors import Refused

_TOKEN = re.compile(r"[A-Z]{3}_[0-9a-f]{16}")


class LocalMap:
    def __init__(self):
        self._entries = {}  # token -> (column, original), in order of first appearance

    def add(self, token, column, original):
        known = self._entries.setdefault(token, (column, original))
        if known != (column, original):
            raise Refused("token-collision", "two different values give the same token")

    def to_bytes(self):
        plain = {token: original for token, (_, original) in self._entries.items()}
        return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def parse_map(data):
    try:
        entries = json.loads(data.decode("utf-8"))
    except ValueError:
        raise Refused("map-invalid", "the map is no JSON in UTF-8") from None
    good = isinstance(entries, dict) and all(
        _TOKEN.fullmatch(token) and isinstance(original, str) for token, original in entries.items())
    if not good:
        raise Refused("map-invalid", "the map must be one object of tokens and originals")
    return entries


def create_private(path, data):
    """Created exclusively, readable by its owner alone, and gone again if writing fails."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except BaseException:
        os.unlink(path)
        raise
