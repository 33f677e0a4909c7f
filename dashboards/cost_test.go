package dashboards_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCost runs every query of the dashboards against a Prometheus that somebody has,
// one after another, and says how long each took. A Prometheus that has stopped to
// scrape is asked for the time at which it did.
func TestCost(t *testing.T) {
	t.Parallel()
	address := setting("PROMETHEUS", "")
	if address == "" {
		t.Skip("make queries asks a Prometheus")
	}
	p := prometheus{address: strings.TrimPrefix(address, "http://")}
	if at := setting("AT", ""); at != "" {
		var err error
		if p.at, err = time.Parse(time.RFC3339, at); err != nil {
			t.Fatal(err)
		}
	}
	sick, err := p.query(t.Context(), `topk(1, instance_severity:kernel_node_sick:bool{severity="critical"} or instance_release:kernel_node:bool)`)
	if err != nil || len(sick) == 0 {
		t.Fatalf("there is no node, or no rules: %v", err)
	}
	everything := filling()
	maps.Copy(everything, map[string]string{"instance": sick[0].Metric["instance"], "job": setting("JOB", "kernel_exporter")})
	chosen := maps.Clone(everything)
	maps.Copy(chosen, map[string]string{"rule": "kernel_4", "release": "3.+", "state": "unfit"})
	for _, asked := range []struct {
		name, file string
		values     map[string]string
	}{
		{"fleet", "fleet.json", everything},
		{"fleet, chosen nodes", "fleet.json", chosen},
		{"node", "node.json", everything},
	} {
		p.time(t, asked.name, all(t)[asked.file], asked.values)
	}
}

// time runs the queries of a dashboard three times each, and logs the median of the
// slowest ones.
func (p prometheus) time(t *testing.T, name string, d dashboard, values map[string]string) {
	t.Helper()
	type timing struct {
		where string
		took  time.Duration
	}
	var all []timing
	for _, panel := range d.Panels {
		for _, q := range panel.Targets {
			var took []time.Duration
			for range 3 {
				begin := time.Now()
				var err error
				if q.Instant {
					_, err = p.query(t.Context(), fill(q.Expr, values))
				} else {
					_, err = p.queryRange(t.Context(), fill(q.Expr, values), 6*time.Hour, time.Minute)
				}
				took = append(took, time.Since(begin))
				if err != nil {
					t.Errorf("%s: %s %s: %v", name, panel.Title, q.RefID, err)
				}
			}
			slices.Sort(took)
			all = append(all, timing{panel.Title + " " + q.RefID, took[1]})
		}
	}
	slices.SortFunc(all, func(a, b timing) int { return cmp.Compare(b.took, a.took) })
	var sum time.Duration
	for _, one := range all {
		sum += one.took
	}
	t.Logf("%s: %d queries in %d ms, one after another; the slowest:", name, len(all), sum.Milliseconds())
	for _, one := range all[:10] {
		t.Logf("%6d ms  %s", one.took.Milliseconds(), one.where)
	}
}
