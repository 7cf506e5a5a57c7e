"""Section 6, quotes and records: a strict reader, one character at a time."""
from .errors import Refused

MAX_RECORD_BYTES = 16 * 1024 * 1024

# Where the reader is within a record.
FIELD_START, PLAIN, QUOTED, QUOTE_CLOSED = range(4)


class Record:
    def __init__(self, fields, line, ending):
        self.fields = fields
        self.line = line      # of the record's first character, counting from 1
        self.ending = ending  # "\r\n", "\n", "\r", or "" at the end of the file


def _line_end(text, at):
    """The line end that stands here, or ""."""
    if text[at] == "\r":
        return "\r\n" if text[at + 1:at + 2] == "\n" else "\r"
    return "\n" if text[at] == "\n" else ""


def _check_length(text, start, end, line):
    if end - start > MAX_RECORD_BYTES // 4 and len(text[start:end].encode("utf-8")) > MAX_RECORD_BYTES:
        raise Refused("record-too-long", "line %d: a record of more than 16 MiB" % line)


def read_records(text, delimiter, whole=True):
    """Yields every record. With `whole` false the text is only the beginning of a file:
    what stands after the last line end is then no complete record and is not given, and
    a CR at the very end is no line end yet, since it may be one half of a CRLF."""
    at, line = 0, 1
    if not whole and text.endswith("\r"):
        text = text[:-1]
    while at < len(text):
        ending = _line_end(text, at)
        if ending:  # a line of no characters
            at, line = at + len(ending), line + 1
            continue
        record, at, line = _read_record(text, at, line, delimiter, whole)
        if record is None:
            return
        yield record


def _read_record(text, start, first_line, delimiter, whole):
    """Gives (record, index after it, line after it); the record is None when incomplete."""
    at, line, state = start, first_line, FIELD_START
    fields, field, opened = [], [], first_line
    while at < len(text):
        char = text[at]
        ending = _line_end(text, at)
        if state == QUOTED:
            if char == '"' and text[at + 1:at + 2] == '"':
                field.append('"')
                at += 2
            elif char == '"':
                state = QUOTE_CLOSED
                at += 1
            else:
                field.append(ending or char)
                at += len(ending) or 1
                line += 1 if ending else 0
        elif ending:
            _check_length(text, start, at, first_line)
            fields.append("".join(field))
            return Record(fields, first_line, ending), at + len(ending), line + 1
        elif char == delimiter:
            fields.append("".join(field))
            field, state = [], FIELD_START
            at += 1
        elif state == QUOTE_CLOSED:
            raise Refused("quote-text-after", "line %d: text after a closing quote" % line)
        elif state == FIELD_START and char == '"':
            state, opened = QUOTED, line
            at += 1
        else:
            field.append(char)
            state = PLAIN
            at += 1
    if not whole:
        return None, at, line
    if state == QUOTED:
        raise Refused("quote-unterminated", "line %d: the quote that opens here is never closed" % opened)
    _check_length(text, start, at, first_line)
    fields.append("".join(field))
    return Record(fields, first_line, ""), at, line


def read_table(text, delimiter):
    """All records, the header first; refuses ragged ones and a file without a header."""
    records = list(read_records(text, delimiter))
    if not records:
        raise Refused("empty", "the file has no header")
    width = len(records[0].fields)
    for record in records:
        if len(record.fields) != width:
            raise Refused("ragged", "line %d: %d fields where the header has %d"
                          % (record.line, len(record.fields), width))
    return records
