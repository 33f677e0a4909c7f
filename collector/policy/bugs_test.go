package policy_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func stateOf(t *testing.T, p *policy.Policy, bug string, k host.Kernel) policy.BugVerdict {
	t.Helper()
	for _, v := range p.KnownBugs(facts.Facts{Kernel: facts.Known(k)}) {
		if v.Bug.Name == bug {
			return v
		}
	}
	t.Fatalf("no bug %s", bug)
	return policy.BugVerdict{}
}

func TestKnownBugs(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	const (
		a = policy.Affected
		c = policy.Clear
		u = policy.Unsure
	)
	ubuntu44 := kernel(t, "4.4.0-21-generic", "#37-Ubuntu SMP Mon Apr 18 18:33:37 UTC 2016", "ubuntu")
	ubuntu44.Upstream = "4.4.6"
	ubuntu54 := kernel(t, "5.4.0-216-generic", "#236-Ubuntu SMP", "ubuntu")
	ubuntu54.Upstream = "5.4.291"
	for _, tc := range []struct {
		bug  string
		want policy.State
		k    host.Kernel
	}{
		// The fix of a stable line, and what follows it.
		{"cve_2022_0847", a, plain(t, "5.10.101")},
		{"cve_2022_0847", c, plain(t, "5.10.102")},
		{"cve_2022_0847", a, plain(t, "5.16.10")},
		{"cve_2022_0847", c, plain(t, "5.17.0")},
		{"cve_2022_0847", c, plain(t, "6.1.0")},
		// The line that brought the bug, and those before it.
		{"cve_2022_0847", a, plain(t, "5.8.0")},
		{"cve_2022_0847", c, plain(t, "5.7.19")},
		{"cve_2022_0847", c, plain(t, "4.4.302")},
		// A stable line that is not listed may have got the fix, its first release not.
		{"cve_2022_0847", u, plain(t, "5.8.18")},
		{"cve_2022_0847", a, plain(t, "5.14.0")},
		{"cve_2022_0847", u, plain(t, "5.14.21")},
		// A candidate stands on an unknown side of its own line's changes.
		{"cve_2022_0847", u, plain(t, "5.17-rc3")},
		{"cve_2022_0847", u, plain(t, "5.8-rc3")},
		{"cve_2022_0847", c, plain(t, "5.18-rc1")},
		{"cve_2022_0847", c, plain(t, "5.7-rc7")},
		{"cve_2022_0847", a, plain(t, "5.16-rc4")},
		// Vendors: clear by what they are based on, else unknown.
		{"cve_2022_0847", c, kernel(t, "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", "debian")},
		{"cve_2022_0847", u, kernel(t, "5.10.0-8-amd64", "#1 SMP Debian 5.10.46-4 (2021-08-03)", "debian")},
		{"cve_2022_0847", c, kernel(t, "5.10.0-32-amd64", "#1 SMP Debian 5.10.223-1 (2024-08-10)", "debian")},
		{"cve_2022_0847", c, kernel(t, "6.6.139-flatcar", "", "flatcar")},
		{"cve_2022_0847", u, kernel(t, "5.14.0-570.el9.x86_64", "", "rhel")},
		{"cve_2022_0847", u, kernel(t, "3.10.0-1160.el7.x86_64", "", "centos")}, // backports bring bugs, too
		{"cve_2022_0847", c, ubuntu54}, // 5.4.291 is older than the bug
		{"cve_2022_0847", u, kernel(t, "5.4.0-216-generic", "#236-Ubuntu SMP", "ubuntu")},
		{"cve_2022_0847", u, kernel(t, "5.15.3-custom", "", "debian")},

		// A bug that reached one stable line later than its .0.
		{"cfs_quota_slice_expiry", c, plain(t, "4.14.94")},
		{"cfs_quota_slice_expiry", a, plain(t, "4.14.95")},
		{"cfs_quota_slice_expiry", a, plain(t, "4.14.153")},
		{"cfs_quota_slice_expiry", c, plain(t, "4.14.154")},
		{"cfs_quota_slice_expiry", c, plain(t, "4.17.3")},
		{"cfs_quota_slice_expiry", a, plain(t, "4.18.0")},
		{"cfs_quota_slice_expiry", u, plain(t, "4.18.5")},
		{"cfs_quota_slice_expiry", a, plain(t, "4.19.83")},
		{"cfs_quota_slice_expiry", c, plain(t, "5.3.9")},
		{"cfs_quota_slice_expiry", c, kernel(t, "4.14.85-rancher", "", "rancheros")},
		{"cgroup_bpf_leak", u, plain(t, "5.10-rc3")},
		{"cgroup_bpf_leak", a, plain(t, "5.10.0")},
		{"kmem_limit_removed", c, plain(t, "6.1.53")},
		{"kmem_limit_removed", a, plain(t, "6.1.54")},
		{"kmem_limit_removed", c, plain(t, "6.1.55")},
		{"kmem_limit_removed", c, plain(t, "6.12.1")},

		// Where only a bound of the fix is known, no older kernel is affected by it.
		{"netns_tcp_close", u, plain(t, "4.15.0")},
		{"memcg_id_exhaustion", u, plain(t, "4.7.0")},
		{"memcg_id_exhaustion", c, plain(t, "3.18.140")},
		{"netns_tcp_close", c, plain(t, "4.16.0")},
		{"netns_tcp_close", u, plain(t, "4.16-rc2")},
		{"netns_tcp_close", a, plain(t, "4.4.113")},
		{"netns_tcp_close", c, plain(t, "4.4.114")},
		{"netns_tcp_close", a, plain(t, "3.18.92")},
		{"netns_tcp_close", u, plain(t, "4.14.336")},
		{"netns_tcp_close", u, plain(t, "3.10.108")},
		// A vendor's own build that is known to have it.
		{"netns_tcp_close", u, ubuntu44},
		{"netns_tcp_close", u, kernel(t, "4.4.0-117-generic", "", "ubuntu")},
		{"netns_tcp_close", c, kernel(t, "4.4.0-118-generic", "", "ubuntu")},
		{"netns_tcp_close", c, kernel(t, "4.4.0-210-generic", "#242-Ubuntu SMP", "ubuntu")},
		{"netns_tcp_close", u, kernel(t, "4.4.0-1052-aws", "#61-Ubuntu SMP", "ubuntu")},
		{"netns_tcp_close", u, kernel(t, "4.15.0-19-generic", "", "ubuntu")},
		{"netns_tcp_close", c, kernel(t, "4.15.0-20-generic", "", "ubuntu")},
		{"netns_tcp_close", u, kernel(t, "3.10.0-1160.119.1.el7.x86_64", "", "centos")},
		{"netns_tcp_close", c, kernel(t, "4.18.0-80.el8.x86_64", "", "centos")},
	} {
		v := stateOf(t, p, tc.bug, tc.k)
		if v.State != tc.want {
			t.Errorf("%s: %s is %s (%s), want %s", tc.k.Release.Raw, tc.bug, v.State, v.Reason, tc.want)
		}
		if !strings.Contains(v.Reason, tc.bug) {
			t.Errorf("%s: the reason does not name %s: %q", tc.k.Release.Raw, tc.bug, v.Reason)
		}
	}
}

