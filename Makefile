# `make` prints one line for each target.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# With CI=true the formatters only check; locally they format.
CHECK := $(if $(CI),--check,)
SOURCES := src tests benchmarks containers scripts terraform
SCRIPTS := .ci/run scripts/deploy scripts/scheduled-ingest scripts/runner-access \
    scripts/backup scripts/bare-test scripts/build scripts/common.sh \
    scripts/compose scripts/restore scripts/up containers/pipelinerunner/start \
    scripts/infra terraform/host/deploy terraform/host/take

# docker compose with the settings of the stack
COMPOSE := scripts/compose
EXEC = $(COMPOSE) exec $(shell test -t 0 || echo --no-TTY)
IS_UP = test -n "$$($(COMPOSE) ps --quiet --status running warehouse)" || \
    { echo 'make: the stack is not running: run `make up` first' >&2; exit 1; }

# While the stack is up, the checks run in a container and use its PostgreSQL.
CHECKS := isort format lint type pytest ci
ifneq ($(filter $(CHECKS),$(MAKECMDGOALS)),)
STACK_IS_UP := $(shell $(COMPOSE) ps --quiet --status running warehouse 2>/dev/null)
endif

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} \
	    /^[a-z0-9-]+:.*## /{printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Without Docker
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 15) else "make: this needs Python 3.11 to 3.14, and $(PYTHON) is %d.%d: run `make PYTHON=python3.13 ...`" % v[:2])'
	@$(PYTHON) -m venv --clear $(VENV) || { echo 'make: cannot create a virtual environment; on Debian and Ubuntu, run `apt install python3-venv`' >&2; exit 1; }
	@echo 'Installing requirements.lock into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(INSTALLED) ## create .venv with the packages in requirements.lock

.PHONY: demo
demo: $(INSTALLED) ## run 31 simulated days on an embedded PostgreSQL, in .demo
	@$(BIN)/github-warehouse demo

##@ The stack: PostgreSQL, a daily ingest, Metabase
.PHONY: up
up: ## build and start the stack, wait until it is healthy
	@scripts/up

.PHONY: down
down: ## stop the stack and keep its data
	@$(COMPOSE) down

.PHONY: ps
ps: ## show its containers and their health
	@$(COMPOSE) ps --all

.PHONY: logs
logs: ## show its last log lines; in a terminal, follow them
	@if [ -t 1 ]; then follow=--follow; else follow=; fi; $(COMPOSE) logs --tail 100 $$follow

.PHONY: ingest
ingest: ## record today's snapshots now
	@$(EXEC) pipelinerunner github-warehouse ingest

.PHONY: stop-etl
stop-etl: ## stop the daily ingest until start-etl or the next up
	@$(COMPOSE) stop pipelinerunner

.PHONY: start-etl
start-etl: ## start the daily ingest again; ingests now if a day was missed
	@$(IS_UP)
	@$(COMPOSE) up --detach --wait --no-deps pipelinerunner

.PHONY: psql
psql: ## open psql on the warehouse, as its owner
	@$(EXEC) warehouse psql --username=warehouse_owner warehouse

.PHONY: shell
shell: ## open a shell in the pipelinerunner
	@$(EXEC) --user app pipelinerunner bash

