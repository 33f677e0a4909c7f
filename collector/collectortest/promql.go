package collectortest

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing" //nolint:depguard // this package is a tool of tests

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// Matcher is what a selector asks of one label.
type Matcher struct{ Label, Operator, Value string }

// Values returns what the matcher compares with, one by one.
func (m Matcher) Values() []string { return strings.Split(m.Value, "|") }

// Selector is a metric in an expression with what it asks of labels.
type Selector struct {
	Metric   string
	Matchers []Matcher
}

// Expression is what tests must know of one in PromQL.
type Expression struct {
	Selectors []Selector
	Labels    []string // in by, without, on, ignoring, group_left, group_right
	Made      []string // labels that label_replace, label_join and count_values make or read
	Bare      []string // names that are neither selector nor function nor keyword
}

// ParsePromQL takes an expression apart, as far as the rules, runbooks and
// dashboards go. It does not find what is wrong with an expression: promtool
// does.
func ParsePromQL(promql string) Expression {
	var (
		comment  = regexp.MustCompile(`("[^"]*")|#.*`) // a # in a string is none
		selects  = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}`)
		matches  = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
		grouping = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
		strs     = regexp.MustCompile(`"([^"]*)"`)
		label    = regexp.MustCompile(`^[a-z_]+$`)
		duration = regexp.MustCompile(`\[[^\]]*\]|\boffset\s+\w+`)
		name     = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
		number   = regexp.MustCompile(`\b[0-9][0-9.]*(e[0-9]+)?\b`)
		keyword  = map[string]bool{"and": true, "or": true, "unless": true, "bool": true}
	)
	promql = comment.ReplaceAllString(promql, "$1")
	var e Expression
	for _, s := range selects.FindAllStringSubmatch(promql, -1) {
		sel := Selector{Metric: s[1]}
		for _, m := range matches.FindAllStringSubmatch(s[2], -1) {
			sel.Matchers = append(sel.Matchers, Matcher{m[1], m[2], m[3]})
		}
		e.Selectors = append(e.Selectors, sel)
	}
	rest := selects.ReplaceAllString(promql, " ")
	for _, s := range strs.FindAllStringSubmatch(rest, -1) {
		if label.MatchString(s[1]) {
			e.Made = append(e.Made, s[1])
		}
	}
	rest = strs.ReplaceAllString(rest, " ")
	rest = duration.ReplaceAllString(rest, " ")
	for _, g := range grouping.FindAllStringSubmatch(rest, -1) {
		for l := range strings.SplitSeq(g[2], ",") {
			if l = strings.TrimSpace(l); l != "" {
				e.Labels = append(e.Labels, l)
			}
		}
	}
	rest = grouping.ReplaceAllString(rest, " ")
	rest = number.ReplaceAllString(rest, " ")
	for _, n := range name.FindAllString(rest, -1) {
		if !strings.HasSuffix(n, "(") && !keyword[strings.TrimSpace(n)] {
			e.Bare = append(e.Bare, strings.TrimSpace(n))
		}
	}
	return e
}

// Names are the metrics and labels that there are.
type Names struct {
	Metrics map[string][]string // a metric's labels, but for those of TargetLabels
	Values  map[string][]string // a label's values, where they are fixed
}

// TargetLabels returns the labels that Prometheus adds to any series.
func TargetLabels() []string { return []string{"job", "instance", "cluster", "pod"} }

// KnownNames returns the names of every metric of the collectors, as they stand
// in README.md of the directory dir, which is generated from the code; of those
// that rules, a rule file, records; and of those of Prometheus itself.
func KnownNames(t testing.TB, dir string, rules []byte) Names {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := Names{
		Metrics: map[string][]string{
			"up": nil, "process_start_time_seconds": nil,
			"kube_node_info": {"node", "internal_ip", "kubelet_version", "container_runtime_version", "kernel_version", "os_image"},
			"ALERTS":         {"alertname", "alertstate", "severity", "kind", "event", "collector", "rule", "cause", "reason", "minor", "runtime"},
		},
		Values: map[string][]string{
			"severity":   {"critical", "warning", "info"},
			"alertstate": {"pending", "firing"},
			"cause":      {"unreadable", "unknowable"},
			"reason":     {"before_start", "overrun", "down", "many", "stays", "vanished", "silent", "unreadable"},
			"kind":       {"symptom", "policy", "trust", "fleet"},
		},
	}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\w+ \\| ([^|]*) \\|")
	for _, m := range row.FindAllSubmatch(readme, -1) {
		known.Metrics[string(m[1])] = list(string(m[2]))
	}
	if len(known.Metrics) < 40 {
		t.Fatalf("README.md of %s has only %d metrics", dir, len(known.Metrics)-2)
	}

	var file struct {
		Groups []struct {
			Rules []struct{ Record, Expr string }
		}
	}
	if err := yaml.Unmarshal(rules, &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Record != "" {
				known.Metrics[r.Record] = recordedLabels(r.Record)
			}
		}
	}

	for _, e := range event.All() {
		known.Values["event"] = append(known.Values["event"], string(e))
	}
	for _, d := range collector.All() {
		known.Values["collector"] = append(known.Values["collector"], d.Name)
	}
	p, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rules {
		known.Values["rule"] = append(known.Values["rule"], r.Name)
	}
	return known
}

// recordedLabels returns the labels of a recorded metric but for those of
// [TargetLabels]: they are the level that its name begins with.
func recordedLabels(name string) []string {
	level, _, _ := strings.Cut(name, ":")
	return slices.DeleteFunc(strings.Split(level, "_"), func(l string) bool { return slices.Contains(TargetLabels(), l) })
}

// list returns the words of a list with commas.
func list(words string) []string {
	var all []string
	for w := range strings.SplitSeq(words, ",") {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

// Check checks that an expression names only what there is.
func (n Names) Check(t testing.TB, where, promql string) {
	t.Helper()
	e := ParsePromQL(promql)
	for _, s := range e.Selectors {
		n.checkSelector(t, where, s)
	}
	all := slices.Concat(slices.Concat(slices.Collect(maps.Values(n.Metrics))...), TargetLabels(), e.Made)
	for _, l := range e.Labels {
		if !slices.Contains(all, l) {
			t.Errorf("%s: nothing has a label %s", where, l)
		}
	}
	for _, name := range e.Bare {
		if _, ok := n.Metrics[name]; !ok {
			t.Errorf("%s: there is no metric %s", where, name)
		}
	}
}

func (n Names) checkSelector(t testing.TB, where string, s Selector) {
	t.Helper()
	labels, ok := n.Metrics[s.Metric]
	if !ok {
		t.Errorf("%s: there is no metric %s", where, s.Metric)
		return
	}
	labels = slices.Concat(labels, TargetLabels())
	for _, m := range s.Matchers {
		if !slices.Contains(labels, m.Label) {
			t.Errorf("%s: %s has no label %s", where, s.Metric, m.Label)
		}
		for _, value := range m.Values() {
			if v, ok := n.Values[m.Label]; ok && value != "" && !slices.Contains(v, value) {
				t.Errorf("%s: %s has no %s %q", where, s.Metric, m.Label, value)
			}
		}
	}
}
