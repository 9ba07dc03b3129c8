# rempart: `make help` lists what can be made. Needs make and a Python of at least 3.11; everything else goes to .venv/.

PYTHON ?=
SITE ?=
SEEDS ?=
HOURS ?=
MINUTES ?=
JOBS ?=
KEEP ?=
TALLY ?=
ARGS ?=
# The version that wrote the lock files, so that two people get the same ones.
UV := uv==0.13.9
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
# The lock files are complete. An installer that looks for dependencies itself takes `package[extra]` for a package that the
# lock does not hold, and fails as soon as that package has a newer release.
LOCKED := --no-deps --require-hashes
COMPILE := .lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help setup demo test simulate-faults bench bench-full bench-guard bench-page check messages lint format types contracts mutants picture system-deps lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r t d; do printf '%-12s %s\n' "$$t" "$$d"; done

demo: .venv/runtime.stamp ## the Nice promenade, simulated: controller, field and console (SITE=folder for another)
	@$(BIN)/rempart demo $(SITE)

test: .venv/dev.stamp ## all tests, coverage, every branch of controller/core, and the simulation of 1,000 schedules of faults
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadscope --cov --cov-report=
	$(BIN)/coverage report
	$(BIN)/coverage report --include='controller/core/*' --fail-under=100
	$(BIN)/python -m tests.faults SEEDS=1-1000 HOURS=50

simulate-faults: .venv/dev.stamp ## the service in virtual time under SEEDS=1-1000 schedules of faults, and more until HOURS=50 are full
	$(BIN)/python -m tests.faults SEEDS=$(SEEDS) HOURS=$(HOURS) MINUTES=$(MINUTES) SITE=$(SITE) JOBS=$(JOBS) KEEP=$(KEEP) TALLY=$(TALLY)

check: lint types contracts ## everything CI checks without running the service

lint: .venv/dev.stamp ## style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

messages: .venv/dev.stamp ## the catalogues of the console anew: what is to be translated, taken from the sources
	$(BIN)/python -m tests.console.messages

format: .venv/dev.stamp ## rewrite the sources in the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/dev.stamp ## strict types
	$(BIN)/mypy

contracts: .venv/dev.stamp ## who may import whom
	$(BIN)/lint-imports

bench: .venv/runtime.stamp ## how fast the service is, beside bare clients and a limit in C: 15 min, alone on the machine (ARGS=--help)
	$(BIN)/python -m benchmarks $(ARGS)

bench-full: .venv/runtime.stamp ## all of it: every work, five rounds, from 10 to 1,000 devices; installs two others to compare with
	$(BIN)/python -m benchmarks --full $(ARGS)

bench-guard: .venv/runtime.stamp ## whether a scan still costs what it did, in scans of bare pymodbus (2 min; part of CI)
	$(BIN)/python -m benchmarks --guard

bench-page: .venv/runtime.stamp ## docs/explanation/performance.md anew, from the figures of the last run
	$(BIN)/python -m benchmarks --page $(ARGS)

picture: .venv/dev.stamp ## docs/images/watch.svg anew, from a demo in which something happens
	$(BIN)/python -m tests.docs.picture docs/images/watch.svg

setup: .venv/dev.stamp ## .venv/ with everything a developer needs

system-deps: ## foreign peers for the tests, from Debian (mosquitto, mbpoll, promtool, …)
	@.ci/system-deps

lock: .lock-venv/bin/uv ## rewrite requirements/*.txt after a change of pyproject.toml (UPGRADE=1 for newer releases)
	$(COMPILE) --extra dev --extra fast pyproject.toml --output-file requirements/dev.txt
	$(COMPILE) --extra fast --constraint requirements/dev.txt pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) --extra dev --extra fast --extra mutants --constraint requirements/dev.txt pyproject.toml --output-file requirements/mutants.txt
	printf 'hatchling\neditables\n' | $(COMPILE) --constraint requirements/dev.txt - --output-file requirements/build.txt

mutants: .venv/mutants.stamp ## alters controller/core, piece by piece, and tells which changes no test of the core sees (an hour or more)
	rm -rf mutants
	$(BIN)/mutmut run --max-children 2
	$(BIN)/mutmut results

clean: ## remove what was built, the environments included
	rm -rf .venv .lock-venv mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/runtime.stamp: pyproject.toml requirements/runtime.txt requirements/build.txt | $(BIN)/python
	@echo 'Installing rempart into .venv/ (half a minute)'
	@$(PIP) install $(LOCKED) -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml requirements/dev.txt | $(BIN)/python
	@echo "Installing rempart and its developers' tools into .venv/ (a minute)"
	@$(PIP) install $(LOCKED) -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ .venv/runtime.stamp

.venv/mutants.stamp: .venv/dev.stamp requirements/mutants.txt
	@$(PIP) install $(LOCKED) -r requirements/mutants.txt
	@touch $@

# A name on the path proves nothing (version managers leave shims): each candidate is run.
$(BIN)/python:
	@for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv/ with $$($$candidate --version)"; exec $$candidate -m venv --clear .venv; \
		fi; \
	done; \
	echo 'make: no usable Python: expected one of at least 3.11 with its venv module, as python3, python3.14 … python3.11.' >&2; \
	echo 'make: install one (Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.' >&2; \
	exit 1

.lock-venv/bin/uv: | $(BIN)/python
	@$(BIN)/python -m venv .lock-venv
	@.lock-venv/bin/python -m pip --disable-pip-version-check --no-input --quiet install $(UV)
