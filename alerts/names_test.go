package alerts_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/alerts"
	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

// knownMetrics returns the labels of every metric that there is: those of
// collector/README.md, which is generated from the code, those that the rules
// record, and those of Prometheus itself.
func knownMetrics(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile("../collector/README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{"up": nil, "ALERTS": {"alertname", "alertstate", "severity", "event", "collector", "rule", "cause"}}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\w+ \\| ([^|]*) \\|")
	for _, m := range row.FindAllStringSubmatch(string(content), -1) {
		known[m[1]] = nil
		for l := range strings.SplitSeq(m[2], ",") {
			if l = strings.TrimSpace(l); l != "" {
				known[m[1]] = append(known[m[1]], l)
			}
		}
	}
	if len(known) < 40 {
		t.Fatalf("collector/README.md has only %d metrics", len(known)-2)
	}
	by := regexp.MustCompile(`^(?:count|sum) by \(([a-z_, ]+)\)`)
	for _, r := range kernelRules(t) {
		if r.Record != "" {
			known[r.Record] = strings.Split(by.FindStringSubmatch(r.Expr)[1], ", ")
		}
	}
	return known
}

// everywhere returns the labels that Prometheus adds to any series.
func everywhere() []string { return []string{"job", "instance", "cluster", "pod"} }

// values returns the values that a label may have, for those labels whose
// values are fixed.
func values(t *testing.T) map[string][]string {
	t.Helper()
	v := map[string][]string{
		"severity": {"critical", "warning", "info"},
		"cause":    {"unreadable", "unknowable"},
		"reason":   {"before_start", "overrun", "down", "absent", "fewer"},
	}
	for e := range kmsg.Event(kmsg.NumEvents) {
		v["event"] = append(v["event"], e.String())
	}
	for _, d := range collector.All() {
		v["collector"] = append(v["collector"], d.Name)
	}
	p, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rules {
		v["rule"] = append(v["rule"], r.Name)
	}
	return v
}

// checkNames checks that an expression names only what there is.
func checkNames(t *testing.T, where, promql string, known, values map[string][]string) {
	t.Helper()
	e := parse(promql)
	for _, s := range e.selectors {
		labels, ok := known[s.metric]
		if !ok {
			t.Errorf("%s: there is no metric %s", where, s.metric)
			continue
		}
		for _, m := range s.matchers {
			if !slices.Contains(labels, m.label) && !slices.Contains(everywhere(), m.label) {
				t.Errorf("%s: %s has no label %s", where, s.metric, m.label)
			}
			for _, value := range m.values() {
				if v, ok := values[m.label]; ok && value != "" && !slices.Contains(v, value) {
					t.Errorf("%s: %s has no %s %q", where, s.metric, m.label, value)
				}
			}
		}
	}
	all := slices.Concat(slices.Collect(maps.Values(known))...)
	for _, l := range e.labels {
		if !slices.Contains(all, l) && !slices.Contains(everywhere(), l) {
			t.Errorf("%s: nothing has a label %s", where, l)
		}
	}
	for _, n := range e.bare {
		if _, ok := known[n]; !ok {
			t.Errorf("%s: there is no metric %s", where, n)
		}
	}
}

func TestRulesNameOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	known, v := knownMetrics(t), values(t)
	for _, r := range kernelRules(t) {
		checkNames(t, r.Record+r.Alert, r.Expr, known, v)
	}
}

// TestRuleTestsUseSeriesAsAScrapeBringsThem: with exactly the labels of the
// metric and those of the target; cluster and pod may be there.
func TestRuleTestsUseSeriesAsAScrapeBringsThem(t *testing.T) {
	t.Parallel()
	known, v := knownMetrics(t), values(t)
	for _, test := range ruleTests(t) {
		for _, in := range test.InputSeries {
			checkNames(t, test.Name, in.Series, known, v)
			s := parse(in.Series).selectors
			if len(s) != 1 || strings.Contains(s[0].metric, ":") {
				t.Errorf("%s: %s is no series of a scrape", test.Name, in.Series)
				continue
			}
			want := append([]string{"job", "instance"}, known[s[0].metric]...)
			for _, m := range s[0].matchers {
				if i := slices.Index(want, m.label); i >= 0 {
					want = slices.Delete(want, i, i+1)
				} else if m.label != "cluster" && m.label != "pod" {
					t.Errorf("%s: %s has a label %s twice or too many", test.Name, in.Series, m.label)
				}
			}
			if len(want) > 0 {
				t.Errorf("%s: %s lacks %v", test.Name, in.Series, want)
			}
		}
		for _, e := range test.PromqlExprTest {
			checkNames(t, test.Name, e.Expr, known, v)
		}
	}
}

// TestRulesOfThePolicyHaveAlerts: a rule that is violated and warns is told of.
func TestRulesOfThePolicyHaveAlerts(t *testing.T) {
	t.Parallel()
	p, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	alerting := map[string]bool{
		"netns_leak_fixed": true, // by KernelKnownBug, as it rests on a bug alone
	}
	for _, r := range kernelRules(t) {
		for _, s := range parse(r.Expr).selectors {
			for _, m := range s.matchers {
				if r.Alert != "" && m.label == "rule" && m.operator[0] == '=' {
					for _, v := range m.values() {
						alerting[v] = true
					}
				}
			}
		}
	}
	for _, r := range p.Rules {
		if r.Severity != "info" && !alerting[r.Name] {
			t.Errorf("no alert tells of the rule %s", r.Name)
		}
	}
}

func TestRunbooksNameOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	known, v := knownMetrics(t), values(t)
	metric := regexp.MustCompile("`((?:kernel|cluster[a-z_]*:kernel)_[a-z_0-9:]+)(\\{[^`]*\\})?`")
	for _, name := range alerts.Names() {
		page, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(page), "promql") {
			checkNames(t, name, block, known, v)
		}
		for _, m := range metric.FindAllStringSubmatch(string(page), -1) {
			if _, isMetric := known[m[1]]; !isMetric && !isKnownWord(v, m[1]) {
				t.Errorf("%s: there is no metric %s", name, m[1])
			} else if isMetric && m[2] != "" {
				checkNames(t, name, m[1]+m[2], known, v)
			}
		}
	}
}

// isKnownWord says whether a word is the value of a label, such as a rule.
func isKnownWord(values map[string][]string, word string) bool {
	for _, v := range values {
		if slices.Contains(v, word) {
			return true
		}
	}
	return word == "kernel_exporter"
}

// blocks returns the fenced blocks of a language in Markdown.
func blocks(page, language string) []string {
	fence := regexp.MustCompile("(?ms)^```" + language + "\n(.*?)^```$")
	var all []string
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}
