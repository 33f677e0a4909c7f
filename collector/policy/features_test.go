package policy_test

import (
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func supportOf(t *testing.T, feature string, node facts.Facts) policy.FeatureVerdict {
	t.Helper()
	for _, v := range defaultPolicy(t).Judge(node, time.Time{}).Features {
		if v.Feature.Name == feature {
			return v
		}
	}
	t.Fatalf("no feature %s", feature)
	return policy.FeatureVerdict{}
}

func TestSupport(t *testing.T) {
	t.Parallel()
	el7, el9 := "3.10.0-957.el7.x86_64", "5.14.0-570.el9.x86_64"
	for _, tc := range []struct {
		feature, release string
		probe            host.Answer
		want             host.Answer
	}{
		{"psi", "4.20.0", host.Unknown, host.Yes},
		{"psi", "4.19.84", host.Unknown, host.No},
		// A probe counts for more than the version, whatever it says.
		{"psi", "6.1.3", host.No, host.No},
		{"psi", "4.18.0-553.el8_10.x86_64", host.Yes, host.Yes},
		// A vendor may have brought it to an older kernel.
		{"psi", "4.18.0-553.el8_10.x86_64", host.Unknown, host.Unknown},
		{"user_namespaces", el9, host.Unknown, host.Unknown},
		{"user_namespaces", el9, host.No, host.No},
		{"user_namespaces", "6.5.0", host.Unknown, host.Yes},
		{"nftables_kube_proxy", el9, host.Unknown, host.Yes},
		{"nftables_kube_proxy", "5.10.5", host.Unknown, host.No},
		{"overlayfs_multiple_lower", el7, host.Unknown, host.Yes},
		{"overlayfs_multiple_lower", "3.10.0-514.el7.x86_64", host.Unknown, host.Unknown},
		{"overlayfs_multiple_lower", "3.10.108", host.Unknown, host.No},
		{"cgroup_v2", "4.4.3", host.Unknown, host.No},
		{"tmpfs_noswap", "6.4.0", host.Unknown, host.Yes},
	} {
		node := facts.Facts{
			Kernel: facts.Known(kernel(t, tc.release, "", "x")),
			Probes: map[string]host.Answer{tc.feature: tc.probe},
		}
		v := supportOf(t, tc.feature, node)
		if v.Supported != tc.want || v.Reason == "" {
			t.Errorf("%s of %s: %s (%s), want %s", tc.feature, tc.release, v.Supported, v.Reason, tc.want)
		}
		if (v.Cause != "") != (v.Supported == host.Unknown) {
			t.Errorf("%s of %s: %s with cause %q", tc.feature, tc.release, v.Supported, v.Cause)
		}
	}
}

func TestSupportWithoutARelease(t *testing.T) {
	t.Parallel()
	v := supportOf(t, "psi", facts.Facts{})
	if v.Supported != host.Unknown || v.Cause != facts.Unreadable {
		t.Errorf("%s, cause %q", v.Supported, v.Cause)
	}
	v = supportOf(t, "psi", facts.Facts{Probes: map[string]host.Answer{"psi": host.Yes}})
	if v.Supported != host.Yes {
		t.Errorf("%s with a probe that says yes", v.Supported)
	}
}

func TestFeatureTable(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	if len(p.Features) < 15 {
		t.Errorf("%d features, want at least 15", len(p.Features))
	}
	asked := make(map[string]bool)
	for _, f := range p.Features {
		if f.Name == "" || f.Title == "" || f.Source == "" || f.Version() == (host.Version{}) {
			t.Errorf("%s: incomplete: %+v", f.Name, f)
		}
		asked[f.Probe] = true
	}
	for _, probe := range host.ProbeNames() {
		if !asked[probe] {
			t.Errorf("probe %s is not asked for", probe)
		}
	}
}
