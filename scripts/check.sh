#!/usr/bin/env bash
# Everything that can be judged without running the product: form, structure, what the
# tools find, and whether generated files are as they would be generated now.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
step() { # step NAME COMMAND…
  local name=$1 out
  shift
  if out=$("$@" 2>&1 </dev/null); then
    printf 'ok    %s\n' "$name"
  else
    printf 'FAIL  %s\n%s\n' "$name" "$out"
    failed=1
  fi
}

formatted() {
  local list
  if git rev-parse --git-dir >/dev/null 2>&1; then
    list=$(git ls-files -z -co --exclude-standard -- '*.go' | xargs -0 -r ls -d 2>/dev/null | xargs -r gofmt -l)
  else
    list=$(find . -name '*.go' -print0 | xargs -0 gofmt -l)
  fi
  [ -z "$list" ] || { printf '%s\n' "$list" 'run gofmt -w on these'; return 1; }
}

# The linter is not part of go.mod: it is fetched at this version when it can be.
staticcheck_at=honnef.co/go/tools/cmd/staticcheck@v0.7.0
lint() {
  if ! go run "$staticcheck_at" -version >/dev/null 2>&1 </dev/null; then
    printf 'SKIPPED  staticcheck: %s cannot be fetched here\n' "$staticcheck_at"
    return
  fi
  step staticcheck go run "$staticcheck_at" ./...
}

# A file that is generated is generated again; that changes nothing. The golden tests
# compare, so nothing is written to the tree.
generated() { go test ./cmd/banjian -count=1 -run '^TestGenerated'; }

step gofmt formatted
step 'go vet' go vet ./...
lint
step 'structure (internal/house)' go test -count=1 ./internal/house
step 'generated files' generated
step 'go mod tidy' go mod tidy -diff
step 'go mod verify' go mod verify
exit "$failed"
