# `make` prints every target with one line. Nothing here needs Docker, a token or a server.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# With CI=true the formatters only check; locally they format.
CHECK := $(if $(CI),--check,)
SOURCES := src tests benchmarks

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 15) else "make: Python 3.11 to 3.14 is needed, $(PYTHON) is %d.%d: run `make PYTHON=python3.13 ...`" % v[:2])'
	@$(PYTHON) -m venv --clear $(VENV) || { echo 'make: no virtual environment could be made; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Installing what requirements.lock names into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(INSTALLED) ## make .venv with everything from requirements.lock

.PHONY: demo
demo: $(INSTALLED) ## thirty simulated days on embedded PostgreSQL, in .demo
	@$(BIN)/github-warehouse demo

.PHONY: ci
ci: isort format lint type pytest ## every check and test (formats; with CI=true it only checks)

.PHONY: isort
isort: $(INSTALLED) ## sort the imports
	$(BIN)/isort $(if $(CI),--check-only --diff,) $(SOURCES)

.PHONY: format
format: $(INSTALLED) ## format the code with black
	$(BIN)/black $(CHECK) $(SOURCES)

.PHONY: lint
lint: $(INSTALLED) ## lint with flake8
	$(BIN)/flake8 $(SOURCES)

.PHONY: type
type: $(INSTALLED) ## check the types with mypy (strict)
	$(BIN)/mypy

.PHONY: pytest
pytest: $(INSTALLED) ## run the tests, with branch coverage
	$(BIN)/pytest --numprocesses auto --cov --cov-report=term

.PHONY: proof
proof: $(INSTALLED) ## run the long proofs
	$(BIN)/pytest -m long

.PHONY: build
build: $(INSTALLED) ## build the wheel into dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

.PHONY: lock
lock: $(INSTALLED) ## resolve the newest allowed versions into requirements.lock
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
	    --python-version 3.11 --all-extras --group checks --group build \
	    --custom-compile-command 'make lock' --output-file requirements.lock \
	    pyproject.toml

.PHONY: clean
clean: ## delete .venv, .demo and what the checks left
	rm -rf $(VENV) .demo .mypy_cache .pytest_cache .hypothesis .coverage* dist
