package alerts_test

import (
	"os"
	"path/filepath"
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
	content, err := alerts.DefaultRules()
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
