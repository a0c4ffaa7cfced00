# Everything a checkout is for. `make` alone lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PREFIX  ?= /usr/local
DESTDIR ?=
CLIP    ?=
MODEL   ?=
ARGS    ?=

RELEASE := .build/release/seats-top
# Debian packages, each with a file that shows it is there.
BUILD_PACKAGES := libncurses-dev libopenblas-dev pkg-config
TEST_PACKAGES  := $(BUILD_PACKAGES) tmux ffmpeg

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Open the screen: make run [CLIP=path] [MODEL=dir] [ARGS=…]
	@$(RELEASE) $(if $(CLIP),"$(CLIP)") $(if $(MODEL),--model "$(MODEL)") $(ARGS)

.PHONY: build
build: dependencies ## Build the release executable
	swift build -c release --product seats-top

.PHONY: test
test: test-dependencies ## Run all tests
	swift test

.PHONY: lint
lint: ## Check formatting and style
	swift format lint --recursive --strict --parallel Package.swift Sources Tests

.PHONY: format
format: ## Format the sources in place
	swift format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: snapshots
snapshots: test-dependencies ## Record the pictures of the screens anew; read the diff before committing
	SEATS_TOP_RECORD=1 swift test --filter DashboardTests

.PHONY: bench
bench: build ## Measure start-up and key latency
	swift build -c release --product seats-top-bench
	.build/release/seats-top-bench

.PHONY: install
install: build ## Install below PREFIX (default /usr/local), honouring DESTDIR
	install -D -m 755 $(RELEASE) "$(DESTDIR)$(PREFIX)/bin/seats-top"
	mkdir -p "$(DESTDIR)$(PREFIX)/share/seats-top/samples"
	cp -R themes "$(DESTDIR)$(PREFIX)/share/seats-top/"
	cp -R samples/model samples/clips samples/benchmark.jsonl \
	  "$(DESTDIR)$(PREFIX)/share/seats-top/samples/"

.PHONY: uninstall
uninstall: ## Remove what install put below PREFIX
	rm -f "$(DESTDIR)$(PREFIX)/bin/seats-top"
	rm -rf "$(DESTDIR)$(PREFIX)/share/seats-top"

.PHONY: clean
clean: ## Remove everything that was built
	swift package clean
	rm -rf .build

.PHONY: dependencies
dependencies: swift
	@.ci/install-packages $(BUILD_PACKAGES)

.PHONY: test-dependencies
test-dependencies: swift
	@.ci/install-packages $(TEST_PACKAGES)

.PHONY: swift
swift:
	@command -v swift >/dev/null || { \
	  echo "make: Swift is missing: install a 6.2 or later toolchain from https://swift.org/install and put it on PATH." >&2; \
	  exit 1; }
