package alerts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
)

// A rule is one of kernel.yaml, recording or alerting.
type rule struct {
	Record        string
	Alert         string
	Expr          string
	For           string
	KeepFiringFor string `yaml:"keep_firing_for"`
	Labels        map[string]string
	Annotations   map[string]string

	group string
}

// kernelRules returns the rules of kernel.yaml in their order.
func kernelRules(t *testing.T) []rule {
	t.Helper()
	content, err := alerts.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name     string
			Interval string
			Rules    []rule
		}
	}
	decode(t, content, &file)
	var all []rule
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			r.group = g.Name
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		t.Fatal("kernel.yaml has no rules")
	}
	return all
}

// A ruleTest is one of a *_test.yaml.
type ruleTest struct {
	Name        string
	Interval    string
	InputSeries []struct {
		Series string
		Values string
	} `yaml:"input_series"`
	AlertRuleTest []struct {
		EvalTime  string `yaml:"eval_time"`
		Alertname string
		ExpAlerts []struct {
			ExpLabels      map[string]string `yaml:"exp_labels"`
			ExpAnnotations map[string]string `yaml:"exp_annotations"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
	PromqlExprTest []struct {
		EvalTime   string `yaml:"eval_time"`
		Expr       string
		ExpSamples []map[string]any `yaml:"exp_samples"`
	} `yaml:"promql_expr_test"`
}

// ruleTestFiles returns the names of the files with rule tests.
func ruleTestFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("kernel*_test.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule tests: %v", err)
	}
	return files
}

// ruleTests returns the rule tests of all files.
func ruleTests(t *testing.T) []ruleTest {
	t.Helper()
	var all []ruleTest
	for _, name := range ruleTestFiles(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			RuleFiles          []string `yaml:"rule_files"`
			EvaluationInterval string   `yaml:"evaluation_interval"`
			GroupEvalOrder     []string `yaml:"group_eval_order"`
			Tests              []ruleTest
		}
		decode(t, content, &file)
		all = append(all, file.Tests...)
	}
	return all
}

// decode decodes YAML, in which nothing may be unknown.
func decode(t *testing.T, content []byte, v any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(string(content)))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

// A matcher is one of a selector's.
type matcher struct{ label, operator, value string }

// values returns what the matcher compares with, one by one.
func (m matcher) values() []string { return strings.Split(m.value, "|") }

// A selector is a metric in an expression with what it asks of labels.
type selector struct {
	metric   string
	matchers []matcher
}

// An expression is what the tests must know of one in PromQL.
type expression struct {
	selectors []selector
	labels    []string // in by, without, on, ignoring
	bare      []string // names that are neither selector nor function nor keyword
}

// parse takes an expression apart, as far as the rules and runbooks go.
func parse(promql string) expression {
	var (
		comment  = regexp.MustCompile(`("[^"]*")|#.*`) // a # in a string is none
		selects  = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}`)
		matches  = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
		grouping = regexp.MustCompile(`\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
		strs     = regexp.MustCompile(`"[^"]*"`)
		duration = regexp.MustCompile(`\[[^\]]*\]|\boffset\s+\w+`)
		name     = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
		number   = regexp.MustCompile(`\b[0-9][0-9.]*(e[0-9]+)?\b`)
		keyword  = map[string]bool{"and": true, "or": true, "unless": true, "bool": true}
	)
	promql = comment.ReplaceAllString(promql, "$1")
	var e expression
	for _, s := range selects.FindAllStringSubmatch(promql, -1) {
		sel := selector{metric: s[1]}
		for _, m := range matches.FindAllStringSubmatch(s[2], -1) {
			sel.matchers = append(sel.matchers, matcher{m[1], m[2], m[3]})
		}
		e.selectors = append(e.selectors, sel)
	}
	rest := selects.ReplaceAllString(promql, " ")
	rest = strs.ReplaceAllString(rest, " ")
	rest = duration.ReplaceAllString(rest, " ")
	for _, g := range grouping.FindAllStringSubmatch(rest, -1) {
		for l := range strings.SplitSeq(g[2], ",") {
			e.labels = append(e.labels, strings.TrimSpace(l))
		}
	}
	rest = grouping.ReplaceAllString(rest, " ")
	rest = number.ReplaceAllString(rest, " ")
	for _, n := range name.FindAllString(rest, -1) {
		if !strings.HasSuffix(n, "(") && !keyword[strings.TrimSpace(n)] {
			e.bare = append(e.bare, strings.TrimSpace(n))
		}
	}
	return e
}
