# Amana. `make demo` and `make test` do everything on a fresh machine; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
STAMPS := .venv/stamps
LOCALES := $(wildcard src/amana/locale/*/LC_MESSAGES/django.po)
# The suite starts some hundred processes: let them read compiled modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test demo run test faults check bench names-train messages lock screenshots manual-pictures reference clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

setup: $(STAMPS)/python $(STAMPS)/pages $(STAMPS)/messages ## what the node needs to run

$(STAMPS)/needs: tools/needs.py
	@$(PYTHON) tools/needs.py run
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/python: requirements-dev.txt pyproject.toml | $(STAMPS)/needs
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the node needs into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "Compiling the loops that compare names …"
	@$(BIN)/python -c "from amana.matching import NameIndex, compare_many; compare_many([('a', 'b')]); NameIndex.build(['a']).query('a')"
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/pages: package-lock.json $(shell find src/amana/web/assets -type f 2>/dev/null) | $(STAMPS)/needs
	@echo "Bundling the pages' styles and scripts …"
	@npm ci --silent --no-audit --no-fund
	@npm run --silent build
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/messages: $(LOCALES) | $(STAMPS)/python
	@$(BIN)/pybabel --quiet compile --directory src/amana/locale --domain django
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/needs-test: tools/needs.py
	@$(PYTHON) tools/needs.py test
	@mkdir -p $(STAMPS) && touch $@

setup-test: setup $(STAMPS)/needs-test

demo: setup ## two nodes with the exercise; STORY=1 plays the story in the terminal
	@$(BIN)/amana demo

code: ## the code that the authenticator of one of the demo's people shows now, such as WHO=alice
	@$(BIN)/amana demo code $(WHO)

run: setup ## run the node in AMANA_HOME
	@$(BIN)/amana run

test: setup-test ## the suite with a real browser on SQLite, and what touches a database again on a PostgreSQL that this starts
	$(PYTEST)
	$(BIN)/python tools/postgres.py $(PYTEST) -m "not faults and not browser and not once" tests/services tests/cli tests/wire tests/web tests/journeys tests/faults/test_races.py tests/faults/test_database.py

faults: setup-test ## kill, disturb and attack the node for about an hour: 10,000 seeds, 25 deaths a point, fuzzing
	TEST_FAULTS=full $(PYTEST) -m "" --maxfail 3 tests/faults tests/simulator

check: setup-test ## style, types, architecture, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tools bench tests
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint src/amana/web/templates
	AMANA_HOME=var/check DJANGO_SETTINGS_MODULE=amana.config.settings $(BIN)/python -m django makemigrations --check --dry-run
	$(BIN)/python tools/reference.py --check

bench: setup-test ## measure, and print each figure with its peer of the same run
	$(BIN)/python -m bench

names-train: setup-test ## learn the tables of src/amana/matching anew, from ../shared/data/names
	OMP_NUM_THREADS=1 $(BIN)/python -m tools.names_train

messages: setup-test ## collect the sentences to be translated
	$(BIN)/python tools/messages.py

reference: setup ## write docs/settings.md, docs/errors.md and docs/cli.md anew
	$(BIN)/python tools/reference.py

lock: ## lock the requirements with hashes, naming no host
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-strip-markers --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt

screenshots: setup-test ## pictures of every page, into screenshots/; ONLY="desk arabic" keeps to pages or looks
	$(BIN)/python -m tools.screenshots screenshots $(ONLY)

manual-pictures: setup-test ## take the pictures of docs/manual anew
	$(BIN)/python -m tools.manual_pictures

clean: ## remove what was made, but no node
	rm -rf .venv node_modules src/amana/web/static/built .mypy_cache .ruff_cache .pytest_cache .hypothesis
