# The front door. Bare `make` lists the verbs; everything lives in .venv, nothing else is needed
# beforehand than Python 3.11 or newer and make.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# `make run` is a sequence: crawl, then index, then serve, whatever -j says.
.NOTPARALLEL:

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
CORPUS ?= corpus
DEMO ?= run/demo
LIBRARY ?=
REVISION ?=

export RENVOIS_CORPUS := $(CORPUS)

BIN := $(VENV)/bin
RENVOIS := $(BIN)/renvois

.PHONY: help
help: ## list the verbs
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the main job ----------------------------------------------------------------------------

.PHONY: run
run: install ## install, crawl the cited pages, index them, serve the search on 127.0.0.1:8000 (HOST=, PORT=)
	-$(RENVOIS) crawl  # what can't be visited today keeps nobody from searching the rest
	$(RENVOIS) index
	$(RENVOIS) serve --host $(HOST) --port $(PORT)

.PHONY: demo
demo: install ## the same on stand-in pages, without the internet (LIBRARY=2000: on so many made-up texts)
ifneq ($(strip $(LIBRARY)),)
	$(BIN)/python -m tests.library run/library --texts $(LIBRARY)
	$(RENVOIS) --corpus run/library serve --host $(HOST) --port $(PORT)
else
	mkdir -p $(DEMO)
	rm -rf $(DEMO)/bibliography
	cp -r $(CORPUS)/bibliography $(DEMO)/bibliography
	$(BIN)/python -m tests.replay -- $(RENVOIS) --corpus $(DEMO) crawl --force
	$(RENVOIS) --corpus $(DEMO) index
	$(RENVOIS) --corpus $(DEMO) serve --host $(HOST) --port $(PORT)
endif

.PHONY: crawl
crawl: install ## visit the cited pages that are due, keep what they answer in corpus/archive (CORPUS=)
	$(RENVOIS) crawl

.PHONY: extract
extract: install ## read the archived pages that are new
	$(RENVOIS) extract

.PHONY: index
index: install ## read what is new, then index the cited texts and the notes
	$(RENVOIS) index

.PHONY: links
links: install ## visit the cited links that are due, then report how each one is (CORPUS=)
	$(RENVOIS) links check
	$(RENVOIS) links report

.PHONY: serve
serve: install ## serve the search on 127.0.0.1:8000 (HOST=, PORT=)
	$(RENVOIS) serve --host $(HOST) --port $(PORT)

# --- the workshop ----------------------------------------------------------------------------

.PHONY: install
install: $(VENV)/.installed ## make .venv with what the main job needs, every package checked by its hash

.PHONY: install-dev
install-dev: $(VENV)/.installed-dev ## the same, with what the tests need

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'renvois needs Python 3.11 or newer; name one: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The locks are complete, so nothing is resolved and nothing is built in isolation.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

$(VENV)/.installed: requirements.lock pyproject.toml hatch_build.py indexer/engines/embedded/kernel.c | $(VENV)/bin/python
	@echo 'Installing the packages of requirements.lock into $(VENV), checked by their hashes: a minute or two.'
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --require-hashes -r requirements-build.lock
	$(INSTALL) --no-build-isolation --editable .
	@echo 'Making the lexicon of French and English, once for this installation: some ten seconds.'
	$(BIN)/python -c "from indexer.analysis.lexicon import make_lexicon; make_lexicon()"
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo 'Installing what the tests need besides, of requirements-dev.lock: a minute or two.'
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	$(INSTALL) --require-hashes -r requirements-bench.lock
	@touch $@

# tests/conftest.py says what is handed out together, and keeps its order: the longest files first.
# Two workers more than cores, as many tests wait for servers and browsers.
BY_FILE := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2) --no-loadscope-reorder

TESTS := not campaign and not slow

.PHONY: test
test: install-dev ## run what a change has to pass (three minutes on two idle cores; tests that need a browser say so when there is none)
	$(BIN)/python -m pytest $(BY_FILE) -m '$(TESTS)'

.PHONY: test-slow
test-slow: install-dev ## run the slow tests: whole processes, kills, damage, pages (two minutes on two idle cores)
	$(BIN)/python -m pytest $(BY_FILE) -m 'slow and not campaign'

.PHONY: test-all
test-all: ## run both, at once
	$(MAKE) test TESTS='not campaign'

