package host

import (
	"cmp"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// rebootRequired is what packages of Debian and Ubuntu leave when they want a reboot
// (update-notifier, needrestart).
const rebootRequired = "run/reboot-required"

// keepsOneKernel says whether a system replaces the whole of its image, so that
// lib/modules never shows the kernel that comes next.
func (f *FS) keepsOneKernel(k Kernel) (bool, error) {
	images := []Vendor{VendorCOS, VendorFlatcar, VendorTalos, VendorBottlerocket, VendorRancher, VendorLinuxKit, VendorWSL}
	if slices.Contains(images, k.Vendor) {
		return true, nil
	}
	return f.exists("run/ostree-booted") // ostree(1): Fedora CoreOS, RHEL CoreOS
}

// RebootPending says whether the host waits for a reboot into another kernel: Yes
// where a kernel of the running one's flavour that is newer is installed below
// lib/modules, or where run/reboot-required says so; No where the running kernel is
// there and none is newer. It is [Unknown] where neither can be seen.
func (f *FS) RebootPending(k Kernel) (Answer, error) {
	required, errRequired := f.exists(rebootRequired)
	if required {
		return Yes, nil
	}
	one, errOne := f.keepsOneKernel(k)
	if one || !k.Known() {
		return Unknown, cmp.Or(errRequired, errOne)
	}
	releases, err := f.InstalledReleases()
	if err != nil {
		return Unknown, cmp.Or(errRequired, err)
	}
	running := false
	for _, release := range releases {
		running = running || release == k.Release.Raw
		if !sameFlavour(k, release) || compareReleases(release, k.Release.Raw) <= 0 {
			continue
		}
		if installed, err := f.hasModules(release); err != nil || installed {
			return Yes, err
		}
	}
	if !running || errRequired != nil || errOne != nil {
		return Unknown, cmp.Or(errRequired, errOne)
	}
	return No, nil
}

// hasModules says whether a directory below lib/modules is of an installed kernel,
// and not what an uninstalled one left: modules that were built for it, and links to
// its source.
func (f *FS) hasModules(release string) (bool, error) {
	entries, err := f.readDir(modulesDir+"/"+release, maxModules)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil && len(entries) == 0 {
		return false, err
	}
	left := []string{"build", "source", "updates", "extra", "weak-updates", "misc", "dkms"}
	for _, e := range entries {
		if !slices.Contains(left, e.Name()) {
			return true, nil
		}
	}
	return len(entries) == 0, nil
}

var (
	numbers     = regexp.MustCompile(`\d+(?:[._-]\d+)*`)
	releaseTail = regexp.MustCompile(reArch + reKind + `$`)
)

// A flavour is what two kernels have in common if one replaces the other.
type flavour struct {
	vendor Vendor
	name   string
}

// sameFlavour says whether a release is of the flavour of a kernel, as its name alone
// says or as it would with the version string of that kernel.
func sameFlavour(k Kernel, release string) bool {
	for _, version := range []string{k.Version, ""} {
		other, err := Uname{Release: release, Version: version}.Kernel()
		if err == nil && flavourOf(other) == flavourOf(k) {
			return true
		}
	}
	return false
}

// flavourOf takes the vendor's flavour, the architecture and the variant; of a kernel
// of nobody known, all of the release but its numbers.
func flavourOf(k Kernel) flavour {
	if k.Vendor == "" {
		return flavour{name: numbers.ReplaceAllString(k.Release.Suffix, "#")}
	}
	tail := ""
	if k.Build.Flavour == "" {
		tail = releaseTail.FindString(k.Release.Raw)
	}
	return flavour{vendor: k.Vendor, name: k.Build.Flavour + tail}
}

// compareReleases orders the releases of one flavour as package managers do: numbers
// by their value, other text by its letters, a release candidate before its release.
func compareReleases(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a = cutPart(a)
		y, b = cutPart(b)
		if c := compareParts(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// cutPart cuts a number or a run of letters off; what is between them does not count.
func cutPart(s string) (part, rest string) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !isDigit(r) && !isLetter(r) })
	same := isLetter
	if s != "" && isDigit(rune(s[0])) {
		same = isDigit
	}
	end := strings.IndexFunc(s, func(r rune) bool { return !same(r) })
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

func compareParts(x, y string) int {
	switch {
	case x == y:
		return 0
	case x == "rc" || y == "":
		return cmp.Or(rcFirst(x), 1)
	case y == "rc" || x == "":
		return -cmp.Or(rcFirst(y), 1)
	default:
		return compareNumbers(x, y)
	}
}

// rcFirst is -1 for the mark of a release candidate.
func rcFirst(part string) int {
	if part == "rc" {
		return -1
	}
	return 0
}

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
