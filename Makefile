# Every target sets up what it needs, and does nothing twice: stamps are in target/.stamps.
#   make review   the whole flow on a simulated corpus      make test    every check, as CI runs them
#   make python   Python binding and its tests              make node    Node binding and its tests
#   make bench    benchmarks                                make docs    API documentation
#   make package  wheel, npm tarballs and crate, each tried out from an empty folder (PROFILE=dev: quicker)
#   make fuzz     every reader against random input for FUZZ_SECONDS=60 each; GOLDPATH_FUZZ_JOBS says how many at once

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

CARGO ?= cargo
PYTHON ?= python3
NPM ?= npm

STAMPS := target/.stamps
VENV := .venv
PY := $(VENV)/bin/python
PACKAGE := bindings-python/python/goldpath
NATIVE := $(PACKAGE)/_goldpath.abi3.so
EXTENSION := $(if $(filter Darwin,$(shell uname -s)),dylib,so)

# One selection of packages and targets for every build, so that features are resolved once and each dependency is
# compiled once for Rust, Python and Node together.
ALL := --workspace --all-targets
export GOLDPATH_CARGO_ARGS := $(ALL)

.PHONY: help review test check rust python node bench docs package fuzz tools clean

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

review: tools
	$(CARGO) run --locked -p goldpath --example review --features simulate,store

test: check rust python node docs
	@echo "all tests passed"

check: tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked $(ALL) -- -D warnings

# Two halves on purpose: without `--all-targets` cargo also runs the examples in the docs.
rust: tools
	$(CARGO) build --locked $(ALL)
	$(CARGO) test --locked --workspace

python: $(STAMPS)/venv
	$(CARGO) build --locked $(ALL)
	@cmp -s target/debug/lib_goldpath.$(EXTENSION) $(NATIVE) || \
	  { cp target/debug/lib_goldpath.$(EXTENSION) $(NATIVE).new && mv $(NATIVE).new $(NATIVE); }
	cd bindings-python && ../$(PY) -m pytest

# Not by `npm run build`: npm changes PATH, for which pyo3 compiles itself again.
node: $(STAMPS)/node_modules $(STAMPS)/service_modules
	cd bindings-node && node scripts/build.mjs --profile dev && $(NPM) test --silent
	cd bindings-node/examples/service && $(NPM) test --silent

bench: tools
	$(CARGO) bench --locked --workspace

docs: tools
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

package: tools $(STAMPS)/node_modules
	CARGO="$(CARGO)" PYTHON="$(PYTHON)" tests/package.sh

fuzz: tools
	fuzz/run.sh $(or $(FUZZ_SECONDS),60) $(TARGETS)

clean:
	rm -rf target $(VENV) $(NATIVE) bindings-node/node_modules bindings-node/*.node

# What must be on the machine; the rest is fetched by cargo, pip and npm. Installs only as root and with apt, else says
# what is missing.
tools: $(STAMPS)/tools

$(STAMPS)/tools:
	@mkdir -p $(@D)
	@need() { \
	  command -v "$$1" >/dev/null && return; \
	  if [[ -n "$${2:-}" && $$(id -u) == 0 ]] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$2 && return; \
	  fi; \
	  echo "missing: $$1 ($$3)" >&2; exit 1; \
	}; \
	need $(CARGO) "" "Rust 1.95 or newer"; \
	need cc gcc "a C compiler, which Rust uses to link"; \
	need $(PYTHON) "python3 python3-venv" "Python 3.10 or newer"; \
	need node nodejs "Node 20 or newer"; \
	need $(NPM) npm "npm, which comes with Node"
	@$(CARGO) fmt --version >/dev/null 2>&1 && $(CARGO) clippy --version >/dev/null 2>&1 || \
	  { echo "missing: rustfmt or clippy (rustup component add rustfmt clippy)" >&2; exit 1; }
	@touch $@

# The package is imported from its folder (a .pth file), with the native module copied beside it: no wheel to build.
$(STAMPS)/venv: bindings-python/requirements-test.txt | $(STAMPS)/tools
	$(PYTHON) -m venv --clear $(VENV) || { echo "missing: python venv (apt-get install python3-venv)" >&2; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check --requirement $<
	echo "$(CURDIR)/bindings-python/python" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/goldpath.pth"
	@touch $@

$(STAMPS)/node_modules: bindings-node/package.json bindings-node/package-lock.json | $(STAMPS)/tools
	cd bindings-node && GOLDPATH_SKIP_BUILD=1 $(NPM) ci
	@touch $@

$(STAMPS)/service_modules: bindings-node/examples/service/package.json bindings-node/examples/service/package-lock.json | $(STAMPS)/tools
	cd bindings-node/examples/service && $(NPM) ci --silent
	@touch $@
