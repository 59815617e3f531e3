# `make demo` and `make test` need Python 3.11 or later, make and a package index; nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements/dev.txt
SOURCES := gateway adapters schedules migrations tests
# Half of what tests do is to wait.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(-(-3 * (os.cpu_count() or 1) // 2))')
MESSAGES ?= 5000
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off
PROMETHEUS := .cache/prometheus
# Tools that tests may do without where CI is set, and fail for the lack of all others (tests/kit/tools.py).
export MAY_LACK ?= kubectl
# A process that starts shall find what another one compiled, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo run test check deploy-check image-steps release-check bench bench-quick chaos lock audit vendor-mock mock-installed published promtool rules dashboard screen example-env docs clean

help:  ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(STAMP)  ## Create .venv from the lock, once

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; say which: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV) (once) …"
	@awk '/^uv==/,!/\\$$/' $(LOCK) >$(VENV)/uv.txt
	@$(PIP) --no-deps --require-hashes --requirement $(VENV)/uv.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes --requirement $(LOCK) || \
		{ echo "uv found no way to the index; pip goes on (a minute or two) …"; \
		$(PIP) --require-hashes --requirement $(LOCK); }
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
	@echo "Done: $(BIN)/dispatchd"

demo: $(STAMP)  ## Play a night of dispatching on an embedded Postgres and a simulated carrier
	@$(BIN)/dispatchd demo

run: $(STAMP)  ## Start the daemon with the settings of the environment
	@$(BIN)/dispatchd run

test: $(STAMP)  ## Run all tests, in parallel and in random order
	@$(BIN)/pytest -n $(WORKERS) -m "not bench"

check: $(STAMP)  ## Everything a change must pass: format, lint, imports, types, leftovers, SQL, audit, tests
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(LOOKS)
	@$(MAKE) --no-print-directory test

# What is only looked at, quick things first and then the longest; each takes one core, so two at once.
# look-loads finds what cannot be loaded, and compiles all tests once for the processes that run them.
LOOKS := look-format look-types look-loads look-audit look-docs look-leftovers
.PHONY: $(LOOKS)

look-types: $(STAMP)
	$(BIN)/mypy

look-audit: $(STAMP)
	$(BIN)/python -m tests.audit

look-docs: $(STAMP)
	$(BIN)/python -m tests.requirements --check
	$(MAKE) --no-print-directory docs

look-leftovers: $(STAMP)
	$(BIN)/deptry .
	$(BIN)/vulture

look-format: $(STAMP)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/lint-imports --no-logo
	$(BIN)/squawk --no-error-on-unmatched-pattern 'migrations/*.sql'

look-loads: $(STAMP)
	@said=$$($(BIN)/pytest --collect-only -qq 2>&1) || { echo "$$said"; exit 1; }

deploy-check: $(STAMP)  ## Look over units, Dockerfile, manifests and package (a part of `make test`)
	@$(BIN)/pytest -n 0 tests/deploy tests/daemon/test_herald.py tests/processes/test_socket_activation.py

image-steps: $(STAMP)  ## Walk the Dockerfile's steps without Docker and try what comes out (root, debootstrap)
	@$(BIN)/python -m tests.deploy.image_steps

release-check: $(STAMP)  ## Build dist/ (wheel, sdist, SBOM); play the demo from the wheel alone
	@$(BIN)/python -m tests.deploy.release

bench: $(STAMP)  ## Measure what must be fast, beside what others do, in 10 minutes; 1 when a must is missed
	@$(BIN)/python -m tests.bench

bench-quick: $(STAMP)  ## The same with less of everything, in 90 s
	@$(BIN)/python -m tests.bench --quick

chaos: $(STAMP)  ## Break everything while MESSAGES=5000 are worked (SEED=…); then prove that doubles would be found
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) --messages $(MESSAGES) --prove

vendor-mock: $(STAMP) mock-installed  ## Check our requests against the vendor's own mock (node)
	@$(BIN)/pytest -m vendor_mock

mock-installed:
	@$(call npm-ci,tests/vendor_mock,.cache/vendor-mock)

published:  ## Fetch the schemas that operators of Kubernetes publish of their resources (node)
	@$(call npm-ci,tests/deploy/published,.cache/published)

# Installs what a folder's lock names into another folder, once.
npm-ci = cmp -s $(1)/package-lock.json $(2)/package-lock.json && test -d $(2)/node_modules || { \
	mkdir -p $(2) && cp $(1)/package*.json $(2)/ \
	&& cd $(2) && npm ci --silent --ignore-scripts --no-audit --no-fund; }

promtool:  ## Fetch Debian's promtool into .cache, where it is not here; for the tests of the alert rules
	@command -v promtool >/dev/null || test -x $(PROMETHEUS)/usr/bin/promtool || { \
		mkdir -p $(PROMETHEUS) && cd $(PROMETHEUS) \
		&& { apt-get -qq download prometheus 2>/dev/null \
			|| { apt-get -qq update && apt-get -qq download prometheus; }; } \
		&& dpkg-deb --extract prometheus_*.deb . && rm prometheus_*.deb; }

rules:  ## Write deploy/kubernetes/base/rules.yaml from the rules of Prometheus
	@$(PYTHON) deploy/kubernetes/rules.py

dashboard:  ## Write deploy/grafana/dashboards/dispatchd.json from deploy/panels.py
	@$(PYTHON) deploy/dashboard.py

screen: $(STAMP) promtool  ## Draw docs/dashboard.svg: the panels as a real Prometheus answers them, in a lively night
	@$(BIN)/python -m tests.screen

audit: $(STAMP)  ## Look for known weaknesses in the locked packages; AUDIT=no leaves it out
	@$(BIN)/python -m tests.audit

lock: $(STAMP)  ## Write the locks in requirements/ anew, with hashes
	@mkdir -p requirements
	@$(COMPILE) --extra embedded --output-file requirements/runtime.txt pyproject.toml
	@$(COMPILE) --extra embedded --extra dev --constraint requirements/runtime.txt \
		--output-file $(LOCK) pyproject.toml

COMPILE := $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

example-env: $(STAMP)  ## Write deploy/example.env from the settings
	@$(BIN)/python -c 'from gateway.settings import example_env; print(example_env(), end="")' \
		> deploy/example.env

docs: $(STAMP)  ## Build the manual into site/; every warning is an error
	@$(BIN)/python -m tests.api_reference --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

clean:  ## Remove .venv, caches and build results
	@rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache \
		.hypothesis .coverage htmlcov
	@find $(SOURCES) -name __pycache__ -prune -exec rm -rf {} +
