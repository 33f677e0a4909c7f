package host

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A Version is the version of a kernel: the three numbers its release begins
// with. The zero value is no version; [ParseRelease] never returns it.
type Version struct {
	Major, Minor, Patch int
}

// Compare returns -1, 0 or 1 as v is lower than, equal to or higher than other.
func (v Version) Compare(other Version) int {
	return cmp.Or(
		cmp.Compare(v.Major, other.Major),
		cmp.Compare(v.Minor, other.Minor),
		cmp.Compare(v.Patch, other.Patch),
	)
}

// Code returns the version as one number, as the kernel's own KERNEL_VERSION
// does: major<<16 + minor<<8 + patch, with patch held at 255, because stable
// series went beyond that (4.4.302) and must not carry into the minor number.
func (v Version) Code() uint32 {
	return uint32(v.Major)<<16 + uint32(v.Minor)<<8 + uint32(min(v.Patch, 255)) //nolint:gosec // ParseRelease bounds the numbers
}

// String returns the version as "4.4.0".
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// A Release is what `uname -r` prints, taken apart. The zero value is none.
type Release struct {
	// Raw is the whole of it: "3.10.0-957.10.1.el7.x86_64".
	Raw string
	// Version is the numbers it begins with: 3.10.0.
	Version Version
	// Suffix is all that follows them: "-957.10.1.el7.x86_64".
	Suffix string
}

const (
	// maxReleaseLen is __NEW_UTS_LEN of include/uapi/linux/utsname.h.
	maxReleaseLen = 64
	// maxMajorMinor is what KERNEL_VERSION has room for.
	maxMajorMinor = 255
	maxPatch      = 65535
)

// releaseShape lets anything printable follow three numbers, since
// CONFIG_LOCALVERSION is free text; after two numbers only the end, a "-" or a
// "+" may follow, so that "4.4.x" and "4.4rc1" are not taken for 4.4.0.
var releaseShape = regexp.MustCompile(
	`^([1-9]\d*)\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*)([!-/:-~][!-~]*)?|([-+][!-~]*)?)$`)

var errNoRelease = errors.New("not the release of a kernel")

// ParseRelease takes a kernel's release apart. It begins with two or three
// numbers; where there are two (7.0-rc1, 6.1) the third is 0, as SUBLEVEL in the
// kernel's Makefile is in the first release of a line. The numbers are at most
// 255, 255 and 65535, the first is not 0, and the whole is at most 64 bytes.
// What is no release is an error.
func ParseRelease(raw string) (Release, error) {
	m := releaseShape.FindStringSubmatch(raw)
	if m == nil || len(raw) > maxReleaseLen {
		return Release{}, fmt.Errorf("%.*q: %w", maxReleaseLen, raw, errNoRelease)
	}
	major, errMajor := parseNumber(m[1], maxMajorMinor)
	minor, errMinor := parseNumber(m[2], maxMajorMinor)
	patch, errPatch := parseNumber(m[3], maxPatch)
	if err := cmp.Or(errMajor, errMinor, errPatch); err != nil {
		return Release{}, fmt.Errorf("%q: %w: %w", raw, errNoRelease, err)
	}
	return Release{Raw: raw, Version: Version{Major: major, Minor: minor, Patch: patch}, Suffix: m[4] + m[5]}, nil
}

// parseNumber returns the decimal number s, no more than limit, and 0 for the
// empty string.
func parseNumber(s string, limit int) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err == nil && n > limit {
		err = fmt.Errorf("%d: above %d", n, limit)
	}
	return n, err
}
