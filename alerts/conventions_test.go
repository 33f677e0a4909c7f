package alerts_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
)

// TestAlertsAndTheirSeverities is the list of what may wake whom.
func TestAlertsAndTheirSeverities(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"KernelNetdevLeak":               "warning critical",
		"KernelSlabAllocationFailing":    "warning critical",
		"KernelSlabUnreclaimableHigh":    "warning critical",
		"KernelSlabUnreclaimableGrowing": "warning",
		"KernelMemoryCgroupsNearLimit":   "warning critical",
		"KernelMemoryCgroupsDying":       "info",
		"KernelOutOfMemory":              "warning",
		"KernelOops":                     "critical warning",
		"KernelCorruption":               "warning",
		"KernelLockup":                   "warning critical",
		"KernelHungTasks":                "warning",
		"KernelConntrackTableFull":       "warning critical",
		"KernelNeighbourTableOverflow":   "warning",
		"KernelTCPMemoryExhausted":       "warning",
		"KernelPidsLimitHit":             "info",
		"KernelFilesystemError":          "warning critical warning",
		"KernelFilesystemReadOnly":       "critical warning",
		"KernelNetdevTxTimeout":          "warning",
		"KernelIOError":                  "warning",
		"KernelHardwareError":            "warning",
		"KernelHardwareErrorCorrected":   "info",
		"KernelStorageError":             "warning",
		"KernelLimitHit":                 "warning info",
		"KernelPageAllocationFailing":    "warning",
		"KernelRebootLoop":               "critical",
		"KernelRebootPending":            "info",

		"KernelTooOld":                 "warning",
		"KernelBlocksKubernetes":       "warning warning warning",
		"KernelOverlayfsTechPreview":   "warning",
		"KernelOverlayfsWithoutDtype":  "warning",
		"KernelKmemAccountingUnstable": "warning",
		"KernelUnsupported":            "warning",
		"KernelSupportEndsSoon":        "warning warning",
		"OSUnsupported":                "warning",
		"KernelConfigMissing":          "warning",
		"KernelKnownBug":               "warning",
		"KernelPolicyRuleViolated":     "warning",

		"KernelExporterDown":          "warning warning",
		"KernelExporterFleetDown":     "critical warning",
		"KernelExporterAbsent":        "warning",
		"KernelExporterMissing":       "warning critical",
		"KubeletUnsupported":          "warning",
		"ContainerRuntimeUnsupported": "warning",
		"KernelDiffersFromNode":       "info",
		"KernelLogUnreadable":         "warning",
		"KernelLogLosingRecords":      "warning",
		"KernelCollectorFailing":      "warning",
		"KernelPolicyUnknown":         "info",
		"KernelPolicyDataOld":         "info",
		"KernelReportOld":             "warning",
		"KernelClockSkew":             "warning",
		"KernelAlertsWatchdog":        "info",

		"KernelVersionsTooMany": "info",
		"KernelPolicyMixed":     "info",
	}
	got := map[string]string{}
	for _, r := range kernelRules(t) {
		if r.Alert != "" {
			got[r.Alert] = strings.TrimSpace(got[r.Alert] + " " + r.Labels["severity"])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s: severities %q, want %q", name, got[name], want[name])
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is not on the list", name)
	}
}

func TestAlertConventions(t *testing.T) {
	t.Parallel()
	kinds := []string{"symptom", "policy", "trust", "fleet"}
	sentence := regexp.MustCompile(`^([A-Z]|kernel_exporter )[^{}]*\.$`)
	alertname := regexp.MustCompile(`^(Kernel|OS|Kubelet|ContainerRuntime)[A-Z][A-Za-z]+$`)
	for _, r := range kernelRules(t) {
		if r.Alert == "" {
			continue
		}
		if !alertname.MatchString(r.Alert) {
			t.Errorf("%s: not a name for an alert", r.Alert)
		}
		switch r.Labels["severity"] {
		case "warning", "info":
		case "critical":
			if kind := r.Labels["kind"]; kind != "symptom" && !strings.HasPrefix(r.Alert, "KernelExporter") {
				t.Errorf("%s: an alert of the kind %s wakes nobody", r.Alert, kind)
			}
		default:
			t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
		}
		if !slices.Contains(kinds, r.Labels["kind"]) {
			t.Errorf("%s: kind %q", r.Alert, r.Labels["kind"])
		}
		if r.For == "" {
			t.Errorf("%s: no for", r.Alert)
		}
		if !sentence.MatchString(r.Annotations["summary"]) {
			t.Errorf("%s: summary %q is not one fixed sentence", r.Alert, r.Annotations["summary"])
		}
		if d := r.Annotations["description"]; !strings.HasSuffix(d, ".") || !strings.Contains(d, "{{") && !strings.HasPrefix(r.Expr, "absent_over_time(") && r.Alert != "KernelAlertsWatchdog" {
			t.Errorf("%s: description %q does not say where or how much", r.Alert, d)
		}
		if got, want := r.Annotations["runbook_url"], alerts.RunbookBase+"/"+r.Alert; got != want {
			t.Errorf("%s: runbook_url %q, want %q", r.Alert, got, want)
		}
		if len(r.Annotations) != 3 {
			t.Errorf("%s: annotations are %v", r.Alert, slices.Sorted(maps.Keys(r.Annotations)))
		}
	}
}

