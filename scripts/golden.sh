#!/usr/bin/env bash
# Writes every golden and generated file anew: runs the tests that know -update with
# it. Look at the difference before you commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$(grep -rl --include='*_test.go' '"update"' . | xargs -n1 dirname | sort -u)
# shellcheck disable=SC2086 # one word each
go test -count=1 $packages -run "${1:-.}" -update </dev/null