func TestKnownBugsWithoutARelease(t *testing.T) {
	t.Parallel()
	for _, v := range defaultPolicy(t).KnownBugs(facts.Facts{Kernel: facts.NotRead[host.Kernel]("proc")}) {
		if v.State != policy.Unsure || v.Cause != facts.Unreadable || v.Reason == "" {
			t.Errorf("%s: %s, cause %q, %q", v.Bug.Name, v.State, v.Cause, v.Reason)
		}
	}
}

// Within a stable line a fix stays in.
func TestFixesStay(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	lines := []host.Version{
		{Major: 3, Minor: 18},
		{Major: 4, Minor: 4},
		{Major: 4, Minor: 14},
		{Major: 4, Minor: 19},
		{Major: 5, Minor: 4},
		{Major: 5, Minor: 10},
		{Major: 5, Minor: 15},
		{Major: 6, Minor: 1},
		{Major: 6, Minor: 6},
	}
	for _, v := range lines {
		last := make(map[string]policy.State)
		for v.Patch = 1; v.Patch < 340; v.Patch++ {
			for _, b := range p.KnownBugs(facts.Facts{Kernel: facts.Known(plain(t, v.String()))}) {
				before, now := last[b.Bug.Name], b.State
				if before == policy.Affected && now == policy.Unsure || before == policy.Unsure && now != policy.Unsure {
					t.Errorf("%s: %s goes from %s to %s", v, b.Bug.Name, before, now)
				}
				last[b.Bug.Name] = now
			}
		}
		for name, state := range last {
			if state == policy.Affected {
				t.Errorf("%s: %s is never fixed", v, name)
			}
		}
	}
}

func TestBugTable(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	if len(p.Bugs) < 20 {
		t.Errorf("%d bugs, want at least 20", len(p.Bugs))
	}
	for _, b := range p.Bugs {
		if b.Name == "" || b.Severity == "" || b.Title == "" || b.Remedy == "" || b.Source == "" {
			t.Errorf("%s: incomplete: %+v", b.Name, b)
		}
	}
}
