"""Section 1 and section 3: the secret, its fingerprint, and the token."""
import hashlib
import hmac
import re

from .errors import Refused

BLANKS = " \t\r\n"
_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_FINGERPRINT_LABEL = b"velora-vault:fingerprint:v1"


def parse_secret(text):
    """64 hexadecimal characters, blanks around them ignored, to the 32 bytes of the key."""
    stripped = text.strip(BLANKS)
    if _HEX.fullmatch(stripped) is None:
        raise Refused("secret-invalid", "invalid secret: expected 64 hexadecimal characters (32 bytes)")
    return bytes.fromhex(stripped)


def fingerprint(key):
    return hmac.new(key, _FINGERPRINT_LABEL, hashlib.sha256).hexdigest()[:8]


def token(key, prefix, column, value):
    """`column` is the canonical name; `value` is the cell exactly as it was decoded."""
    message = (column + ":" + value).encode("utf-8")
    return prefix + "_" + hmac.new(key, message, hashlib.sha256).hexdigest()[:16]


def token_pattern(prefix):
    """What a token of this prefix looks like; the hex is in lower case."""
    return re.compile(re.escape(prefix) + r"_[0-9a-f]{16}")
