package alerts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// RunbookBase is where the runbook_url of every alert begins unless the
// configuration says otherwise: an exporter, which serves the runbooks itself.
const RunbookBase = "http://kernel-exporter:10044/runbooks"

// placeOfAlert stands in a base for the name of the alert, where that is not its end.
const placeOfAlert = "{alert}"

// Config is what can be configured of the rules. Get it from [NewConfig].
type Config struct {
	job              string
	selector         string // further matchers, or nothing
	clusterLabel     string
	kubeStateMetrics string // matchers
	runbookBase      string // without a slash at its end
	grafanaBase      string // likewise, or nothing
	labels           []pair // to add to every alert
	annotations      []pair

	source   *source
	runtimes *runtimes
	settings map[string]*setting // by the rule's id
	deferred bool                // the values are marks, for another program to fill in
}

// A pair is a name and a value.
type pair struct{ name, value string }

// A setting is what can be configured of a rule of an alert.
type setting struct {
	disabled   bool
	severity   string
	wait       string // for
	thresholds thresholds
}

// NewConfig reads a configuration in YAML: what `kernel_exporter print
// alerts-config` prints, or a part of that. What it does not say stays as it is
// by default, so an empty one is the defaults. An error is one line and names
// the line of what is wrong; nothing unknown is passed over.
func NewConfig(content []byte) (*Config, error) {
	c, err := defaults()
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(content))
	err = d.Decode(&root)
	if errors.Is(err, io.EOF) {
		return c, nil
	}
	if err != nil {
		return nil, oneLine(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	if n := root.Content[0]; n.Tag != "!!null" {
		if err := c.read(n); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " "))
}

// defaults returns the configuration that rules.yaml has.
func defaults() (*Config, error) {
	s, err := loadSource()
	if err != nil {
		return nil, err
	}
	r, err := loadRuntimes()
	if err != nil {
		return nil, err
	}
	c := &Config{
		job: "kernel_exporter", clusterLabel: "cluster", kubeStateMetrics: `job="kube-state-metrics"`,
		runbookBase: RunbookBase, source: s, runtimes: r, settings: map[string]*setting{},
	}
	for _, g := range s.Groups {
		for i := range g.Rules {
			if r := &g.Rules[i]; r.Alert != "" {
				c.settings[r.id()] = &setting{severity: r.Severity, wait: r.For, thresholds: slices.Clone(r.Thresholds)}
			}
		}
	}
	return c, nil
}

// SetRunbookBase puts the runbook of an alert at base/<alert>, or where the base
// has {alert}, as in https://forge.example/kernels/{alert}.md. The base must be an
// absolute http or https URL without a query or a fragment.
func (c *Config) SetRunbookBase(base string) error {
	b, err := absoluteURL(base)
	if err == nil {
		c.runbookBase = strings.Replace(b, url.PathEscape(placeOfAlert), placeOfAlert, 1)
	}
	return err
}

// runbookURL returns where the runbook of an alert is.
func (c *Config) runbookURL(alert string) string {
	if strings.Contains(c.runbookBase, placeOfAlert) {
		return strings.Replace(c.runbookBase, placeOfAlert, alert, 1)
	}
	return c.runbookBase + "/" + alert
}

// SetGrafanaBase adds to every alert the URL of its dashboard in the Grafana at
// base, of which the same holds as of [Config.SetRunbookBase].
func (c *Config) SetGrafanaBase(base string) error {
	b, err := absoluteURL(base)
	if err == nil {
		c.grafanaBase = b
	}
	return err
}

