package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrintAlertsHeedsAConfiguration that is what alerts-config prints, changed.
func TestPrintAlertsHeedsAConfiguration(t *testing.T) {
	t.Parallel()
	config := mustPrint(t, "alerts-config")
	path := filepath.Join(t.TempDir(), "config.yaml")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(config)
	if mustPrint(t, "alerts", "--config="+path) != mustPrint(t, "alerts") {
		t.Error("the default configuration changes the rules")
	}
	write(strings.Replace(config, "job: kernel_exporter\n", "job: kernels\n", 1))
	if got := mustPrint(t, "alerts", "--config="+path); strings.Contains(got, `job="kernel_exporter"`) || !strings.Contains(got, `job="kernels"`) {
		t.Error("the job is not that of the configuration")
	}
}

func TestPrintPrometheusRuleHasNameNamespaceAndLabels(t *testing.T) {
	t.Parallel()
	got := mustPrint(t, "prometheusrule", "--name=kernels", "--namespace=monitoring", "--label=release=kps", "--label=prometheus=k8s")
	want := "metadata:\n  name: kernels\n  namespace: monitoring\n  labels:\n    app.kubernetes.io/name: kernel-exporter\n    prometheus: k8s\n    release: kps\nspec:\n"
	if !strings.Contains(got, want) {
		t.Errorf("print prometheusrule begins\n%.400s", got)
	}
	if got := mustPrint(t, "prometheusrule", "--grafana-base=https://grafana.example"); !strings.Contains(got, "dashboard_url: https://grafana.example/d/kernel-exporter-node?") {
		t.Error("there is no dashboard_url")
	}
}

func TestPrintAlertsRefusesAConfigurationThatIsWrong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("job: a\nalerts:\n  KernelOpps: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--config=" + path:             `kernel_exporter: --config: ` + path + `:3: there is no alert "KernelOpps"`,
		"--config=/nonexistent/x.yaml": "kernel_exporter: --config: open /nonexistent/x.yaml: no such file or directory",
		"--grafana-base=grafana":       `kernel_exporter: --grafana-base: "grafana" is not an absolute http or https URL without a query or a fragment`,
		"--config=" + t.TempDir():      "not a regular file",
	} {
		stdout, stderr, code := printed(t, "alerts", args)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("print alerts %s: exit code %d, stderr %q, want %q", args, code, stderr, want)
		}
	}
	if _, stderr, code := printed(t, "prometheusrule", "--name=A_b"); code != exitUsage || strings.Count(stderr, "\n") != 1 {
		t.Errorf("a wrong name: exit code %d, stderr %q", code, stderr)
	}
}

// TestTheExampleOfTheTextfileRouteIsAConfiguration with the job that its series have.
func TestTheExampleOfTheTextfileRouteIsAConfiguration(t *testing.T) {
	t.Parallel()
	got := mustPrint(t, "alerts", "--config=../../deploy/alerts-textfile.yaml")
	for alert, want := range map[string]bool{"KernelTooOld": true, "KernelReportOld": true, "KernelExporterDown": false, "KernelClockSkew": false} {
		if strings.Contains(got, "- alert: "+alert+"\n") != want {
			t.Errorf("%s is there: %v, want %v", alert, !want, want)
		}
	}
	if strings.Contains(got, `job="kernel_exporter"`) {
		t.Error("the job is not that of node_exporter")
	}
}
