"""One error class. A message names places (line, row, position), never a value."""

# What the person did wrong on the command line, as opposed to what is in the file.
USAGE_CODES = frozenset(["option-invalid", "product-unknown"])


class Refused(Exception):
    """The run stops. `code` is stable and is what implementations are compared by."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

    @property
    def exit_code(self):
        if self.code == "secret-invalid":
            return 4
        return 2 if self.code in USAGE_CODES else 3
