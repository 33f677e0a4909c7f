package alerts_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/host"
)

// testdata is where the nodes are whose metrics.prom the collectors' own tests
// compare with what the collectors say.
const testdata = "../collector/testdata"

// alertsOfNodes returns which alerts each node in testdata must raise, with
// their severities, if it is scraped for 4 hours from the moment of its
// recording on and stays as it was recorded. A fleet alert is raised as by a
// cluster that is this one node. The watchdog fires for each that can be read, and
// the age of the policy's data says nothing of a node.
func alertsOfNodes() map[string][]string {
	return map[string][]string{
		"centos-7.6-3.10": {
			"KernelHungTasks warning", "KernelKmemAccountingUnstable warning", "KernelNetdevLeak warning",
			"KernelSlabAllocationFailing warning", "KernelSlabUnreclaimableHigh warning", "KernelTooOld warning",
			"OSUnsupported warning",
		},
		"centos-7.9-3.10-leaking": {
			"KernelHungTasks warning", "KernelKmemAccountingUnstable warning", "KernelSlabAllocationFailing warning",
			"KernelTooOld warning", "OSUnsupported warning",
		},
		"centos-7.9-3.10-nokmem": {
			"KernelHungTasks warning", "KernelTooOld warning", "OSUnsupported warning",
		},
		"centos-7.9-3.10-quiet": {
			"KernelKmemAccountingUnstable warning", "KernelTooOld warning", "OSUnsupported warning",
		},
		"debian-11-5.10": {
			"KernelBlocksKubernetes warning", "KernelHungTasks warning", "KernelKnownBug warning", "KernelPidsLimitHit info", "OSUnsupported warning",
		},
		"debian-12-6.1": {
			"KernelHungTasks warning", "KernelKnownBug warning", "KernelPidsLimitHit info",
		},
		"debian-13-6.12-sick": {
			"KernelFilesystemError warning", "KernelFilesystemReadOnly critical", "KernelFilesystemReadOnly warning",
			"KernelHungTasks warning", "KernelStorageError warning",
		},
		"debian-sid-7.2": {
			"KernelHungTasks warning", "KernelKnownBug warning", "KernelPidsLimitHit info", "KernelPolicyUnknown info",
		},
		"linux-6.18-fc": {
			"KernelBlocksKubernetes warning",
		},
		"mainline-5.10": {
			"KernelKnownBug warning", "KernelPolicyUnknown info", "OSUnsupported warning",
		},
		"mainline-6.12": {
			"KernelPolicyUnknown info",
		},
		"rancheros-1.5-4.14": {
			"KernelBlocksKubernetes warning", "KernelKnownBug warning", "OSUnsupported warning",
		},
		"rhel-9-5.14": { // a live patch makes unknown which bugs it still has
			"OSUnsupported warning",
		},
		"ubuntu-16.04-4.4": {
			"KernelBlocksKubernetes warning", "KernelHungTasks warning", "KernelKnownBug warning",
			"KernelSlabAllocationFailing warning", "OSUnsupported warning",
		},
		"ubuntu-22.04-5.15-cgroupv2": {
			"KernelKnownBug warning",
		},
		"unreadable": {
			"KernelCollectorFailing warning", "KernelLogUnreadable warning", "KernelPolicyUnknown info",
		},
	}
}

// TestNodesRaiseTheirAlertsAndNoOthers is the chain from a kernel's files to
// the pager: root, metrics.prom, rules.
func TestNodesRaiseTheirAlertsAndNoOthers(t *testing.T) {
	t.Parallel()
	nodes, want := collectortest.Nodes(t, testdata), alertsOfNodes()
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expected, listed := want[name]
			if !listed {
				t.Fatal("alertsOfNodes does not say which alerts this node must raise")
			}
			promtool(t, "test", "rules", nodeRuleTest(t, nodes[name], expected))
		})
	}
	for name := range want {
		if nodes[name] == "" {
			t.Errorf("alertsOfNodes lists %s, which is not in testdata", name)
		}
	}
}

