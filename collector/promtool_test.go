package collector_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// TestPromtoolHasNothingToSay runs the linter of Prometheus itself over what
// each node exposes.
func TestPromtoolHasNothingToSay(t *testing.T) {
	t.Parallel()
	promtool := testkit.Tool(t, "promtool")
	for node, root := range collectortest.Nodes(t, "testdata") {
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(collectortest.Golden(t, filepath.Join(root, "metrics.prom")))
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: promtool check metrics: %v\n%s", node, err, out)
		}
	}
}
