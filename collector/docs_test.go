package collector_test

import (
	"fmt"
	"strings"
	"testing"

	"kernel_exporter/collector"
	"kernel_exporter/collector/collectortest"
)

// TestGoldenReadme generates the documentation of the metrics from the
// code and compares it with README.md.
func TestGoldenReadme(t *testing.T) {
	t.Parallel()
	collectortest.Compare(t, "README.md", documentation(start(t, t.TempDir())))
}

func documentation(e *collector.Exporter) string {
	var b strings.Builder
	b.WriteString("# Metrics\n\nGenerated from the code by `make golden`; a test compares.\n\n" +
		"A value that cannot be known is absent, never 0. A file that this kernel does not have is no error;\n" +
		"one that exists and cannot be read or parsed makes `kernel_scrape_collector_success` 0.\n")
	metrics := e.Metrics()
	for _, d := range collector.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", d.Name, d.Help)
		if d.Needs != "" {
			fmt.Fprintf(&b, "\nNeeds: %s\n", d.Needs)
		}
		table(&b, metrics[d.Name])
	}
	b.WriteString("\n## Every collector\n")
	table(&b, metrics[""])
	return b.String()
}

func table(b *strings.Builder, metrics []*collector.Metric) {
	b.WriteString("\n| metric | type | labels | |\n|---|---|---|---|\n")
	for _, m := range metrics {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", m.Name, m.TypeName(), strings.Join(m.Labels, ", "), m.Help)
	}
}

// TestEveryMetricIsSeen proves that each documented metric is emitted on some
// recorded or composed node: documentation of what never comes is wrong.
func TestEveryMetricIsSeen(t *testing.T) {
	t.Parallel()
	emitted := map[string]bool{"kernel_scrape_collector_duration_seconds": true}
	var e *collector.Exporter
	for _, root := range collectortest.Nodes(t, "testdata") {
		e = start(t, root)
		for _, f := range gather(t, e) {
			emitted[f.GetName()] = true
		}
	}
	onlyLive := map[string]string{
		"kernel_overlayfs_dtype_supported": "never on a root that is not this machine's",
	}
	for _, metrics := range e.Metrics() {
		for _, m := range metrics {
			if !emitted[m.Name] && onlyLive[m.Name] == "" {
				t.Errorf("%s is on no node in testdata", m.Name)
			}
		}
	}
}
