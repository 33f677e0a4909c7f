package policy

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"kernel_exporter/collector/host"
)

// subject is a kernel that is judged: what its numbers say of it.
type subject struct {
	host.Kernel

	known bool
	// version is what the kernel contains at least: the release that it is based
	// on, else the numbers of its own release. A vendor takes single fixes and
	// keeps the number (el7 is 3.10.0 for ever), but nobody numbers a kernel x.y.z
	// that lacks what x.y.z has.
	version host.Version
	// exact: it is based on this very version and none after it.
	exact bool
	// onLine: it is built on the line of version and has nothing that came with a
	// later one.
	onLine bool
	// stable: it is kernel.org's own release, or its vendor takes those as they
	// are. So what version lacks, it lacks.
	stable bool
	// candidate: an -rc. It may have what is new in its line, or not yet.
	candidate bool
	// stream is within which line of a vendor's releases its builds are compared.
	stream string
	// first and last are its build with the version it belongs to, such as
	// 4.4.0-118. They differ where the release leaves open which of several it is.
	// Both are empty where it has no build number.
	first, last string
	// built is when it was built, or a time before which it was; zero: not known.
	built time.Time
	// builtWhen says so, as the end of a clause.
	builtWhen string
}

// subjectOf reads what the numbers of a kernel say, by what its vendor's numbers
// mean.
func subjectOf(k host.Kernel, vendors map[host.Vendor]numbering, abis []abi) subject {
	s := subject{
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
func (b builds) has(s subject) bool {
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
func (s subject) atLeast(build string) bool {
	return s.first != "" && host.CompareBuild(s.first, build) >= 0
}

// before says whether the kernel is older than the build.
func (s subject) before(build string) bool {
	return s.last != "" && host.CompareBuild(s.last, build) < 0
}

// builtBefore says whether the kernel is known to have been built before a time.
func (s subject) builtBefore(t time.Time) bool {
	return !s.built.IsZero() && !t.IsZero() && s.built.Before(t)
}

// lineOf returns the first two numbers of a version, as a version.
func lineOf(v host.Version) host.Version { return host.Version{Major: v.Major, Minor: v.Minor} }

// short prints a version without a patch that is 0.
func short(v host.Version) string {
	if v.Patch == 0 {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return v.String()
}

// minorOf returns the minor release of Red Hat's that a kernel was built for, such
// as 9.6, and nothing where its release does not name one.
func minorOf(k host.Kernel) string {
	major, minor, ok := strings.Cut(strings.TrimPrefix(k.Build.Stream, "el"), "_")
	if !ok || string(k.Vendor) != "el"+major {
		return ""
	}
	return major + "." + minor
}

// streamOf returns the name that the policy's files have for the stream of a kernel:
// within it, builds are compared. It begins with the vendor.
func streamOf(k host.Kernel) string {
	vendor := string(k.Vendor)
	switch k.Vendor {
	case host.VendorEL6, host.VendorEL7, host.VendorEL8, host.VendorEL9, host.VendorEL10:
		return k.Build.Stream
	case host.VendorUbuntu:
		// The flavours of the package linux share its numbers.
		if k.Build.Stream == "generic" {
			return vendor
		}
		return vendor + "-" + k.Build.Stream
	case host.VendorSLES:
		// SL Micro 6.0 and 6.1 have builds without a service pack: 6.4.0-28-default.
		if k.Build.Stream == "" {
			return vendor + "-slmicro"
		}
		return vendor + "-" + k.Build.Stream
	default:
		return vendor
	}
}
