# Building, running and testing need Go and make, nothing else.
# GOFLAGS, GOTOOLCHAIN and the like are the caller's.

include .ci/tools.mk

# Tests that check by a real tool find it here, if it was installed.
export PATH := $(TOOLS_BIN):$(PATH)

# The version is in the build info, from git's tag. Where git refuses to tell
# (a checkout that another user owns), go build would fail: build without.
BUILDVCS := $(shell git rev-parse >/dev/null 2>&1 && echo auto || echo false)

# The race detector needs cgo, which go switches off where no C compiler is.
# In CI it may not be missing.
RACE := $(if $(CI)$(filter 1,$(shell go env CGO_ENABLED)),-race)

# The binary takes memory on every node. So it has no symbols, aligns functions to 16
# bytes where amd64 has 32, and has no HTTP/2, because a scrape keeps one connection.
# Nothing is inlined in packages that no scrape passes through.
COLD := crypto/... encoding/... go/... html/... log/... math/big regexp/... text/... vendor/... go.yaml.in/... \
	golang.org/x/net/... golang.org/x/text/... golang.org/x/crypto/... golang.org/x/oauth2/... \
	github.com/alecthomas/... github.com/coreos/... github.com/golang-jwt/... github.com/google/... github.com/mdlayher/... \
	github.com/pandatix/... github.com/prometheus/common/config github.com/prometheus/procfs/... \
	github.com/prometheus/exporter-toolkit/... github.com/klauspost/compress/zstd
SMALL := -trimpath -tags=nethttpomithttp2 -ldflags='-s -w -funcalign=16' $(COLD:%=-gcflags=%=-l)

ARGS     ?=
BENCH    ?= .
FUZZTIME ?= 30s
NODES    ?= 200
WAIT     ?= 6m
# Days after which the policy's data is too old for a release.
MAX_DATA_AGE ?= 45

.DEFAULT_GOAL := help
.PHONY: help build binary image node release run demo test soak day kernels arm64 e2e lint fmt data golden bench benchmarks fuzz screenshots queries tools

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

build: ## Build the static binary ./kernel_exporter
	CGO_ENABLED=0 go build -buildvcs=$(BUILDVCS) $(SMALL) -o . ./cmd/...

# For images and releases: one binary, for GOARCH, at OUT.
binary:
	CGO_ENABLED=0 GOOS=linux go build -buildvcs=$(BUILDVCS) $(SMALL) -o $(OUT) ./cmd/kernel_exporter

# The image of this machine's architecture, with the version of the chart.
IMAGE_ARCH := $(shell go env GOHOSTARCH)
CHART_VERSION := $(shell sed -n 's/^appVersion: //p' deploy/helm/kernel-exporter/Chart.yaml)
image: ## Build the image as an OCI archive in dist/; needs buildah
	$(MAKE) --no-print-directory binary GOARCH=$(IMAGE_ARCH) OUT=dist/linux-$(IMAGE_ARCH)/kernel_exporter
	.ci/image $(IMAGE_ARCH) $(CHART_VERSION) dist/kernel-exporter-$(CHART_VERSION).linux-$(IMAGE_ARCH).oci.tar

# CRDS has the Prometheus Operator's definitions, from its repository's
# example/prometheus-operator-crd. ON_NODE enters the node's namespaces, if it is not this machine itself.
node: image $(TOOLS_BIN)/helm $(TOOLS_BIN)/kubernetes/prometheus ## Install the chart on the Kubernetes node that this machine is, and test it; root: LOAD="k3s ctr images import" CRDS=PATH ON_NODE=COMMAND
	go test -count=1 -v -timeout=20m ./deploy/node -node -load='$(LOAD)' -crds='$(CRDS)' -on-node='$(ON_NODE)' -prometheus=$(TOOLS_BIN)/kubernetes/prometheus $(ARGS)

release: $(TOOLS_BIN)/helm $(RELEASE_TOOLS:%=$(TOOLS_BIN)/%) ## Make archives, packages, images, chart, bills of materials and checksums in dist/, for the tag of HEAD; needs buildah
	go run ./tools/policydata check --max-age=$(MAX_DATA_AGE)
	.ci/release

run: build ## Build, then serve this machine on :10044 until ^C; flags by ARGS="--log.level=debug"
	exec ./kernel_exporter $(ARGS)

# deploy/demo/run says what can be set, and what it needs of Grafana.
demo: export PATH := $(CURDIR):$(PATH)
demo: build $(TOOLS_BIN)/prometheus $(TOOLS_BIN)/alertmanager ## Try rules and dashboards on a simulated fleet, until ^C; NODES=200 PORT=10045 GRAFANA_HOME=...
	@exec deploy/demo/run

# Tests run real processes, and a machine of CI may be busy with others: there up to
# three tests that failed get one more try, and are listed. A data race gets none.
RERUN := $(if $(CI),--rerun-fails=1 --rerun-fails-max-failures=3 --rerun-fails-run-root-test --rerun-fails-abort-on-data-race)

# Under the race detector sync.Pool drops items on purpose: tests that count
# allocations run without it. gotestsum lists at the end what was skipped and why.
test: $(TOOLS_BIN)/gotestsum ## Vet and run all tests, with the race detector where a C compiler is; list what was skipped
	go vet ./...
	go test -run Allocate ./...
	gotestsum --format=pkgname $(RERUN) --packages=./... -- -timeout=40m $(RACE) -shuffle=on -skip Allocate

