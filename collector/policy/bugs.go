package policy

import (
	"fmt"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// State is how a kernel stands to a known bug.
type State string

// The states.
const (
	Affected State = "affected"
	Clear    State = "clear"
	Unsure   State = "unknown"
)

// Bug is a known bug and the kernels that have it.
type Bug struct {
	Name     string
	Severity Severity
	Title    string
	Remedy   string
	Source   string

	introduced, fixed, fixedBy    host.Version // zero: not known
	introducedStable, fixedStable map[host.Version]host.Version
	fixedBuilds                   []builds
}

// BugVerdict is how a machine stands to one bug.
type BugVerdict struct {
	Bug    Bug
	State  State
	Cause  facts.Cause // why it is unknown; else empty
	Reason string      // what was found, as a clause
}

// KnownBugs judges a machine by every bug, in the table's order.
func (p *Policy) KnownBugs(node facts.Facts) []BugVerdict {
	verdicts := make([]BugVerdict, 0, len(p.Bugs))
	k, ok := node.Kernel.Get()
	for _, b := range p.Bugs {
		v := BugVerdict{Bug: b, State: Unsure}
		if ok {
			v.State, v.Reason = b.judge(k)
		} else {
			f := unknownFact(node.Kernel, "the kernel's release")
			v.Cause, v.Reason = f.cause, f.reason
		}
		if ok && v.State == Unsure {
			v.Cause = facts.Unknowable
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// judge tells how a kernel stands to the bug, and why. A vendor takes single fixes
// into its kernels, so that a vendor's kernel is never affected by its number; it
// is clear at or past a fix, which it cannot lack, and where what it is based on
// is known and older than the bug.
func (b Bug) judge(k host.Kernel) (State, string) {
	of := baseOf(k)
	if why := b.isFixed(k, of); why != "" {
		return Clear, fmt.Sprintf("kernel %s has the fix of %s, as %s have", k.Release.Raw, b.Name, why)
	}
	had := b.introducedIn(of)
	switch {
	case had == host.No:
		return Clear, fmt.Sprintf("kernel %s is older than %s", k.Release.Raw, b.Name)
	case of.plain && had == host.Yes && b.lacksFix(of):
		return Affected, fmt.Sprintf("kernel %s has %s: %s", k.Release.Raw, b.Name, b.Title)
	case of.plain:
		return Unsure, fmt.Sprintf("whether kernel line %s got the fix of %s is not known", short(lineOf(of.version)), b.Name)
	default:
		return Unsure, fmt.Sprintf("whether the vendor of kernel %s took the fix of %s is not known", k.Release.Raw, b.Name)
	}
}

// isFixed names those kernels with the fix to which this one belongs; it is empty
// where the fix is not known to be in.
func (b Bug) isFixed(k host.Kernel, of base) string {
	for _, r := range b.fixedBuilds {
		if r.has(k) {
			return r.String() + " and newer"
		}
	}
	line := lineOf(of.version)
	for _, fixed := range []host.Version{b.fixed, b.fixedBy} {
		if fixed == (host.Version{}) {
			continue
		}
		if line.Compare(fixed) > 0 || line == fixed && !of.candidate {
			return short(fixed) + " and newer"
		}
	}
	if fixed, ok := b.fixedStable[line]; ok && of.version.Compare(fixed) >= 0 {
		return fixed.String() + " and newer of its line"
	}
	return ""
}

// introducedIn says whether what the kernel is based on has what causes the bug. A
// stable line that got the fix had the bug.
func (b Bug) introducedIn(of base) host.Answer {
	line := lineOf(of.version)
	from, stable := b.introducedStable[line]
	_, fixed := b.fixedStable[line]
	switch {
	case stable && of.version.Compare(from) >= 0:
		return host.Yes
	case stable:
		return ifExact(of, host.No)
	case b.introduced == host.Version{}:
		if fixed {
			return host.Yes
		}
		return host.Unknown
	case line.Compare(b.introduced) < 0:
		return ifExact(of, host.No)
	case line == b.introduced && of.candidate:
		return host.Unknown
	default:
		return host.Yes
	}
}

// ifExact is an answer that a base which is only a lower bound does not give.
func ifExact(of base, answer host.Answer) host.Answer {
	if !of.exact {
		return host.Unknown
	}
	return answer
}

// lacksFix says whether one of kernel.org's kernels, of which isFixed knows no fix,
// is known to be without it: older than the fix of its stable line, or the first
// release of a line before the one that has it.
func (b Bug) lacksFix(of base) bool {
	line := lineOf(of.version)
	if fixed, ok := b.fixedStable[line]; ok {
		return of.version.Compare(fixed) < 0
	}
	return b.fixed != (host.Version{}) && of.version.Patch == 0 && !of.candidate
}

// parseBugs decodes the table of bugs, and returns the day it was gathered on.
func parseBugs(data []byte) ([]Bug, time.Time, error) {
	d, m := parse(BugsFile, data, "updated", "bugs")
	m.need("updated")
	var bugs []Bug
	for _, n := range d.entries(m, "bugs") {
		b := d.mapping(n, "bug", "name", "severity", "title", "remedy", "source", "introduced", "introduced_stable",
			"fixed", "fixed_by", "fixed_stable", "fixed_builds")
		b.need("name", "severity", "title", "remedy", "source")
		bugs = append(bugs, b.bug())
	}
	return bugs, m.date("updated"), d.err
}

func (m mapping) bug() Bug {
	b := Bug{
		Name:             m.name(),
		Severity:         m.severity(),
		Title:            m.text("title"),
		Remedy:           m.text("remedy"),
		Source:           m.text("source"),
		introduced:       m.line("introduced"),
		fixed:            m.line("fixed"),
		fixedBy:          m.line("fixed_by"),
		introducedStable: m.stable("introduced_stable"),
		fixedStable:      m.stable("fixed_stable"),
		fixedBuilds:      m.builds("fixed_builds"),
	}
	none := host.Version{}
	switch {
	case m.has("fixed") && m.has("fixed_by"):
		m.failf(m.value["fixed_by"], "fixed_by: beside fixed")
	case !m.has("fixed") && !m.has("fixed_by") && !m.has("fixed_stable") && !m.has("fixed_builds"):
		m.failf(nil, "fixed is missing (or fixed_by, fixed_stable, fixed_builds)")
	case b.fixed != none && b.introduced.Compare(b.fixed) >= 0:
		m.failf(m.value["fixed"], "fixed: not after introduced")
	}
	for line, fixed := range b.fixedStable {
		if last := b.fixed; last != none && line.Compare(last) >= 0 {
			m.failf(m.value["fixed_stable"], "fixed_stable: %s is not before %s", fixed, short(last))
		}
		if from, ok := b.introducedStable[line]; ok && from.Compare(fixed) >= 0 {
			m.failf(m.value["fixed_stable"], "fixed_stable: %s is not after %s", fixed, from)
		}
	}
	return b
}

// line returns a version of two numbers.
func (m mapping) line(key string) host.Version {
	v := m.version(key)
	if v.Patch != 0 {
		m.failf(m.value[key], "%s: %q is not two numbers such as 5.10", key, m.text(key))
	}
	return v
}

// stable returns stable releases by their lines.
func (m mapping) stable(key string) map[host.Version]host.Version {
	out := make(map[host.Version]host.Version)
	for _, n := range m.list(key) {
		v := m.versionOf(n, key)
		if _, twice := out[lineOf(v)]; twice {
			m.failf(n, "%s: line %s a second time", key, short(lineOf(v)))
		}
		if v.Patch == 0 {
			m.failf(n, "%s: %q is not three numbers such as 5.10.3", key, n.Value)
		}
		out[lineOf(v)] = v
	}
	return out
}
