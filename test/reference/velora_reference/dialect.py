"""Section 6, delimiter: found in the first 64 KiB, or given."""
from .encoding import decode_head
from .errors import Refused
from .reader import read_records

HEAD_BYTES = 65536
FURTHER_RECORDS = 100
PREFERENCE = ("\t", "|", ";", ",")  # on a tie, the earlier one
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

BROKEN, INCOMPLETE, ABSENT = "broken", "incomplete", "absent"


class _Reading:
    """The head of the file as one candidate delimiter sees it."""

    def __init__(self, head, delimiter, whole):
        self.delimiter = delimiter
        self.header = None  # number of fields of the header, or why there is none
        self.fits = False
        counts = []
        try:
            for record in read_records(head, delimiter, whole):
                counts.append(len(record.fields))
                if len(counts) == 1 + FURTHER_RECORDS:
                    break
            broken = False
        except Refused:
            broken = True
        if counts:
            self.header = counts[0]
            self.fits = not broken and counts[0] >= 2 and set(counts) == {counts[0]}
        else:
            self.header = BROKEN if broken else (ABSENT if whole else INCOMPLETE)


def check_delimiter(given):
    delimiter = _NAMES.get(given, given)
    if delimiter not in PREFERENCE:
        raise Refused("option-invalid", "the delimiter is a comma, semicolon, tab or pipe")
    return delimiter


def _choose(readings):
    fitting = [r for r in readings if r.fits]
    if not fitting:
        fitting = [r for r in readings if isinstance(r.header, int) and r.header >= 2]
    if not fitting:
        return ","
    return max(fitting, key=lambda r: r.header).delimiter  # max keeps the first of equals


def find_delimiter(data, bom_length, encoding, given=None):
    """`data` is the whole file, byte order mark included; it counts among the 64 KiB."""
    whole = len(data) <= HEAD_BYTES
    head = decode_head(data[bom_length:HEAD_BYTES], encoding)
    if given is not None:
        delimiter = check_delimiter(given)
    else:
        delimiter = _choose([_Reading(head, d, whole) for d in PREFERENCE])
    if _Reading(head, delimiter, whole).header == INCOMPLETE:
        raise Refused("header-too-long", "the header does not end within the first 64 KiB")
    return delimiter
