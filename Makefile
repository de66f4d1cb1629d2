# `make demo` and `make test` need nothing but Python 3.11 or newer; on Debian they say what else they want.
PYTHON ?= python3
RUN := .venv/bin/python
SCHEMA := docs/openapi.yml
MAKEFLAGS += --no-print-directory

# What `check --deploy` looks at: a ministry's settings, with secrets that exist for this one command.
PRODUCTION = env PVARA_PRODUCTION=yes SECRET_KEY=$$($(RUN) -c "import secrets; print(secrets.token_urlsafe(64))") \
	SITE_ADDRESS=https://pvara.example ALLOWED_HOSTS=pvara.example DATABASE_URL=postgresql://pvara@database.example/pvara

.PHONY: help demo demo-reset test soak siege bench check format schema readme regime lock install install-dev

help:
	@echo "make demo        the demonstration: installs, loads, starts everything; Ctrl-C stops it   (PORT=8000)"
	@echo "make demo-reset  throws the demonstration's data away"
	@echo "make test        every test, against the bundled PostgreSQL or the one in DATABASE_URL    (TESTS=tests/kernel)"
	@echo "make soak        random people make random moves on every machine                          (STEPS=20000)"
	@echo "make siege       kills and restarts PostgreSQL and kills programs under load: is anything lost?  (SECONDS=120)"
	@echo "                 and races a suspension with eight distributors a hundred times                  (ROUNDS=100)"
	@echo "make bench       measures what has a limit, beside that limit, on the server that tests use      (PAIRS=7)"
	@echo "make check       format, lint, types, import contracts, migrations, deployment, API schema"
	@echo "make format      lays the code out as \`make check\` wants it"
	@echo "make schema      writes the API's schema; make readme writes the regime into the README"
	@echo "make regime      draws every state machine into docs/regime"
	@echo "make lock        resolves .lock/*.txt anew from pyproject.toml"

# The system's Python: isolated, so that nobody's PYTHONPATH reaches it.
install install-dev:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -I pvara/install.py $(if $(filter %-dev,$@),dev,run)

demo: install
	@exec $(RUN) -m pvara.supervisor up

demo-reset: install
	@$(RUN) -m pvara.supervisor reset

# Random people and random moves for as long as one likes; `make test` walks a little way.
soak: install-dev
	@STEPS=$(or $(STEPS),20000) $(RUN) -m pytest --create-db --capture=no tests/licensing/test_random_walks.py

# On a server of its own; `make test` holds out for some seconds, and runs fewer rounds.
siege: install-dev
	@SIEGE_SECONDS=$(or $(SECONDS),120) SWITCH_ROUNDS=$(or $(ROUNDS),100) \
		$(RUN) -m pytest --create-db --capture=no tests/faults/test_siege.py tests/faults/test_switch_rounds.py

# Every run makes its test database anew: one from an older checkout may have other tables. Who takes what: tests/turns.py.
test: install-dev
	@$(RUN) -m pytest --create-db -n 2 --dist loadfile $(TESTS)

# In scratch databases, beside the one in DATABASE_URL or on the bundled server; on a busy machine only the ratios mean anything.
bench: install-dev
	@$(RUN) -m tests.benchmarks
	@BENCH_PAIRS=$(or $(PAIRS),7) $(RUN) -m tests.benchmarks.ledger

check: install-dev
	@.venv/bin/ruff format --check --quiet . || { echo "Lay it out with \`make format\`."; exit 1; }
	@.venv/bin/ruff check --quiet .
	@said=$$(.venv/bin/lint-imports --no-cache --no-logo 2>&1) || { echo "$$said"; exit 1; }
	@.venv/bin/mypy
	@$(RUN) manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(RUN) -W error manage.py check --deploy --fail-level WARNING
	@$(RUN) manage.py spectacular --validate --fail-on-warn | diff -u $(SCHEMA) - || { echo "Write it with \`make schema\`."; exit 1; }
	@echo "All checks passed."

schema:
	@$(RUN) manage.py spectacular --validate --fail-on-warn --file $(SCHEMA)

readme:
	@$(RUN) manage.py regime --into README.md

# The same pictures every time: after a change of a machine, this and nothing else.
regime:
	@$(RUN) manage.py regime --format=svg

format:
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock:
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet --disable-pip-version-check uv
	@for set in run dev; do \
		extra=$$([ $$set = dev ] && echo "--extra dev --constraint .lock/run.txt"); \
		.venv/lock/bin/uv pip compile pyproject.toml $$extra --output-file .lock/$$set.txt --quiet --upgrade \
			--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header || exit 1; \
	done
	@rm -rf .venv/lock
