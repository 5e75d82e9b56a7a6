# Sourced by the scripts that make sure that tests find a server. It never starts the
# system's service: every test binary starts a private server of its own.

say() { local name=${0##*/}; printf "%s: %s\n" "${name%.sh}" "$*" >&2; }

# ensure PROGRAM PACKAGE VARIABLE ADDRESS says what tests will use, in this order: the
# server of VARIABLE (an ADDRESS), the one that server() finds, Debian's PACKAGE (only as
# root, only if the program is missing). Where none is to be had it says so and succeeds;
# the tests that need one are then skipped.
ensure() {
  local program=$1 package=$2 variable=$3 address=$4 found
  if [ -n "${!variable:-}" ]; then
    say "tests use the server of $variable"
    return
  fi
  if found=$(server); then
    say "tests start private servers of $found"
    return
  fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "no $program here, and it cannot be installed (needs root and apt-get)."
    say "Install $package, or set $variable=$address."
    return
  fi
  say "no $program here; installing $package from Debian"
  if from_debian "$package" && found=$(server); then
    say "installed; tests start private servers of $found"
  else
    say "THE INSTALLATION FAILED. Tests that need $program will be skipped."
  fi
}

# again COMMAND… runs it up to three times, with a pause: a network that fails once may
# not fail twice. What it says goes to the file $log, which must be named before.
again() {
  local try
  for try in 1 2 3; do
    "$@" >>"$log" 2>&1 </dev/null && return
    [ "$try" = 3 ] || { say "failed, once more: $*" && sleep $((5 * try)); }
  done
  tail -n 5 "$log" >&2
  return 1
}

# apt SECONDS COMMAND… waits for whoever else installs something, and asks a mirror again.
apt() {
  timeout "$1" apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "${@:2}"
}

# installed PACKAGE… is one attempt. Lists that cannot all be fetched may still do, and an
# installation that was broken off is finished first.
installed() {
  apt 120 update || true
  dpkg --configure -a || true
  apt 600 install -y --no-install-recommends "$@"
}

# from_debian PACKAGE… installs without starting any of the system's services.
from_debian() (
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$log" "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
  fi
  again installed "$@"
)
