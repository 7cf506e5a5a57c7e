"""Section 5: dates to years, ZIP codes to three digits, ages to at most 90.

Every function takes the cell and gives the generalized text; None means suppressed.
Blanks around the value are ignored.
"""
import re

from .secret import BLANKS

_FLAGS = re.ASCII | re.IGNORECASE  # ASCII: no Arabic digits, and no long s for an s

_MONTHS = ("january february march april may june july august "
           "september october november december").split()
_MON = "(?:" + "|".join(_MONTHS + [name[:3] for name in _MONTHS]) + ")"
_TIME = (r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
         r"(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?")

_FORM_1 = re.compile(r"\d{4}", _FLAGS)
_FORM_2 = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2})" + _TIME + ")?", _FLAGS)
_FORM_3 = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, _FLAGS)
_FORM_4 = re.compile(r"\d{8}", _FLAGS)
_FORM_5 = re.compile(r"(\d{1,2})([- ]?)" + _MON + r"\2(\d{4})" + _TIME, _FLAGS)
_FORM_6 = re.compile(_MON + r"\.? (\d{1,2}),? (\d{4})" + _TIME, _FLAGS)

_ZIP_5 = re.compile(r"\d{5}(-?\d{4})?", _FLAGS)
_ZIP_4 = re.compile(r"\d{4}(-?\d{4})?", _FLAGS)
_ZIP_3 = re.compile(r"\d{3}", _FLAGS)
_DIGITS = re.compile(r"\d+", _FLAGS)

# 45 CFR 164.514(b)(2)(i)(B): areas of 20,000 people or fewer, two censuses united.
RESTRICTED_ZIP3_VERSION = "census-2000+2020"
RESTRICTED_ZIP3 = frozenset((
    "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893 "
    "036 059 102 202 203 204 205 369 556 692 753 772 821 823 878 879 884 893").split())


def _in_range(year, month=1, day=1):
    return 1850 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def _eight_digits(value):
    """YYYYMMDD, else MMDDYYYY, else DDMMYYYY."""
    readings = ((value[:4], value[4:6], value[6:]),
                (value[4:], value[:2], value[2:4]),
                (value[4:], value[2:4], value[:2]))
    for reading in readings:
        year, month, day = (int(part) for part in reading)
        if _in_range(year, month, day):
            return year
    return None


def _read_year(value):
    if _FORM_1.fullmatch(value):
        year = int(value)
        return year if _in_range(year) else None
    found = _FORM_2.fullmatch(value)
    if found:
        year, month, day = int(found[1]), int(found[3]), int(found[4] or 1)
        return year if _in_range(year, month, day) else None
    found = _FORM_3.fullmatch(value)
    if found:
        year, pair = int(found[4]), (int(found[1]), int(found[3]))
        return year if _in_range(year, min(pair), max(pair)) else None
    if _FORM_4.fullmatch(value):
        return _eight_digits(value)
    found = _FORM_5.fullmatch(value)
    if found:
        year, day = int(found[3]), int(found[1])
        return year if _in_range(year, 1, day) else None
    found = _FORM_6.fullmatch(value)
    if found:
        year, day = int(found[2]), int(found[1])
        return year if _in_range(year, 1, day) else None
    return None


def year(value, earliest=None):
    """`earliest` is the Safe Harbor floor of a birth year: reference year less 90."""
    found = _read_year(value.strip(BLANKS))
    if found is None:
        return None
    if earliest is not None:
        found = max(found, earliest)
    return "%04d" % found


def zip3(value, says_zip3, restrict=False):
    """Gives (text or None, whether a leading zero was put back)."""
    value = value.strip(BLANKS)
    if value.endswith(".0"):
        value = value[:-2]
    repaired = False
    if _ZIP_5.fullmatch(value):
        text = value[:3]
    elif _ZIP_4.fullmatch(value):
        text, repaired = "0" + value[:2], True
    elif says_zip3 and _ZIP_3.fullmatch(value):
        text = value
    else:
        return None, False
    if restrict and text in RESTRICTED_ZIP3:
        text = "000"
    return text, repaired


def age90(value):
    value = value.strip(BLANKS)
    if not _DIGITS.fullmatch(value):
        return None
    digits = value.lstrip("0") or "0"  # no int(): a thousand digits are a number too
    return "90" if len(digits) > 2 or int(digits) > 89 else digits
