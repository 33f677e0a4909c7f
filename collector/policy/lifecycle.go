package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kernel_exporter/collector/host"
)

// KernelEnd returns when kernel.org's support of a line ends. It is not the
// answer for a vendor's kernel, which the vendor supports on its own.
func (l *Lifecycle) KernelEnd(major, minor int) (End, bool) {
	k, ok := l.lines[host.Version{Major: major, Minor: minor}]
	return k.end, ok
}

// earlyBackport is by how much a vendor may have a change before the merge window in
// which it came to kernel.org: it was in a maintainer's tree before.
const earlyBackport = 60 * 24 * time.Hour

// writtenAfter returns a time before which nobody had a change that came with a
// line: its merge window opened when the line before it was released. It is zero
// where the data has no line before it.
func (l *Lifecycle) writtenAfter(v host.Version) time.Time {
	var before host.Version
	for other := range l.lines {
		if other.Compare(v) < 0 && other.Compare(before) > 0 {
			before = other
		}
	}
	released := l.lines[before].released
	if released.IsZero() {
		return released
	}
	return released.Add(-earlyBackport)
}

// OSEnd returns when the support of an operating system's release ends. What
// os-release says of itself (SUPPORT_END) wins over the table.
func (l *Lifecycle) OSEnd(os host.OS) (End, bool) {
	var end End
	_, r, ok := l.find(os)
	if ok {
		end = r.end
	}
	if !os.SupportEnd.IsZero() {
		end.Standard, end.Source = os.SupportEnd, "SUPPORT_END in os-release"
		if !end.Extended.After(end.Standard) {
			end.Extended = time.Time{}
		}
		ok = true
	}
	return end, ok
}

// find returns the entry that serves an operating system: the whole of its
// version, else what stands before its last dot, and so on, else "*".
func (l *Lifecycle) find(os host.OS) (*distribution, release, bool) {
	candidates := l.candidates(os)
	for _, d := range candidates {
		for _, version := range append(versions(d.version(os)), "*") {
			if r, ok := d.releases[version]; ok {
				return d, r, true
			}
		}
	}
	if len(candidates) == 0 {
		return nil, release{}, false
	}
	return candidates[0], release{}, false
}

// candidates returns the entries that an operating system may be: the one that asks
// for most fields of os-release and gets them, then those that ask for a field which
// it does not have. So ID=centos with version 9 is CentOS Stream even without NAME,
// because CentOS Linux has no such release.
func (l *Lifecycle) candidates(os host.OS) []*distribution {
	var best *distribution
	var perhaps []*distribution
	most := -1
	for i := range l.distributions {
		d := &l.distributions[i]
		switch asked, ok := d.matches(os); {
		case !ok:
		case asked < 0:
			perhaps = append(perhaps, d)
		case asked > most:
			best, most = d, asked
		}
	}
	if best == nil {
		return perhaps
	}
	return append([]*distribution{best}, perhaps...)
}

// matches says whether an operating system may be the distribution, and how many
// fields beside the id agree; it is -1 where os-release does not have one of them.
func (d *distribution) matches(os host.OS) (asked int, ok bool) {
	if !slices.Contains(d.ids, os.ID) {
		return 0, false
	}
	for key, want := range d.osRelease {
		switch os.Field(key) {
		case want:
			asked++
		case "":
			return -1, d.versionKey == ""
		default:
			return 0, false
		}
	}
	if d.versionKey == "" {
		return asked, true
	}
	return asked + 1, os.Field(d.versionKey) != ""
}

// version returns the version of an operating system, by the field that has it.
func (d *distribution) version(os host.OS) string {
	if d.versionKey != "" {
		return os.Field(d.versionKey)
	}
	return os.VersionID
}

// versions returns the whole of a version, then what stands before its last dot,
// and so on.
func versions(version string) []string {
	var out []string
	for version != "" {
		out = append(out, version)
		version = version[:max(strings.LastIndexByte(version, '.'), 0)]
	}
	return out
}

// describe names an operating system for a person, such as "Ubuntu 22.04".
func (l *Lifecycle) describe(os host.OS) string {
	name, version := os.Name, os.VersionID
	if d, _, _ := l.find(os); d != nil {
		name, version = d.name, d.version(os)
	}
	if name == "" {
		name = os.ID
	}
	if name == "" {
		name = "an operating system without a name"
	}
	return strings.TrimSpace(name + " " + version)
}

// ships returns what a release says of a kernel's line. What it says of its stream
// alone counts for more.
func (r release) ships(k *subject) (shipped, bool) {
	var found shipped
	ok := false
	for _, s := range r.kernels {
		// el9 is all minor releases of 9.
		own := s.stream == k.stream || s.stream != "" && strings.HasPrefix(k.stream, s.stream+"_")
		if s.line == lineOf(k.Release.Version) && (own || s.stream == "" && !ok) {
			found, ok = s, true
		}
	}
	return found, ok
}

const day = 24 * time.Hour

// stragglers is for how long after the end of support a last build may appear.
const stragglers = 90 * day

// lastBuild returns a time after which the distribution made no more builds of a
// kernel; zero where the data does not say.
func (l *Lifecycle) lastBuild(k *subject, os host.OS) time.Time {
	d, r, ok := l.find(os)
	if !ok || !slices.Contains(d.vendors, k.Vendor) {
		return time.Time{}
	}
	if minor := minorOf(k.Kernel); minor != "" {
		r = d.releases[minor]
	}
	end := r.end
	if s, ok := r.ships(k); ok && !s.end.Standard.IsZero() {
		end = s.end
	} else if !d.lastBuilds {
		return time.Time{}
	}
	if end.Standard.IsZero() {
		return end.Standard
	}
	if end.Extended.After(end.Standard) {
		return end.Extended.Add(stragglers)
	}
	return end.Standard.Add(stragglers)
}

// newest returns the newest line in the data.
func (l *Lifecycle) newest() host.Version {
	var newest host.Version
	for v := range l.lines {
		if v.Compare(newest) > 0 {
			newest = v
		}
	}
	return newest
}

// String names the end in words, such as "2024-06-30 (extended 2029-05-31)".
func (e End) String() string {
	if e.Standard.IsZero() {
		return "open"
	}
	s := lastDay(e.Standard)
	if !e.Extended.IsZero() {
		s = fmt.Sprintf("%s (extended %s)", s, lastDay(e.Extended))
	}
	return s
}

// lastDay is the day before a first moment without support.
func lastDay(t time.Time) string { return t.Add(-time.Nanosecond).UTC().Format(time.DateOnly) }
