package policy

import (
	"fmt"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// Feature is something that a kernel can do for Kubernetes.
type Feature struct {
	Name   string
	Title  string
	Probe  string // the probe that answers for it; empty: none
	Source string

	version host.Version
	builds  []builds
}

// Version returns the first kernel.org line that has the feature.
func (f Feature) Version() host.Version { return f.version }

// FeatureVerdict is whether a machine's kernel has a feature.
type FeatureVerdict struct {
	Feature   Feature
	Supported host.Answer
	Cause     facts.Cause // why it is unknown; else empty
	Reason    string      // what was found, as a clause
}

// Support says which features a machine's kernel has, in the table's order. What
// a probe found counts for more than the version: a vendor brings features to
// older kernels, and builds them out of newer ones.
func (p *Policy) Support(node facts.Facts) []FeatureVerdict {
	verdicts := make([]FeatureVerdict, 0, len(p.Features))
	for _, f := range p.Features {
		verdicts = append(verdicts, f.judge(node))
	}
	return verdicts
}

func (f Feature) judge(node facts.Facts) FeatureVerdict {
	if answer := node.Probes[f.Probe]; answer.Known() {
		return FeatureVerdict{Feature: f, Supported: answer, Reason: "the kernel was asked and says " + answer.String()}
	}
	k, ok := node.Kernel.Get()
	if !ok {
		u := unknownFact(node.Kernel, "the kernel's release")
		return FeatureVerdict{Feature: f, Cause: u.cause, Reason: u.reason}
	}
	for _, b := range f.builds {
		if b.has(k) {
			return FeatureVerdict{Feature: f, Supported: host.Yes, Reason: fmt.Sprintf("kernel %s is %s or newer", k.Release.Raw, b)}
		}
	}
	v := minimumVersion(f.version)(circumstances{facts: node})
	switch {
	case v.outcome == Kept:
		return FeatureVerdict{Feature: f, Supported: host.Yes, Reason: v.reason}
	case k.Mainline():
		return FeatureVerdict{Feature: f, Supported: host.No, Reason: v.reason}
	default:
		return FeatureVerdict{
			Feature: f,
			Cause:   facts.Unknowable,
			Reason:  v.reason + ", but its vendor may have brought the feature to it",
		}
	}
}

// parseFeatures decodes the table of features.
func parseFeatures(data []byte) ([]Feature, error) {
	d, m := parse(FeaturesFile, data, "features")
	var features []Feature
	for _, n := range d.entries(m, "features") {
		f := d.mapping(n, "feature", "name", "title", "probe", "version", "builds", "source")
		f.need("name", "title", "version", "source")
		features = append(features, Feature{
			Name:    f.name(),
			Title:   f.text("title"),
			Probe:   f.choice("probe", Probes()...),
			Source:  f.text("source"),
			version: f.line("version"),
			builds:  f.builds("builds"),
		})
	}
	return features, d.err
}

// Probes returns the names of the probes that features.yaml may ask for. Each is
// answered from files under the root: yes or no only where the file settles it,
// unknown where it was not readable or says nothing.
//
//   - cgroup_v2: whether proc/filesystems has cgroup2, together with the version
//     for the control of devices: no where it is not there, else unknown.
//   - cgroup_v2_freezer: whether a cgroup below the root of version 2 has
//     cgroup.freeze; unknown where version 2 is not mounted or has no child.
//   - cgroup_v2_root_cpu_stat: whether the root of version 2 has cpu.stat; unknown
//     where it is not mounted.
//   - psi: whether proc/pressure/memory can be read. It is not there, or fails
//     with EOPNOTSUPP, where PSI is built out or switched off.
//   - user_namespaces: no where proc/sys/user/max_user_namespaces is 0 or is not
//     there, else unknown, because pods need more than that.
func Probes() []string {
	return []string{"cgroup_v2", "cgroup_v2_freezer", "cgroup_v2_root_cpu_stat", "psi", "user_namespaces"}
}
