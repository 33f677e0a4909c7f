package alerts_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kernel_exporter/alerts"
)

// TestTheDefaultConfigurationChangesNothing: what alerts-config prints is what
// holds without a configuration.
func TestTheDefaultConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	content, err := alerts.DefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(rendered(t, string(content)), rendered(t, "")) {
		t.Error("with the configuration that is printed, the rules are others")
	}
	for _, r := range kernelRules(t) {
		if r.Alert != "" && !bytes.Contains(content, []byte("\n  "+r.Alert+":\n")) {
			t.Errorf("the configuration lacks %s", r.Alert)
		}
	}
}

// own is a configuration that changes all that can be.
const own = `
job: monitoring/kernel-exporter
selector: region=~"eu-.+", shard!="0"
cluster_label: k8s_cluster
kube_state_metrics: job="ksm"
runbook_base: https://wiki.example/
grafana_base: https://grafana.example/
labels: {team: kernel}
annotations: {channel: "#kernel: alerts"}
alerts:
  KernelIOError:
    severity: critical
    for: 10m
    thresholds: {messages: 50, window: 2h}
  KernelSlabUnreclaimableHigh:
    thresholds: {share: 0.15}
    critical: {severity: warning, thresholds: {share: 0.5}}
  KernelLockup:
    critical: {disabled: true}
  KernelOops: {disabled: true}
  KernelVersionsTooMany: {disabled: true}
  KernelPolicyMixed: {disabled: true}
`

func TestAConfigurationIsHeeded(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Name, Interval string
			Rules          []rule
		}
	}
	content := rendered(t, own)
	decode(t, content, &file)
	severities := map[string]string{}
	for _, g := range file.Groups {
		if g.Name == "kernel-fleet" || len(g.Rules) == 0 {
			t.Errorf("the group %s has %d rules", g.Name, len(g.Rules))
		}
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			severities[r.Alert] = strings.TrimSpace(severities[r.Alert] + " " + r.Labels["severity"])
			if r.Labels["team"] != "kernel" || r.Annotations["channel"] != "#kernel: alerts" || r.Annotations["runbook_url"] != "https://wiki.example/"+r.Alert ||
				!strings.HasPrefix(r.Annotations["dashboard_url"], "https://grafana.example/d/kernel-exporter-") {
				t.Errorf("%s: labels %v, annotations %v", r.Alert, r.Labels, r.Annotations)
			}
			if r.Alert == "KernelIOError" && (r.For != "10m" || !strings.Contains(r.Expr, ">= 50") || !strings.Contains(r.Expr, "[2h]") ||
				!strings.Contains(r.Annotations["description"], "at least 50 times within 2 hours")) {
				t.Errorf("%+v", r)
			}
		}
	}
	for alert, want := range map[string]string{"KernelIOError": "critical", "KernelSlabUnreclaimableHigh": "warning warning", "KernelLockup": "warning", "KernelOops": "", "KernelHungTasks": "warning"} {
		if severities[alert] != want {
			t.Errorf("%s has the severities %q, want %q", alert, severities[alert], want)
		}
	}
	// An age that is asked for must have been recorded.
	if !bytes.Contains(content, []byte("< 2 * 3600\n")) {
		t.Error("the age of events is not recorded for as long as the longest window")
	}
	for _, m := range regexp.MustCompile(`\bkernel_\w+\{[^{}]*\}|\bup\{[^{}]*\}`).FindAll(content, -1) {
		recorded := bytes.Contains(content, append([]byte(":"), m...))
		if !bytes.Contains(m, []byte(`job="monitoring/kernel-exporter"`)) || !recorded && !bytes.Contains(m, []byte(`region=~"eu-.+", shard!="0"`)) {
			t.Errorf("%s does not have the selector", m)
		}
	}
	if m := regexp.MustCompile(`\bcluster\b[,)]|labels\.cluster\b`).Find(content); m != nil {
		t.Errorf("%s: the cluster has another label", m)
	}
}

// TestWhatIsDisabledLeavesNoGap: an alert that leaves the many to another one takes
// them itself where that is disabled.
func TestWhatIsDisabledLeavesNoGap(t *testing.T) {
	t.Parallel()
	for alert, other := range map[string]string{"KernelExporterDown": "many", "KernelExporterMissing": "critical"} {
		rule := regexp.MustCompile(`(?s)- alert: ` + alert + `\n.*?for: `)
		if first := rule.Find(rendered(t, "")); !bytes.Contains(first, []byte("unless")) {
			t.Errorf("%s leaves nothing to another:\n%s", alert, first)
		}
		content := rendered(t, "alerts: {"+alert+": {"+other+": {disabled: true}}}")
		if first := rule.Find(content); len(first) == 0 || bytes.Contains(first, []byte("unless")) {
			t.Errorf("%s leaves to what is disabled:\n%s", alert, first)
		}
	}
}

