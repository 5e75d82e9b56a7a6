#!/usr/bin/env bash
# Makes sure that tests find a MariaDB, and says what they will use.
set -euo pipefail
# shellcheck source=scripts/server.sh
. "$(dirname "$0")/server.sh"

server() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mariadbd || PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mysqld; }

ensure mariadbd mariadb-server BANJIAN_TEST_MYSQL "user:password@tcp(host:port)/ (deploy/compose.yaml starts one)"
