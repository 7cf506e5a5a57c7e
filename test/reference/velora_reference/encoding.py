"""Section 6, encoding: bytes to text, or a refusal."""
import codecs
import gzip
import zlib

from .errors import Refused

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_CODECS = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}

_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16le": "utf-16le utf-16 csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff",
    "utf-16be": "utf-16be unicodefffe",
    "windows-1252": "windows-1252 cp1252 x-cp1252 latin1 l1 iso-8859-1 iso8859-1 iso88591 "
                    "iso_8859-1 iso_8859-1:1987 iso-ir-100 csisolatin1 cp819 ibm819 "
                    "ascii us-ascii ansi_x3.4-1968",
}
_NAMES = {label: name for name, labels in _LABELS.items() for label in labels.split()}

# The WHATWG table: as Python's cp1252, but the five holes are the C1 controls.
_HOLES = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
_WINDOWS_1252 = "".join(
    chr(byte) if byte in _HOLES else bytes([byte]).decode("cp1252") for byte in range(256))


def encoding_name(label):
    name = _NAMES.get(label.strip("\t\n\f\r ").lower())
    if name is None:
        raise Refused("option-invalid", "unknown encoding: name utf-8, utf-16le, utf-16be or windows-1252")
    return name


def unpack(data):
    """A gzip file, of one or more members, is unpacked first."""
    if not data.startswith(b"\x1f\x8b\x08"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused("encoding-invalid", "the gzip file is damaged") from error


def find_encoding(data, named=None):
    """Gives (name, number of bytes of the byte order mark)."""
    bom, by_bom = next(((b, n) for b, n in _BOMS if data.startswith(b)), (b"", None))
    if named is None:
        return by_bom or "utf-8", len(bom)
    name = encoding_name(named)
    if by_bom is not None and by_bom != name:
        raise Refused("encoding-invalid", "the byte order mark says " + by_bom + ", not " + name)
    return name, len(bom)


def _line_of(text):
    return 1 + text.count("\n") + text.count("\r") - text.count("\r\n")


def decode(data, name):
    """The whole of the text, without byte order mark; strict, and without U+0000."""
    if name == "windows-1252":
        text = data.decode("latin-1").translate(_WINDOWS_1252)
    else:
        try:
            text = data.decode(_CODECS[name])
        except UnicodeDecodeError as error:
            line = _line_of(data[:error.start].decode(_CODECS[name], "replace"))
            raise Refused("encoding-invalid", "line %d: not valid %s; name another with --encoding"
                          % (line, name)) from None
    nul = text.find("\0")
    if nul >= 0:
        raise Refused("not-text", "line %d: the file holds U+0000" % _line_of(text[:nul]))
    return text


def decode_head(data, name):
    """The beginning of a longer text; a character cut in two at its end is left out."""
    if name == "windows-1252":
        return data.decode("latin-1").translate(_WINDOWS_1252)
    return codecs.getincrementaldecoder(_CODECS[name])().decode(data, False)