// TestRulesOfConfigurationsPassPromtool checks their syntax, and runs a rule
// test on one of them.
func TestRulesOfConfigurationsPassPromtool(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"own":      own,
		"cluster":  "cluster_label: datacenter\n",
		"selector": `selector: 'a="b"'`,
		"empty":    "# nothing\n",
		"no value": "alerts:\nlabels:\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rules.yaml")
			if err := os.WriteFile(path, rendered(t, content), 0o600); err != nil {
				t.Fatal(err)
			}
			promtool(t, "check", "rules", path)
		})
	}
	t.Run("evaluated", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		test := `rule_files: [own.yaml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'kernel_memory_total_bytes{job="monitoring/kernel-exporter", instance="n1", k8s_cluster="prod", region="eu-1", pod="a"}', values: 100x100}
      - {series: 'kernel_slab_unreclaimable_bytes{job="monitoring/kernel-exporter", instance="n1", k8s_cluster="prod", region="eu-1", pod="a"}', values: 17x100}
      - {series: 'kernel_memory_total_bytes{job="monitoring/kernel-exporter", instance="n2", k8s_cluster="prod", region="us-1", pod="a"}', values: 100x100}
      - {series: 'kernel_slab_unreclaimable_bytes{job="monitoring/kernel-exporter", instance="n2", k8s_cluster="prod", region="us-1", pod="a"}', values: 17x100}
    alert_rule_test:
      - eval_time: 40m
        alertname: KernelSlabUnreclaimableHigh
        exp_alerts:
          - exp_labels: {job: monitoring/kernel-exporter, instance: n1, k8s_cluster: prod, severity: warning, kind: symptom, team: kernel}
            exp_annotations:
              summary: The kernel holds a large part of the memory in slab that it cannot take back.
              description: Unreclaimable slab is 17% of the memory of n1 of cluster prod, more than 15%.
              runbook_url: https://wiki.example/KernelSlabUnreclaimableHigh
              dashboard_url: https://grafana.example/d/kernel-exporter-node?var-job=monitoring/kernel-exporter&var-cluster=prod&var-instance=n1
              channel: "#kernel: alerts"
`
		for file, content := range map[string][]byte{"own.yaml": rendered(t, own), "test.yaml": []byte(test)} {
			if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		promtool(t, "test", "rules", filepath.Join(dir, "test.yaml"))
	})
}

// TestAConfigurationThatIsWrongIsRefused with one line that names the line.
func TestAConfigurationThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"jobs: a":                                                              `line 1: "jobs" is not known here; known are job, `,
		"\njob: 'a\"b'":                                                        `line 2: "a\"b" is not the name of a job`,
		"selector: up":                                                         `line 1: "up" is not matchers of labels such as`,
		"selector: 'a=\"b\"} or up{c=\"d\"'":                                   `line 1: `,
		"cluster_label: k8s-cluster":                                           `line 1: "k8s-cluster" is not the name of a label`,
		"runbook_base: wiki":                                                   `line 1: "wiki" is not an absolute http or https URL`,
		"labels: {severity: none}":                                             `line 1: severity is set by the rules`,
		"labels: {a-b: c}":                                                     `line 1: "a-b" is no name`,
		"annotations: [a]":                                                     `line 1: it is no mapping`,
		"alerts:\n  KernelOpps: {}":                                            `line 2: there is no alert "KernelOpps"`,
		"alerts:\n  KernelLockup/critical: {}":                                 `line 2: there is no alert "KernelLockup/critical"`,
		"alerts: {KernelOops: {threshold: 1}}":                                 `line 1: "threshold" is not known here; known are disabled, severity, for, thresholds, survived`,
		"alerts: {KernelOops: {severity: page}}":                               `line 1: "page" is not critical, warning or info`,
		"alerts: {KernelOops: {disabled: maybe}}":                              `line 1: disabled is true or false, not "maybe"`,
		"alerts: {KernelOops: {for: 5}}":                                       `line 1: for: "5" is no duration such as 15m`,
		"alerts: {KernelOops: {for: 5m, for: 6m}}":                             `for`,
		"alerts:\n  KernelIOError:\n    thresholds:\n      message: 5":         `line 4: there is no threshold "message"; there is messages, window`,
		"alerts: {KernelIOError: {thresholds: {messages: 0}}}":                 `line 1: messages: "0" is no whole number of at least 1`,
		"alerts: {KernelIOError: {thresholds: {window: 90s}}}":                 `line 1: window: "90s" is no duration of whole minutes such as 15m`,
		"alerts: {KernelIOError: {thresholds: {window: 1h or 1}}}":             `line 1: window: `,
		"alerts: {KernelSlabUnreclaimableHigh: {thresholds: {share: 20}}}":     `line 1: share: "20" is no share between 0 and 1`,
		"alerts: {KernelSlabUnreclaimableHigh: {critical: {thresholds: [a]}}}": `line 1: thresholds is no mapping`,
		"alerts: {KernelNeighbourTableOverflow: {thresholds: {messages: 1}}}":  `line 1: there is no threshold "messages"; there is window`,
		"alerts: {KernelTooOld: {thresholds: {nodes: 1}}}":                     `line 1: there is no threshold "nodes", nor another`,
		"job: a\n---\njob: b":                                                  `more than one YAML document`,
		"job: [":                                                               `line 1`,
		"- job":                                                                `line 1: the configuration is no mapping`,
	} {
		_, err := alerts.NewConfig([]byte(content))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line with %q", content, err, want)
		}
	}
}
