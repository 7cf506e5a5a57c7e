#!/usr/bin/env python3
"""Tokens are plain HMAC-SHA-256: compute them yourself and join with them.

    python3 samples/quickstart.py

Needs the Python standard library only, and no network. It shows that there is no magic in the tokens,
and how to find a member of yours in what the vendor sends back.
"""

import csv
import hmac
import sys
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Header in claims.csv -> (canonical column, prefix). The canonical name goes into the HMAC, so that
# two files that spell a header differently still join.
TOKENIZED = {
    "Claim ID": ("claim_id", "CLM"),
    "Member ID#": ("member_id", "MBR"),
    "Subscriber ID": ("subscriber_id", "SUB"),
    "Patient First Name": ("patient_first_name", "NAM"),
    "Patient Last Name": ("patient_last_name", "NAM"),
    "SSN": ("ssn", "SSN"),
    "Phone Number": ("phone", "PHN"),
    "E-mail Address": ("email", "EML"),
    "Address Line 1": ("address_line_1", "ADR"),
    "Rendering NPI": ("rendering_npi", "NPI"),
}


def token(key: bytes, column: str, prefix: str, value: str) -> str:
    """PREFIX_ and the first 16 hex digits of HMAC-SHA-256(key, "column:value"); empty stays empty."""
    if value == "":
        return ""
    digest = hmac.digest(key, f"{column}:{value}".encode("utf-8"), "sha256")
    return f"{prefix}_{digest.hex()[:16]}"


def read(name: str) -> list[dict[str, str]]:
    # newline="" leaves line breaks inside quotes alone; utf-8-sig removes a byte order mark.
    with open(HERE / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def main() -> None:
    # 1. The secret: 64 hex characters, of which the 32 bytes are the key. This one is the published
    #    demo secret; never use it for real data.
    key = bytes.fromhex((HERE / "demo.key").read_text().strip())
    fingerprint = hmac.digest(key, b"velora-vault:fingerprint:v1", "sha256").hex()[:8]
    print(f"key fingerprint {fingerprint} (not secret; tells one key from another)")

    # 2. Every token of the reference output, computed again.
    claims, tokenized = read("claims.csv"), read("claims.tokenized.csv")
    if len(claims) != len(tokenized):
        sys.exit(f"{len(claims)} rows in, {len(tokenized)} rows out")
    cells = 0
    for number, (plain, out) in enumerate(zip(claims, tokenized), start=1):
        for header, (column, prefix) in TOKENIZED.items():
            if out[header] != token(key, column, prefix, plain[header]):
                sys.exit(f"row {number}, {header}: another token")  # the row, never the value
            cells += 1
    print(f"{cells} cells in {len(TOKENIZED)} columns: each token is the one computed here")

    # 3. A join. You know the member, the vendor knows the token: the sums agree.
    member = claims[0]["Member ID#"]
    alias = token(key, "member_id", "MBR", member)
    ours = sum(Decimal(row["Paid Amount"]) for row in claims if row["Member ID#"] == member)
    theirs = sum(Decimal(row["Paid Amount"]) for row in tokenized if row["Member ID#"] == alias)
    if ours != theirs:
        sys.exit("the join failed")
    print(f"{member} is {alias} to the vendor; paid {theirs} on either side")

    # 4. What breaks a join: a blank around the value. Tokenizing counts such cells for you.
    padded = [row["Member ID#"] for row in claims if row["Member ID#"].strip() != row["Member ID#"]]
    print(f"{len(padded)} member ids have blanks around them and join with nothing until cleaned")


if __name__ == "__main__":
    main()
