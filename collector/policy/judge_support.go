package policy

import (
	"fmt"
	"slices"
	"time"

	"kernel_exporter/collector/host"
)

const (
	// A short-lived line of kernel.org's gets fixes until some weeks after the next
	// one: those from 5.11 to 7.0 for 73 to 102 days after their release.
	shortestLife = 73 * day
	longestLife  = 102 * day
	// No line came out sooner after the one before it.
	shortestCycle = 56 * day
	// An open end is believed for this long after the data was gathered.
	believeOpen = 400 * day
)

// supported asks for the kernel or the operating system to be within its support.
func supported(what string) condition {
	if what == "os" {
		return osSupported
	}
	return withKernel(kernelSupported)
}

func osSupported(c *circumstances) finding {
	os, ok := c.facts.OS.Get()
	if !ok {
		return notKnown(c.facts.OS, "the operating system")
	}
	name := c.lifecycle.describe(os)
	end, ok := c.lifecycle.OSEnd(os)
	if !ok {
		return unknowable(
			fmt.Sprintf("until when %s is supported is not known", name),
			fmt.Sprintf("an entry in %s, or SUPPORT_END in os-release", LifecycleFile))
	}
	return c.judgeEnd(end, name)
}

// kernelSupported judges kernel.org's own kernels by their line, and a vendor's by
// its own end in the distribution that it is made for.
func kernelSupported(c *circumstances, k *subject) finding {
	switch {
	case k.Vendor == "" && k.stable:
		return c.lineSupported(k)
	case k.Vendor == "":
		return unknowable(
			fmt.Sprintf("kernel %s is not kernel.org's own, and its release does not say who maintains it", k.Release.Raw),
			"who built this kernel")
	}
	os, ok := c.facts.OS.Get()
	if ok {
		if f, ok := c.shippedSupported(k, os); ok {
			return f
		}
	}
	switch {
	case c.lifecycle.vendors[k.Vendor] == tracksStable:
		f := c.lineSupported(k)
		f.reason = fmt.Sprintf("kernel %s follows kernel.org: %s", k.Release.Raw, f.reason)
		return f
	case !ok:
		return notKnown(c.facts.OS, "the operating system, which decides how long its kernel is supported,")
	default:
		return unknowable(
			fmt.Sprintf("how long %s supports kernel line %s with %s is not known", k.Vendor, short(lineOf(k.version)), c.lifecycle.describe(os)),
			"an entry in "+LifecycleFile)
	}
}

// shippedSupported judges a kernel that is made for the operating system; it is
// false where the data does not settle it.
func (c *circumstances) shippedSupported(k *subject, os host.OS) (finding, bool) {
	d, r, ok := c.lifecycle.find(os)
	if !ok || !slices.Contains(d.vendors, k.Vendor) {
		return finding{}, false
	}
	name := c.lifecycle.describe(os)
	if minor := minorOf(k.Kernel); minor != "" {
		if of, ok := d.releases[minor]; ok {
			r, name = of, d.name+" "+minor
		}
	}
	kernel := fmt.Sprintf("kernel %s of %s", k.Release.Raw, name)
	if f := c.judgeEnd(r.end, name); f.outcome == Violated {
		f.reason = fmt.Sprintf("kernel %s is of %s: %s", k.Release.Raw, name, f.reason)
		return f, true
	}
	s, ok := r.ships(k)
	switch {
	case !ok:
		return finding{}, false
	case s.end.Standard.IsZero():
		return c.judgeEnd(r.end, kernel), true
	case s.name != "":
		return c.judgeEnd(s.end, fmt.Sprintf("kernel line %s of %s", short(s.line), s.name)), true
	default:
		return c.judgeEnd(s.end, fmt.Sprintf("kernel line %s of %s", short(s.line), name)), true
	}
}

// lineSupported judges a line of kernel.org's.
func (c *circumstances) lineSupported(k *subject) finding {
	l := c.lifecycle
	v := lineOf(k.version)
	name := fmt.Sprintf("kernel line %s", short(v))
	entry, ok := l.lines[v]
	if ok && !entry.end.Standard.IsZero() || ok && entry.longterm {
		return c.judgeEnd(entry.end, name)
	}
	newest := l.newest()
	if !ok && v.Compare(newest) < 0 {
		return violated(fmt.Sprintf("support of %s had ended before %s", name, l.updated.Format(time.DateOnly)))
	}
	released := entry.released
	if !ok && v.Major == newest.Major {
		released = l.lines[newest].released.Add(shortestCycle * time.Duration(v.Minor-newest.Minor))
	}
	switch {
	case c.now.Before(released.Add(shortestLife)):
		return kept(fmt.Sprintf("%s is supported, as every line is for %d days after its release", name, shortestLife/day))
	case ok && !c.now.Before(released.Add(longestLife)):
		return violated(fmt.Sprintf("%s was released on %s, and such a line gets fixes for %d days at most",
			name, released.Format(time.DateOnly), longestLife/day))
	case ok:
		return unknowable(fmt.Sprintf("%s was released on %s, and such a line gets fixes for %d to %d days",
			name, released.Format(time.DateOnly), shortestLife/day, longestLife/day), "a newer "+LifecycleFile)
	default:
		return unknowable(fmt.Sprintf("%s is newer than the data of %s", name, l.updated.Format(time.DateOnly)), "a newer "+LifecycleFile)
	}
}

// judgeEnd holds an end of support against the time.
func (c *circumstances) judgeEnd(e End, what string) finding {
	extension := e.ExtendedName
	if extension == "" {
		extension = "extended support"
	}
	switch {
	case e.Standard.IsZero() && !c.now.Before(c.lifecycle.updated.Add(believeOpen)):
		return unknowable(fmt.Sprintf("%s had no announced end of support on %s", what, c.lifecycle.updated.Format(time.DateOnly)),
			"a newer "+LifecycleFile)
	case e.Standard.IsZero():
		return kept(fmt.Sprintf("%s is supported, with no announced end", what))
	case c.now.Before(e.Standard):
		return kept(fmt.Sprintf("%s is supported until %s", what, lastDay(e.Standard)))
	case e.ExtendedFree && c.now.Before(e.Extended):
		return kept(fmt.Sprintf("%s is supported until %s by %s, after standard support ended on %s",
			what, lastDay(e.Extended), extension, lastDay(e.Standard)))
	}
	when := "ended on"
	if e.Latest {
		when = "had ended by"
	}
	reason := fmt.Sprintf("support of %s %s %s", what, when, lastDay(e.Standard))
	switch {
	case e.Extended.IsZero():
	case c.now.Before(e.Extended):
		reason += fmt.Sprintf(" (%s, which must be paid for, goes on until %s)", extension, lastDay(e.Extended))
	default:
		reason += fmt.Sprintf(" (%s ended on %s)", extension, lastDay(e.Extended))
	}
	return violated(reason)
}
