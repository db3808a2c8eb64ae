# commonweal: `make up` starts a node, `make test` runs the whole suite. Both make the environment first when it is missing.
# Variables: PORT, HOST, HOME_DIR, PYTHON.   Example: make up PORT=8123 HOME_DIR=/srv/commonweal

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
HOME_DIR ?= .commonweal

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CORE := .venv/.core
DEV := .venv/.dev
CATALOGUES := $(wildcard src/commonweal/locale/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.PHONY: help setup up test test-postgres lint fmt bench docs lock browser

help:  ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(CORE)  ## Make the environment in .venv, nothing else

up: $(CORE)  ## Start a node: http://127.0.0.1:8000
	@exec $(BIN)/commonweal --home "$(HOME_DIR)" up --host "$(HOST)" --port "$(PORT)"

test: $(DEV)  ## Run the whole suite
	$(BIN)/pytest -n 2

test-postgres: $(DEV)  ## Run the database tests on PostgreSQL (COMMONWEAL_TEST_POSTGRES_URL)
	@test -n "$$COMMONWEAL_TEST_POSTGRES_URL" || { echo 'Set COMMONWEAL_TEST_POSTGRES_URL, e.g. postgres://postgres@127.0.0.1:5432/commonweal'; exit 1; }
	$(BIN)/pytest -n 2 -m "django_db or db"

lint: $(DEV)  ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	COMMONWEAL_HOME=.mypy_cache/home $(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(DEV)  ## Put the code in its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV)  ## Measure beside peers, in one run
	$(BIN)/python -m bench

docs: $(DEV)  ## Write docs/reference.md from the code
	$(BIN)/python docs/generate.py

lock: $(DEV)  ## Write uv.lock and the requirements that pip installs
	$(BIN)/uv lock
	$(BIN)/uv export --quiet --frozen --no-header --no-annotate --no-emit-project --no-dev --group build -o requirements/core.txt
	$(BIN)/uv export --quiet --frozen --no-header --no-annotate --no-emit-project --group build -o requirements/dev.txt
	$(BIN)/uv export --quiet --frozen --no-header --no-annotate --no-emit-project --no-dev --extra postgres -o requirements/postgres.txt

browser:  ## Bring a browser for the browser tests, with apt where it may
	@command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable || \
	if ! command -v apt-get >/dev/null; then echo 'Install chromium or google-chrome with your package manager.'; exit 1; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; \
	elif sudo -n true 2>/dev/null; then sudo -n apt-get update -qq && sudo -n apt-get install -y -qq --no-install-recommends chromium; \
	else echo 'Run: sudo apt-get install chromium'; exit 1; fi

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'Python 3.11 or newer is needed. Run: sudo apt-get install python3 python3-venv  (or: make PYTHON=python3.12 …)'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing. Run: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

$(CORE): .venv/bin/python requirements/core.txt pyproject.toml hatch_build.py $(CATALOGUES)
	$(PIP) install --require-hashes -r requirements/core.txt
	$(PIP) install --no-build-isolation --no-deps --no-index -e .
	@touch $@

$(DEV): $(CORE) requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
