# Two commands for a new user: `make run` and `make test`. The others are for people who change Tocsin.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCKS  := $(VENV)/.runtime $(VENV)/.develop $(VENV)/.bench

.PHONY: run test check proof bench image schemas picture lock clean

run: $(VENV)/.runtime                ## the demo: a small ministry, a real bot, alerts in this terminal
	$(BIN)/tocsin demo

test: $(VENV)/.develop               ## the whole test suite
	$(BIN)/python -m pytest

check: $(VENV)/.develop              ## format, lint, types, import contracts, tests with coverage
	scripts/check

proof: $(VENV)/.develop              ## the slow proofs at full length (container included)
	TOCSIN_PROOF=full $(BIN)/python -m pytest
	scripts/chat-test
	scripts/container-test

bench: $(VENV)/.bench                ## the figures, printed, beside what a user would take instead
	$(BIN)/python -m benchmarks

image:                               ## the container image
	docker build -t tocsin .

schemas: $(VENV)/.develop            ## docs/schemas from the models
	$(BIN)/python -m scripts.schemas

picture: $(VENV)/.develop            ## docs/demo.svg from the demo
	$(BIN)/python -m scripts.picture

lock:                                ## requirements*.lock from pyproject.toml: hashes, no host names
	scripts/lock

$(VENV)/.bench: $(VENV)/.develop requirements-bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.lock
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.develop: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	touch $@
