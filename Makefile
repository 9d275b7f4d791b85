# `make demo` and `make test` set up all they need, and skip it the second time.
# Another Python: make PY=python3.12 demo

PY ?= python3
BIN := .venv/bin
APP := .venv/.ready
DEV := .venv/.ready-dev
BROWSER := .venv/.browser
# What must be there for a test not to be skipped: browser, postgres (pip brings one), pgbouncer,
# cc (a C compiler), root.
TASKQ_REQUIRE ?= browser,postgres

.PHONY: demo test faults lint bench clean

demo: $(APP) $(BROWSER)
	@$(BIN)/taskq demo

test: $(DEV) $(BROWSER) lint
	@TASKQ_REQUIRE=$(TASKQ_REQUIRE) $(BIN)/python -m pytest -q -n 3 --dist worksteal

# The long form of tests/faults: about an hour on two cores; its table is in ARCHITECTURE.md.
faults: $(DEV) $(BROWSER)
	@TASKQ_REQUIRE=$(TASKQ_REQUIRE) $(BIN)/python -m pytest -q -n 2 --dist worksteal --long tests/faults \
	  tests/unit/test_command_lines.py

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports --no-logo

bench: $(DEV) $(BROWSER)
	@$(BIN)/python bench/order.py
	@$(BIN)/python bench/crowd.py
	@$(BIN)/python bench/pickup.py
	@$(BIN)/python bench/watch.py
	@$(BIN)/python bench/start.py
	@$(BIN)/python bench/api.py
	@$(BIN)/python bench/postgres.py

$(APP): pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "taskq needs Python 3.11 or newer: make PY=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "First run: making .venv (about a minute)…"
	@$(PY) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(DEV): $(APP)
	@echo "Adding the development tools…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

$(BROWSER): $(APP)
	@$(BIN)/taskq doctor --browser --fix
	@touch $@

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
