package policy

import (
	"slices"
	"strings"

	"kernel_exporter/collector/host"
)

// conditionKeys returns the keys that say what a rule asks for.
func conditionKeys() []string {
	return slices.Concat(whenKeys(), []string{
		"minimum_build", "require", "forbid", "config", "config_v1", "config_v2", "supported", "without_bugs", "without_escapes",
	})
}

// whenKeys returns the keys that may also say to which machines a rule applies.
func whenKeys() []string {
	return []string{"minimum_version", "below_version", "vendors", "hierarchy", "operating_systems"}
}

// readRules reads the rules. The policy's data is read before, so that a rule
// cannot name what is not there.
func (p *Policy) readRules(m mapping) {
	m.need("policy", "rules")
	p.Name, p.Version = m.text("policy"), m.text("version")
	what := []string{"name", "severity", "reason", "remedy", "source"}
	for _, e := range m.entries(table{
		key: "rules", label: "rule", id: []string{"name"}, series: true,
		keys: slices.Concat(what, []string{"when"}, conditionKeys()),
	}) {
		e.need(what...)
		p.Rules = append(p.Rules, p.rule(e))
	}
}

func (p *Policy) rule(m mapping) Rule {
	r := Rule{
		Name:     m.name(),
		Severity: m.severity(),
		Reason:   m.text("reason"),
		Remedy:   m.text("remedy"),
		Source:   m.text("source"),
		minimum:  m.version("minimum_version"),
		must:     p.conditions(m),
	}
	if when, ok := m.child("when", whenKeys()...); ok {
		r.when = p.conditions(when)
		if len(r.when) == 0 {
			when.failf("", "no condition")
		}
	}
	if len(r.must) == 0 {
		m.failf("", "no condition")
	}
	return r
}

// conditions reads what a rule, or its when, asks for: all of it.
func (p *Policy) conditions(m mapping) []condition {
	var out []condition
	if m.has("minimum_version") {
		out = append(out, minimumVersion(m.version("minimum_version")))
	}
	if m.has("below_version") {
		out = append(out, belowVersion(m.version("below_version")))
	}
	if m.has("vendors") {
		out = append(out, vendorIs(m.vendors("vendors")))
	}
	if m.has("minimum_build") {
		out = append(out, minimumBuild(m.minimumBuilds("minimum_build")))
	}
	if m.has("hierarchy") {
		out = append(out, hierarchyIs(m.choices("hierarchy", hierarchyNames()...)))
	}
	if m.has("operating_systems") {
		out = append(out, osIs(m.texts("operating_systems")))
	}
	for _, name := range m.choices("require", factNames()...) {
		out = append(out, factIs(name, true))
	}
	for _, name := range m.choices("forbid", factNames()...) {
		out = append(out, factIs(name, false))
	}
	if m.has("config") || m.has("config_v1") || m.has("config_v2") {
		out = append(out, configHas(m.options("config"), m.options("config_v1"), m.options("config_v2")))
	}
	if m.has("supported") {
		out = append(out, supported(m.choice("supported", "kernel", "os")))
	}
	for _, name := range m.texts("without_bugs") {
		i := slices.IndexFunc(p.Bugs, func(b Bug) bool { return b.Name == name })
		if i < 0 {
			m.failf("without_bugs", "%q is not in %s", name, BugsFile)
			continue
		}
		out = append(out, withoutBug(i))
	}
	if m.truth("without_escapes") {
		out = append(out, withoutEscapes())
	}
	return out
}

func hierarchyNames() []string {
	var out []string
	for _, h := range host.Hierarchies() {
		out = append(out, string(h))
	}
	return out
}

// options reads a list of configuration options; "A|B" is an option with two names.
func (m mapping) options(key string) []option {
	texts := m.texts(key)
	out := make([]option, 0, len(texts))
	for i, s := range texts {
		o := option(strings.Split(s, "|"))
		for _, name := range o {
			if name == "" || strings.HasPrefix(name, "CONFIG_") ||
				strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
				m.failAt(m.list(key)[i], key, "%q is not the name of an option without CONFIG_", s)
			}
		}
		out = append(out, o)
	}
	return out
}
