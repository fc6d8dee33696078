# Two commands do everything on a fresh machine: `make run` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RELEASES ?= 20000
WORKERS ?= 2
DEMO := .waxline/demo/$(RELEASES)
DUMP ?= $(DEMO)/*.xml.gz

.PHONY: run test lint format bench secrets clean

run: $(READY) $(if $(findstring $(DEMO),$(DUMP)),$(DEMO)/.written)
	$(BIN)/waxline run $(DUMP)

test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

# Random passwords for docker-compose.yml.
secrets:
	sh config/make-secrets.sh secrets

clean:
	-$(BIN)/waxline servers stop
	rm -rf build extractor/walkers/*.so $(VENV) .waxline .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(READY): pyproject.toml setup.py $(wildcard $(addprefix extractor/walkers/*.,pyx pxd h))
	$(PYTHON) -c 'import sys; sys.exit("waxline needs Python 3.11 or newer: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[embedded,dev,bench]'
	touch $@

$(DEMO)/.written: | $(READY)
	$(BIN)/waxline generate $(DEMO) --releases $(RELEASES)
	touch $@
