# The one place where the versions of the tools for lint and tests stand. None
# is a part of the product: each is built as a module of its own into .tools/bin,
# so that no requirement of theirs reaches go.mod. A new tool is a name and a line.
TOOLS := gotestsum golangci-lint promtool prometheus alertmanager amtool helm

gotestsum     := gotest.tools/gotestsum@v1.13.0
golangci-lint := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
promtool      := github.com/prometheus/prometheus/cmd/promtool@v0.316.0
prometheus    := github.com/prometheus/prometheus/cmd/prometheus@v0.316.0
alertmanager  := github.com/prometheus/alertmanager/cmd/alertmanager@v0.31.1
amtool        := github.com/prometheus/alertmanager/cmd/amtool@v0.31.1

# Only make bench needs this: the peer.
PEERS := node_exporter

node_exporter := github.com/prometheus/node_exporter@v1.12.1

# Only make rulers needs this: another program that evaluates the rules.
RULERS := vmalert

vmalert := github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert@v1.151.0

# Only make release needs these.
RELEASE_TOOLS := nfpm cyclonedx-gomod

nfpm            := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.44.1
helm          := helm.sh/helm/v3/cmd/helm@v3.22.0
cyclonedx-gomod := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

TOOLS_BIN := $(CURDIR)/.tools/bin

# The tag is Prometheus's own: without it, its programs bring the clients of every cloud.
$(TOOLS:%=$(TOOLS_BIN)/%) $(PEERS:%=$(TOOLS_BIN)/%) $(RULERS:%=$(TOOLS_BIN)/%) $(RELEASE_TOOLS:%=$(TOOLS_BIN)/%): $(TOOLS_BIN)/%: .ci/tools.mk
	GOBIN=$(TOOLS_BIN) go install -tags=remove_all_sd $($*)
	@touch $@

# Only make node needs this: a Prometheus that asks the API server for its targets.
$(TOOLS_BIN)/kubernetes/prometheus: .ci/tools.mk
	GOBIN=$(@D) go install -tags=remove_all_sd,enable_kubernetes_sd $(prometheus)
	@touch $@
