# Two commands: “make run” and “make test”. Everything they do is in installers/bootstrap.py, which Windows users call.
PYTHON ?= python3
ARGS ?=

.PHONY: run test check format

run:
	@$(PYTHON) installers/bootstrap.py run $(ARGS)

test:
	@$(PYTHON) installers/bootstrap.py test $(ARGS)

check:
	@$(PYTHON) installers/bootstrap.py check

format:
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .
