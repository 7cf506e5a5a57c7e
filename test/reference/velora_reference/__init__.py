"""Reference implementation of the token specification, version 1.

Plain rather than fast, and independent of the other implementations: it is the
oracle with which they are compared.
Standard library only, Python 3.9 or later.
"""

SPEC_VERSION = 1