.PHONY: db-migration
db-migration: ## create the files of the next migration (asks for a description)
	@read -r -p 'What does the migration do? ' does; \
	name=$$(tr '[:upper:]' '[:lower:]' <<<"$$does" | tr -cs 'a-z0-9\n' _ | sed 's/^_*//; s/_*$$//'); \
	[ -n "$$name" ] || { echo 'make: describe the migration in a few words' >&2; exit 1; }; \
	last=$$(ls migrations | grep -E '^[0-9]{4}\..*\.sql$$' | grep -v rollback | sort | tail -n 1); \
	next=migrations/$$(printf '%04d' $$((10#$${last%%.*} + 1))).$$name; \
	printf -- '-- depends: %s\n-- %s\n\n' "$${last%.sql}" "$$does" >"$$next.sql"; \
	printf -- '-- loses WHAT: name the data that this rollback deletes\n' >"$$next.rollback.sql"; \
	echo "Created $$next.sql and $$next.rollback.sql: write the migration and its rollback"

.PHONY: warehouse-migration
warehouse-migration: ## apply the pending migrations of this checkout
	@$(IS_UP)
	@scripts/build pipelinerunner
	@$(COMPOSE) run --rm --no-deps --entrypoint github-warehouse pipelinerunner migrate
	@if [ -n "$$($(COMPOSE) ps --quiet --status running pipelinerunner)" ]; then \
	    $(COMPOSE) up --detach --wait --no-deps pipelinerunner; fi

.PHONY: backup
backup: ## write the warehouse to a file in backups
	@scripts/backup "$(FILE)"

.PHONY: restore
restore: ## replace the warehouse with a backup: FILE=backups/NAME.dump
	@scripts/restore "$(FILE)"

.PHONY: demo-stack
demo-stack: ## start a second stack on a simulated GitHub
	@STACK=demo scripts/up

.PHONY: demo-stack-down
demo-stack-down: ## stop the demo stack and delete everything it created
	@STACK=demo $(COMPOSE) down --volumes --remove-orphans --rmi local
	@rm -rf .demo-stack

##@ The cloud: the stack on one EC2 host
.PHONY: tf-init
tf-init: ## download the Terraform providers
	@scripts/infra init

.PHONY: infra-plan
infra-plan: ## show what infra-up would change
	@scripts/infra plan

.PHONY: infra-up
infra-up: ## create the host and start the stack on it
	@scripts/infra up

.PHONY: infra-down
infra-down: ## delete the host and its data; keeps a last snapshot
	@scripts/infra down

.PHONY: infra-config
infra-config: ## show its addresses and where to store secrets
	@scripts/infra config

.PHONY: cloud-metabase
cloud-metabase: ## forward its Metabase to port 3001 on this machine
	@scripts/infra metabase

.PHONY: ssh-ec2
ssh-ec2: ## open a shell on the host
	@scripts/infra ssh

.PHONY: cloud-logs
cloud-logs: ## show the log of the first boot and of the stack
	@scripts/infra logs

.PHONY: cloud-backup
cloud-backup: ## write the host's warehouse to a local file in backups
	@scripts/infra backup

##@ Checks (in a container while the stack is up)
ifneq ($(STACK_IS_UP),)
.PHONY: $(CHECKS)
$(CHECKS):
	$(COMPOSE) config --quiet
	@scripts/build checks
	@mkdir -p .secrets .demo-stack
	$(COMPOSE) run --rm --no-deps \
	    $(if $(wildcard env.local),--volume /dev/null:/workspace/env.local:ro) \
	    $(if $(filter 0,$(shell id -u)),$(CAPABILITIES_OF_ROOT)) \
	    checks make --old-file /opt/venv/.installed VENV=/opt/venv $@
# For root, the embedded PostgreSQL of some tests runs as another user.
CAPABILITIES_OF_ROOT := $(addprefix --cap-add=,CHOWN DAC_OVERRIDE FOWNER KILL SETGID SETUID SYS_PTRACE)
else
.PHONY: ci
ci: isort format lint type pytest ## run every check and test (formats; with CI=true only checks)

.PHONY: isort
isort: $(INSTALLED) ## sort imports
	$(BIN)/isort $(if $(CI),--check-only --diff,) $(SOURCES)

.PHONY: format
format: $(INSTALLED) ## format the code with black
	$(BIN)/black $(CHECK) $(SOURCES)

.PHONY: lint
lint: $(INSTALLED) ## lint Python, Dockerfiles, scripts and docker-compose.yml
	$(BIN)/flake8 $(SOURCES)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src containers terraform
	$(BIN)/hadolint containers/*/Dockerfile
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/actionlint .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github
	@if command -v terraform >/dev/null; then \
	    echo 'terraform fmt -check'; terraform fmt -check -recursive terraform; \
	else echo 'terraform fmt: skipped, terraform is not installed'; fi
	@if docker compose version >/dev/null 2>&1; then \
	    echo '$(COMPOSE) config --quiet'; $(COMPOSE) config --quiet; \
	else echo 'docker compose config: skipped, Docker is not installed'; fi

.PHONY: type
type: $(INSTALLED) ## check types with mypy (strict)
	$(BIN)/mypy

# Many tests wait for processes and locks: half as many again as processors.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3 / 2)

.PHONY: pytest
pytest: $(INSTALLED) ## run the tests
	PYTEST_XDIST_AUTO_NUM_WORKERS=$(WORKERS) $(BIN)/pytest --numprocesses auto --durations=20
endif

.PHONY: coverage
coverage: $(INSTALLED) ## run the tests and show the branches that none reaches
	$(BIN)/pytest --numprocesses auto --cov --cov-report=term

.PHONY: bench
bench: $(INSTALLED) ## run the benchmarks, 15 minutes; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks $(SIZES)

.PHONY: proof
proof: $(INSTALLED) ## run the slow tests, and those of the warehouse in another schema
	$(BIN)/pytest -m long
	TEST_SCHEMA=github $(BIN)/pytest --numprocesses auto tests/warehouse tests/views tests/ingest

.PHONY: stack-test
stack-test: $(INSTALLED) ## start a separate stack and test it (needs Docker)
	$(BIN)/pytest -m stack tests/stack

.PHONY: bare-test
bare-test: ## run make demo and make ci of the last commit on a bare Debian (needs Docker)
	@scripts/bare-test

##@ Packaging
.PHONY: build
build: $(INSTALLED) ## build the wheel into dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

.PHONY: dictionary
dictionary: $(INSTALLED) ## update docs/data-dictionary.md from the comments in the database
	@$(BIN)/python scripts/data_dictionary.py

.PHONY: advisories
advisories: $(INSTALLED) ## check requirements.lock for known vulnerabilities
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --requirement requirements.lock --disable-pip

.PHONY: lock
lock: $(INSTALLED) ## update the lock files to the newest allowed versions
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --upgrade --python-version 3.11 --all-extras --group checks \
	    --group build --output-file requirements.lock pyproject.toml
	$(LOCK) --python-version 3.13 --constraint requirements.lock \
	    --output-file containers/pipelinerunner/runtime.lock pyproject.toml
	$(LOCK) --python-version 3.13 --constraint requirements.lock \
	    --extra simulator \
	    --output-file containers/pipelinerunner/simulator.lock pyproject.toml
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes \
    --custom-compile-command 'make lock'

.PHONY: clean
clean: ## delete .venv, .demo and caches
	rm -rf $(VENV) .demo .mypy_cache .pytest_cache .hypothesis .coverage* dist
