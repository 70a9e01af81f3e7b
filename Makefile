# One command runs what the build server runs. `make` alone lists the targets.
#
# Everything is installed below this folder and only when a lock file is newer than what is
# installed. `check` never changes a file; `fix` may.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients
NODE_MODULES := $(CLIENTS)/node_modules
BEFORE := .venv-before
LOCKER := .venv-lock
UV_VERSION := 0.13.8

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
# The official clients are thousands of modules, of which tests import a hundred; those are compiled then.
PIP_INSTALL_TOOLS := $(PIP_INSTALL) --no-compile
# --universal and the hashes of every file make one lock good for each Python and platform;
# uv writes no index address unless asked to.
COMPILE := $(LOCKER)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check fix lock bench screenshots clean setup environments compiled .venv .venv-before

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime $(VENV)/.project compiled ## Serve with a sample organisation loaded (ARGS="--port 9000" is handed on)
	@$(BIN)/fairlead demo $(ARGS)

# What is compiled is kept, even where Python is told not to: otherwise each of a hundred processes would
# compile its tools again, and each that runs tests the tests.
test: setup compiled ## Run every test (ARGS="-k gate" is handed to pytest)
	@PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 $(ARGS)

check: .venv ## Format, lint, types and import direction; changes nothing
	@$(BIN)/ruff format --check . || { echo 'Not formatted: run make fix.' >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fix: .venv ## Format, and mend what the linter can mend by itself
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: .venv compiled ## Measure each promised speed beside its yardstick (ARGS is handed on)
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: .venv compiled ## Take the pictures of every page that the documentation shows
	@$(BIN)/python -m tests.web.screenshots

lock: $(LOCKER)/.made ## Bring the lock files up to date (ARGS=--upgrade takes newer versions)
	@$(COMPILE) --group build --output-file requirements.lock pyproject.toml
	@$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(COMPILE) --output-file $(CLIENTS)/requirements-before.lock $(CLIENTS)/requirements-before.in
	@$(COMPILE) --output-file $(CLIENTS)/requirements-node.lock $(CLIENTS)/requirements-node.in
	@if command -v npm >/dev/null; then npm install --prefix $(CLIENTS) --package-lock-only --silent; fi
	@$(PYTHON) $(CLIENTS)/drop_addresses.py $(CLIENTS)/package-lock.json
	@! grep -nE 'https?://|^-' requirements*.lock $(CLIENTS)/*.lock $(CLIENTS)/package-lock.json \
		|| { echo 'A lock file records an address.' >&2; exit 1; }

clean: ## Remove what the other targets installed or cached
	@rm -rf $(VENV) $(BEFORE) $(LOCKER) $(NODE_MODULES) build dist .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup: ## Install everything the tests need
	@$(MAKE) --no-print-directory -j 3 environments

# Where Python is told to keep nothing that it compiles, as containers often do, each start of a server
# would compile all of it again: a quarter of the start. Templates are compiled as modules are.
compiled: $(VENV)/.project
	@$(BIN)/python -m compileall -q src
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'from fairlead.web.drawing import compile_all; compile_all()'

# Each waits for its downloads by itself.
environments: .venv .venv-before $(NODE_MODULES)/.made
	@:

.venv: $(VENV)/.dev $(VENV)/.project ## Make the environment to work in
	@:

.venv-before: $(BEFORE)/.made ## Make the environment of the older official Python client
	@:

# Runtime and development are installed apart, so that `make demo` waits for little; and one after the
# other, because only one at a time may change an environment.
$(VENV)/.runtime: requirements.lock
	@$(call make-environment,$(VENV))
	@echo 'Installing what Fairlead runs on ...'
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --requirement requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime | $(VENV)/.project
	@echo 'Installing what its tests and checks need ...'
	@$(BIN)/python $(PIP_INSTALL_TOOLS) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(BEFORE)/.made: $(CLIENTS)/requirements-before.lock
	@$(call make-environment,$(BEFORE))
	@echo 'Installing the older official Python client ...'
	@$(BEFORE)/bin/python $(PIP_INSTALL_TOOLS) --require-hashes --requirement $<
	@touch $@

$(LOCKER)/.made: Makefile
	@$(call make-environment,$(LOCKER))
	@$(LOCKER)/bin/python $(PIP_INSTALL) uv==$(UV_VERSION)
	@touch $@

# The official JavaScript clients want Node 20. Where the machine has none, a wheel brings it, once the
# environment is otherwise complete.
HAS_NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' \
	&& echo yes)
$(NODE_MODULES)/.made: $(CLIENTS)/package-lock.json $(if $(HAS_NODE),,$(VENV)/.dev)
	@echo 'Installing the official JavaScript clients ...'
	@test -n '$(HAS_NODE)' \
		|| $(BIN)/python $(PIP_INSTALL) --require-hashes --requirement $(CLIENTS)/requirements-node.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# An environment named $(1), or one line that says what is missing for it.
define make-environment
test -x $(1)/bin/python || { \
	{ $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo 'Fairlead needs Python 3.11 or newer: make PYTHON=/path/to/python3 ...' >&2; exit 1; }; } \
	&& { $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'This Python cannot make environments: install python3-venv.' >&2; exit 1; }; } \
	&& $(PYTHON) -m venv $(1); }
endef
