# Everything a person needs: `make demo` runs the main job, `make test` the tests. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
RUN_DIR := $(or $(CUSTOMER360_RUN_DIR),$(CURDIR)/.run)
VENV := $(RUN_DIR)/venv
# What was compiled is kept, whatever the environment says: every task and every test that starts a Python would compile
# the project again.
RUN := PYTHONPATH=$(CURDIR) PYTHONWARNINGS=ignore PYTHONDONTWRITEBYTECODE= $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo up down backfill psql link test test-fast soak bench lint lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

$(VENV)/.installed: requirements.txt
	@CUSTOMER360_PYTHON="$(PYTHON)" bash config/install.sh "$(VENV)" requirements.txt && touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@CUSTOMER360_PYTHON="$(PYTHON)" bash config/install.sh "$(VENV)" requirements-dev.txt && touch $@

demo: $(VENV)/.installed  ## Sample data through Airflow to the customer view, with a summary
	@$(RUN) -m include.runtime demo

up: $(VENV)/.installed  ## Start Airflow, Postgres and the mail catcher, and print the addresses
	@$(RUN) -m include.runtime up

down:  ## Stop everything that `make up` has started
	@if [ -e $(VENV)/.installed ]; then $(RUN) -m include.runtime down; else echo "Stopped: nothing was running"; fi

backfill: $(VENV)/.installed  ## Land and build days: make backfill FROM=2026-11-16 TO=2026-11-18 [SYSTEM=crm,finance]
	@$(RUN) -m include.runtime backfill --from "$(FROM)" --to "$(TO)" --system "$(SYSTEM)"

psql: $(VENV)/.installed  ## Open the warehouse in psql, or run one statement: make psql [SQL="select ..."]
	@$(RUN) -m include.runtime psql --sql "$$SQL"

link: $(VENV)/.installed  ## Find the records of one person in any files: make link FILES="a.csv b.csv" OUT=folder
	@$(foreach name,FILES OUT,$(if $($(name)),,$(error $(name) is missing; for example: make link FILES="a.csv b.csv" OUT=linked)))
	@$(RUN) -m include.identity link $(FILES) --out "$(OUT)" $(ARGS)

test: $(VENV)/.installed-dev  ## The whole test suite
	@$(RUN) -m pytest -n 2 --no-loadscope-reorder

test-fast: $(VENV)/.installed-dev  ## The quick tests: no Airflow, no build
	@$(RUN) -m pytest -n 2 --no-loadscope-reorder -m "not slow and not soak"

soak: $(VENV)/.installed-dev  ## Twenty-one kills of tasks, scheduler and Postgres; the result must not change
	@$(RUN) -m pytest -m soak -s tests/dags/test_kills.py

bench: $(VENV)/.installed-dev  ## Seconds, memory and accuracy beside floors and a peer; writes bench.json
	@$(RUN) -m include.bench && $(RUN) -m include.bench.accuracy

lint: $(VENV)/.installed-dev  ## ruff, mypy, sqlfluff
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/sqlfluff lint --processes 0 dbt_project/models include

lock:  ## Compile the requirement files anew, with uv; where it is not there, pip installs it into the run folder
	@uv=$$(command -v uv || echo "$(RUN_DIR)/uv/bin/uv"); \
	[ -x "$$uv" ] || { $(PYTHON) -m venv "$(RUN_DIR)/uv" && "$(RUN_DIR)/uv/bin/python" -m pip install -q uv; } || \
	  { echo "error: make lock needs uv, and pip could not install it; see https://docs.astral.sh/uv" >&2; exit 1; }; \
	for name in requirements requirements-dev; do \
	  "$$uv" pip compile -q --universal --python-version 3.11 $$name.in -o $$name.txt || exit 1; \
	done

clean: down  ## Stop everything and delete the run folder
	rm -rf "$(RUN_DIR)"
