package alerts_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

// promtool runs promtool, which must not complain.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	tool := testkit.Tool(t, "promtool", "../.tools/bin/promtool")
	out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %q: %v\n%s", args, err, bytes.TrimSpace(out))
	}
}

func TestPromtoolChecksTheRules(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", "kernel.yaml")
}

// TestPromtoolTestsTheRules gives each test only the rules that it looks at and what
// those rest on: promtool evaluates whatever it has at each step of hours. A test that
// asks for all alerts has all rules.
func TestPromtoolTestsTheRules(t *testing.T) {
	t.Parallel()
	for _, file := range ruleTestFiles(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			promtool(t, append([]string{"test", "rules"}, splitRuleTest(t, file)...)...)
		})
	}
}

// splitRuleTest writes each test of a file as a file of its own, beside the rules that it
// needs. It returns their paths.
func splitRuleTest(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		EvaluationInterval string      `yaml:"evaluation_interval"`
		GroupEvalOrder     []string    `yaml:"group_eval_order"`
		Tests              []yaml.Node // as they stand: 0x9 is no number there
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, v any) string {
		content, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rules := sourceRules(t)
	var paths []string
	for i := range file.Tests {
		var test ruleTest
		if err := file.Tests[i].Decode(&test); err != nil {
			t.Fatal(err)
		}
		number := strconv.Itoa(i)
		write("rules-"+number+".yaml", rules.only(needed(t, test)))
		paths = append(paths, write("test-"+number+".yaml", map[string]any{
			"rule_files":          []string{"rules-" + number + ".yaml"},
			"evaluation_interval": file.EvaluationInterval,
			"group_eval_order":    file.GroupEvalOrder,
			"tests":               file.Tests[i : i+1],
		}))
	}
	return paths
}

// ruleGroups is a rule file, to be written again.
type ruleGroups struct {
	Groups []ruleGroup
}

// sourceRules returns kernel.yaml.
func sourceRules(t *testing.T) ruleGroups {
	t.Helper()
	var all ruleGroups
	decode(t, rendered(t, ""), &all)
	return all
}

// only returns the rules with these names, in the order of their evaluation.
func (f ruleGroups) only(names map[string]bool) ruleGroups {
	var some ruleGroups
	for _, g := range f.Groups {
		g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r map[string]any) bool {
			record, _ := r["record"].(string)
			alert, _ := r["alert"].(string)
			return !names[record+alert]
		})
		if len(g.Rules) > 0 {
			some.Groups = append(some.Groups, g)
		}
	}
	return some
}

// names returns the groups in their order.
func (f ruleGroups) names() []string {
	var names []string
	for _, g := range f.Groups {
		names = append(names, g.Name)
	}
	return names
}

// needed returns the names of the alerts that a test asks for, and of what is recorded
// for it and for them.
func needed(t *testing.T, test ruleTest) map[string]bool {
	t.Helper()
	rules := kernelRules(t)
	names := map[string]bool{}
	var add func(name string)
	ask := func(expr string) {
		for _, s := range collectortest.ParsePromQL(expr).Selectors {
			add(s.Metric)
		}
	}
	add = func(name string) {
		if names[name] {
			return
		}
		for _, r := range rules {
			if r.Record+r.Alert == name {
				names[name] = true
				ask(r.Expr)
			}
		}
	}
	for _, c := range test.AlertRuleTest {
		add(c.Alertname)
	}
	for _, c := range test.PromqlExprTest {
		e := collectortest.ParsePromQL(c.Expr)
		for _, metric := range e.Bare {
			add(metric)
		}
		for _, s := range e.Selectors {
			add(s.Metric)
			if s.Metric == "ALERTS" {
				maps.Copy(names, fed(rules, seriesOf(test)))
			}
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s looks at no rule", test.Name)
	}
	return names
}

// seriesOf returns the series of a test.
func seriesOf(test ruleTest) []string {
	var all []string
	for _, in := range test.InputSeries {
		all = append(all, in.Series)
	}
	return all
}

// fed returns the names of the rules that have data where there are some series, or need
// none. The others have no result.
func fed(rules []rule, series []string) map[string]bool {
	have := map[string]bool{}
	for _, s := range series {
		have[strings.TrimSpace(s[:strings.IndexByte(s+"{", '{')])] = true
	}
	names := map[string]bool{}
	for more := true; more; {
		more = false
		for _, r := range rules {
			name := r.Record + r.Alert
			if names[name] {
				continue
			}
			fed := strings.Contains(r.Expr, "absent_over_time(")
			for _, s := range collectortest.ParsePromQL(r.Expr).Selectors {
				fed = fed || have[s.Metric]
			}
			if fed {
				names[name], have[name], more = true, true, true
			}
		}
	}
	return names
}

// TestRuleTestsAreComplete: every rule of every alert is seen to fire, and every
// alert to be silent.
func TestRuleTestsAreComplete(t *testing.T) {
	t.Parallel()
	fires, silent := map[string][]map[string]string{}, map[string]bool{}
	names := map[string]bool{}
	for _, test := range ruleTests(t) {
		if names[test.Name] || test.Name == "" {
			t.Errorf("there are two tests named %q", test.Name)
		}
		names[test.Name] = true
		for _, c := range test.AlertRuleTest {
			if len(c.ExpAlerts) == 0 {
				silent[c.Alertname] = true
			}
			for _, a := range c.ExpAlerts {
				fires[c.Alertname] = append(fires[c.Alertname], a.ExpLabels)
			}
		}
	}
	for _, r := range kernelRules(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.ContainsFunc(fires[r.Alert], func(seen map[string]string) bool {
			for name, value := range r.Labels {
				if seen[name] != value {
					return false
				}
			}
			return true
		}) {
			t.Errorf("no rule test sees %s with the labels %v fire", r.Alert, r.Labels)
		}
		if !silent[r.Alert] {
			t.Errorf("no rule test sees %s silent", r.Alert)
		}
	}
}