.PHONY: coverage
coverage: install-dev ## the tests of `make test-all`, and what they run of the code, sub-processes included: floors break it
	$(BIN)/python -m pytest $(BY_FILE) -m 'not campaign' --cov --cov-report=term:skip-covered --cov-report=json:run/coverage.json
	$(BIN)/python -m tests.floors run/coverage.json

.PHONY: mutants
mutants: install-dev ## change the code in 100 places, one at a time: the tests have to notice nine in ten (an hour)
	$(BIN)/python -m tests.mutants --output build/mutants.md

.PHONY: peers
peers: .venv-pywb/.installed ## a real pywb for the tests marked `peer`, in .venv-pywb

.venv-pywb/.installed: requirements-pywb.lock
	$(PYTHON) -m venv .venv-pywb
	$(subst $(BIN)/python,.venv-pywb/bin/python,$(INSTALL)) --require-hashes -r requirements-pywb.lock
	@touch $@

.PHONY: check
check: install-dev ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.installed-docs: requirements-docs.lock $(VENV)/.installed
	$(INSTALL) --require-hashes -r requirements-docs.lock
	@touch $@

.PHONY: docs
docs: $(VENV)/.installed-docs ## build the guides into build/docs, every link checked
	$(BIN)/python -m mkdocs build --quiet

.PHONY: campaign
campaign: install-dev ## the slow tests: kills by the hundred, hostile servers, large corpora
	$(BIN)/python -m pytest -m campaign --timeout 3600

.PHONY: test-capture
test-capture: install-dev ## capture pages of every shape by a real Chromium, replay them by pywb (four minutes; also in `make campaign`)
	$(BIN)/python -m pytest -p no:cacheprovider -m '' tests/capture

.PHONY: cluster
cluster: install-dev ## start a node of OpenSearch on loopback (needs Maven and Java 21), for the tests and to try
	$(BIN)/python -m testbed.cluster start

.PHONY: cluster-stop
cluster-stop: ## stop it
	$(BIN)/python -m testbed.cluster stop

.PHONY: test-contract
test-contract: install-dev ## run the contract of every engine on a node of OpenSearch, started for it (needs Maven and Java 21)
	trap '$(BIN)/python -m testbed.cluster stop' EXIT; address=$$($(BIN)/python -m testbed.cluster start) && \
		TEST_CLUSTER=$$address $(BIN)/python -m pytest -p no:cacheprovider -n 2 tests/engines/contract tests/engines/opensearch

.PHONY: test-cluster
test-cluster: test-contract ## run that contract on a node, then failover on three (ten minutes)
	trap '$(BIN)/python -m testbed.cluster stop' EXIT; addresses=$$($(BIN)/python -m testbed.cluster start 3) && \
		TEST_NODES=$$addresses TEST_CLUSTER=$${addresses%%,*} $(BIN)/python -m pytest -p no:cacheprovider tests/engines/opensearch/test_failover.py

.PHONY: test-postgresql
test-postgresql: install-dev ## run the tests of the catalogue on a server of PostgreSQL, started for it, and crawlers killed in turn (needs Debian's postgresql)
	$(BIN)/python -m testbed.postgresql bash -ec ' \
		$(BIN)/python -m pytest -p no:cacheprovider -m "not sqlite and not slow and not campaign" \
			tests/archive/test_[cikr]*.py tests/archive/test_[ps][eu]r*.py tests/links/test_history.py \
			tests/identities tests/crawl/test_visits.py tests/crawl/test_mementos.py; \
		$(BIN)/python -m pytest -p no:cacheprovider -m campaign tests/archive/test_copying.py tests/crawl/test_shared.py'

.PHONY: bench
bench: $(VENV)/.installed-bench ## measure us beside our peers (see benchmarks/README.md)
	$(BIN)/python -m benchmarks

.PHONY: metrics
metrics: install-dev ## count what a newcomer meets in the code, room by room (REVISION=: beside that one)
	$(BIN)/python -m benchmarks.house $(REVISION)

.PHONY: lock
lock: ## renew the locks from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --strip-extras --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --strip-extras --generate-hashes --no-header --group build -c requirements.lock -o requirements-build.lock
	uv pip compile -q --universal --python-version 3.11 --strip-extras --generate-hashes --no-header --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --strip-extras --generate-hashes --no-header --group docs -c requirements.lock -o requirements-docs.lock
	uv pip compile -q --universal --python-version 3.11 --strip-extras --generate-hashes --no-header --group dev --group bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

.PHONY: clean
clean: ## remove what can be rebuilt: the index, the demo, caches; never the archive or the bibliography
	rm -rf $(CORPUS)/index run build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
