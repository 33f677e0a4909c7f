package policy

import (
	"fmt"
	"strings"

	"kernel_exporter/collector/host"
)

// base is how a kernel stands to kernel.org's releases.
type base struct {
	// version is what it contains at least: what it says it is based on, else the
	// numbers of its own release. A vendor takes single fixes and not the numbers
	// (el7 is 3.10.0 for ever), but nobody numbers a kernel x.y.z that lacks what
	// x.y.z has.
	version host.Version
	// exact: it is based on this very version and none after it.
	exact bool
	// plain: kernel.org's own release, to which nobody put a fix.
	plain bool
	// candidate: an -rc, of which one cannot say on which side of a change of its
	// own line it stands.
	candidate bool
}

func baseOf(k host.Kernel) base {
	b := base{
		version:   k.Release.Version,
		plain:     k.Mainline(),
		candidate: strings.HasPrefix(k.Release.Suffix, "-rc"),
	}
	b.exact = b.plain
	if up, err := host.ParseRelease(k.Upstream); err == nil {
		b.exact = true
		if up.Version.Compare(b.version) > 0 {
			b.version = up.Version
		}
	}
	return b
}

// line returns the first two numbers of a version, as a version.
func lineOf(v host.Version) host.Version { return host.Version{Major: v.Major, Minor: v.Minor} }

// short prints a version without a patch that is 0.
func short(v host.Version) string {
	if v.Patch == 0 {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return v.String()
}

const releaseMissing = "proc/sys/kernel/osrelease"

// withKernel is the condition that judge is for a kernel that is known.
func withKernel(judge func(circumstances, host.Kernel) finding) condition {
	return func(c circumstances) finding {
		k, ok := c.facts.Kernel.Get()
		if !ok {
			f := unknownFact(c.facts.Kernel, "the kernel's release")
			if f.missing == "" {
				f.missing = releaseMissing
			}
			return f
		}
		return judge(c, k)
	}
}

// minimumVersion asks for a version at least. A vendor's kernel is judged by its
// line; by its patch number only where that is enough.
func minimumVersion(minimum host.Version) condition {
	return withKernel(func(_ circumstances, k host.Kernel) finding {
		b := baseOf(k)
		switch {
		case b.version.Compare(minimum) >= 0:
			return kept(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, short(minimum)))
		case !b.plain && lineOf(b.version) == lineOf(minimum):
			return vendorPatch(k, minimum)
		default:
			return violated(fmt.Sprintf("kernel %s is below %s", k.Release.Raw, short(minimum)))
		}
	})
}

// belowVersion asks for a version below another. As with a minimum, the number of a
// vendor's kernel does not settle what is within a line.
func belowVersion(limit host.Version) condition {
	return withKernel(func(_ circumstances, k host.Kernel) finding {
		b := baseOf(k)
		switch {
		case b.version.Compare(limit) >= 0:
			return violated(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, short(limit)))
		case !b.plain && lineOf(b.version) == lineOf(limit):
			return vendorPatch(k, limit)
		default:
			return kept(fmt.Sprintf("kernel %s is below %s", k.Release.Raw, short(limit)))
		}
	})
}

func vendorPatch(k host.Kernel, v host.Version) finding {
	return unknowable(
		fmt.Sprintf("kernel %s is not kernel.org's own: its number does not say how it stands to %s", k.Release.Raw, v),
		"the vendor's changelog")
}

// vendorIs asks for a kernel of one of some vendors.
func vendorIs(vendors []string) condition {
	return withKernel(func(_ circumstances, k host.Kernel) finding {
		for _, v := range vendors {
			if string(k.Vendor) == v {
				return kept(fmt.Sprintf("kernel %s is from %s", k.Release.Raw, v))
			}
		}
		return violated(fmt.Sprintf("kernel %s is not from %s", k.Release.Raw, strings.Join(vendors, ", ")))
	})
}

// vendors returns the names that a file may use.
func vendors() []string {
	return []string{
		string(host.VendorEL6), string(host.VendorEL7), string(host.VendorEL8), string(host.VendorEL9),
		string(host.VendorEL10), string(host.VendorUEK), string(host.VendorUbuntu), string(host.VendorDebian),
		string(host.VendorAmazon2), string(host.VendorAmazon2023), string(host.VendorSLES), string(host.VendorCOS),
		string(host.VendorFlatcar), string(host.VendorTalos), string(host.VendorRancher),
		string(host.VendorAzureLinux), string(host.VendorWSL),
	}
}