// absoluteURL returns a URL without a slash at its end. It is to stand in YAML
// and in a template of Prometheus: what would end either is escaped.
func absoluteURL(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("not a URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#") {
		return "", fmt.Errorf("%q is not an absolute http or https URL without a query or a fragment", base)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// read reads the configuration's keys.
func (c *Config) read(n *yaml.Node) error {
	return eachKey(n, "the configuration", func(key, value *yaml.Node) error {
		switch key.Value {
		case "job":
			return text(value, &c.job, regexp.MustCompile(`^[^"\\{}\n]+$`), "the name of a job, without quotes, braces and backslashes")
		case "selector":
			return text(value, &c.selector, matchers(), `matchers of labels such as region="eu", team=~"a|b"`)
		case "cluster_label":
			return text(value, &c.clusterLabel, regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`), "the name of a label")
		case "kube_state_metrics":
			return text(value, &c.kubeStateMetrics, matchers(), `matchers of labels such as job="kube-state-metrics"`)
		case "runbook_base":
			return baseOf(value, c.SetRunbookBase)
		case "grafana_base":
			if value.Value == "" {
				return nil
			}
			return baseOf(value, c.SetGrafanaBase)
		case "labels":
			return pairs(value, &c.labels, "alertname", "severity", "kind", "job", "instance", c.clusterLabel)
		case "annotations":
			return pairs(value, &c.annotations, "summary", "description", "runbook_url", "dashboard_url")
		case "alerts":
			return c.readAlerts(value)
		}
		return unknownKey(key, "job", "selector", "cluster_label", "kube_state_metrics", "runbook_base", "grafana_base", "labels", "annotations", "alerts")
	})
}

// matchers matches a list of label matchers, which may be empty.
func matchers() *regexp.Regexp {
	const one = `[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=|!=|=~|!~)\s*"[^"\\{}\n]*"`
	return regexp.MustCompile(`^(?:` + one + `(?:\s*,\s*` + one + `)*)?$`)
}

// eachKey calls f with each key of a mapping and its value. No key may be there
// twice.
func eachKey(n *yaml.Node, what string, f func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s is no mapping", n.Line, what)
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			return fmt.Errorf("line %d: %s is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if value.Tag == "!!null" {
			continue // a key without a value leaves what is
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

func unknownKey(key *yaml.Node, known ...string) error {
	return fmt.Errorf("line %d: %q is not known here; known are %s", key.Line, key.Value, strings.Join(known, ", "))
}

// text reads a string that matches a pattern.
func text(n *yaml.Node, to *string, pattern *regexp.Regexp, want string) error {
	if n.Kind != yaml.ScalarNode || !pattern.MatchString(n.Value) {
		return fmt.Errorf("line %d: %q is not %s", n.Line, n.Value, want)
	}
	*to = n.Value
	return nil
}

func baseOf(n *yaml.Node, set func(string) error) error {
	if err := set(n.Value); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// pairs reads a mapping of strings, of which some names are taken.
func pairs(n *yaml.Node, to *[]pair, taken ...string) error {
	name := regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	return eachKey(n, "it", func(key, value *yaml.Node) error {
		if slices.Contains(taken, key.Value) {
			return fmt.Errorf("line %d: %s is set by the rules", key.Line, key.Value)
		}
		if !name.MatchString(key.Value) || value.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: %q is no name, or its value is no text", key.Line, key.Value)
		}
		*to = append(*to, pair{key.Value, value.Value})
		return nil
	})
}

func (c *Config) readAlerts(n *yaml.Node) error {
	return eachKey(n, "alerts", func(key, value *yaml.Node) error {
		s, ok := c.settings[key.Value]
		if !ok || strings.Contains(key.Value, "/") {
			return fmt.Errorf("line %d: there is no alert %q", key.Line, key.Value)
		}
		var further []string
		for _, r := range c.rulesOf(key.Value) {
			if r.Rule != "" {
				further = append(further, r.Rule)
			}
		}
		return eachKey(value, key.Value, func(k, v *yaml.Node) error { return c.readAlert(key.Value, s, further, k, v) })
	})
}

// readAlert reads a key of an alert: a setting of its own, or one of its further rules.
func (c *Config) readAlert(alert string, s *setting, further []string, key, value *yaml.Node) error {
	if slices.Contains(further, key.Value) {
		rule := c.settings[alert+"/"+key.Value]
		return eachKey(value, key.Value, func(k, v *yaml.Node) error { return rule.read(k, v, nil) })
	}
	if err := s.read(key, value, further); err != nil {
		return err
	}
	if key.Value == "disabled" { // of an alert: all its rules
		for _, f := range further {
			c.settings[alert+"/"+f].disabled = s.disabled
		}
	}
	return nil
}

// rulesOf returns the rules of an alert.
func (c *Config) rulesOf(alert string) []*sourceRule {
	var all []*sourceRule
	for _, g := range c.source.Groups {
		for i := range g.Rules {
			if g.Rules[i].Alert == alert {
				all = append(all, &g.Rules[i])
			}
		}
	}
	return all
}

// read reads one key of a rule's settings.
func (s *setting) read(key, value *yaml.Node, further []string) error {
	switch key.Value {
	case "disabled":
		if err := value.Decode(&s.disabled); err != nil {
			return fmt.Errorf("line %d: disabled is true or false, not %q", value.Line, value.Value)
		}
		return nil
	case "severity":
		return text(value, &s.severity, regexp.MustCompile(`^(critical|warning|info)$`), "critical, warning or info")
	case "for":
		if _, err := model.ParseDuration(value.Value); err != nil {
			return fmt.Errorf("line %d: for: %q is no duration such as 15m", value.Line, value.Value)
		}
		s.wait = value.Value
		return nil
	case "thresholds":
		return eachKey(value, "thresholds", s.readThreshold)
	}
	return unknownKey(key, append([]string{"disabled", "severity", "for", "thresholds"}, further...)...)
}

// readThreshold reads a threshold, which is of the same sort as its default.
func (s *setting) readThreshold(key, value *yaml.Node) error {
	i := slices.IndexFunc(s.thresholds, func(t threshold) bool { return t.name == key.Value })
	if i < 0 {
		var known []string
		for _, t := range s.thresholds {
			known = append(known, t.name)
		}
		if known == nil {
			return fmt.Errorf("line %d: there is no threshold %q, nor another", key.Line, key.Value)
		}
		return fmt.Errorf("line %d: there is no threshold %q; there is %s", key.Line, key.Value, strings.Join(known, ", "))
	}
	if err := checkThreshold(s.thresholds[i].value, value.Value); err != nil {
		return fmt.Errorf("line %d: %s: %w", value.Line, key.Value, err)
	}
	s.thresholds[i].value = value.Value
	return nil
}

// checkThreshold checks that a value is of the sort of a default: a duration of
// whole minutes, a share between 0 and 1, or a whole number of at least 1.
func checkThreshold(preset, value string) error {
	if _, err := model.ParseDuration(preset); err == nil {
		d, err := model.ParseDuration(value)
		if err != nil || d <= 0 || int64(d)%int64(model.Duration(60e9)) != 0 {
			return fmt.Errorf("%q is no duration of whole minutes such as 15m", value)
		}
		return nil
	}
	if strings.Contains(preset, ".") {
		if f, err := strconv.ParseFloat(value, 64); err != nil || !(f > 0 && f < 1) {
			return fmt.Errorf("%q is no share between 0 and 1", value)
		}
		return nil
	}
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 1 {
		return fmt.Errorf("%q is no whole number of at least 1", value)
	}
	return nil
}

// DefaultConfig returns the configuration that the rules have by default, as a
// file to change: what `kernel_exporter print alerts-config` prints.
func DefaultConfig() ([]byte, error) {
	c, err := defaults()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, configHead, c.job, c.clusterLabel, c.kubeStateMetrics, c.runbookBase)
	seen := map[string]bool{}
	for _, g := range c.source.Groups {
		for i := range g.Rules {
			r := &g.Rules[i]
			if r.Alert == "" || seen[r.Alert] {
				continue
			}
			seen[r.Alert] = true
			for _, rule := range c.rulesOf(r.Alert) {
				writeSetting(&b, rule)
			}
		}
	}
	return b.Bytes(), nil
}

const configHead = `# What can be configured of the rules of kernel_exporter, with the defaults. A file may have a part of this:
# what it leaves out stays as it is here. kernel_exporter print alerts --config=FILE

# The label job of the exporter's targets.
job: %s
# Further matchers for every series of the exporter, such as 'region="eu", team=~"a|b"'.
selector: ""
# The label that tells clusters apart; where there is none, all nodes are one cluster.
cluster_label: %s
# The matchers of kube-state-metrics, whose kube_node_info some alerts use where it is there.
kube_state_metrics: '%s'
# Where the runbooks are: every exporter serves them below /runbooks. The name of the alert comes last, or where
# {alert} stands: https://forge.example/kernels/{alert}.md
runbook_base: %s
# The Grafana that has the dashboards; with it, every alert has a dashboard_url.
grafana_base: ""
# What to add to every alert.
labels: {}
annotations: {}

# Of each alert: disabled, severity (critical, warning, info), for, and its thresholds. An alert of several
# rules has the others below it under their names; disabled of the alert is that of them all.
alerts:
`

// writeSetting writes the settings of a rule.
func writeSetting(b *bytes.Buffer, r *sourceRule) {
	indent := "    "
	if r.Rule == "" {
		fmt.Fprintf(b, "  %s:\n", r.Alert)
	} else {
		fmt.Fprintf(b, "    %s:\n", r.Rule)
		indent = "      "
	}
	fmt.Fprintf(b, "%sdisabled: false\n%sseverity: %s\n%sfor: %s\n", indent, indent, r.Severity, indent, r.For)
	if len(r.Thresholds) == 0 {
		return
	}
	fmt.Fprintf(b, "%sthresholds:\n", indent)
	for _, t := range r.Thresholds {
		fmt.Fprintf(b, "%s  %s: %s\n", indent, t.name, t.value)
	}
}
