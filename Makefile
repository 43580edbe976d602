# make run     the app, on http://localhost:8501 (PORT= for another)
# make serve   the built-in prediction service alone: gRPC on 8470, REST on 8471
# make unit    the tests that need no server, browser or other program
# make test    all tests, with all the set-up they need
# make check   format, lint, types, tests
# make check-faults   tests with servers that are killed, full disks and databases that stop
# make bench   speed and memory, as ratios in one run
# make lock    the exact versions and hashes that are installed (UPGRADE=1: the newest that fit)
# make screenshots   the README's pictures

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
UV := 0.13.9
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# glibc keeps what big uploads leave behind unless big blocks are mapped, and arenas bounded.
export MALLOC_ARENA_MAX ?= 2
export MALLOC_MMAP_THRESHOLD_ ?= 262144

WORKERS ?= 3
# Files stay whole, and in order: whoever drives a browser keeps an event loop, so browser tests come last.
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run serve unit test check check-faults lint bench screenshots lock clean

run: .venv/app
	@echo "Second Look: http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.port $(PORT)

serve: .venv/app
	@$(BIN)/python -m lib serve

unit: .venv/dev
	$(BIN)/python -m pytest -n 2 -m "not postgresql and not s3" --hypothesis-profile quick tests/unit

# Faults take minutes: servers are killed at twenty moments, disks fill up, databases stop.
test: .venv/dev browser programs
	$(PYTEST) --ignore tests/browser/faults

check-faults: .venv/dev browser programs
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/browser/faults

check: lint test

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev browser
	$(BIN)/python -m benchmarks

screenshots: .venv/dev browser
	$(BIN)/python -m tests.browser.screenshots

.PHONY: browser
browser: .venv/dev
	@$(BIN)/python -m tests.browser.find_browser

.PHONY: programs
programs: .venv/dev
	@$(BIN)/python -m tests.conformance.find_programs

.venv/app: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/app
	@$(PIP) -r requirements-dev.lock
	@touch $@

# Not with what the locks install: they may be what is to be mended.
lock: .venv/lock-$(UV)/bin/uv
	@$(LOCK) requirements.txt --output-file requirements.lock
	@$(LOCK) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock

LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/lock-$(UV)/bin/uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.venv/lock-$(UV)/bin/uv:
	@$(PYTHON) -m venv .venv/lock-$(UV)
	@.venv/lock-$(UV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
