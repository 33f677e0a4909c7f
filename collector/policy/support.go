package policy

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"kernel_exporter/collector/host"
)

// supported asks for the kernel or the operating system to be within its standard
// support.
func supported(what string) condition {
	if what == "os" {
		return osSupported
	}
	return withKernel(kernelSupported)
}

func osSupported(c circumstances) finding {
	os, ok := c.facts.OS.Get()
	if !ok {
		return unknownFact(c.facts.OS, "the operating system")
	}
	end, ok := c.lifecycle.OSEnd(os)
	if !ok {
		return unknowable(
			fmt.Sprintf("until when %s is supported is not known", c.lifecycle.describe(os)),
			fmt.Sprintf("an entry in %s, or SUPPORT_END in os-release", LifecycleFile))
	}
	extension := "extended support"
	if dist, _, _ := c.lifecycle.find(os); dist.extendedName != "" {
		extension = dist.extendedName
	}
	return end.judge(c.lifecycle.describe(os), extension, c.now)
}

// kernelSupported judges kernel.org's own kernels by their line. A vendor's kernel
// is supported for as long as the distribution that it is made for.
func kernelSupported(c circumstances, k host.Kernel) finding {
	switch {
	case k.Mainline():
		return c.lifecycle.lineSupported(k.Release, c.now)
	case k.Vendor == "":
		return unknowable(
			fmt.Sprintf("kernel %s is not kernel.org's own, and its release does not say who maintains it", k.Release.Raw),
			"who built this kernel")
	}
	os, ok := c.facts.OS.Get()
	if !ok {
		return unknownFact(c.facts.OS, "the operating system, which decides how long its kernel is supported,")
	}
	dist := c.lifecycle.distribution(os.ID, os.Name)
	if dist == nil || !slices.Contains(dist.vendors, string(k.Vendor)) {
		return unknowable(
			fmt.Sprintf("kernel %s is from %s, and how long it is supported with %s is not known",
				k.Release.Raw, k.Vendor, c.lifecycle.describe(os)),
			"an entry in "+LifecycleFile)
	}
	f := osSupported(c)
	f.reason = fmt.Sprintf("kernel %s follows its distribution: %s", k.Release.Raw, f.reason)
	return f
}

// lineSupported judges a line of kernel.org's. The data has every line that was
// supported when it was gathered.
func (l *Lifecycle) lineSupported(r host.Release, now time.Time) finding {
	v := r.Version
	name := fmt.Sprintf("kernel line %d.%d", v.Major, v.Minor)
	gathered := l.updated.Format(time.DateOnly)
	entry, ok := l.lines[lineOf(v)]
	switch {
	case !ok && l.olderThanNewest(v):
		return violated(fmt.Sprintf("support of %s had ended before %s", name, gathered))
	case !ok:
		return unknowable(fmt.Sprintf("%s is newer than the data of %s", name, gathered), "a newer "+LifecycleFile)
	case entry.end.Standard.IsZero() && !entry.longterm && !now.Before(l.updated.Add(l.believeOpen)):
		return unknowable(
			fmt.Sprintf("%s had no announced end on %s, but such lines are short-lived", name, gathered),
			"a newer "+LifecycleFile)
	}
	return entry.end.judge(name, "extended support", now)
}

func (l *Lifecycle) olderThanNewest(v host.Version) bool {
	for k := range l.lines {
		if lineOf(v).Compare(k) < 0 {
			return true
		}
	}
	return false
}

// judge holds the end against a time.
func (e End) judge(what, extension string, now time.Time) finding {
	switch {
	case e.Standard.IsZero():
		return kept(fmt.Sprintf("%s is supported, with no announced end", what))
	case now.Before(e.Standard):
		return kept(fmt.Sprintf("%s is supported until %s", what, lastDay(e.Standard)))
	}
	reason := fmt.Sprintf("support of %s ended on %s", what, lastDay(e.Standard))
	switch {
	case e.Extended.IsZero():
	case now.Before(e.Extended):
		reason += fmt.Sprintf(" (%s goes on until %s)", extension, lastDay(e.Extended))
	default:
		reason += fmt.Sprintf(" (%s ended on %s)", extension, lastDay(e.Extended))
	}
	return violated(reason)
}

// describe names an operating system for a person, such as "Ubuntu 22.04".
func (l *Lifecycle) describe(os host.OS) string {
	name := os.Name
	if dist := l.distribution(os.ID, os.Name); dist != nil {
		name = dist.name
	}
	if name == "" {
		name = os.ID
	}
	if name == "" {
		name = "an operating system without a name"
	}
	return strings.TrimSpace(name + " " + os.VersionID)
}

// versions yields the whole of a version, then what stands before its last dot,
// and so on.
func versions(version string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for version != "" && yield(version) {
			version = version[:max(strings.LastIndexByte(version, '.'), 0)]
		}
	}
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
