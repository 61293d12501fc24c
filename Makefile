# Two commands do everything: `make run` and `make test`. Both start from nothing.
VENV ?= .venv
DATA ?= var
HOST ?= 127.0.0.1
PORT ?= 8000
BROADSHEET_SHARED ?= ../shared
SHARED := $(BROADSHEET_SHARED)
BIN := $(VENV)/bin

.PHONY: run test lint audit bench bench-quick clean help

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## Install, load the sample edition, serve on http://127.0.0.1:8000
	@scripts/install "$(VENV)"
	@exec $(BIN)/broadsheet --data "$(DATA)" serve --sample --host "$(HOST)" --port "$(PORT)"

test: ## Run every test, from nothing
	@scripts/install "$(VENV)" postgres test
	@scripts/chromium
	@$(BIN)/python -m pytest $(ARGS)

lint: ## Check style, types and the direction of imports
	@scripts/install "$(VENV)" postgres test lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit: ## Look for known weaknesses of the installed packages (asks PyPI; what it lists as skipped was not looked at)
	@scripts/install "$(VENV)" postgres
	@python3 -m venv "$(VENV)/audit"
	@"$(VENV)/audit/bin/pip" install --quiet pip-audit
	@"$(VENV)/audit/bin/pip-audit" --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

bench: ## Measure again what the docs say (needs ../shared/data; an hour and more the first time)
	@scripts/install "$(VENV)" postgres test bench
	@$(BIN)/python -m bench.run "$(SHARED)/data" --speed $(ARGS)
	@$(BIN)/python -m bench.tables

bench-quick: ## Check a fixed part of it, in two minutes; says so where ../shared/data is missing
	@scripts/install "$(VENV)" postgres test
	@$(BIN)/python -m bench.tables --check
	@if [ -d "$(SHARED)/data" ]; then $(BIN)/python -m bench.run "$(SHARED)/data" --quick $(ARGS); \
	else echo "SKIPPED bench-quick: no collections in $(SHARED)/data; set BROADSHEET_SHARED to the folder that has them" >&2; fi

clean: ## Remove what was installed and the sample's data
	rm -rf $(VENV) var build dist
