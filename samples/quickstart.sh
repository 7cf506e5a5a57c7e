#!/usr/bin/env bash
# velora-vault in two minutes, on synthetic claims. Needs no network.
#
#   bash samples/quickstart.sh
set -euo pipefail
umask 077                             # what is written below is readable by you alone
cd "$(dirname "$0")/.."

vault() { npx --no velora-vault "$@"; } # --no: run the one installed here, never fetch one

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '1. A secret of your own. Keep it as long as you want tokens to join; without it they are opaque.'
vault keygen --output "$work/my.key"

# From here on the published demo secret, so that the result can be compared with the reference.
# Never use it for real data: everybody has it.
key=samples/demo.key

echo '2. What would happen to each column? Only the headers are read.'
vault preview --product claims_replay samples/claims.csv

echo '3. Tokenize. The map leads back to the originals: it is PHI and stays with you.'
vault tokenize --product claims_replay --key-file "$key" \
  --output "$work/claims.tokenized.csv" --write-map "$work/claims.map.json" samples/claims.csv

echo '4. The check that the receiver will run, before anything is sent.'
vault verify --product claims_replay "$work/claims.tokenized.csv"

echo '5. Same secret, same file: the same bytes, on every machine and in every language.'
cmp "$work/claims.tokenized.csv" samples/claims.tokenized.csv
cmp "$work/claims.map.json" samples/claims.map.json
echo '   both files equal the reference'

echo '6. The way back, with the map. What was generalized or dropped stays so.'
vault restore --map "$work/claims.map.json" "$work/claims.tokenized.csv" > "$work/restored.csv"
member=SYN54321000-01                 # the member of the first claim
if grep -q "$member" "$work/claims.tokenized.csv"; then
  echo 'a member id is in the tokenized file' >&2
  exit 1
fi
grep -q "$member" "$work/restored.csv"
echo "   $member is absent from the tokenized file and back in the restored one"
