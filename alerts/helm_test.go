package alerts_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

const chart = "../deploy/helm/kernel-exporter"

// The chart's template of the rules and its default configuration are made of the
// same source as the rules: UPDATE_GOLDEN=1 makes them anew.
func TestGoldenChartRules(t *testing.T) {
	t.Parallel()
	rules, err := alerts.HelmRules()
	if err != nil {
		t.Fatal(err)
	}
	collectortest.Compare(t, filepath.Join(chart, "templates/_rules.tpl"), "{{- define \"ke.rules\" -}}\n"+string(rules)+"{{- end -}}\n")
}

// The chart's values end with the default configuration of the rules.
func TestGoldenChartValues(t *testing.T) {
	t.Parallel()
	const head = "\n# What follows is made by `make golden`: what `kernel_exporter print alerts-config` prints.\nalerts:\n"
	file := filepath.Join(chart, "values.yaml")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	own, _, ok := strings.Cut(string(content), head)
	if !ok {
		t.Fatalf("%s has no line %q", file, strings.TrimSpace(head))
	}
	config, err := alerts.DefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	var made strings.Builder
	made.WriteString(own + head)
	for line := range strings.Lines(string(config)) {
		if line != "\n" {
			made.WriteString("  ")
		}
		made.WriteString(line)
	}
	collectortest.Compare(t, file, made.String())
}

// A chart and a printer that are given the same configuration give the same rules.
func TestChartRendersWhatIsPrinted(t *testing.T) {
	t.Parallel()
	helm := testkit.Tool(t, "helm")
	for name, config := range map[string]string{
		"the defaults": "",
		"names":        "job: kernels\nselector: region=\"eu\", team=~\"a|b\"\ncluster_label: k8s\nkube_state_metrics: job=\"ksm\"\nrunbook_base: https://runbooks.example.org/k\ngrafana_base: https://grafana.example.org\n",
		"additions":    "runbook_base: https://forge.example.org/k/{alert}.md\nlabels: {team: kernel, page: \"yes\"}\nannotations: {owner: nobody}\n",
		"settings": "alerts:\n  KernelSlabUnreclaimableHigh:\n    severity: info\n    for: 2h\n    thresholds: {share: 0.35}\n    critical: {for: 26h}\n" +
			"  KernelPageAllocationFailing:\n    thresholds: {messages: 12, window: 3d}\n  KernelOutOfMemory:\n    disabled: true\n  KernelSlabAllocationFailing:\n    critical: {disabled: true}\n" +
			"  KernelExporterDown:\n    many: {disabled: true}\n  KernelExporterMissing:\n    critical: {disabled: true}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := alerts.NewConfig([]byte(config))
			if err != nil {
				t.Fatal(err)
			}
			printed, err := alerts.PrometheusRule(c, alerts.Resource{})
			if err != nil {
				t.Fatal(err)
			}
			values := filepath.Join(t.TempDir(), "values.yaml")
			var given any
			if err := yaml.Unmarshal([]byte(config), &given); err != nil {
				t.Fatal(err)
			}
			all := map[string]any{"prometheusRule": map[string]any{"enabled": true}}
			if given != nil {
				all["alerts"] = given
			}
			content, err := yaml.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(values, content, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(helm, "template", "x", chart, "--show-only", "templates/prometheusrule.yaml", "--values", values)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			rendered, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			compareGroups(t, groups(t, rendered), groups(t, printed))
		})
	}
}

type ruleGroup struct {
	Name     string
	Interval string `yaml:",omitempty"`
	Rules    []map[string]any
}

func groups(t *testing.T, object []byte) []ruleGroup {
	t.Helper()
	var o struct{ Spec struct{ Groups []ruleGroup } }
	if err := yaml.Unmarshal(object, &o); err != nil {
		t.Fatal(err)
	}
	if len(o.Spec.Groups) == 0 {
		t.Fatal("no groups")
	}
	return o.Spec.Groups
}

func compareGroups(t *testing.T, got, want []ruleGroup) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d groups, not %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i].Name != w.Name || got[i].Interval != w.Interval || len(got[i].Rules) != len(w.Rules) {
			t.Errorf("group %s of %d rules every %q, not %s of %d every %q", got[i].Name, len(got[i].Rules), got[i].Interval, w.Name, len(w.Rules), w.Interval)
			continue
		}
		for j := range w.Rules {
			g, err := yaml.Marshal(got[i].Rules[j])
			if err != nil {
				t.Fatal(err)
			}
			w, err := yaml.Marshal(w.Rules[j])
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(g, w) {
				t.Errorf("rendered:\n%s\nprinted:\n%s", g, w)
			}
		}
	}
}
