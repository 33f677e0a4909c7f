package alerts_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

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
		"KernelMemoryCgroupsDying":       "warning",
		"KernelOops":                     "critical warning",
		"KernelLockup":                   "warning critical",
		"KernelHungTasks":                "warning",
		"KernelConntrackTableFull":       "warning critical",
		"KernelNeighbourTableOverflow":   "warning",
		"KernelTCPMemoryExhausted":       "warning",
		"KernelPidsLimitHit":             "info",
		"KernelFilesystemError":          "warning critical",
		"KernelFilesystemReadOnly":       "critical",
		"KernelNetdevTxTimeout":          "warning",
		"KernelIOError":                  "warning",
		"KernelHardwareError":            "warning",
		"KernelPageAllocationFailing":    "warning",
		"KernelRebootLoop":               "critical",

		"KernelTooOld":                 "warning",
		"KernelOverlayfsTechPreview":   "warning",
		"KernelOverlayfsWithoutDtype":  "warning",
		"KernelKmemAccountingUnstable": "warning",
		"KernelUnsupported":            "warning",
		"KernelSupportEndsSoon":        "warning warning",
		"OSUnsupported":                "warning",
		"KernelConfigMissing":          "warning",
		"KernelKnownBug":               "warning",

		"KernelExporterDown":      "warning",
		"KernelExporterFleetDown": "critical critical critical",
		"KernelLogUnreadable":     "warning",
		"KernelLogLosingRecords":  "warning",
		"KernelCollectorFailing":  "warning",
		"KernelPolicyUnknown":     "info",
		"KernelPolicyDataOld":     "info",

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
	mayBeCritical := map[string]bool{"kernel-symptoms": true, "kernel-symptoms-memory": true, "kernel-symptoms-slow": true, "kernel-trust": true}
	sentence := regexp.MustCompile(`^([A-Z]|kernel_exporter )[^{}]*\.$`)
	alertname := regexp.MustCompile(`^(Kernel|OS)[A-Z][A-Za-z]+$`)
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
			if !mayBeCritical[r.group] {
				t.Errorf("%s: an alert of %s wakes nobody", r.Alert, r.group)
			}
		default:
			t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
		}
		if r.For == "" {
			t.Errorf("%s: no for", r.Alert)
		}
		if !sentence.MatchString(r.Annotations["summary"]) {
			t.Errorf("%s: summary %q is not one fixed sentence", r.Alert, r.Annotations["summary"])
		}
		if d := r.Annotations["description"]; !strings.HasSuffix(d, ".") || !strings.Contains(d, "{{") && !strings.HasPrefix(r.Expr, "absent(") {
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
	for _, r := range kernelRules(t) {
		e := collectortest.ParsePromQL(r.Expr)
		if len(e.Selectors) == 0 {
			t.Errorf("%s%s: no selector", r.Record, r.Alert)
		}
		for _, s := range e.Selectors {
			if !slices.Contains(s.Matchers, job) {
				t.Errorf("%s%s: %s without job", r.Record, r.Alert, s.Metric)
			}
		}
		for _, n := range e.Bare {
			t.Errorf("%s%s: %s is no selector with job", r.Record, r.Alert, n)
		}
	}
}

// TestFleetAlertsAreAggregated: of what is true of twenty thousand nodes there
// is one alert. Symptoms are by node, whichever pod of the exporter told.
func TestFleetAlertsAreAggregated(t *testing.T) {
	t.Parallel()
	aggregation := regexp.MustCompile(`^(count|sum) by \(job, cluster[a-z_, 0-9]*\)|^cluster[a-z_]*:`)
	perNode := []string{"KernelExporterDown", "KernelLogUnreadable", "KernelLogLosingRecords"}
	for _, r := range kernelRules(t) {
		switch {
		case r.Alert == "" || r.Alert == "KernelExporterFleetDown":
		case strings.HasPrefix(r.group, "kernel-symptoms") || slices.Contains(perNode, r.Alert):
			e := collectortest.ParsePromQL(r.Expr)
			if !slices.Contains(e.Labels, "pod") || strings.Contains(r.Expr, " by (") {
				t.Errorf("%s: not by node, without pod", r.Alert)
			}
		case !aggregation.MatchString(r.Expr) || strings.Contains(strings.SplitN(r.Expr, ")", 2)[0], "instance"):
			t.Errorf("%s: not aggregated by job and cluster", r.Alert)
		}
	}
}

// TestRecordingRulesAreNamedByConvention: level:metric:operation, where the
// level is the labels that are left, but for job.
func TestRecordingRulesAreNamedByConvention(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^([a-z_]+):(kernel_[a-z_]+):(count|sum|increase1h)$`)
	by := regexp.MustCompile(`^(?:count|sum) by \(job, ([a-z_, ]+)\)`)
	for _, r := range kernelRules(t) {
		if r.Record == "" {
			continue
		}
		n, b := name.FindStringSubmatch(r.Record), by.FindStringSubmatch(r.Expr)
		if n == nil || b == nil {
			t.Errorf("%s: not named or not aggregated by convention", r.Record)
			continue
		}
		if level := strings.ReplaceAll(b[1], ", ", "_"); level != n[1] {
			t.Errorf("%s: is by %s", r.Record, level)
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
		if strings.Contains(r.Expr, "time()") && !product.MatchString(r.Expr) && !strings.Contains(r.Expr, "resets(") {
			t.Errorf("%s%s: compares a time with no product", r.Record, r.Alert)
		}
		for _, n := range numbers.FindAllString(product.ReplaceAllString(r.Expr, ""), -1) {
			if len(n) > 2 && !slices.Contains([]string{"10000", "1024", "65536", "256"}, n) {
				t.Errorf("%s%s: is %s a time?", r.Record, r.Alert, n)
			}
		}
	}
}
