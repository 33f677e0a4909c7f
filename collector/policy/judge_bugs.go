package policy

import (
	"fmt"
	"slices"
	"strings"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// knownBugs judges a machine by every bug, in the table's order.
func (p *Policy) knownBugs(f *facts.Facts, s *subject) []BugVerdict {
	verdicts := make([]BugVerdict, len(p.Bugs))
	patches, _ := f.LivePatches.Get()
	for i := range p.Bugs {
		v := &verdicts[i]
		v.Bug = &p.Bugs[i]
		if !s.known {
			u := notKnown(f.Kernel, "the kernel's release")
			v.State, v.Cause, v.Reason = Unsure, u.cause, u.reason
			continue
		}
		v.State, v.Reason = v.Bug.judge(s)
		if v.State == Affected && len(patches) > 0 {
			v.State = Unsure
			v.Reason += fmt.Sprintf(", but the live patch %s may mend it", strings.Join(patches, ", "))
		}
		if v.State == Unsure {
			v.Cause = facts.Unknowable
		}
	}
	return verdicts
}

// judge says how a kernel stands to the bug, and why. The vendor's own words about
// the build come first. Beyond them, a vendor's kernel is never affected because of
// its number: the vendor takes fixes and keeps the number.
func (b *Bug) judge(s *subject) (State, string) {
	if len(b.onlyVendors) > 0 && !slices.Contains(b.onlyVendors, s.Vendor) {
		return b.elsewhere(s)
	}
	had := b.introducedIn(s)
	for i := range b.builds {
		if r := &b.builds[i]; r.has(s) {
			if state, reason := b.judgeBuild(r, s, had); state != Unsure {
				return state, reason
			}
		}
	}
	if why := b.isFixed(s); why != "" {
		return Clear, fmt.Sprintf("kernel %s has the fix of %s, as %s have", s.Release.Raw, b.Name, why)
	}
	switch {
	case had == host.No:
		return Clear, fmt.Sprintf("kernel %s is based on %s, which is older than %s", s.Release.Raw, short(s.version), b.Name)
	case had == host.Unknown && s.builtBefore(b.bornAfter):
		return Clear, fmt.Sprintf("kernel %s %s, before %s came with %s", s.Release.Raw, s.builtWhen, b.Name, short(b.introduced))
	case had == host.Yes && b.neverFixed:
		return Affected, fmt.Sprintf("kernel %s has %s, and no kernel has a fix", s.Release.Raw, b.Name)
	case had == host.Yes && s.stable && b.lacksFix(s):
		return Affected, fmt.Sprintf("kernel %s has %s: %s", s.Release.Raw, b.Name, b.fixedWhere(s))
	case had == host.Yes && s.builtBefore(b.fixedAfter):
		return Affected, fmt.Sprintf("kernel %s has %s: it %s, before the fix was written, which came with %s",
			s.Release.Raw, b.Name, s.builtWhen, short(b.fixed))
	default:
		return Unsure, b.whyUnsure(s)
	}
}

// whyUnsure says why it is not known how a kernel stands to the bug.
func (b *Bug) whyUnsure(s *subject) string {
	switch {
	case s.stable && b.introduced == (host.Version{}):
		return fmt.Sprintf("whether kernel line %s ever had %s is not known", short(lineOf(s.version)), b.Name)
	case s.stable:
		return fmt.Sprintf("whether kernel line %s got the fix of %s is not known", short(lineOf(s.version)), b.Name)
	case s.Vendor == "":
		return fmt.Sprintf("who built kernel %s is not known, nor whether they took the fix of %s", s.Release.Raw, b.Name)
	default:
		return fmt.Sprintf("whether %s took the fix of %s into kernel %s is not known", s.Vendor, b.Name, s.Release.Raw)
	}
}

// elsewhere judges a kernel by a bug that only other vendors' kernels have.
func (b *Bug) elsewhere(s *subject) (State, string) {
	if s.Vendor == "" && !s.Mainline() {
		return Unsure, fmt.Sprintf("only kernels of %s have %s, and who built kernel %s is not known", b.vendors(), b.Name, s.Release.Raw)
	}
	return Clear, fmt.Sprintf("only kernels of %s have %s", b.vendors(), b.Name)
}

func (b *Bug) vendors() string {
	names := make([]string, len(b.onlyVendors))
	for i, v := range b.onlyVendors {
		names[i] = string(v)
	}
	return strings.Join(names, ", ")
}

// judgeBuild judges a kernel by a range of builds that speaks of it. Builds before
// the first with the fix have the bug where the range says from which build on it
// speaks, or where what they are based on has it.
func (b *Bug) judgeBuild(r *builds, s *subject, had host.Answer) (State, string) {
	switch {
	case r.stream != s.stream:
		return Clear, fmt.Sprintf("kernel %s has the fix of %s, as %s has from %s on", s.Release.Raw, b.Name, r.stream, r.fixed)
	case r.state == Clear:
		return Clear, fmt.Sprintf("%s says that kernel %s does not have %s", s.Vendor, s.Release.Raw, b.Name)
	case r.state == Affected:
		return Affected, fmt.Sprintf("%s says that kernel %s has %s", s.Vendor, s.Release.Raw, b.Name)
	case s.atLeast(r.fixed):
		return Clear, fmt.Sprintf("kernel %s has the fix of %s, as %s %s and newer have", s.Release.Raw, b.Name, s.Vendor, r.fixed)
	case s.before(r.fixed) && (r.from != "" || had == host.Yes):
		return Affected, fmt.Sprintf("kernel %s has %s: %s fixed it in %s", s.Release.Raw, b.Name, s.Vendor, r.fixed)
	default:
		return Unsure, ""
	}
}

// isFixed names those kernels with the fix to which this one belongs; it is empty
// where the fix is not known to be in.
func (b *Bug) isFixed(s *subject) string {
	line := lineOf(s.version)
	for _, fixed := range []host.Version{b.fixed, b.fixedBy} {
		if fixed == (host.Version{}) {
			continue
		}
		if line.Compare(fixed) > 0 || line == fixed && !s.candidate {
			return short(fixed) + " and newer"
		}
	}
	if fixed, ok := b.fixedStable[line]; ok && s.version.Compare(fixed) >= 0 {
		return fixed.String() + " and newer of its line"
	}
	return ""
}

// introducedIn says whether what the kernel is based on has what causes the bug. A
// stable line that got the fix had the bug.
func (b *Bug) introducedIn(s *subject) host.Answer {
	line := lineOf(s.version)
	from, stable := b.introducedStable[line]
	_, fixed := b.fixedStable[line]
	switch {
	case stable && s.version.Compare(from) >= 0:
		return host.Yes
	case stable:
		return onlyIf(s.exact, host.No)
	case b.introduced == host.Version{}:
		switch {
		case fixed:
			return host.Yes
		case b.complete && len(b.introducedStable) > 0:
			return onlyIf(s.onLine, host.No)
		}
		return host.Unknown
	case line.Compare(b.introduced) < 0:
		return onlyIf(s.onLine && !fixed, host.No)
	case line == b.introduced && s.candidate:
		return host.Unknown
	default:
		return host.Yes
	}
}

// onlyIf is an answer under a condition, else unknown.
func onlyIf(condition bool, answer host.Answer) host.Answer {
	if !condition {
		return host.Unknown
	}
	return answer
}

// lacksFix says whether a stable release, of which isFixed knows no fix, is known
// to be without it: older than the fix of its line; of a line that a complete list
// of fixes does not name; or the first release of a line before the one with the
// fix.
func (b *Bug) lacksFix(s *subject) bool {
	line := lineOf(s.version)
	if fixed, ok := b.fixedStable[line]; ok {
		return s.version.Compare(fixed) < 0
	}
	return b.fixed != (host.Version{}) && !s.candidate && (b.complete || s.version.Patch == 0)
}

// fixedWhere says where the fix is, for a line that lacks it.
func (b *Bug) fixedWhere(s *subject) string {
	line := lineOf(s.version)
	if fixed, ok := b.fixedStable[line]; ok {
		return fmt.Sprintf("%s fixed it", fixed)
	}
	return fmt.Sprintf("line %s never got the fix, which came with %s", short(line), short(b.fixed))
}

// withoutBug asks for a kernel that is not known to have a bug, by its place in the
// table.
func withoutBug(i int) condition {
	return withKernel(func(c *circumstances, _ *subject) finding {
		switch v := c.bugs[i]; v.State {
		case Affected:
			return violated(v.Reason)
		case Clear:
			return kept(v.Reason)
		default:
			return finding{outcome: Unknown, cause: v.Cause, reason: v.Reason, missing: "the vendor's changelog"}
		}
	})
}

// withoutEscapes asks for a kernel that is not known to have a bug by which a
// container gets out.
func withoutEscapes() condition {
	return withKernel(func(c *circumstances, s *subject) finding {
		var exploited, affected, unsure []string
		asked := 0
		for _, v := range c.bugs {
			if !v.Bug.Escape {
				continue
			}
			asked++
			switch {
			case v.State == Affected && v.Bug.Exploited:
				exploited = append(exploited, v.Bug.Name)
			case v.State == Affected:
				affected = append(affected, v.Bug.Name)
			case v.State == Unsure:
				unsure = append(unsure, v.Bug.Name)
			}
		}
		switch {
		case len(exploited) > 0:
			return violated(fmt.Sprintf("kernel %s has %s", s.Release.Raw,
				and(list(exploited)+", known to be exploited", list(affected))))
		case len(affected) > 0:
			return violated(fmt.Sprintf("kernel %s has %s", s.Release.Raw, list(affected)))
		case len(unsure) > 0:
			return unknowable(fmt.Sprintf("kernel %s is not known to have any of %d such bugs, and not known to be without %s",
				s.Release.Raw, asked, list(unsure)), "the vendor's changelog")
		default:
			return kept(fmt.Sprintf("kernel %s has none of %d such bugs", s.Release.Raw, asked))
		}
	})
}

// list names at most three things, and how many more there are.
func list(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
