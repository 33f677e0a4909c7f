package alerts_test

import (
	"bytes"
	"os/exec"
	"testing"

	"kernel_exporter/collector/collectortest"
)

// promtool runs promtool, which must not complain.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	tool := collectortest.Tool(t, "promtool", "../.tools/bin/promtool")
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

// TestRuleTestsAreComplete: every alert of every severity is seen to fire and
// to be silent.
func TestRuleTestsAreComplete(t *testing.T) {
	t.Parallel()
	type alert struct{ name, severity, reason string }
	fires, silent := map[alert]bool{}, map[string]bool{}
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
				fires[alert{c.Alertname, a.ExpLabels["severity"], a.ExpLabels["reason"]}] = true
			}
		}
	}
	for _, r := range kernelRules(t) {
		if r.Alert == "" {
			continue
		}
		reason := r.Labels["reason"]
		if r.Alert == "KernelLogLosingRecords" {
			reason = "overrun"
		}
		if !fires[alert{r.Alert, r.Labels["severity"], reason}] {
			t.Errorf("no rule test sees %s of severity %s fire", r.Alert, r.Labels["severity"])
		}
		if !silent[r.Alert] {
			t.Errorf("no rule test sees %s silent", r.Alert)
		}
	}
}
