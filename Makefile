# Everything works from a clean clone: the first command creates .venv with the best Python it finds and installs the pinned packages.
# Settings for one call: make demo KIND=learners · make demo FILE=achievements.csv UKPRN=10007817 CHANNEL=api JSON=1 · make test ARGS="-k matching"

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.installed
# Terraform and the scanners need packages that the application must not have.
INFRA := .venv-infra
INFRA_READY := $(INFRA)/.installed
CHECKOV := .venv-checkov
DEPLOY = ENV="$(ENV)" ACCOUNT="$(ACCOUNT)" PREFIX="$(PREFIX)" PYTHON="$(PY)" infra/deploy
ARGS ?=
WORKERS ?= 2
# Some images forbid it, and then each of the many processes that tests start compiles everything again.
unexport PYTHONDONTWRITEBYTECODE
# The folders that exist, for ruff.
CODE := $(wildcard app.py chalicelib functions local infra bench tests)

.PHONY: help infra-check bootstrap asked plan deploy destroy run demo levels test check lint types imports structure audit format bench package assets screenshots portal-texts catalogue coverage hooks clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt requirements-reports.txt requirements-dev.txt
	@[ -x $(PY) ] && $(PY) -c "import pip" 2>/dev/null || { python="$$(.ci/python)" && echo "Making $(VENV) with $$python" && rm -rf $(VENV) && "$$python" -m venv $(VENV); }
	@echo "Installing what requirements-dev.txt pins"
	@.ci/install $(PY) -r requirements-dev.txt
	@touch $@

$(INFRA_READY): infra/check/requirements.txt
	@[ -x $(INFRA)/bin/python ] || "$$(.ci/python)" -m venv $(INFRA)
	@echo "Installing what infra/check/requirements.txt pins"
	@.ci/install $(INFRA)/bin/python -r infra/check/requirements.txt
	@touch $@

$(CHECKOV)/.installed: infra/check/checkov.txt
	@[ -x $(CHECKOV)/bin/python ] || "$$(.ci/python)" -m venv $(CHECKOV)
	@echo "Installing what infra/check/checkov.txt pins"
	@.ci/install $(CHECKOV)/bin/python -r infra/check/checkov.txt
	@touch $@

infra-check: $(READY) $(INFRA_READY) $(CHECKOV)/.installed ## Check infra/terraform with real Terraform and without AWS
	@$(INFRA)/bin/python -m infra.check
	@$(PY) -m pytest -q --no-header $(if $(filter-out 0 1,$(WORKERS)),-n $(WORKERS) --dist loadgroup) -p no:schemathesis tests/infra $(ARGS)

bootstrap: $(READY) ## Prepare your AWS account, once [ENV=dev ACCOUNT= PREFIX=]
	@$(DEPLOY) bootstrap $(ARGS)

asked:
	@$(DEPLOY) check

plan: $(READY) asked package ## Show what make deploy would change
	@$(DEPLOY) plan $(ARGS)

deploy: $(READY) asked package ## Bring an environment into your AWS account, after make bootstrap [ENV=dev ACCOUNT= PREFIX=]
	@$(DEPLOY) apply $(ARGS)

destroy: $(READY) ## Take an environment away, with everything in it [ENV=dev ACCOUNT= PREFIX=]
	@$(DEPLOY) destroy $(ARGS)

run: $(READY) ## Start the whole service on this machine with sample data, run one job, keep running [LISTS=folder]
	@$(PY) -m local.commands.run $(if $(LISTS),--lists "$(LISTS)") $(ARGS)

demo: $(READY) ## Submit a file and follow it to its result [KIND=achievements|learners|verifications FILE= UKPRN= CHANNEL=drop|api JSON=1]
	@$(PY) -m local.commands.demo $(if $(KIND),--kind "$(KIND)") $(if $(FILE),--file "$(FILE)") $(if $(UKPRN),--ukprn "$(UKPRN)") $(if $(CHANNEL),--channel "$(CHANNEL)") $(if $(filter-out 0 no false,$(JSON)),--json) $(ARGS)

levels: $(READY) ## Show the service levels of a month, of the service that make run has started [MONTH=2026-11]
	@$(PY) -m local.commands.levels $(if $(MONTH),--month "$(MONTH)") $(ARGS)

test: $(READY) ## Run every test [ARGS= for pytest, WORKERS=2]
	@.ci/chromium
	@$(PY) -m pytest -q $(if $(filter-out 0 1,$(WORKERS)),-n $(WORKERS) --dist loadgroup) $(ARGS)

check: lint types structure audit ## Lint, format, types, structure with the import contract, known vulnerabilities

lint: $(READY)
	@echo "· lint and format"
	@$(VENV)/bin/ruff check --quiet $(CODE)
	@$(VENV)/bin/ruff format --quiet --check $(CODE) || { echo "Run make format to format these files."; exit 1; }

types: $(READY)
	@echo "· types"
	@$(VENV)/bin/mypy --no-error-summary

imports: $(READY)
	@echo "· import contract"
	@$(VENV)/bin/lint-imports --no-logo $(if $(V),--verbose) > .import_contract 2>&1 || { cat .import_contract; rm -f .import_contract; exit 1; }; rm -f .import_contract

structure: $(READY)
	@echo "· structure, with the import contract"
	@$(PY) -m pytest -q --no-header tests/structure $(ARGS)

audit: $(READY)
	@echo "· known vulnerabilities"
	@.ci/audit

format: $(READY) ## Format the code
	@$(VENV)/bin/ruff check --quiet --select I,RUF022 --fix $(CODE)
	@$(VENV)/bin/ruff format --quiet $(CODE)

bench: $(READY) ## Measure performance and compare it with the floors
	@$(PY) -m bench $(ARGS)

package: $(READY) ## Build dist/lrs-lambda.zip, dist/lrs-reports.zip and dist/lrs-validator.pyz
	@$(PY) -m local.commands.package $(ARGS)

assets: ## Build the portal's style sheet and script from portal-assets, with npm
	@cd portal-assets && npm ci --silent && node build.mjs

screenshots: $(READY) ## Take the pictures of the README from the service itself
	@.ci/chromium
	@$(PY) -m local.commands.screenshots

portal-texts: $(READY) ## Write the catalogue of the portal's texts for translators
	@$(PY) -m local.commands.portal_texts

catalogue: $(READY) ## Write docs/catalogue.md from the code and the markers of the tests
	@$(PY) -m local.commands.catalogue

coverage: $(READY) ## Run every test and show the lines that no test runs
	@.ci/chromium
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup --cov --cov-report=term --cov-report=html $(ARGS)

hooks: $(READY) ## Install the git hook that runs the quick checks before each commit
	@$(VENV)/bin/pre-commit install

clean: ## Remove generated files and .venv
	@rm -rf $(VENV) .venv-* dist build htmlcov .coverage* .local .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
