# `make help` lists the targets.

MAIN ?= python/examples/wordcount/main.py
ARGS ?=
PYTHON ?=
MODULES ?=

# The interpreter that tests and examples run under.
ifneq ($(PYTHON),)
export REBEAM_PYTHON := $(PYTHON)
endif

.PHONY: help run native test
help: ## Shows this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: ## Runs MAIN=main.py with ARGS="..."
	@mix rebeam.run $(MAIN) $(ARGS)

native: ## Compiles c_src to priv/*.so
	@$(MAKE) -C c_src