func TestEverySelectorAsksForTheJob(t *testing.T) {
	t.Parallel()
	job := collectortest.Matcher{Label: "job", Operator: "=", Value: "kernel_exporter"}
	kube := collectortest.Matcher{Label: "job", Operator: "=", Value: "kube-state-metrics"}
	for _, r := range kernelRules(t) {
		e := collectortest.ParsePromQL(r.Expr)
		if len(e.Selectors) == 0 {
			t.Errorf("%s%s: no selector", r.Record, r.Alert)
		}
		for _, s := range e.Selectors {
			if !slices.Contains(s.Matchers, job) && (s.Metric != "kube_node_info" || !slices.Contains(s.Matchers, kube)) {
				t.Errorf("%s%s: %s without job", r.Record, r.Alert, s.Metric)
			}
		}
		for _, n := range e.Bare {
			t.Errorf("%s%s: %s is no selector with job", r.Record, r.Alert, n)
		}
	}
}

// TestAllIsAggregatedByNodeFirst: no label of a pod, a revision or a replica
// doubles an alert or begins it again. What is scraped stands in an aggregation
// that keeps job, cluster and instance, and nothing is aggregated without labels.
func TestAllIsAggregatedByNodeFirst(t *testing.T) {
	t.Parallel()
	for _, r := range kernelRules(t) {
		if r.Alert == "KernelExporterAbsent" { // absent_over_time has no labels but those asked for
			continue
		}
		for _, at := range scraped(r.Expr) {
			if by := aggregationAround(r.Expr, at); !strings.HasPrefix(by, "job, cluster, instance") && !strings.HasPrefix(by, "cluster, ") {
				t.Errorf("%s%s: %.60s is aggregated by %q first", r.Record, r.Alert, r.Expr[at:], by)
			}
		}
		if strings.Contains(r.Expr, "without (") {
			t.Errorf("%s%s: aggregates without", r.Record, r.Alert)
		}
	}
}

