package policy

import (
	"fmt"
	"slices"
	"strings"

	"kernel_exporter/collector/host"
)

// withKernel is the condition that judge is for a kernel that is known.
func withKernel(judge func(*circumstances, *subject) finding) condition {
	return func(c *circumstances) finding {
		if c.kernel.known {
			return judge(c, c.kernel)
		}
		f := notKnown(c.facts.Kernel, "the kernel's release")
		if f.missing == "" {
			f.missing = "proc/sys/kernel/osrelease"
		}
		return f
	}
}

// minimumVersion asks for a version at least. A vendor's kernel is judged by its
// line; by its patch number only where that is enough.
func minimumVersion(minimum host.Version) condition {
	return withKernel(func(_ *circumstances, k *subject) finding {
		switch {
		case k.version.Compare(minimum) >= 0:
			return kept(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, short(minimum)))
		case !k.stable && lineOf(k.version) == lineOf(minimum):
			return vendorPatch(k, minimum)
		default:
			return violated(fmt.Sprintf("kernel %s is below %s", k.Release.Raw, short(minimum)))
		}
	})
}

// belowVersion asks for a version below another. As with a minimum, the number of a
// vendor's kernel does not settle what is within a line.
func belowVersion(limit host.Version) condition {
	return withKernel(func(_ *circumstances, k *subject) finding {
		switch {
		case k.version.Compare(limit) >= 0:
			return violated(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, short(limit)))
		case !k.stable && lineOf(k.version) == lineOf(limit):
			return vendorPatch(k, limit)
		default:
			return kept(fmt.Sprintf("kernel %s is below %s", k.Release.Raw, short(limit)))
		}
	})
}

func vendorPatch(k *subject, v host.Version) finding {
	return unknowable(
		fmt.Sprintf("kernel %s is not kernel.org's own: its number does not say how it stands to %s", k.Release.Raw, v),
		"the vendor's changelog")
}

// vendorIs asks for a kernel of one of some vendors.
func vendorIs(vendors []host.Vendor) condition {
	return withKernel(func(_ *circumstances, k *subject) finding {
		if slices.Contains(vendors, k.Vendor) {
			return kept(fmt.Sprintf("kernel %s is from %s", k.Release.Raw, k.Vendor))
		}
		names := make([]string, len(vendors))
		for i, v := range vendors {
			names[i] = string(v)
		}
		return violated(fmt.Sprintf("kernel %s is not from %s", k.Release.Raw, strings.Join(names, ", ")))
	})
}

// minimumBuild asks the kernels of some streams for a build. Of other kernels, it
// asks nothing.
func minimumBuild(ranges []builds) condition {
	return withKernel(func(_ *circumstances, k *subject) finding {
		for _, b := range ranges {
			switch {
			case k.stream != b.stream || lineOf(k.version) != b.line:
			case k.atLeast(b.from):
				return kept(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, b.from))
			case k.before(b.from):
				return violated(fmt.Sprintf("kernel %s is older than %s", k.Release.Raw, b.from))
			default:
				return unknowable(fmt.Sprintf("kernel %s has no build number that compares with %s", k.Release.Raw, b.from),
					"the vendor's changelog")
			}
		}
		return kept(fmt.Sprintf("no build is asked for of kernel %s", k.Release.Raw))
	})
}
