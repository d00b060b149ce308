# The developer's interface. `make run` and `make test` are enough on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench soak test-spark docs lock setup clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.txt pyproject.toml scripts/setup
	@scripts/setup $(PYTHON) $(VENV)

run: setup
	@$(BIN)/watchfloor demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check docs
	scripts/browser
	$(BIN)/pytest -n 2 --dist loadfile -m "not spark"

docs: export NO_MKDOCS_2_WARNING := 1
docs: setup
	$(BIN)/mkdocs build --strict --quiet

bench: setup
	$(BIN)/python -m benchmarks

soak: setup
	$(BIN)/python -m benchmarks.soak

test-spark: setup
	$(BIN)/pip install --quiet --require-hashes -r requirements/spark.txt
	$(BIN)/pytest -m spark

lock: setup
	scripts/lock

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache
