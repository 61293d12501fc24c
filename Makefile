# Two commands do everything: `make run` and `make test`. Both start from nothing.
VENV ?= .venv
DATA ?= var
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := $(VENV)/bin

.PHONY: run test lint bench clean help

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

bench: ## Measure again what the docs say (needs ../shared/data; an hour the first time)
	@scripts/install "$(VENV)" postgres test
	@$(BIN)/python bench/retrieval.py ../shared/data
	@$(BIN)/python bench/import_rate.py --records 20000
	@$(BIN)/python bench/search_latency.py ../shared/data/arxiv_daily/*.jsonl.gz

clean: ## Remove what was installed and the sample's data
	rm -rf $(VENV) var build dist
