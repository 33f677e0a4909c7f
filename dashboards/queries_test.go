package dashboards_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

func TestQueriesNameOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	rules, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	known := collectortest.KnownNames(t, "../collector", rules)
	known.Metrics["kernel_exporter_build_info"] = []string{"version"} // the program's, not a collector's
	known.Metrics["ALERTS"] = append(known.Metrics["ALERTS"], "bug_severity")
	known.Metrics["cluster:kernel_nodes_sick:count"] = []string{"severity"}
	known.Metrics["ALERTS_FOR_STATE"] = known.Metrics["ALERTS"]
	// What stands for no filter: it is asked of a metric that has no such label.
	unfiltered := regexp.MustCompile(`, (rule|bug|event|alertname|state)=~"\(\)"`)
	for name, d := range all(t) {
		for where, q := range d.queries() {
			known.Check(t, name+": "+where, unfiltered.ReplaceAllString(fill(q, filling()), ""))
		}
		for _, v := range d.Templating.List {
			selector, label, ok := v.labelValues()
			if !ok {
				continue
			}
			for _, s := range collectortest.ParsePromQL(selector + "{}").Selectors {
				if labels := slices.Concat(known.Metrics[s.Metric], collectortest.TargetLabels()); !slices.Contains(labels, label) {
					t.Errorf("%s: $%s: %s has no label %s", name, v.Name, s.Metric, label)
				}
			}
		}
	}
}

// TestAlertsThatAreNamedAreThere: patterns of names in selectors of ALERTS.
func TestAlertsThatAreNamedAreThere(t *testing.T) {
	t.Parallel()
	for name, d := range all(t) {
		for where, q := range d.queries() {
			for _, s := range collectortest.ParsePromQL(q).Selectors {
				for _, m := range s.Matchers {
					if m.Label != "alertname" {
						continue
					}
					for _, v := range m.Values() {
						if v == "$symptom" {
							continue
						}
						prefix := strings.TrimSuffix(v, ".+")
						if !slices.ContainsFunc(alerts.Names(), func(alert string) bool { return strings.HasPrefix(alert, prefix) }) {
							t.Errorf("%s: %s: no alert is named %s", name, where, v)
						}
					}
				}
			}
		}
	}
}

// TestPromtoolParsesTheQueries: each as if it were a recording rule.
func TestPromtoolParsesTheQueries(t *testing.T) {
	t.Parallel()
	tool := testkit.Tool(t, "promtool", "../.tools/bin/promtool")
	type rule struct{ Record, Expr string }
	type group struct {
		Name  string
		Rules []rule
	}
	for name, d := range all(t) {
		g := group{Name: name}
		for where, q := range d.queries() {
			g.Rules = append(g.Rules, rule{"is_" + strings.Map(letter, where), fill(q, filling())})
		}
		if len(g.Rules) < 25 {
			t.Errorf("%s has only %d queries", name, len(g.Rules))
		}
		content, err := yaml.Marshal(map[string][]group{"groups": {g}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "queries.yaml")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), tool, "check", "rules", "--lint=none", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, bytes.TrimSpace(out))
		}
	}
}

// letter makes anything that a name cannot have an underscore.
func letter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}

// TestFleetOpensFast: what the fleet draws over time rests on recorded series or
// on alerts that fire, never on a series of every node.
func TestFleetOpensFast(t *testing.T) {
	t.Parallel()
	for _, p := range all(t)["fleet.json"].Panels {
		if p.Type != "timeseries" {
			continue
		}
		for _, q := range p.Targets {
			for _, s := range collectortest.ParsePromQL(q.Expr).Selectors {
				if !strings.Contains(s.Metric, ":") && s.Metric != "ALERTS" {
					t.Errorf("%s: query %s reads %s of every node over time", p.Title, q.RefID, s.Metric)
				}
			}
		}
	}
}
