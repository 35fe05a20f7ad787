# Every target does its own set-up first: packaging/README.md says what that is.
SHELL = /bin/sh
MAKEFLAGS += --no-print-directory
BIN = .venv/bin
UNIT = tests/domain tests/wire tests/shared/test_translations.py tests/station/services

# mosquitto lives outside an ordinary user's PATH on Debian and with Homebrew
export PATH := $(PATH):/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin
# compiled modules are what makes the second start quick
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

.PHONY: help demo train unit test coverage explore test-bluez check format words bench touches docs fuzz scans panels sbom audit licences secrets lock release clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 \t/p' Makefile

demo: ## a whole swap in training mode, driven through the window; pictures and receipt in demo/
	@packaging/set-up run
	@$(BIN)/swap-kiosk demo --out demo --json

train: ## training mode for a person
	@packaging/set-up run
	@$(BIN)/swap-kiosk train

unit: ## rules, wire and use cases alone, in one process: while you write
	@packaging/set-up check
	@$(BIN)/pytest -q $(UNIT)

test: ## the whole suite, in parallel, with the real broker
	@packaging/set-up test
	@$(BIN)/pytest -n auto --dist worksteal

coverage: ## what `make unit` covers, branches too; fails below the floor in pyproject.toml
	@packaging/set-up check
	@mkdir -p build
	@$(BIN)/coverage run -m pytest -q $(UNIT)
	@$(BIN)/coverage report

explore: ## the properties again with examples that no run had before; what it finds becomes an @example
	@packaging/set-up test
	@$(BIN)/pytest -n auto -m hypothesis --hypothesis-profile=explore

test-bluez: ## nightly: batteries over a real bluetoothd and kernel, in an emulated machine (Debian on x86-64)
	@packaging/set-up check
	@packaging/bluez-in-qemu/run

check: ## formatting, linter, types, directions of import, no secret in what is committed
	@packaging/set-up check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python packaging/secrets_check.py

format: ## format, and mend what the linter can
	@packaging/set-up check
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

words: ## every sentence that people read, out of the code into resources/translations
	@packaging/set-up check
	@$(BIN)/python -m resources.make_words

bench: ## our figures beside the floors, in one run
	@packaging/set-up test
	@$(BIN)/swap-kiosk bench --json

touches: ## an autopilot does whole swaps: touches and seconds into docs/performance.md
	@packaging/set-up test
	@$(BIN)/python -m tests.bench.touches --write docs/performance.md

docs: ## the documents as a site in build/docs: made parts anew, then a strict build
	@packaging/set-up run
	@$(BIN)/python -m docs.generate
	@packaging/docs

fuzz: ## batteries that send anything: RECORDED=100000 and OTHERS=10000 inputs for each family, then a fuzzer for SECONDS=60
	@packaging/set-up test
	@$(BIN)/python -m tests.fuzz.streams --recorded $(or $(RECORDED),100000) --others $(or $(OTHERS),10000)
	@packaging/fuzz $(or $(SECONDS),60)

scans: ## COUNT=10000 scans by real key events, at counters on screens of their own
	@packaging/set-up test
	@$(BIN)/python -m tests.ui.scans.run --count $(or $(COUNT),10000) --seed $(or $(SEED),0)

panels: ## every state of every page on every panel from 10.1 inch to 46 inch: minutes
	@packaging/set-up test
	@PANELS=all $(BIN)/pytest -n auto tests/ui/pages/test_panels.py

sbom: ## what is shipped, as CycloneDX, from the lock files: build/sbom
	@packaging/set-up check
	@packaging/supply sbom

audit: ## what is known against the versions in the lock files; says where it cannot be looked up
	@packaging/set-up check
	@packaging/supply audit

licences: ## the licences of third parties, out of the lock files into THIRD-PARTY-LICENSES.md
	@packaging/set-up check
	@$(BIN)/python packaging/licences.py --write

secrets: ## whether what is committed holds a secret
	@packaging/set-up check
	@$(BIN)/python packaging/secrets_check.py

lock: ## make the lock files again (needs uv); UPGRADE=1 takes newer versions
	@packaging/lock $(if $(UPGRADE),--upgrade)

release: ## VERSION=1.2.0: version, changelog and tag in one commit
	@packaging/release $(VERSION)

clean: ## remove what was made, except .venv
	rm -rf demo dist build .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis
	find kiosk ui resources tests packaging docs -name __pycache__ -type d -prune -exec rm -rf {} +
