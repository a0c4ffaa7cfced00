# `make` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PREFIX  ?= /usr/local
DESTDIR ?=
CLIP    ?=
MODEL   ?=
ARGS    ?=
READER  ?=
CASES   ?= 1000000
SEED    ?= 1
SEEDS   ?= 2000
MINUTES ?= 60
HASTE   ?= 1
SANITIZER ?= thread
PYTHON    ?= python3
# Without the suites that start the built program: it replaces signal handlers that sanitizers need.
SUITE     ?= BasicsTests|RunsTests|EvaluationsTests|SessionsTests|TracesTests|TerminalTests|MediaTests|DashboardTests|OmniModelTests|TensorsTests|SelectionTests|SyntheticWorldTests|FuzzTests

RELEASE := .build/release/seats-top
MANUAL  := .build/release/generate-manual
# Debian packages, each with a file that shows it is there.
BUILD_PACKAGES := libncurses-dev libopenblas-dev pkg-config
TEST_PACKAGES  := $(BUILD_PACKAGES) tmux ffmpeg
DEB_PACKAGES   := dpkg-dev

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
# In sequence: many tests drive a program in a terminal and wait for it.
test: test-dependencies ## Run all tests
	swift test --no-parallel
	.ci/test-kernels
	swift build --product generate-manual
	packaging/try-install .build/debug/seats-top .build/debug/generate-manual

.PHONY: test-unit
test-unit: test-dependencies ## Run the tests that need no model, clip tool or program
	swift test --no-parallel --filter "^(Tensors|Selection|Terminal|SyntheticWorld|Dashboard)Tests\."

.PHONY: test-pytorch
test-pytorch: dependencies ## Test the PyTorch recorder and engine, in virtual environments made for it [PYTHON=python3]
	swift build --product seats-top
	@PYTHON="$(PYTHON)" .ci/test-pytorch

.PHONY: lint
lint: ## Check formatting, style and vocabulary
	swift format lint --recursive --strict --parallel Package.swift Sources Tests
	@.ci/lint-words

.PHONY: format
format: ## Format the sources in place
	swift format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: strings
strings: ## Print every string literal of the sources with its place, to proofread
	@swift .ci/strings.swift Sources

.PHONY: snapshots
snapshots: test-dependencies ## Re-record the snapshots of the screens; read the diff before committing
	SEATS_TOP_RECORD=1 swift test --filter DashboardTests

.PHONY: record-bytes
record-bytes: test-dependencies ## Re-record the output of every method on the samples; read the diff before committing
	SEATS_TOP_RECORD=1 swift test --filter 'GoldenBytesTests|Golden.bytes'

.PHONY: screenshots
screenshots: build ## Redraw the pictures of the README from the sample trace
	@RELEASE="$(RELEASE)" docs/pictures/draw

.PHONY: sample-trace
sample-trace: build ## Re-record the trace in samples/
	$(RELEASE) capture samples/clips/4-two-at-once --config /dev/null --keys "space f 4 R" \
	  --record samples/sample.trace.jsonl >/dev/null

.PHONY: bench
bench: build ## Measure start-up, keys and frames, then the engine from kernels to prefills
	swift build -c release --product seats-top-bench
	swift build -c release --product engine-bench
	.build/release/seats-top-bench
	.build/release/seats-top-bench frames
	.build/release/engine-bench

.PHONY: fuzz
fuzz: dependencies ## Feed damaged input to every reader: make fuzz [READER=ppm] [CASES=1000000] [SEED=1]
	@READER="$(READER)" CASES="$(CASES)" SEED="$(SEED)" .ci/fuzz

.PHONY: soak
soak: build ## Press random keys for an hour: make soak [MINUTES=60] [HASTE=1] [SEED=11]
	swift build -c release --product seats-top-bench
	@MINUTES="$(MINUTES)" HASTE="$(HASTE)" SEED="$(SEED)" .ci/soak

.PHONY: edits
edits: test-dependencies ## Random keys, and settings changed at every step, against fresh runs: make edits [SEEDS=2000] [SEED=1]
	@SEATS_TOP_EDIT_SEEDS="$(SEEDS)" SEATS_TOP_EDIT_SEED="$(SEED)" swift test -c release \
	  --no-parallel --scratch-path .build-edits -Xswiftc -enable-testing --filter EditTests

.PHONY: sanitize
sanitize: dependencies ## Run the suites that share memory under a sanitizer: make sanitize [SANITIZER=thread] [SUITE=…]
	@# TOMLKit never frees its tables, nor ncurses its terminal: leak detection is off.
	@# Some tests request more memory than the machine has.
	TSAN_OPTIONS=allocator_may_return_null=1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	  swift test --no-parallel --sanitize $(SANITIZER) --scratch-path .build-$(SANITIZER) \
	  --filter "$(SUITE)"

.PHONY: install
install: build manual-generator ## Install below PREFIX (default /usr/local), honouring DESTDIR
	packaging/stage $(RELEASE) $(MANUAL) .build/stage
	packaging/install .build/stage "$(DESTDIR)$(PREFIX)"

.PHONY: uninstall
uninstall: ## Remove exactly what install put below PREFIX
	packaging/uninstall "$(DESTDIR)$(PREFIX)"

.PHONY: deb
deb: dependencies manual-generator ## Build a Debian package, the Swift runtime inside, in .build
	@.ci/install-packages $(DEB_PACKAGES)
	swift build -c release --product seats-top --static-swift-stdlib --scratch-path .build/static
	packaging/stage .build/static/release/seats-top $(MANUAL) .build/stage
	packaging/deb .build/stage .build

.PHONY: try-deb
try-deb: deb ## Install the Debian package in a fresh Debian and run it (needs root)
	@.ci/install-packages mmdebstrap
	packaging/try-deb .build/seats-top_*.deb

.PHONY: manual-generator
manual-generator: swift
	swift build -c release --product generate-manual

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
