#!/usr/bin/env bash
# Makes sure that tests find a PostgreSQL, and says what they will use. Where the tests run
# as root the servers they start run as the user postgres.
set -euo pipefail
# shellcheck source=scripts/server.sh
. "$(dirname "$0")/server.sh"

# shellcheck disable=SC2012 # ls -v sorts releases
server() { command -v postgres || ls -v /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1 | grep .; }

ensure postgres postgresql BANJIAN_TEST_POSTGRES "postgres://user:password@host:port/postgres"