soak: ## Flood, refuse and forge the kernel log, and kill the exporter, for minutes; overwrites this machine's log, needs root
	SOAK=1 go test -count=1 -v -timeout 1h ./cmd/kernel_exporter

HOURS ?= 3
day: build $(TOOLS_BIN)/prometheus ## Live through HOURS=3 of floods, changes and restarts under two Prometheus; needs root, overwrites this machine's log; WRITE=1 writes docs/kernels.md
	go run ./tools/day -exporter=./kernel_exporter -prometheus=$(TOOLS_BIN)/prometheus -hours=$(HOURS) $(if $(WRITE),-out=docs/kernels.md) $(ARGS)

kernels: build ## Boot Debian's kernels in qemu and compare the exporter with each; SHORT=1, SERIES=6.1,6.12, ONLY=oom_kill; WRITE=1 writes docs/kernels.md
	go run ./tools/kernels $(if $(SHORT),-short) $(if $(SERIES),-series=$(SERIES)) $(if $(ONLY),-only=$(ONLY)) $(if $(WRITE),-out=docs/kernels.md) $(ARGS)

arm64: ## Run the golden tests, check and scrapes of all recorded nodes, as arm64 under qemu-aarch64-static
	GOARCH=arm64 CGO_ENABLED=0 go test -count=1 -timeout=30m -exec=qemu-aarch64-static -parallel=1 ./collector ./cmd/kernel_exporter -run Golden -skip Unreadable

e2e: $(TOOLS_BIN)/prometheus $(TOOLS_BIN)/alertmanager ## From a kernel's line to a page, with real parts, in two minutes; ARGS="-prometheus=PATH" takes another one
	go test -count=1 -v -parallel=16 -timeout=15m ./alerts/e2e -run EndToEnd -e2e $(ARGS)

rulers: $(RULERS:%=$(TOOLS_BIN)/%) ## Load the rules with vmalert; PROMTOOL=PATH tests them with another one, THANOS=PATH checks them with thanos
	vmalert -dryRun -loggerLevel=ERROR -rule=alerts/kernel.yaml
	$(if $(PROMTOOL),PATH="$(dir $(PROMTOOL)):$$PATH" go test -count=1 -timeout=40m ./alerts -run 'Promtool|NodesRaise')
	$(if $(THANOS),$(THANOS) tools rules-check --rules=alerts/kernel.yaml)

lint: $(TOOLS_BIN)/golangci-lint ## Check the written rules (.golangci.yml), and vet for arm64
	golangci-lint config verify
	golangci-lint run
	GOARCH=arm64 go vet ./...

fmt: $(TOOLS_BIN)/golangci-lint ## Format the code as lint wants it
	golangci-lint fmt

# tools/policydata/collect says of which clones, in which variables. DATA is where
# it puts what it gathers, to be read beside the difference.
DATA ?= $(CURDIR)/.data
data: ## Make the policy's data from clones of its sources and from Debian's packages: VULNS=PATH OSV=PATH ...
	tools/policydata/collect $(DATA)
	go run ./tools/policydata make --from $(DATA)

golden: $(TOOLS_BIN)/helm ## Rewrite what is made by code: golden files, rules, chart, manifests; review the diff
	UPDATE_GOLDEN=1 go test ./collector ./collector/kmsg/event ./cmd/... ./alerts ./dashboards/board -run 'Golden|KernelYAML'
	UPDATE_GOLDEN=1 go test ./deploy -run Golden

bench: build $(TOOLS_BIN)/node_exporter ## Compare with node_exporter; LOG=1 measures the kernel log too, GROWTH=1 with thousands of cgroups and mounts (both root), WRITE=1 writes docs/performance.md, NPD=PATH
	go run ./tools/bench -exporter=./kernel_exporter -node-exporter=$(TOOLS_BIN)/node_exporter $(if $(NPD),-problem-detector=$(NPD)) $(if $(GROWTH),-growth) $(if $(LOG),-log) $(if $(WRITE),-out=docs/performance.md) $(ARGS)

benchmarks: ## Run the benchmarks of single functions; some of them by BENCH=regexp
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

fuzz: ## Run each fuzz target for FUZZTIME=30s
	@set -e; \
	packages=$$(go list ./...); \
	for package in $$packages; do \
		targets=$$(go test -list '^Fuzz' $$package | sed -n '/^Fuzz/p'); \
		for target in $$targets; do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

screenshots: $(TOOLS_BIN)/prometheus ## Take the dashboards' pictures; needs Chromium and Grafana (GRAFANA_HOME, or on PATH)
	SCREENSHOTS=$(NODES) WAIT=$(WAIT) go test ./dashboards -run Screenshots -count=1 -v -timeout 0

queries: ## Time every query of the dashboards, with the rules loaded: PROMETHEUS=http://127.0.0.1:10047 (AT=2026-11-26T22:00:00Z where it has stopped to scrape)
	PROMETHEUS=$(PROMETHEUS) AT=$(AT) go test ./dashboards -run Cost -count=1 -v -timeout 0

tools: $(TOOLS:%=$(TOOLS_BIN)/%) ## Install the tools for lint and tests into .tools/bin
