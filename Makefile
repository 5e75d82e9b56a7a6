# banjian: what there is to do. Everything here runs without a question being asked.

GO ?= go

.DEFAULT_GOAL := help
.PHONY: help build demo test chain lives check race bench generate golden fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

build: ## bin/banjian
	$(GO) build -o bin/banjian ./cmd/banjian

demo: build ## the demonstration, once (exit 3: some rows were refused, as they should be)
	bin/banjian demo --once || test $$? -eq 3

test: ## every test; installs or starts the MariaDB it needs, and lists what it skipped
	@bash scripts/test.sh

chain: ## streams for long: 100,000 changes with every part killed twice, members that come and go for minutes
	@bash scripts/mariadb.sh
	@bash scripts/kafka.sh
	BANJIAN_CHAIN=100000 $(GO) test ./cmd/banjian -count=1 -v -timeout 60m -run '^(TestEveryChangeOfATable|TestMembersThatComeAndGo)'

lives: ## whole lives of 1,000 cases through all ten interfaces, in every profile of a platform
	BANJIAN_LIVES=1000 $(GO) test ./connectors ./cmd/banjian -count=1 -v -timeout 60m -run '^TestWholeLives'

check: ## gofmt, vet, staticcheck, structure, generated files, go.mod
	@bash scripts/check.sh

race: ## the packages with goroutines under the race detector (needs a C compiler)
	@bash scripts/mariadb.sh
	@bash scripts/postgres.sh
	$(GO) test -race -timeout 60m ./pipelines/... ./ledger/... ./jobs/... ./connectors/... ./mappings/...

bench: ## the measurements of deploy/bench (several minutes; Debian's mydumper is one of the baselines)
	@bash scripts/mariadb.sh
	@bash scripts/postgres.sh
	$(GO) run ./deploy/bench

generate: ## docs/cli*.md and the blocks of the READMEs
	$(GO) test ./cmd/banjian -count=1 -run '^TestGenerated' -update

golden: ## every golden file anew; look at the difference afterwards
	@bash scripts/golden.sh

fuzz: ## every fuzz target, 20 s each
	@bash scripts/fuzz.sh 20s
