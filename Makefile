# `make help` lists the targets. What is longer than a line is in .ci.

MAIN ?= python/examples/wordcount/main.py
ARGS ?=
MODULES ?=
SUITES ?=
MINUTES ?= 30
ROUNDS ?= 5
SEED ?=
LINES ?=
PYTHON ?=

# The interpreter that programs and tests run under, and that Python tools use.
ifneq ($(PYTHON),)
export REBEAM_PYTHON := $(PYTHON)
endif

# File names are UTF-8, also where no locale says so. Ctrl-C is no menu of Erlang's.
export ELIXIR_ERL_OPTIONS ?= +fnu +Bd

# For a VM that loads the library built by `make sanitize`. Leaks are not looked for, as
# a VM never frees all; signals and their stacks are the VM's own. What is freed stays
# resident for a while, so the tests of resident memory are left out: they would tell nothing.
SANITIZED := LD_PRELOAD="$$(cc -print-file-name=libasan.so) $$(cc -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:use_sigaltstack=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 PYTHONMALLOC=malloc \
	REBEAM_NATIVE=$(CURDIR)/build/sanitize/priv

.PHONY: help run setup native precompiled release dist newcomer-test check test test-python test-elixir
.PHONY: matrix sanitize fuzz lint conformance soak bench bench-quick bench-peers cluster-test clean

# Two of these at a time would share Mix's build folder; the native build below is parallel.
.NOTPARALLEL:

help: ## Shows this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: setup ## Runs MAIN=main.py with ARGS="..."
	@mix rebeam.run $(MAIN) $(ARGS)

setup: ## Installs what is missing (Debian)
	@.ci/setup $(NEEDED)

test test-python test-elixir sanitize fuzz: NEEDED := test
check lint: NEEDED := lint

native: ## Compiles c_src to priv/*.so
	@$(MAKE) --no-print-directory --silent -C c_src

precompiled: native ## Packs these: build/precompiled/rebeam-nif-..., with checksum.exs for the package
	@.ci/precompiled

release dist: NEEDED := release
release: setup ## Makes build/release/rebeam, which needs no Elixir: bin/rebeam main.py
	@.ci/release

dist: release ## Packs that folder: build/dist/rebeam-VERSION-linux-ARCH.tar.gz, with a checksum
	@.ci/dist

newcomer-test: NEEDED := release
newcomer-test: setup ## Installs and runs wheel and tarball in minimal Debian roots (as root)
	@.ci/newcomer
	@.ci/reproducible

# For every day: all topics, without what takes long (`@tag :slow`, `@tag :large`).
check: lint ## Checks formatting, types and warnings, and runs the quick tests
	@mix test

test: test-elixir ## Runs every test; PYTHON=... chooses the interpreter

test-python: setup
	@.ci/test-python

# Last, so that its closing line is the last one.
test-elixir: setup test-python
	@mix test --include large --include slow

matrix: ## Runs every test on Debian 12, 13 and forky, as root; SUITES=... chooses
	@.ci/matrix $(SUITES)

sanitize: setup ## Runs the tests with the address and undefined behaviour sanitizers
	@MIX_ENV=test mix compile
	@$(MAKE) --no-print-directory --silent -C c_src SANITIZE=1 BUILD=../build/sanitize PRIV=../build/sanitize/priv
	@SANITIZE=1 test/c_src/suspend/run.sh $(or $(PYTHON),python3)
	@$(SANITIZED) mix test --include slow --exclude resident

fuzz: setup ## Feeds the codec damaged messages for MINUTES=10, with the sanitizers
	@MIX_ENV=test mix compile
	@$(MAKE) --no-print-directory --silent -C c_src SANITIZE=1 BUILD=../build/sanitize PRIV=../build/sanitize/priv
	@MIX_ENV=test $(SANITIZED) mix run --no-start test/c_src/value/fuzz.exs $(MINUTES)

lint: setup ## Checks formatting, types and warnings
	@.ci/lint

conformance: setup ## Runs CPython's own tests with every call suspended; MODULES=... chooses
	@test/conformance/run $(MODULES)

soak: setup ## Everything at once, at random, for MINUTES
	@mix rebeam.run --workers 2 --log-level none test/soak/main.py $(MINUTES)

bench: setup ## Measures beside peers, in turns: a table, JSON and a chart; LINES="pair web" chooses
	@test/bench/run $(LINES)

bench-quick: setup ## The same in two minutes
	@test/bench/run quick $(LINES)

bench-peers: setup ## Installs what it is measured beside, into build/bench
	@test/bench/peers

cluster-test: setup ## Splits, kills and freezes clusters at random, and checks their names: ROUNDS=5 SEED=...
	@.ci/cluster-test $(ROUNDS) $(SEED)

clean: ## Removes what was built
	@rm -rf _build build priv/rebeam*.so
