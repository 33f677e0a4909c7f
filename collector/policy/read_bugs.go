package policy

import (
	"slices"
	"strings"

	"kernel_exporter/collector/host"
)

// readBugs reads the tables of bugs, after the lifecycle.
func (p *Policy) readBugs(m mapping) {
	m.need("updated", "bugs")
	p.BugsDate = m.date("updated")
	for _, e := range m.entries(table{key: "bugs", label: "bug", id: []string{"name"}, nested: []string{"builds"}, keys: []string{
		"name", "severity", "escape", "exploited", "title", "remedy", "source", "introduced", "introduced_stable",
		"fixed", "fixed_by", "fixed_stable", "complete", "only_vendors", "builds",
	}}) {
		b := e.bug()
		b.bornAfter, b.fixedAfter = p.Lifecycle.writtenAfter(b.introduced), p.Lifecycle.writtenAfter(b.fixed)
		p.Bugs = append(p.Bugs, b)
	}
	for _, e := range m.entries(table{key: "abis", label: "abi", id: []string{"stream", "release"}, keys: []string{
		"stream", "release", "version", "last",
	}}) {
		e.need("stream", "release", "version")
		a := abi{stream: e.stream(), release: e.text("release"), first: e.build("version"), last: e.build("last")}
		if a.last == "" {
			a.last = a.first
		}
		p.abis = append(p.abis, a)
	}
}

func (m mapping) bug() Bug {
	m.need("name", "severity", "title", "remedy", "source")
	b := Bug{
		Name:             m.name(),
		Severity:         m.severity(),
		Escape:           m.truth("escape"),
		Exploited:        m.truth("exploited"),
		Title:            m.text("title"),
		Remedy:           m.text("remedy"),
		Source:           m.text("source"),
		introduced:       m.line("introduced"),
		neverFixed:       m.text("fixed") == "never",
		fixedBy:          m.line("fixed_by"),
		introducedStable: m.stable("introduced_stable"),
		fixedStable:      m.stable("fixed_stable"),
		complete:         m.truth("complete"),
		onlyVendors:      m.vendors("only_vendors"),
		builds:           m.builds("builds"),
	}
	if !b.neverFixed {
		b.fixed = m.line("fixed")
	}
	m.checkFixes(b)
	return b
}

// checkFixes is a fault where the releases of a bug contradict each other.
func (m mapping) checkFixes(b Bug) {
	none := host.Version{}
	switch {
	case m.has("fixed") && m.has("fixed_by"):
		m.failf("fixed_by", "beside fixed")
	case !m.has("fixed") && !m.has("fixed_by") && !m.has("fixed_stable") && !m.has("builds"):
		m.failAt(m.node, "", "fixed is missing (or fixed_by, fixed_stable, builds)")
	case b.fixed != none && b.introduced.Compare(b.fixed) >= 0:
		m.failf("fixed", "not after introduced")
	}
	for line, fixed := range b.fixedStable {
		if last := b.fixed; last != none && line.Compare(last) >= 0 {
			m.failf("fixed_stable", "%s is not before %s", fixed, short(last))
		}
		if from, ok := b.introducedStable[line]; ok && from.Compare(fixed) >= 0 {
			m.failf("fixed_stable", "%s is not after %s", fixed, from)
		}
	}
}

// builds reads what vendors say of their builds. A later statement about the same
// stream and line replaces the earlier one of another file.
func (m mapping) builds(key string) []builds {
	var out []builds
	type stream struct {
		name string
		line host.Version
	}
	file := map[stream]string{}
	for _, n := range m.list(key) {
		e := m.mapping(n, m.label+": "+key, "stream", "line", "from", "below", "fixed", "later", "state", "source")
		b := e.buildRange()
		s := stream{b.stream, b.line}
		if before, ok := file[s]; ok && before != n.file {
			out = slices.DeleteFunc(out, func(o builds) bool { return o.stream == b.stream && o.line == b.line })
		}
		file[s] = n.file
		out = append(out, b)
	}
	return out
}

func (m mapping) buildRange() builds {
	m.need("stream")
	b := builds{
		stream: m.stream(),
		line:   m.line("line"),
		from:   m.build("from"),
		below:  m.build("below"),
		fixed:  m.build("fixed"),
		later:  m.truth("later"),
		state:  State(m.choice("state", string(Affected), string(Clear))),
	}
	if m.has("fixed") == m.has("state") {
		m.failAt(m.node, "", "one of fixed and state is needed")
	}
	last := ""
	for _, key := range []string{"from", "fixed", "below"} {
		build := m.text(key)
		if build == "" || m.err != nil {
			continue
		}
		r, _ := host.ParseRelease(build) // build has checked it
		if b.line != (host.Version{}) && lineOf(r.Version) != b.line {
			m.failf(key, "%s is not of line %s", build, short(b.line))
		}
		b.line = lineOf(r.Version)
		if strings.HasPrefix(b.stream, "ubuntu") && strings.ContainsAny(strings.TrimLeft(r.Suffix, "-"), ".-") {
			m.failf(key, "%q has more than the number that uname -r prints, such as 4.4.0-118", build)
		}
		if last != "" && host.CompareBuild(last, build) >= 0 {
			m.failf(key, "not newer than %s", last)
		}
		last = build
	}
	return b
}

// minimumBuilds reads a list of builds of which each and the newer ones of its
// stream are meant.
func (m mapping) minimumBuilds(key string) []builds {
	var out []builds
	for _, n := range m.list(key) {
		e := m.mapping(n, m.label+": "+key, "stream", "from")
		e.need("stream", "from")
		b := builds{stream: e.stream(), from: e.build("from")}
		if r, err := host.ParseRelease(b.from); err == nil {
			b.line = lineOf(r.Version)
		}
		out = append(out, b)
	}
	return out
}
