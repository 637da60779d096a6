# `make demo` and `make test` need only Python 3.11 or later, make and a package registry; the tests in a browser also
# Chromium, which they install where apt-get is there and allowed.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# Workers of the tests: one more than processors, for one of them mostly waits for Airflow.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
SBOM := sbom.cdx.json
# uv as it is installed, otherwise from its wheel in a virtual environment of its own.
UV := $(or $(shell command -v uv),.venv-uv/bin/uv)

# Without compiled bytecode, every process would compile every library again.
unexport PYTHONDONTWRITEBYTECODE
# Use the clone's own environment, whatever the shell has set for another project.
unexport PYTHONPATH
unexport PYTHONHOME
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help audit bench trust install demo demo-down test test-fast test-shapes test-chaos test-browser fuzz mutants check format requirements sbom clean

help: ## List all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: .venv/.installed ## Make the virtual environment with all pinned requirements

demo: .venv/.installed ## Run real days of two models in Airflow, on servers that it starts itself
	@$(BIN)/python -m daywatch_demo up

demo-down: .venv/.installed ## Stop everything that `make demo` started; its data stays
	@$(BIN)/python -m daywatch_demo down

test: .venv/.installed-dev ## All tests, on real servers that they start themselves
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 10 --durations-min 1

test-fast: .venv/.installed-dev ## Run the tests that start no server
	@$(BIN)/python -m pytest tests/fuzz tests/unit tests/dags

test-chaos: .venv/.installed-dev ## Let every server fail at every stage, on real servers, and print one table; at most 15 minutes
	@timeout --kill-after 60 900 $(BIN)/python -m pytest tests/chaos -m "long or not long" --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: .venv/.installed ## Compare speed and memory with peers, into bench/results.json; ROWS=1000000 INGEST_ROWS=10000000
	@$(BIN)/python -m bench --rows $(or $(ROWS),1000000) --ingest-rows $(INGEST_ROWS) --peer-rows $(or $(PEER_ROWS),1000000) --nannyml "$(NANNYML)"

trust: .venv/.installed ## Judge generated worlds: faults found, causes named first, false alarms; ROWS="100 1000" SEEDS="1 2" DAYS=30
	@$(BIN)/python -m bench.trust --rows $(or $(ROWS),100 1000 10000) --seeds $(or $(SEEDS),1) --days $(or $(DAYS),30) --verbose

test-shapes: .venv/.installed-dev ## Export every shape of long records and wide tables of every source, score drift at a second size; half an hour
	@$(BIN)/python -m pytest -s -v -m "long or not long" tests/shapes tests/unit/ingest/test_long_records.py tests/unit/ingest/test_wide.py tests/contract/test_evidently.py

test-browser: .venv/.installed-dev ## Test only the pages in a real browser; needs Chromium
	@$(BIN)/python -m pytest tests/e2e/browser

fuzz: .venv/.installed-dev ## Export millions of mutated records of every source and count them; RECORDS=2000000
	@PYTHONPATH=.:include:tests/support $(BIN)/python -m tests.fuzz --records $(or $(RECORDS),2000000)

mutants: .venv/.installed-mutants ## Change the accounting, typing, labels and judging, and see whether tests fail; MUTANTS='daywatch.judge.*'
	@mkdir -p .mutants
	@ln -sfn ../include .mutants/src
	@ln -sfn ../tests .mutants/tests
	@ln -sfn ../pyproject.toml .mutants/pyproject.toml
	@cd .mutants && ../$(BIN)/mutmut run --max-children 1 $(if $(MUTANTS),'$(MUTANTS)') && ../$(BIN)/mutmut results

check: .venv/.installed-dev ## Run what CI checks first: lint, types, layers, models, import of the DAG files, numbers of the migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/daywatch lint
	@$(BIN)/python -m pytest -q -k 'not grows' tests/dags/test_import.py tests/unit/warehouse/test_migrate.py::test_the_version_that_is_checked_is_the_newest

format: .venv/.installed-dev ## Format the code and fix what the linter can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

requirements: $(UV) ## Pin the requirements*.in in the requirements*.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements.in -o requirements.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-mutants.in -o requirements-mutants.txt

audit: .venv/.installed-dev ## Compare the pins with the vulnerabilities that PyPI knows; needs pypi.org
	@$(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r requirements.txt -r requirements-dev.txt

sbom: .venv/.installed-dev ## List what is pinned in sbom.cdx.json (CycloneDX)
	@$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible -o $(SBOM) requirements.txt

clean: ## Remove the virtual environment and everything that the demo wrote
	@if [ -x $(BIN)/python ] && [ -d .daywatch ]; then $(BIN)/python -m daywatch_demo.stack delete; fi
	@rm -rf .mutants .venv .venv-uv .pytest_cache .mypy_cache .ruff_cache

.venv-uv/bin/uv:
	@echo "Installing uv $(UV_VERSION) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Daywatch needs Python 3.11 or later; name one with PYTHON=...")'
	@$(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: requirements.txt pyproject.toml | $(UV)
	@echo "Installing Daywatch's requirements, compiled ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt
	@$(UV) pip install --quiet --no-deps --python $(BIN)/python --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what the tests need ..."
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt -r requirements-dev.txt
	@touch $@

.venv/.installed-mutants: requirements-mutants.txt .venv/.installed-dev
	@echo "Installing what changes the code ..."
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-mutants.txt
	@touch $@
