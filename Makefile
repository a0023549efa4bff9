# Every task of this project. `make help` lists them; the two to begin with are `make demo` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --annotation-style=line \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options
# Where a shell forbids compiled files, every worker and every process of a test would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test check bench torture pictures lock diagram machine

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.done-dev ## Prepare .venv from the hashed lock (the other targets do this by themselves)

demo: $(VENV)/.done ## Open the sandbox workspace: a whole release to click through, no Slack account needed
	$(BIN)/python -m bot demo $(ARGS)

test: $(VENV)/.done-dev ## The quick set: style, architecture, all tests (under 4 minutes)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.done-dev ## Everything a pull request must pass: test, and types
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: $(VENV)/.done-bench ## Speed, as ratios measured in one run
	$(BIN)/python -m tests.bench $(ARGS)

# Clicks have the machine to themselves: each has to be answered within Slack's three seconds.
torture: $(VENV)/.done-dev ## Full-size kill, click and restart tests, up to 25 minutes (TORTURE_SEED=... repeats a run)
	@export TORTURE_SEED=$${TORTURE_SEED:-$$($(BIN)/python -c 'import secrets; print(secrets.randbelow(10**7))')}; failed=0; \
	$(BIN)/python -m pytest -m "torture or proof" tests/clicks $(ARGS) || failed=1; \
	$(BIN)/python -m pytest -m "torture or proof" --ignore=tests/clicks -n 2 --dist loadgroup $(ARGS) || failed=1; \
	exit $$failed

pictures: $(VENV)/.done-dev ## Pictures of page, card, DM and Home into docs/pictures/
	$(BIN)/python -m tests.pictures $(ARGS)

diagram: $(VENV)/.done ## Make docs/lifecycle.md, gates.md, metrics.md, reminders.md and commands.md anew from the tables and the policy
	$(BIN)/python -m core.domain.diagram > docs/lifecycle.md.new && mv docs/lifecycle.md.new docs/lifecycle.md
	$(BIN)/python -m core.domain.diagram gates < release_policy.toml > docs/gates.md.new && mv docs/gates.md.new docs/gates.md
	$(BIN)/python -m core.domain.diagram metrics > docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md
	$(BIN)/python -m core.domain.diagram reminders > docs/reminders.md.new && mv docs/reminders.md.new docs/reminders.md
	$(BIN)/python -c 'from handlers.words import to_markdown; print(to_markdown(), end="")' > docs/commands.md.new \
		&& mv docs/commands.md.new docs/commands.md

lock: $(VENV)/.done-dev ## Refresh the locks from pyproject.toml (ARGS=--upgrade for newer versions)
	$(LOCK) --build-deps-for=editable --output-file=requirements.txt $(ARGS) pyproject.toml
	$(LOCK) --build-deps-for=editable --extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt $(ARGS) pyproject.toml
	$(LOCK) --build-deps-for=editable --extra=bench --constraint=requirements-dev.txt --output-file=requirements-bench.txt $(ARGS) pyproject.toml
	@for lock in requirements.txt requirements-dev.txt requirements-bench.txt; do \
		{ echo '# Made by `make lock` from pyproject.toml; do not edit by hand.'; cat $$lock; } > $$lock.new && mv $$lock.new $$lock; done

$(VENV)/.done: requirements.txt pyproject.toml
	@$(MAKE) --no-print-directory machine
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the bot needs into $(VENV) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.done-dev: requirements-dev.txt $(VENV)/.done
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.done-bench: requirements-bench.txt $(VENV)/.done-dev
	@echo "Installing what the bench compares with into $(VENV) ..."
	@$(PIP_INSTALL) --require-hashes -r requirements-bench.txt
	@touch $@

# Names everything that is missing in one go, before anything is installed.
machine:
	@missing=''; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| missing="$$missing\n  python3 3.11 or newer (set PYTHON=... when it has another name)"; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| missing="$$missing\n  the venv module of $(PYTHON) (Debian: apt-get install python3-venv)"; \
	version=$$(git --version 2>/dev/null | awk '{print $$3}'); major=$${version%%.*}; rest=$${version#*.}; minor=$${rest%%.*}; \
	test "$${major:-0}" -gt 2 || { test "$${major:-0}" -eq 2 && test "$${minor:-0}" -ge 38; } \
		|| missing="$$missing\n  git 2.38 or newer (found: $${version:-none})"; \
	if [ -n "$$missing" ]; then printf "This machine lacks:$$missing\n" >&2; exit 1; fi
