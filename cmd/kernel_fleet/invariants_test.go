package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scraped is a scrape of a node: its values by series, and its families.
type scraped struct {
	facts
	families map[string]*dto.MetricFamily
}

// parseText parses an exposition as Prometheus's own library does.
func parseText(t *testing.T, text string) scraped {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	s := scraped{facts{}, families}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			s.facts[allLabels(name, m)] = value(m)
		}
	}
	return s
}

// allLabels returns the name of a series with all its labels.
func allLabels(name string, m *dto.Metric) string {
	var b strings.Builder
	b.WriteString(name)
	for _, l := range m.GetLabel() {
		b.WriteString("," + l.GetName() + "=" + l.GetValue())
	}
	return b.String()
}

// sum adds all series of a metric.
func (s scraped) sum(metric string) float64 {
	total := 0.0
	for series, v := range s.facts {
		if series == metric || strings.HasPrefix(series, metric+",") {
			total += v
		}
	}
	return total
}

// times are when the invariants are looked at: from before the migration until
// years after it, and right before and after every upgrade of a node and a
// reboot.
func times(n *node) []time.Duration {
	all := []time.Duration{-30 * day, -time.Second, 0, time.Nanosecond}
	for at := 5 * time.Second; at < 3*time.Hour; at = at*3/2 + 7*time.Second {
		all = append(all, at)
	}
	all = append(all, day, 10*day, 400*day, 3000*day)
	for _, boot := range append([]time.Duration{n.period - n.phase}, n.upgrades...) {
		for _, after := range []time.Duration{-time.Second, 0, time.Millisecond, time.Second, time.Minute, settling + 5*time.Second} {
			all = append(all, boot+after)
		}
	}
	slices.Sort(all)
	return all
}

// TestInvariants holds, for many nodes at many times, what is true of every
// real exposition: in a fleet that is migrated fast, and in one that is not.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for _, speed := range []float64{1440, 1e-6} {
		f := testFleet(t, func(p *Plan) { p.Speed = speed })
		for i := 0; i < len(f.nodes); i += 4 {
			checkInvariants(t, f, &f.nodes[i])
		}
	}
}

func checkInvariants(t *testing.T, f *fleet, n *node) {
	t.Helper()
	var before scraped
	for _, since := range times(n) {
		now := parseText(t, text(f, n, since))
		faults := faultsOf(now, float64(f.plan.Begin.Add(since).UnixNano())/1e9)
		if before.facts != nil {
			faults = append(faults, faultsBetween(before, now)...)
		}
		if faults != nil {
			t.Fatalf("%s after %s:\n%s", n.name, since, strings.Join(faults, "\n"))
		}
		before = now
	}
}

// faultsOf lists what one exposition says that cannot be.
func faultsOf(s scraped, now float64) (faults []string) {
	wrong := func(is bool, what string) {
		if is {
			faults = append(faults, what)
		}
	}
	for series, v := range s.facts {
		wrong(v < 0 || math.IsInf(v, 0) || math.IsNaN(v), series+" is below 0 or no number")
	}
	boot, known := s.facts[bootMetric]
	if !known {
		return faults // the root of which nothing is known
	}
	wrong(boot > now, "the node boots in the future")
	for _, m := range s.families[lastSeenMetric].GetMetric() {
		event := label(m)
		wrong(value(m) > now, event+" was seen in the future")
		wrong(value(m) < boot, event+" was seen before the boot")
		wrong(s.facts[eventsMetric+",event="+event] == 0, event+" was seen and not counted")
	}
	for _, m := range s.families[eventsMetric].GetMetric() {
		_, seen := s.facts[lastSeenMetric+",event="+label(m)]
		wrong(value(m) > 0 && !seen, label(m)+" was counted and not seen")
	}
	wrong(s.sum(eventsMetric) > s.sum("kernel_log_records_total"), "there are more events than records")
	wrong(s.facts["kernel_log_complete_since_boot"] == 1 && s.sum("kernel_log_lost_records_total") > 0,
		"the log is complete, and records are lost")

	leaks, longest := s.facts["kernel_netdev_leaks"], s.facts["kernel_netdev_leak_longest_seconds"]
	wrong(leaks > 0 != (longest > 0), "a wait without its length, or the reverse")
	wrong(longest > now-boot, "a wait is longer than the uptime")
	wrong(leaks > s.facts[eventsMetric+",event=netdev_leak"], "there are more waits than messages")

	memory := s.facts["kernel_memory_total_bytes"]
	slab := s.facts["kernel_slab_reclaimable_bytes"] + s.facts["kernel_slab_unreclaimable_bytes"]
	wrong(memory < 1e9 || slab > 0.8*memory, "slab fills the memory")
	wrong(s.facts["kernel_kmem_usage_bytes"] > 0.8*memory, "kernel memory fills the memory")
	wrong(s.sum("kernel_slab_cache_bytes") > 1.5*slab, "caches hold more than there is")
	wrong(s.facts[dyingMetric] >= s.facts["kernel_memory_cgroups"], "there are more dying memory cgroups than memory cgroups")
	wrong(s.facts["kernel_memory_cgroups"] > s.facts["kernel_memory_cgroups_limit"], "there are more memory cgroups than can be")

	for _, m := range s.families["kernel_policy_rule_unknown"].GetMetric() {
		for _, v := range s.families["kernel_policy_rule_violated"].GetMetric() {
			wrong(rule(m) == rule(v), rule(m)+" is both judged and unknown")
		}
	}
	four, judged := s.facts["kernel_policy_rule_violated,rule=kernel_4,severity=critical"]
	wrong(!judged || four == 1 != (s.facts["kernel_version_major"] < 4), "the verdict on kernel_4 is not that of the kernel named")
	return faults
}

func rule(m *dto.Metric) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == "rule" {
			return l.GetValue()
		}
	}
	return ""
}

// faultsBetween lists what cannot have become of a node between two scrapes.
func faultsBetween(before, now scraped) (faults []string) {
	if before.facts["kernel_version_code"] > now.facts["kernel_version_code"] {
		faults = append(faults, "the kernel became older")
	}
	if before.facts[bootMetric] > now.facts[bootMetric] {
		faults = append(faults, "the boot moved into the past")
	}
	if before.facts[bootMetric] != now.facts[bootMetric] {
		return faults
	}
	if before.facts["kernel_version_code"] != now.facts["kernel_version_code"] {
		faults = append(faults, "another kernel runs without a boot")
	}
	for name, f := range before.families {
		if f.GetType() != dto.MetricType_COUNTER && name != lastSeenMetric {
			continue
		}
		for _, m := range f.GetMetric() {
			if series := allLabels(name, m); now.facts[series] < value(m) {
				faults = append(faults, series+" went down without a boot")
			}
		}
	}
	return faults
}
