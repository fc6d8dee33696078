# Two commands do everything on a fresh machine: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What a run needs is installed; then also what tests, benchmarks and checks need.
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check
RELEASES ?= 20000
# Tests wait for servers some of their time: one more than the cores that CI has.
WORKERS ?= 3
DEMO := .waxline/demo/$(RELEASES)
DUMP ?= $(DEMO)/*.xml.gz
define NEXT_MONTH
echo; echo '# The next month, of which only what has changed is loaded:'; \
echo '$(BIN)/waxline generate $(DEMO)-2 --releases $(RELEASES) --month 2'; \
echo '$(BIN)/waxline run $(DEMO)-2/*.xml.gz'
endef

# Break servers, links, programs and dumps: make faults ROUNDS=10 SEED=1 ROWS=kill,freeze
ROUNDS ?= 1
SEED ?= 1
ROWS ?=

# All of these start Python again and again: some hundred times for the tests alone.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-long lint format bench bench-long faults fuzz simulate secrets clean

run: $(RUNS) $(if $(findstring $(DEMO),$(DUMP)),$(DEMO)/.written)
	@$(BIN)/waxline servers start
	@$(BIN)/waxline run $(DUMP)
	$(if $(findstring $(DEMO),$(DUMP)),@$(NEXT_MONTH))

test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

test-long: $(READY)
	$(BIN)/python -m pytest -m long $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.lock
	$(BIN)/python -m tests.audit

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

# Takes two hours on two cores; ARGS='--only entities' and the like measure part of it.
bench-long: $(READY)
	$(BIN)/python -m benchmarks --long $(ARGS)

faults: $(READY)
	$(BIN)/python -m faults --rounds $(ROUNDS) --seed $(SEED) --rows '$(ROWS)' $(ARGS)

# Fuzzes the splitter and the walkers, each for so many seconds.
TARGET ?= splitter walkers
SECONDS ?= 60

fuzz: $(VENV)/.fuzz
	set -e; for target in $(TARGET); do \
		$(BIN)/python -m tests.fuzz $$target --seconds $(SECONDS) $(ARGS); done

$(VENV)/.fuzz: $(READY)
	$(BIN)/pip install --quiet --editable '.[fuzz]'
	touch $@

# Plays random sequences of messages, crashes and roll-backs in virtual time: the truth's rules.
NIGHTS ?= 100

simulate: $(READY)
	$(BIN)/python -m tests.simulation --nights $(NIGHTS) --seed $(SEED) $(ARGS)

# Random passwords for docker-compose.yml.
secrets:
	sh config/make-secrets.sh secrets

clean:
	-$(BIN)/waxline servers stop
	rm -rf build extractor/*/*.so loaders/*/*.so $(VENV) .waxline .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(READY): $(RUNS) requirements.lock
	@echo 'Installing what tests and benchmarks need into $(VENV): some 500 MB …'
	$(PIP) install --require-hashes --requirement requirements.lock
	touch $@

$(RUNS): pyproject.toml setup.py requirements-run.lock $(wildcard $(foreach ending,pyx pxd,extractor/*/*.$(ending) loaders/*/*.$(ending)))
	@$(PYTHON) -c 'import sys; sys.exit("waxline needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo '1 of 2: installing what a run needs into $(VENV), servers among it: some 250 MB …'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --require-hashes --requirement requirements-run.lock
	@echo '2 of 2: compiling what is fastest so; it takes a minute or two …'
	@$(PIP) install --quiet --no-deps --editable .
	@$(BIN)/python -P -m common.compiled || echo 'Not all is compiled (a C compiler and the headers of Python make it): all works, but slower.'
	@touch $@

$(DEMO)/.written: | $(RUNS)
	@echo 'Writing a catalogue of $(RELEASES) releases …'
	@$(BIN)/waxline generate $(DEMO) --releases $(RELEASES)
	@touch $@
