package policy

import (
	"fmt"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// support says which features a machine's kernel has, in the table's order. What
// a probe found counts for more than the version: a vendor brings features to
// older kernels, and builds them out of newer ones.
func (p *Policy) support(f *facts.Facts, s *subject) []FeatureVerdict {
	verdicts := make([]FeatureVerdict, len(p.Features))
	for i := range p.Features {
		verdicts[i] = p.Features[i].judge(f, s)
	}
	return verdicts
}

func (f *Feature) judge(of *facts.Facts, s *subject) FeatureVerdict {
	v := FeatureVerdict{Feature: f}
	if answer := of.Probes[f.Probe]; answer.Known() {
		v.Supported, v.Reason = answer, "the kernel was asked and says "+answer.String()
		return v
	}
	if !s.known {
		u := notKnown(of.Kernel, "the kernel's release")
		v.Cause, v.Reason = u.cause, u.reason
		return v
	}
	for _, b := range f.builds {
		if b.has(s) {
			v.Supported, v.Reason = host.Yes, fmt.Sprintf("kernel %s is %s or newer", s.Release.Raw, b.from)
			return v
		}
	}
	found := minimumVersion(f.version)(&circumstances{kernel: s})
	v.Reason = found.reason
	switch {
	case found.outcome == Kept:
		v.Supported = host.Yes
	case s.stable:
		v.Supported = host.No
	default:
		v.Cause = facts.Unknowable
		v.Reason += ", but its vendor may have brought the feature to it"
	}
	return v
}
