# Two commands do everything on a fresh machine: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RELEASES ?= 20000
WORKERS ?= 2
DEMO := .waxline/demo/$(RELEASES)
DUMP ?= $(DEMO)/*.xml.gz

# Break servers, links, programs and dumps: make faults ROUNDS=10 SEED=1 ROWS=kill,freeze
ROUNDS ?= 1
SEED ?= 1
ROWS ?=

# All of these start Python again and again: some hundred times for the tests alone.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-long lint format bench bench-long faults fuzz simulate secrets clean

run: $(READY) $(if $(findstring $(DEMO),$(DUMP)),$(DEMO)/.written)
	$(BIN)/waxline run $(DUMP)

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
	rm -rf build extractor/*.so extractor/walkers/*.so loaders/*/*.so $(VENV) .waxline .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(READY): pyproject.toml setup.py requirements.lock $(wildcard $(foreach ending,pyx pxd h,extractor/*.$(ending) extractor/walkers/*.$(ending) loaders/*/*.$(ending)))
	$(PYTHON) -c 'import sys; sys.exit("waxline needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(DEMO)/.written: | $(READY)
	$(BIN)/waxline generate $(DEMO) --releases $(RELEASES)
	touch $@
