package alerts_test

import (
	"bytes"
	"os/exec"
	"slices"
	"testing"

	"kernel_exporter/collector/testkit"
)

// promtool runs promtool, which must not complain.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	tool := testkit.Tool(t, "promtool", "../.tools/bin/promtool")
	out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %q: %v\n%s", args, err, bytes.TrimSpace(out))
	}
}

func TestPromtoolChecksTheRules(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", "kernel.yaml")
}

func TestPromtoolTestsTheRules(t *testing.T) {
	t.Parallel()
	for _, file := range ruleTestFiles(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", file)
		})
	}
}

// TestRuleTestsAreComplete: every rule of every alert is seen to fire, and every
// alert to be silent.
func TestRuleTestsAreComplete(t *testing.T) {
	t.Parallel()
	fires, silent := map[string][]map[string]string{}, map[string]bool{}
	names := map[string]bool{}
	for _, test := range ruleTests(t) {
		if names[test.Name] || test.Name == "" {
			t.Errorf("there are two tests named %q", test.Name)
		}
		names[test.Name] = true
		for _, c := range test.AlertRuleTest {
			if len(c.ExpAlerts) == 0 {
				silent[c.Alertname] = true
			}
			for _, a := range c.ExpAlerts {
				fires[c.Alertname] = append(fires[c.Alertname], a.ExpLabels)
			}
		}
	}
	for _, r := range kernelRules(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.ContainsFunc(fires[r.Alert], func(seen map[string]string) bool {
			for name, value := range r.Labels {
				if seen[name] != value {
					return false
				}
			}
			return true
		}) {
			t.Errorf("no rule test sees %s with the labels %v fire", r.Alert, r.Labels)
		}
		if !silent[r.Alert] {
			t.Errorf("no rule test sees %s silent", r.Alert)
		}
	}
}
