# Owlbus: `make` lists what can be done.
#
# Needs Linux x86-64 (glibc) with make and Python 3.11 or later with venv; everything else comes from package indexes
# into .venv (and the embedded servers into the user's cache directory).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON := $(shell for candidate in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$candidate; break; fi; done)
VENV := .venv
PY := $(VENV)/bin/python

# The environment is as old as the locks it was made from: their checksums name its stamps.
BASE_LOCKS := requirements/runtime.txt requirements/embedded.txt
BASE := $(VENV)/.base-$(shell cat $(BASE_LOCKS) | cksum | cut -d' ' -f1)
DEV := $(VENV)/.dev-$(shell cat $(BASE_LOCKS) requirements/dev.txt | cksum | cut -d' ' -f1)
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

say = @printf '\033[1m==> %s\033[0m\n' "$(1)"

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

# ------------------------------------------------------------------------------------------------ run

.PHONY: demo
demo: $(BASE) ## run the guided scenario and write build/demo.html; INPUT=DIR takes real petitions
	@$(PY) -m owlbus demo $(if $(INPUT),--input $(INPUT))

.PHONY: up
up: $(BASE) ## start Kafka, MongoDB and the four services in the background
	@$(PY) -m owlbus up

.PHONY: status
status: $(BASE) ## say what is running, and how it is
	@$(PY) -m owlbus status

.PHONY: down
down: $(BASE) ## stop what `make up` started
	@$(PY) -m owlbus down

# ---------------------------------------------------------------------------------------------- check

.PHONY: check
check: $(DEV) ## style, types, import directions and the tests that need no server (about three minutes)
	$(call say,style)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet . || { echo 'badly formatted: run .venv/bin/ruff format .'; exit 1; }
	$(call say,types)
	@$(VENV)/bin/basedpyright
	$(call say,import directions)
	@$(VENV)/bin/lint-imports --no-cache
	$(call say,tests without servers)
	@$(PY) -m pytest -q -n 2 -m 'not integration and not e2e and not containers'

.PHONY: test
test: check ## everything: check, then the tests on real servers (about 20 minutes)
	$(call say,tests on the embedded servers)
	@$(PY) -m pytest -q -m 'integration and not containers'
	$(call say,tests of the whole system)
	@$(PY) -m pytest -q -m 'e2e and not containers'

.PHONY: containers
containers: $(DEV) ## the tests that need Docker: docker-compose.yml for real, the alert rules (about 5 minutes)
	@$(PY) -m pytest -q -s -m containers

# ---------------------------------------------------------------------------------------------- prove

.PHONY: chaos
chaos: $(BASE) ## faults under load, and what was lost, into build/chaos.json; MINUTES, RATE, SEED, FAULTS choose
	@$(PY) -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE)) \
		$(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults "$(FAULTS)")

.PHONY: scale
scale: $(BASE) ## one, two, three replicas, then a rolling restart under load, into build/scale.json
	@$(PY) -m tests.chaos.scale

# --------------------------------------------------------------------------------------------- measure

.PHONY: bench
bench: $(DEV) ## measure, and draw build/bench.html (12 minutes); ONLY=hot,chain runs parts, ROUNDS=5 repeats more often
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SCALE),--scale $(SCALE))

.PHONY: simulate
simulate: $(BASE) ## what one pass and two stages find of the best ideas, into build/simulate.html (a minute); RUNS, SEED, PACK
	@$(PY) -m benchmarks.simulate $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) $(if $(PACK),--pack $(PACK))

# ------------------------------------------------------------------------------------------- maintain

.PHONY: docs
docs: $(BASE) ## write the generated documents again
	@$(PY) -m owlbus docs

.PHONY: lock
lock: $(DEV) ## resolve requirements/*.in and the jars of Kafka again into hash-pinned locks
	$(call say,resolving requirements)
	@./requirements/compile.sh $(VENV)/bin/uv
	$(call say,resolving jars)
	@$(PY) -m deploy.embedded.jars lock

.PHONY: venv
venv: $(DEV) ## only make the environment, with the tools for development

.PHONY: clean
clean: ## remove the environment and what was built (not the data of `make up`)
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------- environment

$(BASE): $(BASE_LOCKS)
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or later with venv is needed (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }
	$(call say,making $(VENV) with $(PYTHON): about half a minute)
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) $(addprefix -r ,$(BASE_LOCKS))
	@echo '$(CURDIR)' > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/owlbus.pth"
	@printf '#!/bin/sh\nexec "%s" -m owlbus "$$@"\n' '$(CURDIR)/$(PY)' > $(VENV)/bin/owlbus
	@chmod +x $(VENV)/bin/owlbus
	@touch $@

$(DEV): requirements/dev.txt | $(BASE)
	$(call say,adding the tools for development)
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@
