package e2e_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/testkit"
)

const configuration = "../../deploy/alertmanager.yaml"

func TestAmtoolChecksTheConfiguration(t *testing.T) {
	t.Parallel()
	run(t, "amtool", "check-config", configuration)
}

// goesTo fails the test unless an alert is routed to the receiver and no other.
func goesTo(t *testing.T, receiver string, labels ...string) {
	t.Helper()
	out := run(t, "amtool", append([]string{"config", "routes", "test", "--config.file=" + configuration}, labels...)...)
	if got := strings.TrimSpace(out); got != receiver {
		t.Errorf("%s goes to %q, want %s", labels, got, receiver)
	}
}

// TestEveryAlertGoesWhereItsSeveritySays: critical wakes somebody, a warning
// waits for the morning, and what is only info tells nobody.
func TestEveryAlertGoesWhereItsSeveritySays(t *testing.T) {
	t.Parallel()
	rules, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []ruleGroup }
	if err := yaml.Unmarshal(rules, &file); err != nil {
		t.Fatal(err)
	}
	receivers := map[string]string{"critical": "pager", "warning": "tickets", "info": "nobody"}
	seen := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			labels := []string{"alertname=" + r.Alert, "job=kernel_exporter"}
			for k, v := range r.Labels {
				labels = append(labels, k+"="+v)
			}
			seen[r.Labels["severity"]] = true
			t.Run(fmt.Sprint(labels), func(t *testing.T) {
				t.Parallel()
				receiver := receivers[r.Labels["severity"]]
				if r.Alert == "KernelAlertsWatchdog" {
					receiver = "watchdog"
				}
				goesTo(t, receiver, labels...)
				goesTo(t, receiver, append(labels, "cluster=blue", "instance=node-1", "prometheus=k8s")...)
			})
		}
	}
	if len(seen) != len(receivers) {
		t.Errorf("kernel.yaml has alerts of the severities %v, want all of %v", seen, receivers)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	for labels, receiver := range map[string]string{
		"alertname=KernelNew job=kernel_exporter":                                 "tickets",
		"alertname=KernelNew job=kernel_exporter severity=page":                   "tickets",
		"alertname=KernelTooOld job=kernel_exporter severity=warning kind=policy": "tickets",
		"alertname=KernelTooOld job=kernel_exporter severity=info kind=policy":    "nobody",
		"alertname=NodeFilesystemFull job=node_exporter severity=critical":        "others",
		"alertname=NodeFilesystemFull job=node_exporter severity=warning":         "others",
		"alertname=KernelOops job=kernel_exporter_staging severity=critical":      "others",
		"alertname=KernelOops job=other severity=info":                            "others",
		"alertname=Watchdog severity=none":                                        "others",
		"alertname=KernelExporterFleetDown severity=critical cluster=blue":        "others",
		"alertname=KernelVersionsTooMany job=kernel_exporter severity=CRITICAL":   "tickets",
	} {
		t.Run(labels, func(t *testing.T) {
			t.Parallel()
			goesTo(t, receiver, strings.Fields(labels)...)
		})
	}
}

// TestFasterConfiguration: the copy for the end-to-end test differs in times
// and URLs alone.
func TestFasterConfiguration(t *testing.T) {
	t.Parallel()
	original, fast, times := fasterConfiguration(t, "http://127.0.0.1:9")
	run(t, "amtool", "check-config", testkit.File(t, "fast.yaml", fast))
	want := 0
	for _, key := range []string{"group_wait:", "group_interval:", "repeat_interval:"} {
		want += strings.Count(original, key)
	}
	if want < 3 || len(times) != want {
		t.Errorf("%d times were scaled, the configuration has %d", len(times), want)
	}
	for _, s := range times {
		fast = strings.Replace(fast, s.what+": "+promDuration(s.fast), s.what+": "+promDuration(s.slow), 1)
	}
	path := regexp.MustCompile(`\.example/\w*`)
	fast = regexp.MustCompile(`127\.0\.0\.1:9/(\w+)`).ReplaceAllString(fast, "$1.example/")
	slow := path.ReplaceAllString(original, ".example/")
	var got, expected any
	if err := yaml.Unmarshal([]byte(fast), &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(slow), &expected); err != nil {
		t.Fatal(err)
	}
	if g, e := fmt.Sprint(got), fmt.Sprint(expected); g != e {
		t.Errorf("with slow times and the URLs it had, the copy is\n%s\nwant\n%s", g, e)
	}
}

