package e2e_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/testkit"
)

// kernelRules returns the rules without the alerts of kind policy and fleet, and the
// faster copy of them: what the policy says of the recorded node changes with its data,
// and a scrape that takes a second is no clock that is wrong by a minute.
func kernelRules(t *testing.T) (slow, fast string, times []scaled) {
	t.Helper()
	all, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []ruleGroup }
	if err := yaml.Unmarshal(all, &file); err != nil {
		t.Fatal(err)
	}
	config := "alerts:\n"
	seen := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if kind := r.Labels["kind"]; (kind == "policy" || kind == "fleet" || r.Alert == "KernelClockSkew") && !seen[r.Alert] {
				seen[r.Alert] = true
				config += "  " + r.Alert + ": {disabled: true}\n"
			}
		}
	}
	c, err := alerts.NewConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := alerts.Rules(c)
	if err != nil {
		t.Fatal(err)
	}
	fast, times, err = fasterRules(string(rules))
	if err != nil {
		t.Fatal(err)
	}
	return string(rules), fast, times
}

// run runs a tool, which must succeed, and returns what it answers.
func run(t *testing.T, tool string, args ...string) string {
	t.Helper()
	path := testkit.Tool(t, tool, "../../.tools/bin/"+tool)
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s %q: %v\n%s%s", tool, args, err, out, stderr.Bytes())
	}
	return string(out)
}

func TestPromtoolChecksTheFasterRules(t *testing.T) {
	t.Parallel()
	slow, fast, _ := kernelRules(t)
	rules := regexp.MustCompile(`(?m)^ +- (alert|record): `)
	said := run(t, "promtool", "check", "rules", testkit.File(t, "faster.yaml", fast))
	found := regexp.MustCompile(`\d+ rules found`).FindString(said)
	if want := len(rules.FindAllString(slow, -1)); found == "" || strings.Fields(found)[0] != strconv.Itoa(want) {
		t.Errorf("promtool says %q of the copy of %d rules", said, want)
	}
}

// TestEveryTimeIsScaled counts times by another way than the copy was made:
// line by line, without YAML and without tokens.
func TestEveryTimeIsScaled(t *testing.T) {
	t.Parallel()
	slow, _, times := kernelRules(t)
	count := map[string]int{}
	for _, s := range times {
		count[s.what]++
		if s.slow != haste*s.fast {
			t.Errorf("%s %s became %s", s.what, s.slow, s.fast)
		}
	}
	total := 0
	for what, pattern := range map[string]string{
		"interval":        `^ +interval: \S+$`,
		"for":             `^ +for: \S+$`,
		"keep_firing_for": `^ +keep_firing_for: \S+$`,
		"promql":          `\[\d+[smhdwy]|:\d+[smhdwy]\]|\boffset \w+`,
		"product":         `\* (?:60|3600|86400)\b`,
	} {
		re, want := regexp.MustCompile(pattern), 0
		for line := range strings.Lines(slow) {
			if !regexp.MustCompile(`^ *(#|description:|summary:)`).MatchString(line) {
				want += len(re.FindAllString(strings.TrimRight(line, "\n"), -1))
			}
		}
		if want == 0 || count[what] != want {
			t.Errorf("%d times of the kind %s were scaled, kernel.yaml has %d", count[what], what, want)
		}
		total += want
	}
	t.Logf("%d times: %v", total, count)
	if len(times) != total {
		t.Errorf("%d times were scaled, kernel.yaml has %d", len(times), total)
	}
}

// TestTheCopyDiffersInTimesAlone takes all times out of both.
func TestTheCopyDiffersInTimesAlone(t *testing.T) {
	t.Parallel()
	slow, fast, _ := kernelRules(t)
	if got, want := timeless(t, fast), timeless(t, slow); got != want {
		t.Errorf("without its times the copy is\n%s\nwant\n%s", got, want)
	}
}

// timeless returns rules, in a fixed form, without times.
func timeless(t *testing.T, rules string) string {
	t.Helper()
	var file any
	if err := yaml.Unmarshal([]byte(rules), &file); err != nil {
		t.Fatal(err)
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{
		`(?m)(^ *-? *(?:interval|for|keep_firing_for): )\S+`,
		`(\[)\w+`, `(:)\w+\]`, `(\boffset )\w+`, `(\d \* )(?:1440|86400|3600|60|1)\b`,
	} {
		out = regexp.MustCompile(pattern).ReplaceAll(out, []byte("${1}TIME"))
	}
	return string(out)
}

// A ruleGroup is one of kernel.yaml.
type ruleGroup struct {
	Name     string
	Interval string
	Rules    []struct {
		Record, Alert, Expr, For string
		KeepFiringFor            string `yaml:"keep_firing_for"`
		Labels                   map[string]string
	}
}

// loadedRule is a rule as Prometheus says that it runs it.
type loadedRule struct {
	Name          string
	Query         string
	Duration      float64
	KeepFiringFor float64
	Health        string
	LastError     string
}

// checkLoaded compares what Prometheus runs with kernel.yaml: its parser tells
// the durations of each rule and writes the expression anew.
func checkLoaded(t *testing.T, groups []loadedGroup) {
	t.Helper()
	slow, _, _ := kernelRules(t)
	var file struct{ Groups []ruleGroup }
	if err := yaml.Unmarshal([]byte(slow), &file); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(file.Groups, func(a, b ruleGroup) int { return strings.Compare(a.Name, b.Name) }) // as Prometheus lists them
	if len(groups) != len(file.Groups) {
		t.Fatalf("Prometheus runs %d groups, kernel.yaml has %d", len(groups), len(file.Groups))
	}
	for i, g := range file.Groups {
		got := groups[i]
		if want := fastSeconds(t, g.Interval, 1); got.Name != g.Name || got.Interval != want || len(got.Rules) != len(g.Rules) {
			t.Fatalf("Prometheus runs group %s of %d rules each %g s, want %s of %d each %g s", got.Name, len(got.Rules), got.Interval, g.Name, len(g.Rules), want)
		}
		for j, r := range g.Rules {
			got := got.Rules[j]
			if want := fastSeconds(t, r.For, 0); got.Name != r.Record+r.Alert || got.Duration != want {
				t.Errorf("Prometheus runs %s for %g s, want %s for %g s", got.Name, got.Duration, r.Record+r.Alert, want)
			}
			if want := fastSeconds(t, r.KeepFiringFor, 0); got.KeepFiringFor != want {
				t.Errorf("Prometheus keeps %s firing for %g s, want %g s", got.Name, got.KeepFiringFor, want)
			}
			if got, want := queryTimes(t, got.Query, 1), queryTimes(t, r.Expr, haste); !slices.Equal(got, want) {
				t.Errorf("Prometheus runs %s over %v, want %v", r.Record+r.Alert, got, want)
			}
		}
	}
}

// fastSeconds returns a sixtieth of a duration in seconds, or what holds where
// none is given.
func fastSeconds(t *testing.T, d string, none float64) float64 {
	t.Helper()
	if d == "" {
		return none
	}
	parsed, err := model.ParseDuration(d)
	if err != nil {
		t.Fatal(err)
	}
	return (time.Duration(parsed) / haste).Seconds()
}

// queryTimes returns the durations in an expression, divided.
func queryTimes(t *testing.T, promql string, by time.Duration) []time.Duration {
	t.Helper()
	var all []time.Duration
	for _, m := range regexp.MustCompile(`(?:\[|:|\boffset )((?:\d+[a-z]+)+)\b`).FindAllStringSubmatch(promql, -1) {
		d, err := model.ParseDuration(m[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, time.Duration(d)/by)
	}
	return all
}
