package alerts_test

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/policy"
)

// knownNames returns the metrics and labels that there are.
func knownNames(t *testing.T) collectortest.Names {
	t.Helper()
	rules, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	known := collectortest.KnownNames(t, "../collector", rules)
	maps.Copy(known.Metrics, announced())
	return known
}

// announced returns the metrics with their labels that rules use before the
// collectors have them. It is empty when they have.
func announced() map[string][]string {
	return map[string][]string{
		"kernel_time_seconds":             nil,
		"kernel_reboot_pending":           nil,
		"kernel_netdev_tx_timeouts_total": nil,
	}
}

func TestRulesNameOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	known := knownNames(t)
	for _, r := range kernelRules(t) {
		known.Check(t, r.Record+r.Alert, r.Expr)
	}
}

// TestRuleTestsUseSeriesAsAScrapeBringsThem: with exactly the labels of the
// metric and those of the target; cluster and pod may be there.
func TestRuleTestsUseSeriesAsAScrapeBringsThem(t *testing.T) {
	t.Parallel()
	known := knownNames(t)
	for _, test := range ruleTests(t) {
		for _, in := range test.InputSeries {
			known.Check(t, test.Name, in.Series)
			s := collectortest.ParsePromQL(in.Series).Selectors
			if len(s) != 1 || strings.Contains(s[0].Metric, ":") {
				t.Errorf("%s: %s is no series of a scrape", test.Name, in.Series)
				continue
			}
			want := append([]string{"job", "instance"}, known.Metrics[s[0].Metric]...)
			for _, m := range s[0].Matchers {
				if i := slices.Index(want, m.Label); i >= 0 {
					want = slices.Delete(want, i, i+1)
				} else if m.Label != "cluster" && m.Label != "pod" {
					t.Errorf("%s: %s has a label %s twice or too many", test.Name, in.Series, m.Label)
				}
			}
			if len(want) > 0 {
				t.Errorf("%s: %s lacks %v", test.Name, in.Series, want)
			}
		}
		for _, e := range test.PromqlExprTest {
			known.Check(t, test.Name, e.Expr)
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
		"netns_leak_fixed":       true, // by KernelKnownBug, as it rests on a bug alone
		"container_escape_fixed": true, // likewise
	}
	for _, r := range kernelRules(t) {
		for _, s := range collectortest.ParsePromQL(r.Expr).Selectors {
			for _, m := range s.Matchers {
				switch {
				case r.Alert == "" || m.Label != "rule":
				case m.Operator == "!~": // KernelPolicyRuleViolated: all but these
					for _, rule := range p.Rules {
						if !slices.Contains(m.Values(), rule.Name) {
							alerting[rule.Name] = true
						}
					}
				case m.Operator[0] == '=':
					for _, v := range m.Values() {
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
	known := knownNames(t)
	metric := regexp.MustCompile("`((?:kernel|cluster[a-z_]*:kernel)_[a-z_0-9:]+)(\\{[^`]*\\})?`")
	for _, name := range alerts.Names() {
		page, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(page), "promql") {
			known.Check(t, name, block)
		}
		for _, m := range metric.FindAllStringSubmatch(string(page), -1) {
			if _, isMetric := known.Metrics[m[1]]; !isMetric && !isKnownWord(known.Values, m[1]) {
				t.Errorf("%s: there is no metric %s", name, m[1])
			} else if isMetric && m[2] != "" {
				known.Check(t, name, m[1]+m[2])
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
