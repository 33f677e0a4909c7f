package policy

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/host"
)

// builds is a range of a vendor's own builds of one base, such as Ubuntu's 4.4.0
// from 118 on.
type builds struct {
	vendor host.Vendor
	base   host.Version
	from   string
	below  string // empty: no end
}

// builds decodes a list of ranges of builds.
func (m mapping) builds(key string) []builds {
	items := m.list(key)
	out := make([]builds, 0, len(items))
	for _, n := range items {
		out = append(out, m.buildsOf(n, key))
	}
	return out
}

func (m mapping) buildsOf(n *yaml.Node, key string) builds {
	b := m.doc.mapping(n, m.label+": "+key, "vendor", "base", "from", "below")
	b.need("vendor", "base", "from")
	out := builds{
		vendor: host.Vendor(b.choice("vendor", vendors()...)),
		base:   b.version("base"),
		from:   b.build("from"),
		below:  b.build("below"),
	}
	if out.below != "" && host.CompareBuild(out.from, out.below) >= 0 {
		b.failf(b.value["below"], "below: not newer than from")
	}
	return out
}

// build returns a vendor's build number.
func (m mapping) build(key string) string {
	s := m.text(key)
	// What is no number compares as older than every number.
	if m.has(key) && host.CompareBuild(s, "0") < 0 {
		m.failf(m.value[key], "%s: %q is not a build such as 1160.24.1", key, s)
	}
	return s
}

// baseOfBuild returns the version within which a vendor's builds compare.
func baseOfBuild(k host.Kernel) host.Version {
	if k.Vendor == host.VendorDebian {
		return baseOf(k).version
	}
	return k.Release.Version
}

// speaksOf says whether the range is of this kernel's vendor and base, and the
// kernel has a number that can be compared.
func (b builds) speaksOf(k host.Kernel) bool {
	return k.Vendor == b.vendor && baseOfBuild(k) == b.base && k.Build.Number != "" &&
		(b.below == "" || host.CompareBuild(k.Build.Number, b.below) < 0)
}

// has says whether a kernel is in the range.
func (b builds) has(k host.Kernel) bool {
	return b.speaksOf(k) && host.CompareBuild(k.Build.Number, b.from) >= 0
}

// String names the first build of the range.
func (b builds) String() string { return fmt.Sprintf("%s %s-%s", b.vendor, b.base, b.from) }

// minimumBuild decodes the condition that asks some vendors' kernels for a build.
// Of other kernels, it asks nothing.
func (m mapping) minimumBuild() condition {
	ranges := m.builds("minimum_build")
	return withKernel(func(_ circumstances, k host.Kernel) finding {
		for _, b := range ranges {
			switch {
			case b.has(k):
				return kept(fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, b))
			case b.speaksOf(k):
				return violated(fmt.Sprintf("kernel %s is older than %s", k.Release.Raw, b))
			case k.Vendor == b.vendor && baseOfBuild(k) == b.base:
				return unknowable(fmt.Sprintf("kernel %s has no build number that compares with %s", k.Release.Raw, b),
					"the vendor's changelog")
			}
		}
		return kept(fmt.Sprintf("no build is asked for of kernel %s", k.Release.Raw))
	})
}
