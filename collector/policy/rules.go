package policy

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/host"
)

// Severity is how much a rule or a bug matters.
type Severity string

// The severities, the worst first.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Severities returns them, the worst first.
func Severities() []Severity { return []Severity{Critical, Warning, Info} }

// Rule is something that the policy asks of a machine.
type Rule struct {
	Name     string
	Severity Severity
	Reason   string // why it is asked, in one line
	Remedy   string // what to do where it is violated
	Source   string

	minimum    host.Version
	when, must []condition
}

// MinimumVersion returns the version that the rule asks for, if it asks for one.
func (r Rule) MinimumVersion() (host.Version, bool) {
	return r.minimum, r.minimum != host.Version{}
}

// maxEntries bounds the rules, bugs and features of a file, because each is a
// time series on every node.
const maxEntries = 200

// parseRules decodes the file of the rules. The policy's data is loaded before,
// so that a rule cannot name what is not there.
func (p *Policy) parseRules(data []byte) error {
	d, m := parse(RulesFile, data, "policy", "version", "rules")
	m.need("policy", "rules")
	p.Name, p.Version = m.text("policy"), m.text("version")
	for _, n := range d.entries(m, "rules") {
		p.Rules = append(p.Rules, p.parseRule(d, n))
	}
	return d.err
}

// entries returns the items of a list, of which there must not be too many, and
// whose names must differ.
func (d *document) entries(m mapping, key string) []*yaml.Node {
	m.need(key)
	items := m.list(key)
	if len(items) > maxEntries {
		m.failf(m.value[key], "%s: more than %d", key, maxEntries)
		return nil
	}
	seen := make(map[string]bool, len(items))
	for _, n := range items {
		if n.Kind != yaml.MappingNode {
			continue // reported where it is decoded
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value != "name" {
				continue
			}
			name := n.Content[i+1].Value
			if seen[name] {
				d.failf(n.Content[i+1], "%s: name %q a second time", key, name)
			}
			seen[name] = true
		}
	}
	return items
}

func (p *Policy) parseRule(d *document, n *yaml.Node) Rule {
	what := []string{"name", "severity", "reason", "remedy", "source"}
	m := d.mapping(n, "rule", slices.Concat(what, []string{"when"}, conditionKeys())...)
	m.need(what...)
	r := Rule{
		Name:     m.name(),
		Severity: m.severity(),
		Reason:   m.text("reason"),
		Remedy:   m.text("remedy"),
		Source:   m.text("source"),
		must:     p.conditions(m),
	}
	if m.has("minimum_version") {
		r.minimum = m.version("minimum_version")
	}
	if when, ok := m.child("when", whenKeys()...); ok {
		r.when = p.conditions(when)
		if len(r.when) == 0 {
			when.failf(nil, "no condition")
		}
	}
	if len(r.must) == 0 {
		m.failf(nil, "no condition")
	}
	return r
}

// nameShape is what a name may be, because it becomes the value of a label.
var nameShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// name returns the name of an entry.
func (m mapping) name() string {
	s := m.text("name")
	if m.has("name") && !nameShape.MatchString(s) {
		m.failf(m.value["name"], "name: not lower-case letters, digits and _, at most 64, a letter first")
	}
	return s
}

func (m mapping) severity() Severity {
	return Severity(m.choice("severity", string(Critical), string(Warning), string(Info)))
}

// version returns a kernel version of two or three numbers.
func (m mapping) version(key string) host.Version {
	if !m.has(key) {
		return host.Version{}
	}
	return m.versionOf(m.value[key], key)
}

func (m mapping) versionOf(n *yaml.Node, key string) host.Version {
	r, err := host.ParseRelease(m.scalar(n, key))
	if err != nil || r.Suffix != "" {
		m.failf(n, "%s: %q is not a version such as 5.10 or 5.10.3", key, n.Value)
	}
	return r.Version
}
