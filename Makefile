# The lobby, its programs one by one, and what must hold of the code. `make help` lists it all.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export VUORO_CONFIG ?= $(CURDIR)/config.toml

.DEFAULT_GOAL := help
.PHONY: help lobby kiosk display staff web test machine check bench estimates texts snapshots pictures lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

lobby: $(VENV)/run ## open kiosk, display and staff console side by side (tmux)
	@./lobby.sh $(BIN)

kiosk: $(VENV)/run ## open the kiosk
	@$(BIN)/vuoro-kiosk

display: $(VENV)/run ## open the lobby display
	@$(BIN)/vuoro-display

staff: $(VENV)/run ## open a staff console; COUNTER=3 opens that counter
	@$(BIN)/vuoro-staff $(if $(COUNTER),--counter $(COUNTER))

web: $(VENV)/run ## serve the pages for phones; HOST=… and PORT=… say where, else at http://127.0.0.1:8080
	@$(BIN)/vuoro-web $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

test: $(VENV)/dev machine ## run the whole test suite; ARGS="-k name" narrows it
	$(PYTEST) $(ARGS)

# On every core, and in the files' order as far as can be: what a file sets up once, a browser say, is
# rarely set up again.
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

# The pages for phones are tried in a real browser, and consoles over a real SSH server. Where there is
# none and none can be had, the tests say what they skip; in CI they fail.
machine:
	@{ command -v chromium && PATH="$$PATH:/usr/sbin" command -v sshd && command -v ssh; } >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
	    install chromium openssh-server openssh-client >/dev/null; } \
	  || echo "Not all is tried: apt-get install chromium openssh-server"

check: $(VENV)/dev ## what must hold of the code: style, types, imports, translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/shared/test_texts.py

bench: $(VENV)/dev ## how fast the programs are, beside their floors; ARGS="--quick" or a row's name
	$(BIN)/python -m bench $(ARGS)

estimates: $(VENV)/dev ## how far off the estimates of waits are, in simulated lobbies; ARGS=--quick
	$(BIN)/python -m bench.estimates $(ARGS)

texts: $(VENV)/dev ## bring the translations up to date with the code; LANGUAGE=et adds one
	$(BIN)/pybabel -q extract --mapping-file=pyproject.toml --keywords=N_ --no-location \
	  --output-file=$(VENV)/texts.pot kiosk display staff web shared
	$(if $(LANGUAGE),$(BIN)/pybabel -q init -l $(LANGUAGE) -i $(VENV)/texts.pot -o shared/texts/$(LANGUAGE).po)
	for po in shared/texts/*.po; do \
	  $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	    -l $$(basename $$po .po) -i $(VENV)/texts.pot -o $$po; done

snapshots: $(VENV)/dev ## take the screens' pictures anew, after a change that was meant
	$(PYTEST) --snapshot-update --override-ini 'testpaths=$(wildcard tests/*/test_pictures.py)' $(ARGS)

pictures: $(VENV)/dev ## make the README's pictures anew, from the real programs
	$(BIN)/python -m tools.pictures

lock: $(VENV)/dev ## pin the newest versions that pyproject.toml allows
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group build --group dev --output-file requirements-dev.lock

COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --upgrade --generate-hashes \
  --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

clean: ## remove the environment
	rm -rf $(VENV)

# One environment: first what the programs need, then what the tests need too. The stamps are
# made anew when a lock or the project's own description changes.
$(VENV)/run: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@
