# Two commands do all the set-up: `make demo` and `make test`. Both work as root or as an ordinary user.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SERVERS := dovecot-imapd postfix uidmap chromium clamav-daemon

.PHONY: demo install run test test-long lint format types contracts generated generate bench servers clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/installed ## play the main job on embedded parts, then stay open for your own tries
	@$(BIN)/kidoku demo

install: $(VENV)/installed ## install Kidoku into .venv

run: $(VENV)/installed ## run the bot with config/kidoku.yaml
	@$(BIN)/kidoku run --config config/kidoku.yaml

test: $(VENV)/developed servers ## install what the tests need and pass all of them
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test-long: $(VENV)/developed ## who is on call, against the definition: every zone, ten years, 350,000 instants
	@$(BIN)/python -m pytest -m long

lint: $(VENV)/developed ## format, lint, types, import contracts, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory generated

generated: $(VENV)/developed ## are the generated files fresh?
	@$(BIN)/python -m bot.settings.schema --check
	@$(BIN)/python -m bot.state_diagram --check
	@$(BIN)/python -m bot.messages_doc --check
	@$(BIN)/python -m bot.locale_tool check

generate: $(VENV)/developed ## write the generated files anew
	@$(BIN)/python -m bot.settings.schema
	@$(BIN)/python -m bot.state_diagram
	@$(BIN)/python -m bot.locale_tool extract
	@$(BIN)/python -m bot.messages_doc

format: $(VENV)/developed ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/developed servers ## measure, and print a table of ratios
	@$(BIN)/python -m tests.bench

# The real mail servers and the browser of the tests, from Debian or Ubuntu. Nothing is started or enabled on this
# machine: the tests run them from configurations of their own, on loopback ports.
servers:
	@sh tests/install-servers $(SERVERS)

$(VENV)/bin/python:
	@sh tests/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Kidoku into $(VENV) (about a minute the first time) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/developed: $(VENV)/installed
	@echo "Installing the tools of the tests into $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -U pip
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt --group dev
	@touch $@

clean: ## remove the virtual environment and what the tools left
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
