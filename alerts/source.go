package alerts

import (
	"bytes"
	_ "embed" // for the rules
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rulesYAML is the source of the rules and of the defaults of the configuration.
//
//go:embed rules.yaml
var rulesYAML []byte

// A source is rules.yaml.
type source struct {
	Groups []sourceGroup
}

// A sourceGroup is a group of rules. Kind is what all its alerts are: symptom,
// policy, trust or fleet; empty for recording rules.
type sourceGroup struct {
	Name     string
	Kind     string
	Interval string
	Rules    []sourceRule
}

// A sourceRule is a recording rule or an alert with its defaults. An alert's
// further rules of the same name have a Rule, which names them in the
// configuration.
type sourceRule struct {
	Record        string
	Alert         string
	Rule          string
	Severity      string
	For           string
	KeepFiringFor string `yaml:"keep_firing_for"`
	Thresholds    thresholds
	Labels        map[string]string
	Expr          string
	Summary       string
	Description   string

	comment []string // what stands above it, without "# "
}

// A threshold is one that can be configured: a number or a duration, as it is
// written.
type threshold struct{ name, value string }

// thresholds are those of a rule, in their order.
type thresholds []threshold

// UnmarshalYAML reads a mapping and keeps its order.
func (t *thresholds) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: thresholds is no mapping", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		*t = append(*t, threshold{name: n.Content[i].Value, value: n.Content[i+1].Value})
	}
	return nil
}

// id names a rule of an alert in the configuration and in rules.yaml: the
// alert's name, and after a slash the name of a further rule.
func (r *sourceRule) id() string {
	if r.Rule == "" {
		return r.Alert
	}
	return r.Alert + "/" + r.Rule
}

// loadSource reads rules.yaml.
func loadSource() (*source, error) {
	s := &source{}
	d := yaml.NewDecoder(bytes.NewReader(rulesYAML))
	d.KnownFields(true)
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(rulesYAML, &root); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	for i, group := range child(root.Content[0], "groups").Content {
		for j, rule := range child(group, "rules").Content {
			s.Groups[i].Rules[j].comment = commentAbove(rule)
		}
	}
	return s, nil
}

// child returns the value of a key of a mapping, or an empty node.
func child(mapping *yaml.Node, key string) *yaml.Node {
	i := slices.IndexFunc(mapping.Content, func(n *yaml.Node) bool { return n.Value == key })
	if i < 0 || i+1 >= len(mapping.Content) {
		return &yaml.Node{}
	}
	return mapping.Content[i+1]
}

// commentAbove returns the comment above an entry of a list.
func commentAbove(n *yaml.Node) []string {
	text := n.HeadComment
	if text == "" && len(n.Content) > 0 {
		text = n.Content[0].HeadComment
	}
	if text == "" {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
	}
	return lines
}
