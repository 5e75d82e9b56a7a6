#!/usr/bin/env bash
# Makes sure that tests find an Apache Kafka and a Debezium, and says what they will use.
# It starts nothing: a test binary starts private servers of its own.
#
# In this order: the broker of BANJIAN_TEST_KAFKA (the tests that need Debezium, or kill
# the broker, are then skipped), the jars fetched before, the jars from Maven. Java and
# Maven come from Debian when they are missing (only as root). Where none is to be had it
# says so and succeeds; tests that need a real broker are then skipped.
set -euo pipefail
# shellcheck source=scripts/server.sh
. "$(dirname "$0")/server.sh"
cd "$(dirname "$0")/kafka"

if [ -n "${BANJIAN_TEST_KAFKA:-}" ]; then
  say "tests use the broker of BANJIAN_TEST_KAFKA"
  exit 0
fi
jars=${BANJIAN_TEST_JARS:-${XDG_CACHE_HOME:-$HOME/.cache}/banjian/test-servers}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

install_missing() {
  local need=()
  command -v java >/dev/null || need+=(default-jre-headless)
  command -v mvn >/dev/null || need+=(maven)
  [ ${#need[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "missing: ${need[*]}, and they cannot be installed (needs root and apt-get)."
    return 1
  fi
  say "installing ${need[*]} from Debian"
  from_debian "${need[@]}"
}

# The mark is written last and holds the list of what was fetched.
if command -v java >/dev/null && cmp -s pom.xml "$jars/pom.xml"; then
  say "tests start private servers of $jars"
  exit 0
fi
if install_missing; then
  say "fetching the jars from Maven"
  # Beside those that are there: others may be using them, and the fetching may fail.
  mkdir -p "$(dirname "$jars")"
  new=$(mktemp -d "$jars.XXXXXX")
  trap 'rm -rf "$log" "$new"' EXIT
  if again mvn -q -B -f pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new"; then
    cp pom.xml "$new/pom.xml"
    chmod 755 "$new"
    rm -rf "$jars"
    mv "$new" "$jars"
    say "tests start private servers of $jars"
    exit 0
  fi
fi
if [ -e "$jars/pom.xml" ]; then
  say "tests start private servers of $jars, though they are not those of scripts/kafka/pom.xml"
  exit 0
fi
say "NO KAFKA. Tests that need a real broker will be skipped; those in process still run."
