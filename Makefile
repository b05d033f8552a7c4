# What one types here. The longer recipes are in scripts/.

.DEFAULT_GOAL := help
.PHONY: help test test-unit test-sqlite test-postgres test-browser lint deny races fuzz bench bench-data load faults attack screenshots fmt tools run

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | column -t -s '|'

test: ## Everything that decides whether a change may land
	@scripts/test

test-unit: ## The unit tests
	cargo nextest run --locked --workspace --filterset 'kind(lib) + kind(bin)'

test-sqlite: ## All tests on SQLite but the browser's
	@scripts/test sqlite

test-postgres: ## The integration tests on a throw-away PostgreSQL
	@scripts/test postgres

test-browser: ## The tests in a real browser
	@scripts/test tools build browser

lint: ## Format, clippy, dependencies
	@scripts/test tools fmt clippy deny

deny: ## Licences, bans, origins and known vulnerabilities of the dependencies
	@scripts/test tools deny

races: ## The tests of simultaneous requests, 500 rounds each, on both databases
	@scripts/races

fuzz: ## Ten million hostile inputs for every parser of what comes from outside
	@scripts/fuzz

bench: ## Measure the build that is packaged on a throw-away PostgreSQL
	scripts/postgres run --durable cargo run --locked --profile dist -p vestibule-bench -- $(ARGS)

bench-data: ## Measure pages among a million users, whose data it makes first: some minutes
	scripts/postgres run --durable cargo run --locked --profile dist -p vestibule-bench -- --scale $(ARGS)

load: ## Two instances behind a proxy under load, then while they are killed: eleven minutes
	scripts/postgres run --durable cargo run --locked --release -p vestibule-bench -- --load $(ARGS)

faults: ## Take PostgreSQL away under load, three times: two minutes
	scripts/postgres run --durable cargo run --locked --release -p vestibule-bench -- --faults $(ARGS)

attack: ## Attack the release build and the tests' servers: under five minutes; ARGS=--long for hours
	@scripts/attack $(ARGS)

screenshots: ## Draw the README's pictures from the real pages
	@scripts/test pictures

fmt: ## Format the source
	cargo fmt --all

tools: ## Install what the tests need
	@scripts/test tools

run: ## Start the program; pass its arguments as ARGS='...'
	cargo run --locked -- $(ARGS)
