package host

import (
	"cmp"
	"strings"
)

// Build returns the number that the vendor of this kernel gave to its build, and
// by which its fixes are told, for [CompareBuild]; it is empty where there is no
// such number. Two builds compare only within one vendor and one base: Version of
// the release, or Upstream for Debian.
//
//	3.10.0-1160.24.1.el7.x86_64      1160.24.1
//	5.4.17-2136.338.4.2.el8uek       2136.338.4.2
//	4.4.0-118-generic                118.142, of "#142~14.04.1-Ubuntu", or 118 alone
//	6.1.0-37-amd64                   1, of "Debian 6.1.140-1", or none
//	5.10.178-162.673.amzn2.x86_64    162.673
//	4.12.14-122.37-default           122.37
//	6.6.57.1-2.azl3                  1-2
func (k Kernel) Build() string {
	vendor, build := shapeOf(k.Release.Raw)
	switch k.Vendor {
	case VendorUbuntu:
		abi := ubuntuShape.FindStringSubmatch(k.Release.Raw)
		if abi == nil {
			return ""
		}
		if upload := ubuntuVersion.FindStringSubmatch(k.Version); upload != nil {
			return abi[1] + "." + upload[1]
		}
		return abi[1]
	case VendorDebian:
		if m := debianRevision(k.Release, k.Version); m != nil {
			return m[2]
		}
		return ""
	case vendor:
		return build
	default:
		return ""
	}
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
