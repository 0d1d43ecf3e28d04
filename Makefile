# The same verbs for people and CI. Only Node.js 18 or newer, npm and make have to be there: every target sets up
# what it needs, Node.js 24 among it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help up test e2e crash bundle bench lint check play manifest clean clean-cache \
	packages build engine format-check types unused manifest-check

SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
PROFILE ?= core
CACHE_DIR = "$${PLAY_CACHE_DIR:-$${XDG_CACHE_HOME:-$$HOME/.cache}/play}"

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

up: build engine ## set this machine up and make a playground; ARGS="..." goes to play up
	@node scripts/ensure-artifacts.ts
	@node bin/run.js up $(ARGS)

test: build ## tests without a cluster, an engine or root: about 5 minutes
	@vitest run $(VITEST_FLAGS)

e2e: build engine ## tests on a real cluster; builds the full bundle first; IMAGES=DIR adds what is in that folder
	@node offline/build.ts --profile full $(if $(IMAGES),--images $(IMAGES)) $(if $(PLAY_BUDGET_MINUTES),--budget-minutes $(PLAY_BUDGET_MINUTES))
	@CRASH_FULL=1 vitest run --project crash --maxWorkers=2 --reporter=dot
	@vitest run --config test/e2e/vitest.config.ts $(VITEST_FLAGS)

crash: build engine ## the long crash runs, simulated and on a real cluster; ARGS="--points 40 --seed N"
	@node scripts/ensure-artifacts.ts
	@CRASH_FULL=1 vitest run --project crash --maxWorkers=2
	@node test/crash/real/run.ts $(ARGS)

bundle: packages engine ## build a bundle for work without the internet; PROFILE=core or full, ARGS="..."
	@node offline/build.ts --profile $(PROFILE) $(ARGS)

bench: build engine ## measure up, down, demos and start-up; prints a table
	@node scripts/ensure-artifacts.ts
	@node bench/run.ts $(ARGS)

play: build ## the CLI of this checkout: make play ARGS="demo hello"
	@node bin/run.js $(ARGS)

lint: packages ## rules, sizes and layers
	@eslint .

check: format-check lint types unused manifest-check ## everything but tests: format, lint, types, unused code, manifest

manifest: build ## write oclif.manifest.json and docs/reference anew, after a change to commands
	@node scripts/refresh-manifest.ts
	@node scripts/generate-reference.ts

clean: ## remove what was built here; the cache of bundles stays
	@rm -rf dist coverage .cache node_modules/.stamp
	@echo "Bundles and tools stay in $$(echo $(CACHE_DIR)). Remove them too: make clean-cache"

clean-cache: ## remove bundles and tools from your cache; building a bundle again takes most of an hour
	@echo "Removing $$(echo $(CACHE_DIR))"
	@rm -rf $(CACHE_DIR)

# npm gets the machine's own Node.js: it would otherwise delete the one it runs on.
packages:
	@cmp -s package-lock.json node_modules/.stamp || { \
		echo 'Installing development packages (about a minute, once)' && \
		PATH='$(SYSTEM_PATH)' npm ci --no-audit --no-fund --loglevel=error && \
		cp package-lock.json node_modules/.stamp; }

build: packages
	@node scripts/build.ts

# Exit code 3 is not the end: doctor also misses the bundle that comes next.
engine: build
	@node bin/run.js doctor --fix --yes || { [ $$? -eq 3 ] && echo 'Going on with what is missing.'; }

format-check: packages
	@prettier --check --log-level warn .

types: packages
	@tsc -p .

unused: packages
	@knip

manifest-check: build
	@node scripts/refresh-manifest.ts --check
