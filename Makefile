# Two commands do everything: `make run` and `make test`. Both start from nothing.
VENV ?= .venv
DATA ?= var
HOST ?= 127.0.0.1
PORT ?= 8000
BROADSHEET_SHARED ?= ../shared
SHARED := $(BROADSHEET_SHARED)
# Files of tests at a time; each process has its own PostgreSQL, Milvus and Chromium.
AT_ONCE ?= 2
BIN := $(VENV)/bin

.PHONY: run test crash lint fuzz soak soak-quick bench bench-quick clean help audit

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## Install, load the sample edition, serve on http://127.0.0.1:8000
	@scripts/install "$(VENV)"
	@exec $(BIN)/broadsheet --data "$(DATA)" serve --sample --host "$(HOST)" --port "$(PORT)"

test: ## Run every test, from nothing, two files at a time; ARGS="tests/text -k acronym" for some, one by one
	@scripts/install "$(VENV)" postgres test
	@scripts/chromium
	@$(BIN)/python -m pytest $(if $(strip $(ARGS)),$(ARGS),-n $(AT_ONCE) --dist loadfile)

crash: ## Kill work at 200 random points and look what is left (ARGS="--seed 7", "--only 7/index/3")
	@scripts/install "$(VENV)" postgres test
	@$(BIN)/python -m tests.crash $(ARGS)

lint: ## Check style, types and the direction of imports
	@scripts/install "$(VENV)" postgres test lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fuzz: ## Look for inputs that break a reader or a page, twenty times longer than the tests do
	@scripts/install "$(VENV)" postgres test
	@$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=deep --timeout=3600 $(ARGS)

soak: ## Half an hour under mixed load: errors, memory, times (ARGS="--rate 100", "--overload")
	@scripts/install "$(VENV)" postgres test
	@BROADSHEET_SHARED="$(SHARED)" $(BIN)/python -m bench.soak $(ARGS)

soak-quick: ## Two minutes of it; times are told, not judged
	@$(MAKE) --no-print-directory soak ARGS="--quick $(ARGS)"

audit: ## Look for known weaknesses of the installed packages (asks PyPI); a package that nobody looked at fails it
	@scripts/install "$(VENV)" postgres
	@python3 -m venv "$(VENV)/audit"
	@"$(VENV)/audit/bin/pip" install --quiet pip-audit
	@"$(VENV)/audit/bin/pip-audit" --strict --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

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
