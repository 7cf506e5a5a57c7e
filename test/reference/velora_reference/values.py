"""What a whole cell is recognised as (section 9)."""
import re

# The white space of ECMAScript: \s there, WhiteSpace and LineTerminator in its text.
_WHITE = ("\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
          "\u200a\u2028\u2029\u202f\u205f\u3000\ufeff")
_EMAIL = re.compile("[^@%s]+@[^@%s]+\\.[A-Za-z]{2,}" % (_WHITE, _WHITE))
# Of headers, where a top-level domain may be anything (docs/headers.md).
_LIKE_EMAIL = re.compile("[^@%s]+@[^@.%s]+(\\.[^@.%s]+)+" % (_WHITE, _WHITE, _WHITE))
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")


def is_email(cell):
    # Searching "@" first: the pattern alone takes long on long cells without one.
    return "@" in cell and _EMAIL.fullmatch(cell) is not None


def has_form_of_email(header):
    return "@" in header and _LIKE_EMAIL.fullmatch(header) is not None


def is_ssn(cell):
    return _SSN.fullmatch(cell) is not None
