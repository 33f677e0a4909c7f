package e2e_test

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// haste is how much faster than kernel.yaml its copy goes: a minute becomes a
// second, which the scrapes and evaluations of the test follow.
const haste = 60

// A scaled time is one that was found, and what was put in its place.
type scaled struct {
	what       string // for, keep_firing_for, interval, promql, product, ...
	slow, fast time.Duration
}

// A scaler divides times by haste and remembers them.
type scaler struct{ times []scaled }

// scale returns d in the notation that Prometheus and Alertmanager read.
func (s *scaler) scale(what, d string) (string, error) {
	slow, err := model.ParseDuration(d)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	fast := time.Duration(slow) / haste
	if fast%time.Millisecond != 0 {
		return "", fmt.Errorf("%s: a sixtieth of %s is no whole number of milliseconds", what, d)
	}
	s.times = append(s.times, scaled{what, time.Duration(slow), fast})
	return model.Duration(fast).String(), nil
}

// yaml scales the values of some keys, wherever they are in a document, and
// hands those of others to edit. All else stays as it is.
func (s *scaler) yaml(document string, keys []string, edit map[string]func(string) (string, error)) (string, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(document), &root); err != nil {
		return "", err
	}
	change := map[string]func(string) (string, error){}
	for _, k := range keys {
		change[k] = func(d string) (string, error) { return s.scale(k, d) }
	}
	maps.Copy(change, edit)
	if err := walk(&root, change); err != nil {
		return "", err
	}
	out, err := yaml.Marshal(&root)
	return string(out), err
}

// walk changes the values of keys that are scalars.
func walk(n *yaml.Node, change map[string]func(string) (string, error)) error {
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			if err := walk(child, change); err != nil {
				return err
			}
		}
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f, ok := change[key.Value]
		if !ok || value.Kind != yaml.ScalarNode {
			if err := walk(value, change); err != nil {
				return err
			}
			continue
		}
		changed, err := f(value.Value)
		if err != nil {
			return fmt.Errorf("line %d: %w", value.Line, err)
		}
		value.Value = changed
	}
	return nil
}

// fasterRules returns a copy of a rule file in which all times are divided by
// haste, and those times.
func fasterRules(rules string) (string, []scaled, error) {
	var s scaler
	out, err := s.yaml(rules, []string{"interval", "for", "keep_firing_for"}, map[string]func(string) (string, error){"expr": s.promql})
	return out, s.times, err
}

// tokens splits PromQL. The kinds that matter stand before those that would
// take a part of them.
func tokens() *regexp.Regexp {
	return regexp.MustCompile(`(?P<comment>#[^\n]*)` +
		"|(?P<string>\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`)" +
		`|(?P<name>[a-zA-Z_][a-zA-Z0-9_:]*)` +
		`|(?P<duration>(?:[0-9]+(?:ms|[smhdwy]))+)` +
		`|(?P<number>0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)` +
		`|(?P<space>\s+)` +
		`|(?P<other>.)`)
}

type token struct{ kind, text string }

func lex(promql string) []token {
	re := tokens()
	var all []token
	for _, m := range re.FindAllStringSubmatch(promql, -1) {
		for i, kind := range re.SubexpNames() {
			if kind != "" && m[i] != "" {
				all = append(all, token{kind, m[i]})
			}
		}
	}
	return all
}

// promql scales an expression: its durations, which stand in ranges, subqueries
// and offsets, and its numbers of seconds, which kernel.yaml writes as a product
// with the seconds of a minute, an hour or a day. Scaled is the unit.
func (s *scaler) promql(expr string) (string, error) {
	all := lex(expr)
	near := func(i, step int) token { // the next token that means something
		for i += step; i >= 0 && i < len(all); i += step {
			if all[i].kind != "space" && all[i].kind != "comment" {
				return all[i]
			}
		}
		return token{}
	}
	star := token{"other", "*"}
	var b strings.Builder
	for i, t := range all {
		switch {
		case t.kind == "duration":
			d, err := s.scale("promql", t.text)
			if err != nil {
				return "", err
			}
			t.text = d
		case t.kind == "number" && (t.text == "60" || t.text == "3600" || t.text == "86400"):
			if near(i, -1) != star || near(i, 1) == star {
				return "", fmt.Errorf("%s in %q is not the last factor of a number of seconds", t.text, expr)
			}
			unit, err := strconv.Atoi(t.text)
			if err != nil {
				return "", err
			}
			slow := time.Duration(unit) * time.Second
			s.times = append(s.times, scaled{"product", slow, slow / haste})
			t.text = strconv.Itoa(unit / haste)
		}
		b.WriteString(t.text)
	}
	return b.String(), nil
}

func TestFasterPromQL(t *testing.T) {
	t.Parallel()
	for slow, want := range map[string]string{
		`x[5m]`:                                  `x[5s]`,
		`resets((time() - x)[1h:1m])`:            `resets((time() - x)[1m:1s])`,
		`x[1h30m] offset 1d`:                     `x[1m30s] offset 24m`,
		`x offset -3h @ end()`:                   `x offset -3m @ end()`,
		`x{a="[5m] * 60", b=~'5m|60'} [30s]`:     `x{a="[5m] * 60", b=~'5m|60'} [500ms]`,
		"x{a=\"\\\"5m\", b=`\"5m`}[1m]":          "x{a=\"\\\"5m\", b=`\"5m`}[1s]",
		"x # for 5m, 3 * 60\n> 5 * 60":           "x # for 5m, 3 * 60\n> 5 * 1",
		`a:x5m:increase1h{job="j"}`:              `a:x5m:increase1h{job="j"}`,
		`predict_linear(x[6h], 24 * 3600)`:       `predict_linear(x[6m], 24 * 60)`,
		`x - time() < 90 * 86400`:                `x - time() < 90 * 1440`,
		`x >= 4 * 65536 + 8 * 256 and y > 1e5`:   `x >= 4 * 65536 + 8 * 256 and y > 1e5`,
		`x > 0x1d and y > 0.60 and z > 1.5 * 10`: `x > 0x1d and y > 0.60 and z > 1.5 * 10`,
	} {
		var s scaler
		if got, err := s.promql(slow); err != nil || got != want {
			t.Errorf("%s became %s (%v), want %s", slow, got, err, want)
		}
	}
	for _, unclear := range []string{`x > 60`, `x > 3600`, `x > 60 * 24 * 60`, `x[1s]`} {
		var s scaler
		if got, err := s.promql(unclear); err == nil {
			t.Errorf("%s became %s, want an error", unclear, got)
		}
	}
}
