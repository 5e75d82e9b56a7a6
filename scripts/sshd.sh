#!/usr/bin/env bash
# Makes sure that tests find OpenSSH's server, and says what they will use. It starts
# nothing: a test binary starts servers of its own, on ports of their own.
#
# In this order: the program of BANJIAN_TEST_SSHD, an sshd on this machine, the program of
# Debian's package, unpacked into the cache and not installed. Where none is to be had it
# says so and succeeds; tests that need it are then skipped.
set -euo pipefail

# shellcheck source=scripts/server.sh
. "$(dirname "$0")/server.sh"

if [ -n "${BANJIAN_TEST_SSHD:-}" ]; then
  say "tests use $BANJIAN_TEST_SSHD"
  exit 0
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/banjian/sshd
if found=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v sshd); then
  say "tests start servers of $found"
  exit 0
fi
if [ -x "$cache/usr/sbin/sshd" ]; then
  say "tests start servers of $cache/usr/sbin/sshd"
  exit 0
fi
if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
  say "no sshd here; unpacking Debian's openssh-server into $cache"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  log=$work/log
  fetched() {
    [ "$(id -u)" != 0 ] || apt 120 update || true
    (cd "$work" && apt 120 download openssh-server)
  }
  if again fetched && mkdir -p "$cache" && dpkg-deb -x "$work"/openssh-server_*.deb "$cache" && [ -x "$cache/usr/sbin/sshd" ]; then
    say "tests start servers of $cache/usr/sbin/sshd"
    exit 0
  fi
fi
say "NO SSHD. Tests that need OpenSSH are skipped; those of the server in process still run."
