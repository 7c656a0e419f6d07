# `make run` and `make test` set up all that they need, once; `make help` lists the rest.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test admin demo token lock lint format bench openapi clean help build test-infrastructure
.PHONY: deploy-local

PORT ?= 8080
DATA_DIR ?= .modelry
ROLE ?= admin
ARGS ?= --help
PYTHON ?=
TESTS ?=
# Each worker has servers of its own; a file stays with one of them.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadfile

export PORT DATA_DIR
VENV := .venv/bin/python
PARTS := .venv-parts/bin/python
CLIENTS := kubeflow-v1 kubeflow-v1alpha3 mlflow-2 mlflow-3
# Those that the tests of what is deployed use.
DEPLOYED_CLIENTS := kubeflow-v1alpha3
# Nothing but wheels whose hashes are in the lock; whatever set-up says goes to stderr.
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
CLIENT := -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e client
MYPY := $(VENV) -m mypy core handlers local bench iac client/src
UV_VERSION := 0.13.9

run: .venv/run.stamp .venv-parts/stamp ## start the whole registry on this machine (PORT=8080 DATA_DIR=.modelry)
	@exec $(VENV) -m local.run

test: .venv/dev.stamp .venv-parts/stamp $(CLIENTS:%=.venv-clients/%/stamp) ## lint and run every test (TESTS="tests/unit -k digest" for some)
	@$(VENV) -m ruff check .
	@$(MYPY)
	@$(VENV) -m pytest $(PARALLEL) $(TESTS)

test-infrastructure: .venv/dev.stamp .venv-parts/stamp .venv-runtime/stamp .venv-moto/stamp $(DEPLOYED_CLIENTS:%=.venv-clients/%/stamp) ## test what is deployed; wants terraform on the PATH
	@$(VENV) -m pytest $(PARALLEL) $(or $(TESTS),tests/infrastructure)

deploy-local: .venv/run.stamp .venv-parts/stamp ## deploy to an emulated cloud on this machine; wants terraform (PORT=8080 DATA_DIR=.modelry-deployed)
	@exec env DATA_DIR=$(if $(filter .modelry,$(DATA_DIR)),.modelry-deployed,$(DATA_DIR)) $(VENV) -m local.deployed

build: .venv/dev.stamp ## make the zips of the functions in dist/ (BUILD_PYTHON=python3.13: for that version)
	@$(VENV) -m iac.package --python $(or $(BUILD_PYTHON),$(VENV))

demo: .venv/dev.stamp ## train a model, push it, pull it elsewhere; wants `make run` in another terminal
	@$(VENV) -m local.demo

admin: .venv/run.stamp ## operate the running registry (ARGS="check", "clean", "backup", "restore NAME")
	@$(VENV) -m local.admin $(ARGS)

token: .venv/run.stamp ## print a token for the running registry (ROLE=admin, reader, writer, approver, owner, auditor)
	@$(VENV) -m local.token $(ROLE)

lint: .venv/dev.stamp ## style, formatting, types, layers
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(MYPY)
	@.venv/bin/lint-imports

format: .venv/dev.stamp ## write every file in the house style
	@$(VENV) -m ruff check --fix-only --quiet .
	@$(VENV) -m ruff format .

bench: .venv/dev.stamp .venv-parts/stamp ## measure; BENCH=name for one measurement
	@$(VENV) -m bench $(BENCH)

openapi: .venv/dev.stamp ## write the OpenAPI document that the API serves
	@$(VENV) -m handlers.api.openapi

lock: .cache/uv/$(UV_VERSION) ## resolve pyproject.toml and client/pyproject.toml into requirements/
	@rm -f requirements/*.txt
	@$(COMPILE) pyproject.toml client/pyproject.toml --extra otel --group local --group test -o requirements/dev.txt
	@$(COMPILE) pyproject.toml client/pyproject.toml --extra otel --group local -c requirements/dev.txt -o requirements/local.txt
	@$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/server.txt
	@$(COMPILE) pyproject.toml --extra otel --group container -c requirements/dev.txt -o requirements/container.txt
	@$(COMPILE) --group parts -o requirements/parts.txt
	@$(COMPILE) --group runtime -o requirements/runtime.txt
	@$(COMPILE) --group moto -o requirements/moto.txt
	@for client in $(CLIENTS); do $(COMPILE) --group $$client -o requirements/$$client.txt || exit 1; done

# For every Python and system the project supports, with hashes, and without a word about indexes.
COMPILE = .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate

clean: ## remove environments and caches; the registry's own files (DATA_DIR) stay
	@rm -rf .venv .venv-parts .venv-clients .venv-runtime .venv-moto .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 - \2/p' Makefile

.venv/run.stamp: requirements/local.txt client/pyproject.toml
	@$(call environment,.venv,the registry)
	@$(VENV) $(INSTALL) -r requirements/local.txt >&2
	@$(VENV) $(CLIENT) >&2
	@touch $@

.venv/dev.stamp: requirements/dev.txt requirements/local.txt client/pyproject.toml
	@$(call environment,.venv,the registry and its tests)
	@$(VENV) $(INSTALL) -r requirements/dev.txt >&2
	@$(VENV) $(CLIENT) >&2
	@touch .venv/run.stamp $@

.venv-parts/stamp: requirements/parts.txt
	@$(call environment,.venv-parts,the embedded database and object store)
	@$(PARTS) $(INSTALL) -r requirements/parts.txt >&2
	@touch $@

.venv-runtime/stamp: requirements/runtime.txt
	@$(call environment,.venv-runtime,the functions' runtime client)
	@.venv-runtime/bin/python $(INSTALL) -r requirements/runtime.txt >&2
	@touch $@

.venv-moto/stamp: requirements/moto.txt
	@$(call environment,.venv-moto,an emulator to try infrastructure on)
	@.venv-moto/bin/python $(INSTALL) -r requirements/moto.txt >&2
	@touch $@

.venv-clients/%/stamp: requirements/%.txt
	@$(call environment,.venv-clients/$*,the client $*)
	@.venv-clients/$*/bin/python $(INSTALL) --no-deps -r $< >&2
	@touch $@

.cache/uv/$(UV_VERSION):
	@$(call environment,.cache/uv,the resolver)
	@.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) >&2
	@touch $@

# $(call environment,FOLDER,WHAT FOR): a virtual environment of the first Python that will do.
define environment
echo "Setting up $(1) for $(2); this happens once." >&2; \
[ -x $(1)/bin/python ] && exit 0; \
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
		"$$python" -m venv $(1) >&2 && exit 0; \
		rm -rf $(1); \
		echo "$$python cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; \
	fi; \
done; \
echo "Modelry needs Python 3.11, 3.12 or 3.13; tried $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)." >&2; \
echo "Install one of them, or name it: make PYTHON=/path/to/python3.12 ..." >&2; \
exit 1
endef
