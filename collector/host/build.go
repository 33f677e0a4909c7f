package host

import (
	"cmp"
	"strings"
)

// A Build is what a vendor calls one build of its kernel. What the vendor does not
// say is empty. Two builds compare, by [CompareBuild], only within one vendor, one
// stream and one base: Version of the release, or Upstream for Debian.
type Build struct {
	// Number is the number by which the vendor's fixes are announced.
	//
	//	3.10.0-1160.24.1.el7.x86_64      1160.24.1
	//	5.4.17-2136.338.4.2.el8uek       2136.338.4.2
	//	4.4.0-118-generic                118.142, of "#142~14.04.1-Ubuntu", or 118 alone
	//	6.1.0-37-amd64                   1, of "Debian 6.1.140-1", or none
	//	5.10.178-162.673.amzn2.x86_64    162.673
	//	4.12.14-122.37-default           122.37
	//	6.6.57.1-2.azl3                  1-2
	Number string
	// Stream is within what the numbers rise with time: the minor release of an
	// enterprise Linux (el9_6; el9 alone is CentOS Stream's, or that of a release
	// before its minors were named), the source package at Ubuntu (generic, azure,
	// azure-fips), the service pack at SUSE (150700), and fc43, ph5, azl3, oe2203sp4
	// and the like.
	Stream string
	// Flavour is the variant of the configuration: generic, azure-fde, cloud-amd64,
	// default, virt.
	Flavour string
}

func buildOf(r Release, version string, v Vendor, s shaped) Build {
	b := Build{Number: s.build, Stream: s.stream, Flavour: s.flavour}
	if v == VendorUbuntu {
		b.Stream = ubuntuStream(s.flavour)
		if upload := ubuntuVersion.FindStringSubmatch(version); upload != nil {
			b.Number += "." + upload[1]
		}
	}
	if m := debianRevision(r, version); v == VendorDebian && m != nil {
		b.Number = m[2]
	}
	return b
}

// CompareBuild returns -1, 0 or 1 as build a is older than, equal to or newer than
// build b. Builds are numbers with dots or dashes between them, compared one by
// one as numbers of any size; one that goes on where the other ends is the newer:
// 118 < 118.142 < 119. Anything that is no number is older than every number, so
// that what is not understood is never taken for newer.
func CompareBuild(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a = cutBuild(a)
		y, b = cutBuild(b)
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// cutBuild returns the first part of a build and the rest.
func cutBuild(s string) (part, rest string) {
	i := strings.IndexAny(s, ".-")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}

func compareNumbers(x, y string) int {
	if c := cmp.Compare(numberRank(x), numberRank(y)); c != 0 || numberRank(x) < 2 {
		return cmp.Or(c, cmp.Compare(x, y))
	}
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
}

// numberRank orders what a part can be: nothing, no number, a number.
func numberRank(s string) int {
	switch {
	case s == "":
		return 0
	case strings.Trim(s, "0123456789") != "":
		return 1
	default:
		return 2
	}
}
