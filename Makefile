# The commands of this project; `make` alone lists them. Python 3.11 or newer, git and make suffice.

VENV    := .venv
PY      := $(VENV)/bin/python
PIP     := $(PY) -m pip --disable-pip-version-check
# The first Python that is new enough, unless PYTHON names one.
PYTHON  ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
             $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
COMPILE := $(VENV)/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
             --quiet --group build
# The engine of day plans becomes machine code beside whatever else begins; the next time it is there.
COMPILED := nice $(PY) -m matching.routing
# What to test: make test T=tests/matching
T       ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run web types web-check test check bench day fuzz soak deploy-check format lock docs clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed web  ## make .venv with the pinned packages, the command `shangmen`, and the clients
	@echo "Ready: $(VENV)/bin/shangmen --help"

run: $(VENV)/.installed web  ## start everything in demo mode: database, API, clock, alarms; Ctrl-C stops it
	@$(COMPILED) & APP_DEMO=$${APP_DEMO:-1} exec $(PY) -m api run

# Without Node and a network for it the API goes on, and its pages say what is missing.
web: $(VENV)/.installed  ## build the clients, once for each state of their sources
	@$(PY) web/build.py || true

types: $(VENV)/.installed  ## write the clients' types anew from the API
	@$(PY) -m api openapi | $(PY) web/build.py types

web-check: $(VENV)/.installed  ## the clients' types and component tests
	@$(PY) web/build.py check
	@$(PY) web/build.py test

test: $(VENV)/.installed-dev web  ## run the tests, against a PostgreSQL of their own
ifeq ($(T),)
	@$(COMPILED) & $(PY) -m pytest -n 2 --dist loadfile --ignore tests/acceptance --ignore tests/browser
	@$(PY) -m pytest tests/acceptance tests/browser
	@$(MAKE) --no-print-directory web-check
else
	@$(PY) -m pytest $(T)
endif

check: $(VENV)/.installed-dev  ## format, lint, types, import contracts, generated docs, tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m dispatch.lifecycles | diff -u docs/lifecycles.md - || { echo "Stale: run 'make docs'."; exit 1; }
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.installed-dev  ## run all benchmarks, some 25 minutes on a quiet machine; B="--only NAME" or B=--quick
	@$(PY) -m bench $(B)

fuzz: $(VENV)/.installed-dev  ## 20,000 made-up requests as every role, some ten minutes; N=requests SEED=number
	@FUZZ_REQUESTS=$(or $(N),20000) FUZZ_SEED=$(SEED) $(PY) -m pytest tests/acceptance/test_fuzz.py -k 20000

soak: $(VENV)/.installed-dev  ## 20 minutes of the crowd with a SIGKILL every two; S="--minutes 4 --kill-every-s 40"
	@$(PY) -m tests.soak $(S)

day: $(VENV)/.installed-dev  ## a day of 1,000 orders by the crowd, at Jinhua's size; 25 minutes, into docs/figures
	@$(PY) -m demo.day

deploy-check: $(VENV)/.installed-dev  ## an installation behind haproxy, restarted under load; takes minutes
	@$(PY) -m pytest -m deploy tests/deploy

format: $(VENV)/.installed-dev  ## format the code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: $(VENV)/.installed-dev  ## write the lock files anew from pyproject.toml; U=--upgrade raises versions
	$(COMPILE) $(U) --output-file requirements.lock pyproject.toml
	$(COMPILE) $(U) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

docs: $(VENV)/.installed  ## write the generated pages anew
	$(PY) -m dispatch.lifecycles > docs/lifecycles.md

clean:  ## remove the environment and caches; data stays
	rm -rf $(VENV) build dist *.egg-info web/node_modules web/dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is written last, so that what was interrupted is done again.

$(VENV)/.made:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: \
	install its venv module (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "Installing the pinned packages; about a minute …"
	@$(PIP) install --require-hashes -r requirements.lock
	@echo "Installing the project itself …"
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/.installed
	@echo "Installing the pinned packages for development …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