// scraped returns where an expression selects series that are scraped.
func scraped(expr string) []int {
	var all []int
	for _, m := range regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\{`).FindAllStringIndex(expr, -1) {
		if !strings.Contains(expr[m[0]:m[1]], ":") {
			all = append(all, m[0])
		}
	}
	return all
}

// aggregationAround returns by what the innermost aggregation around a place
// aggregates.
func aggregationAround(expr string, at int) string {
	opens := regexp.MustCompile(`(?:max|min|sum|count|avg|group) by \(([^)]*)\) \($`)
	depth := 0
	for i := at - 1; i >= 0; i-- {
		switch expr[i] {
		case ')':
			depth++
		case '(':
			if depth > 0 {
				depth--
			} else if m := opens.FindStringSubmatch(expr[:i+1]); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// TestNoFailedScrapeChangesAnything: what is scraped is taken over 5 minutes at
// least. timestamp() takes only a bare selector; who uses what is recorded of it
// takes that over minutes.
func TestNoFailedScrapeChangesAnything(t *testing.T) {
	t.Parallel()
	window := regexp.MustCompile(`^[^{]*\{[^}]*\}\[(\w+)\]`)
	for _, r := range kernelRules(t) {
		if r.Record == "instance:kernel_clock_skew:seconds" {
			continue
		}
		for _, at := range scraped(r.Expr) {
			m := window.FindStringSubmatch(r.Expr[at:])
			if m == nil {
				t.Errorf("%s%s: %.60s is a bare selector", r.Record, r.Alert, r.Expr[at:])
				continue
			}
			if d, err := model.ParseDuration(m[1]); err != nil || time.Duration(d) < 5*time.Minute {
				t.Errorf("%s%s: %.60s is of less than 5 minutes (%v)", r.Record, r.Alert, r.Expr[at:], err)
			}
		}
	}
}

// TestAFleetIsOneAlert: of what is true of twenty thousand nodes there is one
// alert a cluster; symptoms are by node.
func TestAFleetIsOneAlert(t *testing.T) {
	t.Parallel()
	ofANode := []string{"KernelExporterDown", "KernelLogUnreadable", "KernelLogLosingRecords", "KernelClockSkew"}
	for _, r := range kernelRules(t) {
		if r.Alert == "" || r.Alert == "KernelAlertsWatchdog" || r.Alert == "KernelExporterAbsent" {
			continue
		}
		byNode := strings.Contains(r.Annotations["description"], "$labels.instance")
		if want := r.Labels["kind"] == "symptom" || slices.Contains(ofANode, r.Alert) && r.Labels["reason"] != "many"; byNode != want {
			t.Errorf("%s: is of a node: %v, want %v", r.Alert, byNode, want)
		}
	}
}

// TestGroupsAreSmall: Mimir takes no more than 20 rules in a group by default.
func TestGroupsAreSmall(t *testing.T) {
	t.Parallel()
	rules := map[string]int{}
	for _, r := range kernelRules(t) {
		if rules[r.group]++; rules[r.group] == 21 {
			t.Errorf("the group %s has more than 20 rules", r.group)
		}
	}
}

// TestAnnotationsStateNoNumberThatMayBeAnother: a number in a text is the value
// of the expression, or a threshold of the configuration, which moves with it.
func TestAnnotationsStateNoNumberThatMayBeAnother(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	value := regexp.MustCompile(`\$value`)
	for line := range strings.Lines(string(content)) {
		text := regexp.MustCompile(`^ +(summary|description): (.*)`).FindStringSubmatch(line)
		if text == nil {
			continue
		}
		plain := regexp.MustCompile(`\[\[[^\]]*\]\]|\{\{[^}]*\}\}|kernel_4|last 30 minutes|for 15 minutes`).ReplaceAllString(text[2], "")
		if n := regexp.MustCompile(`\d`).FindString(plain); n != "" {
			t.Errorf("%q states a number of its own", text[2])
		}
		if text[1] == "summary" && value.MatchString(text[2]) {
			t.Errorf("%q: a summary has no value", text[2])
		}
	}
}

// TestRecordingRulesAreNamedByConvention: level:metric:operation, where the
// level is the labels that are left, but for job; instance has its cluster.
func TestRecordingRulesAreNamedByConvention(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^(cluster|instance)((?:_(?:release|rule|severity|cause|bug|event|node|minor|reason|state))*):(kernel_[a-z_]+):(count|sum|min|max|bool|code|avg30m|increase1h|seconds|timestamp_seconds)$`)
	for _, r := range kernelRules(t) {
		if r.Record != "" && !name.MatchString(r.Record) {
			t.Errorf("%s: not named by convention", r.Record)
		}
	}
}

// TestSecondsAreWrittenAsProducts: a copy of the rules in which all goes faster
// can be made only where a time can be told from another number.
func TestSecondsAreWrittenAsProducts(t *testing.T) {
	t.Parallel()
	product := regexp.MustCompile(`\b\d+ \* (60|3600|86400)\b`)
	numbers := regexp.MustCompile(`\b\d+\b`)
	for _, r := range kernelRules(t) {
		if strings.Contains(r.Expr, "time()") && !product.MatchString(r.Expr) && r.Record != "cluster:kernel_exporter_targets:timestamp_seconds" && r.Alert != "KernelPolicyDataOld" && r.Alert != "KernelReportOld" {
			t.Errorf("%s%s: compares a time with no product", r.Record, r.Alert)
		}
		for _, n := range numbers.FindAllString(product.ReplaceAllString(r.Expr, ""), -1) {
			if len(n) > 2 && !slices.Contains([]string{"10000", "1073741824", "65536", "256", "128", "100"}, n) {
				t.Errorf("%s%s: is %s a time?", r.Record, r.Alert, n)
			}
		}
	}
}