// nodeRuleTest writes a rule test that scrapes a node for 4 hours, and returns
// its path.
func nodeRuleTest(t *testing.T, root string, expected []string) string {
	t.Helper()
	dir := t.TempDir()
	input := nodeSeries(t, root)
	var names []string
	for _, s := range input {
		names = append(names, s["series"])
	}
	live := sourceRules(t).only(fed(kernelRules(t), names))
	rules, err := yaml.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.yaml"), rules, 0o600); err != nil {
		t.Fatal(err)
	}

	type sample struct {
		Labels string
		Value  float64
	}
	type query struct {
		Expr       string
		EvalTime   string   `yaml:"eval_time"`
		ExpSamples []sample `yaml:"exp_samples"`
	}
	type test struct {
		Interval       string
		InputSeries    []map[string]string `yaml:"input_series"`
		PromqlExprTest []query             `yaml:"promql_expr_test"`
	}
	file := struct {
		RuleFiles          []string `yaml:"rule_files"`
		EvaluationInterval string   `yaml:"evaluation_interval"`
		GroupEvalOrder     []string `yaml:"group_eval_order"`
		Tests              []test
	}{
		RuleFiles:          []string{"kernel.yaml"},
		EvaluationInterval: "5m",
		GroupEvalOrder:     live.names(),
		Tests: []test{{
			Interval:    "1m",
			InputSeries: input,
			PromqlExprTest: []query{{
				Expr:     `max by (alertname, severity) (max_over_time(ALERTS{alertstate="firing", alertname!~"KernelAlertsWatchdog|KernelPolicyDataOld"}[5h]))`,
				EvalTime: "4h",
			}},
		}},
	}
	for _, e := range expected {
		name, severity, _ := strings.Cut(e, " ")
		file.Tests[0].PromqlExprTest[0].ExpSamples = append(file.Tests[0].PromqlExprTest[0].ExpSamples,
			sample{fmt.Sprintf(`{alertname=%q, severity=%q}`, name, severity), 1})
	}
	content, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "node_test.yaml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// nodeSeries returns what a node's metrics.prom says, as input series that stay
// as they are. Rule tests begin at the epoch, so times are moved: those of the
// node's own clock such that it begins when the node was recorded, and dates of
// support and data such that it begins today, of which the golden files are.
func nodeSeries(t *testing.T, root string) []map[string]string {
	t.Helper()
	exposition := collectortest.Golden(t, filepath.Join(root, "metrics.prom"))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(exposition))
	if err != nil {
		t.Fatal(err)
	}
	dates := []string{
		"kernel_support_end_timestamp_seconds", "kernel_os_support_end_timestamp_seconds",
		"kernel_policy_data_timestamp_seconds", "kernel_build_timestamp_seconds",
	}
	clock := []string{"kernel_boot_time_seconds", "kernel_log_event_last_seen_timestamp_seconds"}

	series := []map[string]string{{"series": `up{job="kernel_exporter", instance="node"}`, "values": "1x240"}}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		for _, m := range families[name].GetMetric() {
			if name == "kernel_time_seconds" { // it goes on
				series = append(series, map[string]string{"series": seriesName(name, m), "values": "0+60x240"})
				continue
			}
			value := m.GetGauge().GetValue() + m.GetCounter().GetValue()
			switch {
			case slices.Contains(dates, name):
				value -= float64(collectortest.Today().Unix())
			case slices.Contains(clock, name):
				value -= float64(recordedAt(t, root).UnixMilli()) / 1e3
			case strings.HasSuffix(name, "_time_seconds"), strings.HasSuffix(name, "_timestamp_seconds"):
				t.Fatalf("%s: by which clock?", name)
			}
			series = append(series, map[string]string{
				"series": seriesName(name, m),
				"values": strconv.FormatFloat(value, 'f', -1, 64) + "x240",
			})
		}
	}
	return series
}

// recordedAt returns when a node was recorded, by its own clock.
func recordedAt(t *testing.T, root string) time.Time {
	t.Helper()
	fs, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	boot, err := fs.BootTime()
	if err != nil {
		t.Fatal(err)
	}
	uptime, err := fs.Uptime()
	if err != nil {
		t.Fatal(err)
	}
	return boot.Add(uptime)
}

func seriesName(name string, m *dto.Metric) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `%s{job="kernel_exporter", instance="node"`, name)
	for _, l := range m.GetLabel() {
		fmt.Fprintf(&b, ", %s=%q", l.GetName(), l.GetValue())
	}
	return b.String() + "}"
}