// TestInhibition gives a real Alertmanager two alerts, and asks whether one
// mutes the other.
func TestInhibition(t *testing.T) {
	t.Parallel()
	const (
		ours     = "job=kernel_exporter "
		critical = ours + "severity=critical "
		warning  = ours + "severity=warning "
		fleet    = critical + "alertname=KernelExporterFleetDown "
		down     = warning + "alertname=KernelExporterDown "
	)
	for _, test := range []struct {
		name           string
		source, target string
		muted          bool
	}{
		{"the warning of the same name and node", critical + "alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelNetdevLeak cluster=a instance=n event=netdev_leak", true},
		{"where there is no cluster", critical + "alertname=KernelNetdevLeak instance=n", warning + "alertname=KernelNetdevLeak instance=n", true},
		{"not that of another node", critical + "alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelNetdevLeak cluster=a instance=m", false},
		{"not that of a node of the same name elsewhere", critical + "alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelNetdevLeak cluster=b instance=n", false},
		{"not that of a node without a cluster", critical + "alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelNetdevLeak instance=n", false},
		{"not that of another name", critical + "alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelLockup cluster=a instance=n", false},
		{"not the critical one of the same name", critical + "alertname=KernelOops cluster=a instance=n event=oops", critical + "alertname=KernelOops cluster=a instance=n event=panic", false},
		{"not what is of no node", critical + "alertname=KernelNew cluster=a", warning + "alertname=KernelNew cluster=a", false},
		{"nor by another program's", "job=other severity=critical alertname=KernelNetdevLeak cluster=a instance=n", warning + "alertname=KernelNetdevLeak cluster=a instance=n", false},
		{"nor another program's", critical + "alertname=KernelNetdevLeak cluster=a instance=n", "job=other severity=warning alertname=KernelNetdevLeak cluster=a instance=n", false},

		{"nodes of a cluster whose exporters are down", fleet + "reason=down cluster=a", down + "cluster=a instance=n", true},
		{"nodes without a cluster whose exporters are down", fleet + "reason=down", down + "instance=n", true},
		{"not nodes of another cluster", fleet + "reason=down cluster=a", down + "cluster=b instance=n", false},
		{"not nodes without a cluster", fleet + "reason=down cluster=a", down + "instance=n", false},
		{"not nodes of a cluster, where others have none", fleet + "reason=down", down + "cluster=a instance=n", false},
		{"not what else is wrong with a node", fleet + "reason=down cluster=a", warning + "alertname=KernelLogUnreadable cluster=a instance=n", false},
		{"the number of them", fleet + "reason=down cluster=a", down + "cluster=a reason=many", true},
		{"and nodes without an exporter, of which they are a part", fleet + "reason=down cluster=a", warning + "alertname=KernelExporterMissing cluster=a", true},
		{"not by targets that are gone", warning + "alertname=KernelExporterFleetDown reason=vanished cluster=a", down + "cluster=a instance=n", false},
		{"not by a Prometheus that has no targets", warning + "alertname=KernelExporterAbsent", down + "instance=n", false},

		{"what the next Kubernetes refuses, by what this one does", warning + "alertname=KernelBlocksKubernetes blocks=running cluster=a minor=1.34", warning + "alertname=KernelBlocksKubernetes blocks=next cluster=a minor=1.35", true},
		{"not that of another cluster", warning + "alertname=KernelBlocksKubernetes blocks=running cluster=a minor=1.34", warning + "alertname=KernelBlocksKubernetes blocks=next cluster=b minor=1.35", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			am := startAlertmanager(t, &processes{t: t}, testkit.File(t, "alertmanager.yaml", read(t, configuration)))
			source, target := labels(test.source), labels(test.target)
			// Alertmanager looks at alerts in their order. When it has muted the
			// last one, it has seen the others.
			seen := labels(warning + "alertname=Seen instance=seen")
			am.post(t, source, target, labels(critical+"alertname=Seen instance=seen"), seen)
			am.muted(t, seen)
			for _, a := range am.alerts(t) {
				switch {
				case equal(a.Labels, target) && (len(a.Status.InhibitedBy) > 0) != test.muted:
					t.Errorf("%s is muted by %v, want muted: %v", test.target, a.Status.InhibitedBy, test.muted)
				case equal(a.Labels, source) && len(a.Status.InhibitedBy) > 0:
					t.Errorf("%s is muted", test.source)
				}
			}
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// labels reads "name=value name=value".
func labels(s string) map[string]string {
	all := map[string]string{}
	for l := range strings.FieldsSeq(s) {
		k, v, _ := strings.Cut(l, "=")
		all[k] = v
	}
	return all
}
