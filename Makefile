# Everything a person does here starts with `make`. `make help` lists it.
#
#   PYTHON=python3.12   which Python makes the environment (3.11 or newer; found by itself)
#   VENV=.venv          where the environment is
#   ARGS="..."          more arguments, for `run`, `test`, `bench`, `mutate`, `planted`, `mutants` and `fuzz`
#   WORKERS=2           test processes

VENV    ?= .venv
ARGS    ?=
WORKERS ?= 2
UV      ?= uv
DATA    ?= data
BROKER  ?=

BIN := $(VENV)/bin
PY  := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check
SELF := $(PIP) install --quiet --no-deps --no-build-isolation -e .

# One file per finished step, so that no step is repeated until its input changes.
MADE     := $(VENV)/.made
RUN_LOCK := $(VENV)/.run-lock
DEV_LOCK := $(VENV)/.dev-lock
RUN      := $(VENV)/.run
DEV      := $(VENV)/.dev

# The sources of the calendars pull pandas: an environment of their own, made only when somebody asks.
CALENDARS_VENV := $(VENV)-calendars
CALENDARS      := $(CALENDARS_VENV)/.ready
LEAN           ?= ../shared/data/reference/market_hours.json

# What mutates and fuzzes (mutmut, atheris) is for Linux: an environment of its own, made only when somebody asks.
TRIALS_VENV := $(VENV)-trials
TRIALS      := $(TRIALS_VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test test-live check arch format bench kills simulate docs mutate planted mutants fuzz coverage lock clean calendars test-calendars
# Several goals on one line are steps, not jobs: `make -j check test` must not race on the environment.
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(DEV) ## make the environment for development (.venv, from the lock)
	@echo "ready: $(PY)"

run: $(RUN) ## start Stopline on the paper broker, data in data/
	$(BIN)/stopline run --data-dir $(DATA) $(ARGS)

test: check ## the gate: check, then every test
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

check: $(DEV) ## format, lint, types, imports, docs, architecture (under a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports --no-cache --no-logo
	$(PY) -m tools.docs --check
	$(PY) -m pytest -q tests/architecture

arch: $(DEV) ## only who imports whom, and tests/architecture
	PYTHONPATH=src $(BIN)/lint-imports --no-cache --no-logo
	$(PY) -m pytest -q tests/architecture

format: $(DEV) ## let ruff format and fix what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-live: $(DEV) ## opt-in: try a broker's adapter on a practice account (BROKER=alpaca, keys in the environment)
	STOPLINE_LIVE=$(BROKER) $(PY) -m pytest -q -n 0 tests/live $(ARGS)

bench: $(DEV) ## paired benchmarks, as in docs/performance.md
	$(PY) -m bench $(ARGS)

kills: $(DEV) ## kill -9 at each named failpoint (ARGS="--rounds 50"), and at drawn moments with tests.acceptance.kill9
	$(PY) -m tests.failpoints $(ARGS)

simulate: $(DEV) ## many seeds of the simulated world (ARGS="--seeds 50000 --workers 8" for a night)
	$(BIN)/stopline simulate --seeds 200 --troubles 14 --workers $(WORKERS) $(ARGS)

docs: $(DEV) ## render the pages that are made from code
	$(PY) -m tools.docs

mutate: $(DEV) ## plant each known bug in turn; every one must turn a test red
	$(PY) -m tests.mutations $(ARGS)

planted: $(DEV) ## plant 100 notorious bugs; say which of them our general checks find (docs/planted-bugs.md)
	$(PY) -m tests.mutations.hunt $(ARGS)

mutants: $(TRIALS) ## mutation testing of measures, checks, rules and engine (ARGS="--sample 100 --seed 2")
	PYTHONPATH=src $(TRIALS_VENV)/bin/python -m tests.mutations.rooms $(ARGS)

fuzz: $(TRIALS) ## fuzz every way in, guided by coverage (ARGS="--seconds 30 --target order_json")
	PYTHONPATH=src $(TRIALS_VENV)/bin/python -m tests.fuzz $(ARGS)

coverage: $(DEV) ## tests with branch coverage
	$(PY) -m pytest -n $(WORKERS) --cov=stopline --cov-branch --cov-report=term-missing:skip-covered $(ARGS)

calendars: $(CALENDARS) ## make the shipped market calendars again, and the page of differences
	$(CALENDARS_VENV)/bin/python -m tools.calendars $(if $(wildcard $(LEAN)),--lean $(LEAN)) $(ARGS)

test-calendars: $(CALENDARS) ## say whether the shipped calendars are what their sources and decisions give
	$(CALENDARS_VENV)/bin/python -m tools.calendars --check

lock: ## compile requirements/*.txt from pyproject.toml (needs uv)
	sh tools/lock.sh "$(UV)"

clean: ## remove the environment and caches; data/ stays
	rm -rf $(VENV) $(CALENDARS_VENV) $(TRIALS_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage build dist
	find src tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ---- the environment ------------------------------------------------------------------------

$(MADE):
	sh tools/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(RUN_LOCK): $(MADE) requirements/run.txt
	@echo "installing what Stopline needs to run ..."
	$(PIP) install --progress-bar off --require-hashes -r requirements/run.txt
	@touch $@

$(DEV_LOCK): $(MADE) requirements/dev.txt
	@echo "installing what Stopline needs to run and to be tested ..."
	$(PIP) install --progress-bar off --require-hashes -r requirements/dev.txt
	@touch $@

$(CALENDARS): requirements/calendars.txt
	sh tools/make_venv.sh "$(PYTHON)" "$(CALENDARS_VENV)"
	@echo "installing the sources of the calendars ..."
	$(CALENDARS_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/calendars.txt
	@touch $@

$(TRIALS): requirements/trials.txt
	sh tools/make_venv.sh "$(PYTHON)" "$(TRIALS_VENV)"
	@echo "installing what mutates and fuzzes ..."
	$(TRIALS_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/trials.txt
	@touch $@

$(RUN): $(RUN_LOCK) pyproject.toml
	$(SELF)
	@touch $@

$(DEV): $(DEV_LOCK) pyproject.toml
	$(SELF)
	@touch $@
