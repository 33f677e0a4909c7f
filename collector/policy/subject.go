package policy

import (
	"regexp"
	"strings"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// subject returns the kernel that is judged; it is not known where the facts do
// not have it.
func (p *Policy) subject(f *facts.Facts) *subject {
	k, ok := f.Kernel.Get()
	if !ok {
		return &subject{}
	}
	s := subjectOf(k, p.Lifecycle.vendors, p.abis)
	os, ok := f.OS.Get()
	if last := p.Lifecycle.lastBuild(s, os); ok && s.built.IsZero() && !last.IsZero() {
		s.built, s.builtWhen = last, "was built for a system that got its last kernel by "+last.Format(time.DateOnly)
	}
	return s
}

// subjectOf reads what the numbers of a kernel say, by what its vendor's numbers
// mean.
func subjectOf(k host.Kernel, vendors map[host.Vendor]numbering, abis []abi) *subject {
	s := &subject{
		Kernel:    k,
		known:     true,
		version:   k.Release.Version,
		candidate: strings.HasPrefix(k.Release.Suffix, "-rc"),
		stream:    streamOf(k),
	}
	if built, ok := k.Built(); ok {
		s.built, s.builtWhen = built, "was built on "+built.Format(time.DateOnly)
	}
	s.setBuild(abis)
	s.setBase(vendors[k.Vendor])
	return s
}

// setBase finds what the kernel is based on.
func (s *subject) setBase(n numbering) {
	up, err := host.ParseRelease(s.Upstream)
	s.exact = err == nil
	if s.exact && up.Version.Compare(s.version) > 0 {
		s.version = up.Version
	}
	s.stable = s.Mainline() || s.exact && n == tracksStable
	s.exact = s.exact || s.stable
	s.onLine = s.exact || n != lowerBound
}

// setBuild finds the build. What the release hides is looked up.
func (s *subject) setBuild(abis []abi) {
	build := s.Build.Number
	switch {
	case s.stream == "":
	case build != "" && s.Vendor == host.VendorDebian:
		s.first = s.Upstream + "-" + build
		s.last = s.first
	case s.Vendor == host.VendorDebian && strings.HasPrefix(s.Release.Suffix, "+"):
		// 6.12.107+deb13-amd64 is some revision of 6.12.107.
		s.Upstream = s.Release.Version.String()
		s.first, s.last = s.Upstream+"-0", s.Upstream+"-999999"
	case build != "":
		s.first = s.Release.Version.String() + "-" + build
		s.last = s.first
	default:
		name := abiName(s.Release.Raw)
		for _, a := range abis {
			if a.stream == s.stream && a.release == name {
				s.first, s.last = a.first, a.last
				s.Upstream = commonBase(a.first, a.last, s.Upstream)
			}
		}
	}
}

// commonBase returns the upstream version that two Debian versions share, else
// what is known already.
func commonBase(first, last, known string) string {
	a, _, _ := strings.Cut(first, "-")
	b, _, _ := strings.Cut(last, "-")
	if a == b && known == "" {
		return a
	}
	return known
}

// flavourShape is what follows the numbers of a release: "-cloud-amd64".
var flavourShape = regexp.MustCompile(`-[a-z].*$`)

// abiName returns a release without its flavour: 6.1.0-18 of
// 6.1.0-18-cloud-amd64.
func abiName(raw string) string { return flavourShape.ReplaceAllString(raw, "") }

// has says whether a range of builds speaks of the kernel.
func (b builds) has(s *subject) bool {
	return b.later && laterMinor(s.stream, b.stream) || s.stream != "" && b.stream == s.stream &&
		(b.line == host.Version{} || b.line == lineOf(s.version)) &&
		(b.from == "" || s.first != "" && host.CompareBuild(s.first, b.from) >= 0) &&
		(b.below == "" || s.last != "" && host.CompareBuild(s.last, b.below) < 0)
}

// laterMinor says whether a stream is that of a later minor release of the same
// major release: el9_8 after el9_7.
func laterMinor(stream, than string) bool {
	major, earlier, ok := strings.Cut(than, "_")
	other, minor, also := strings.Cut(stream, "_")
	return ok && also && major == other && host.CompareBuild(minor, earlier) > 0
}

// atLeast says whether the kernel is the build or a newer one.
func (s *subject) atLeast(build string) bool {
	return s.first != "" && host.CompareBuild(s.first, build) >= 0
}

// before says whether the kernel is older than the build.
func (s *subject) before(build string) bool {
	return s.last != "" && host.CompareBuild(s.last, build) < 0
}

// builtBefore says whether the kernel is known to have been built before a time.
func (s *subject) builtBefore(t time.Time) bool {
	return !s.built.IsZero() && !t.IsZero() && s.built.Before(t)
}
