#!/usr/bin/env python3
"""Runs the reference: `python3 test/reference/velora_reference.py --help`.

The folder of the same name beside this file is the package; Python prefers a
package to a module of the same name, so the import below finds it.
"""
import sys

from velora_reference.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
