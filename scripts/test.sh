#!/usr/bin/env bash
# Runs every test. A package that passed is one line; of one that failed the whole
# output is shown. At the end stands, loudly, what was skipped and why.
#
#   scripts/test.sh [go test flags and packages]     default: -timeout 20m ./...
set -uo pipefail
cd "$(dirname "$0")/.."

bash scripts/mariadb.sh
bash scripts/postgres.sh
bash scripts/kafka.sh
bash scripts/sshd.sh

[ $# -gt 0 ] || set -- -timeout 20m ./...
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# -v, because go test hides what a passing package prints, skips included.
go test -v "$@" </dev/null 2>&1 | awk -v skipped="$work/skipped" '
  function flush_failed(   i) {
    for (i = 1; i <= n; i++)
      if (held[i] !~ /^ *(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|SKIP)|.*\[rapid\] OK)/) print held[i]
  }
  /SKIPPED:/   { line = $0; sub(/^.*SKIPPED: */, "", line); print line >> skipped }
  /^ok  \t/    { print; n = 0; next }
  /^\?   \t/   { n = 0; next }
  /^FAIL\t/    { flush_failed(); print; n = 0; next }
  { held[++n] = $0 }
  END { flush_failed() }
'
status=${PIPESTATUS[0]}

if [ -s "$work/skipped" ]; then
  printf '\n################ SKIPPED ################\n'
  sort "$work/skipped" | uniq -c
  printf '#########################################\n'
else
  printf '\nnothing was skipped\n'
fi
[ "$status" = 0 ] && printf 'all tests passed\n' || printf 'TESTS FAILED\n'
exit "$status"
