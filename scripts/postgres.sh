#!/usr/bin/env bash
# Makes sure that tests find a PostgreSQL, and says what they will use. It never starts
# the system's service: every test binary starts a private server of its own, as the
# user postgres where it runs as root.
#
# In this order: the server of BANJIAN_TEST_POSTGRES, a postgres on this machine,
# Debian's package (only as root, only if the program is missing). Where none is to be
# had it says so and succeeds; the tests that need one are then skipped.
set -euo pipefail

say() { printf 'postgres: %s\n' "$*" >&2; }

server() { command -v postgres || ls -v /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1 | grep .; }

if [ -n "${BANJIAN_TEST_POSTGRES:-}" ]; then
  say "tests use the server of BANJIAN_TEST_POSTGRES"
  exit 0
fi
if found=$(server); then
  say "tests start private servers of $found"
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  say "no postgres here, and it cannot be installed (needs root and apt-get)."
  say "Install postgresql, or set BANJIAN_TEST_POSTGRES=postgres://user:password@host:port/postgres."
  exit 0
fi

say "no postgres here; installing postgresql from Debian"
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then # keeps the package from starting the system's service
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
log=$(mktemp)
if apt-get update >"$log" 2>&1 </dev/null && apt-get install -y --no-install-recommends postgresql >>"$log" 2>&1 </dev/null && found=$(server); then
  say "installed; tests start private servers of $found"
else
  tail -n 5 "$log" >&2
  say "THE INSTALLATION FAILED. Tests that need a PostgreSQL will be skipped."
fi
rm -f "$log"
