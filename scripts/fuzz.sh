#!/usr/bin/env bash
# Runs every fuzz target for a while: scripts/fuzz.sh [TIME], default 20s each.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s}
grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file name; do
  printf '== %s %s\n' "$(dirname "$file")" "${name#func }"
  go test "$(dirname "$file")" -run '^$' -fuzz "^${name#func }\$" -fuzztime "$time" </dev/null
done
