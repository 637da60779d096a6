# Two commands need nothing but Python 3.11 or later, make and a package registry: `make demo`, `make test`.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# uv from the machine where there is one, else from its wheel, into a virtual environment of its own.
UV := $(or $(shell command -v uv),.venv-uv/bin/uv)

# Where compiled bytecode is off, every process would compile every library again.
unexport PYTHONDONTWRITEBYTECODE
# The clone's own environment, whatever another project's shell has set.
unexport PYTHONPATH
unexport PYTHONHOME
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help bench install demo demo-down test test-fast test-browser check format requirements clean

help: ## List what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: .venv/.installed ## Make the virtual environment with everything pinned

demo: .venv/.installed ## Real days of two models in Airflow, with nothing else installed
	@$(BIN)/python -m daywatch_demo up

demo-down: .venv/.installed ## Stop all that `make demo` started; its data stay
	@$(BIN)/python -m daywatch_demo down

test: .venv/.installed-dev ## All tests, on real servers that they start themselves
	@$(BIN)/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder --durations 10 --durations-min 1

test-fast: .venv/.installed-dev ## The tests that start no server
	@$(BIN)/python -m pytest tests/unit tests/dags

bench: .venv/.installed ## Speed and memory beside peers, to bench/results.json; ROWS=1000000 INGEST_ROWS=10000000
	@$(BIN)/python -m bench --rows $(or $(ROWS),1000000) --ingest-rows $(INGEST_ROWS) --peer-rows $(or $(PEER_ROWS),1000000) --nannyml "$(NANNYML)"

test-browser: .venv/.installed-browser ## The pages in a real browser: needs Chromium on the machine
	@$(BIN)/python -m pytest tests/browser

check: .venv/.installed-dev ## What CI looks at first: lint, types, layers, models, DAG import
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/daywatch lint
	@$(BIN)/python -m pytest -q tests/dags/test_import.py

format: .venv/.installed-dev ## Put the code into its form
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

requirements: $(UV) ## Pin what the requirements*.in ask for
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements.in -o requirements.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url requirements-browser.in -o requirements-browser.txt

clean: ## Remove the virtual environment and all that the demo wrote
	@if [ -x $(BIN)/python ] && [ -d .daywatch ]; then $(BIN)/python -m daywatch_demo.stack delete; fi
	@rm -rf .venv .venv-uv .pytest_cache .mypy_cache .ruff_cache

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

.venv/.installed-browser: requirements-browser.txt .venv/.installed-dev
	@echo "Installing what drives the browser ..."
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-browser.txt
	@touch $@
