"""Section 7: CSV out."""


def write_field(field, delimiter):
    special = delimiter + '"\r\n\ufeff'
    if any(char in special for char in field) or field.startswith(" ") or field.endswith(" "):
        return '"' + field.replace('"', '""') + '"'
    return field


def write_record(fields, delimiter, line_end):
    if len(fields) == 1 and fields[0] == "":
        return '""' + line_end  # else the record would be a line of no characters
    return delimiter.join(write_field(field, delimiter) for field in fields) + line_end


def write_table(rows, delimiter, first_ending):
    """`first_ending` is how the first record of the input ended."""
    line_end = "\r\n" if first_ending == "\r\n" else "\n"
    return "".join(write_record(row, delimiter, line_end) for row in rows).encode("utf-8")
