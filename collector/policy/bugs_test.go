package policy_test

import (
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// bugsYAML is a table of one's own, which no update of the built-in data changes.
// Dirty Pipe and the others are as they were; what is called x_ is made up.
const bugsYAML = `updated: 2026-11-01
bugs:
  - {name: netns_tcp_close, severity: warning, title: t, remedy: m, source: s, fixed_by: "4.16", fixed_stable: [3.18.93, 4.4.114],
     builds: [{stream: ubuntu, from: 4.4.0-1, fixed: 4.4.0-118}, {stream: el7, from: 3.10.0-1, below: 3.10.0-957.10.2, state: affected}]}
  - {name: cve_2022_0847, severity: critical, escape: true, exploited: true, title: t, remedy: m, source: s,
     introduced: "5.8", fixed: "5.17", fixed_stable: [5.10.102, 5.15.25, 5.16.11]}
  - {name: cfs_quota_slice_expiry, severity: warning, title: t, remedy: m, source: s,
     introduced: "4.18", introduced_stable: [4.14.95], fixed: "5.4", fixed_stable: [4.14.154, 4.19.84, 5.3.9]}
  - {name: kmem_limit_removed, severity: warning, title: t, remedy: m, source: s, complete: true,
     introduced_stable: [6.1.54, 6.5.4], fixed_by: "6.6", fixed_stable: [6.1.55, 6.5.5]}
  - {name: cve_2026_31431, severity: critical, escape: true, title: t, remedy: m, source: s, complete: true,
     introduced: "4.14", fixed: "7.0", fixed_stable: [5.10.254, 5.15.204, 6.1.170, 6.6.137, 6.12.85, 6.18.22, 6.19.12],
     builds: [{stream: debian, fixed: 6.12.85-1}, {stream: debian, fixed: 5.10.251-2}, {stream: ubuntu, fixed: 6.8.0-124},
              {stream: ubuntu-azure, fixed: 6.8.0-1058}, {stream: el9_7, fixed: 5.14.0-611.49.2}, {stream: el9, below: 5.14.0-612, state: affected},
              {stream: el7, state: clear}]}
  - {name: x_vendors, severity: critical, title: t, remedy: m, source: s, only_vendors: [ubuntu], builds: [{stream: ubuntu, from: 5.15.0-1, fixed: 5.15.0-75}]}
  - {name: x_never, severity: warning, title: t, remedy: m, source: s, introduced: "7.2", fixed: never}
abis:
  - {stream: debian, release: 6.12.9-1, version: 6.12.84-1, last: 6.12.84-2}
  - {stream: debian, release: 6.12.9-2, version: 6.12.84-3, last: 6.12.86-1}
  - {stream: debian, release: 6.12.9-3, version: 6.12.86-1}
`

func bugsPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load(map[string][]byte{
		policy.BugsFile:      []byte(bugsYAML),
		policy.LifecycleFile: []byte(lifecycleYAML),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func stateOf(t *testing.T, p *policy.Policy, bug string, f facts.Facts) policy.BugVerdict {
	t.Helper()
	for _, v := range p.Judge(f, time.Time{}).Bugs {
		if v.Bug.Name == bug {
			return v
		}
	}
	t.Fatalf("no bug %s", bug)
	return policy.BugVerdict{}
}

func TestKnownBugs(t *testing.T) {
	t.Parallel()
	p := bugsPolicy(t)
	const (
		a = policy.Affected
		c = policy.Clear
		u = policy.Unsure
	)
	for _, tc := range []struct {
		bug              string
		want             policy.State
		release, version string
		reason           string
	}{
		// The fix of a stable line, and what follows it.
		{"cve_2022_0847", a, "5.10.101", "", "5.10.102 fixed it"},
		{"cve_2022_0847", c, "5.10.102", "", "as 5.10.102 and newer of its line have"},
		{"cve_2022_0847", c, "5.17.0", "", "as 5.17 and newer have"},
		{"cve_2022_0847", c, "6.1.0", "", ""},
		// The line that brought the bug, and those before it.
		{"cve_2022_0847", a, "5.8.0", "", ""},
		{"cve_2022_0847", c, "5.7.19", "", "based on 5.7.19, which is older"},
		// A line that is not listed may have got the fix, its first release not.
		{"cve_2022_0847", u, "5.8.18", "", "whether kernel line 5.8 got the fix"},
		{"cve_2022_0847", a, "5.14.0", "", ""},
		// Where the list is complete, such a line never got it.
		{"cve_2026_31431", a, "4.19.325", "", "line 4.19 never got the fix, which came with 7.0"},
		{"cve_2026_31431", a, "6.17.13", "", ""},
		{"cve_2026_31431", a, "6.19.11", "", ""},
		{"cve_2026_31431", c, "4.13.16", "", ""},
		// A candidate may have what is new in its line, or not yet.
		{"cve_2022_0847", u, "5.17-rc3", "", ""},
		{"cve_2022_0847", u, "5.8-rc3", "", ""},
		{"cve_2022_0847", c, "5.18-rc1", "", ""},
		{"cve_2022_0847", c, "5.7-rc7", "", ""},
		{"cve_2022_0847", a, "5.16-rc4", "", ""},
		// A bug that reached one stable line later than its .0.
		{"cfs_quota_slice_expiry", c, "4.14.94", "", ""},
		{"cfs_quota_slice_expiry", a, "4.14.95", "", ""},
		{"cfs_quota_slice_expiry", c, "4.14.154", "", ""},
		{"cfs_quota_slice_expiry", c, "4.17.3", "", ""},
		{"cfs_quota_slice_expiry", a, "4.18.0", "", ""},
		{"cfs_quota_slice_expiry", u, "4.18.5", "", ""},
		{"kmem_limit_removed", c, "6.1.53", "", ""},
		{"kmem_limit_removed", a, "6.1.54", "", ""},
		{"kmem_limit_removed", c, "6.1.55", "", ""},
		{"kmem_limit_removed", c, "5.15.3", "", ""}, // the list has every line that got it
		// Where only a bound of the fix is known, no older kernel is affected by it.
		{"netns_tcp_close", u, "4.15.0", "", "whether kernel line 4.15 ever had netns_tcp_close is not known"},
		{"netns_tcp_close", c, "4.16.0", "", ""},
		{"netns_tcp_close", u, "4.16-rc2", "", ""},
		{"netns_tcp_close", a, "4.4.113", "", ""},
		{"netns_tcp_close", c, "4.4.114", "", ""},
		{"netns_tcp_close", u, "3.10.108", "", ""},
		{"x_never", a, "7.2.13", "", "no kernel has a fix"},
		{"x_never", a, "7.9.1", "", ""},
		{"x_never", c, "7.1.9", "", ""},

		// Vendors that take the releases as they are stand as kernel.org's do.
		{"cve_2026_31431", a, "6.12.60-talos", "", "6.12.85 fixed it"},
		{"cve_2026_31431", a, "6.17.8-flatcar", "", "line 6.17 never got the fix"},
		{"cve_2026_31431", c, "6.12.85-flatcar", "", ""},
		{"cve_2022_0847", c, "5.7.3-flatcar", "", ""},
		// Others are clear by what they are based on, and affected by their vendor's word.
		{"cve_2022_0847", c, "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", ""},
		{"cve_2022_0847", c, "5.4.0-216-generic", "#236-Ubuntu SMP", "based on 5.4, which is older"},
		{"cve_2022_0847", u, "5.15.0-20-generic", "#20-Ubuntu SMP", "whether ubuntu took the fix"},
		{"cve_2022_0847", u, "5.15.3-custom", "", "who built kernel 5.15.3-custom is not known"},
		{"cve_2022_0847", u, "5.14.0-570.el9.x86_64", "", ""},
		{"cve_2022_0847", u, "3.10.0-1160.el7.x86_64", "", ""}, // backports bring bugs, too
		// A vendor's own builds, in their stream alone.
		{"netns_tcp_close", a, "4.4.0-117-generic", "", "ubuntu fixed it in 4.4.0-118"},
		{"netns_tcp_close", a, "4.4.0-117-lowlatency", "#141-Ubuntu SMP", ""},
		{"netns_tcp_close", c, "4.4.0-118-generic", "#142-Ubuntu SMP", "as ubuntu 4.4.0-118 and newer have"},
		{"netns_tcp_close", u, "4.4.0-1052-aws", "#61-Ubuntu SMP", ""},
		{"netns_tcp_close", a, "3.10.0-957.10.1.el7.x86_64", "", "el7 says that kernel 3.10.0-957.10.1.el7.x86_64 has"},
		{"netns_tcp_close", u, "3.10.0-957.12.2.el7.x86_64", "", "whether el7 took the fix"},
		{"netns_tcp_close", c, "4.18.0-80.el8.x86_64", "", ""},
		{"cve_2026_31431", a, "6.8.0-123-generic", "", "ubuntu fixed it in 6.8.0-124"},
		{"cve_2026_31431", c, "6.8.0-124-generic", "", ""},
		{"cve_2026_31431", a, "6.8.0-1057-azure", "", "ubuntu fixed it in 6.8.0-1058"},
		{"cve_2026_31431", c, "6.8.0-1058-azure", "", ""},
		{"cve_2026_31431", u, "6.8.0-1058-aws", "", ""},
		{"cve_2026_31431", u, "5.15.0-124-generic", "", ""},
		{"cve_2026_31431", a, "5.14.0-611.49.1.el9_7.x86_64", "", ""},
		{"cve_2026_31431", c, "5.14.0-611.49.2.el9_7.x86_64", "", ""},
		{"cve_2026_31431", c, "5.14.0-611.54.1.el9_7.0.1.x86_64", "", ""},
		{"cve_2026_31431", u, "5.14.0-570.99.1.el9_6.x86_64", "", ""},
		{"cve_2026_31431", a, "5.14.0-611.el9.x86_64", "", ""},
		{"cve_2026_31431", u, "5.14.0-650.el9.x86_64", "", ""},
		{"cve_2026_31431", c, "3.10.0-1160.el7.x86_64", "", "el7 says that kernel 3.10.0-1160.el7.x86_64 does not have"},
		// Debian's version stands in uname -v; where it does not, its ABI narrows it.
		{"cve_2026_31431", a, "6.12.84+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.84-1 (2026-04-20)", "debian fixed it in 6.12.85-1"},
		{"cve_2026_31431", c, "6.12.85+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.85-1 (2026-05-02)", ""},
		{"cve_2026_31431", c, "5.10.0-40-amd64", "#1 SMP Debian 5.10.251-2 (2026-05-02)", "as debian 5.10.251-2 and newer have"},
		{"cve_2026_31431", a, "6.12.84+deb13-amd64", "", ""},
		{"cve_2026_31431", c, "6.12.85+deb13-amd64", "", ""},
		{"cve_2026_31431", c, "6.12.86+deb13-cloud-amd64", "", ""},
		{"cve_2026_31431", a, "6.12.9-1-amd64", "", ""},
		{"cve_2026_31431", u, "6.12.9-2-amd64", "", ""},
		{"cve_2026_31431", c, "6.12.9-3-cloud-amd64", "", ""},
		{"cve_2026_31431", u, "6.12.9-4-amd64", "", ""},
		// What only one vendor's kernels have.
		{"x_vendors", a, "5.15.0-70-generic", "", ""},
		{"x_vendors", c, "5.15.0-75-generic", "", ""},
		{"x_vendors", c, "5.15.70", "", "only kernels of ubuntu have x_vendors"},
		{"x_vendors", c, "5.14.0-570.el9.x86_64", "", ""},
		{"x_vendors", u, "5.15.3-custom", "", "only kernels of ubuntu have x_vendors, and who built"},
		// A kernel that is older than a change does not have it, whoever built it.
		{"cve_2026_31431", a, "5.14.0-284.11.1.el9_2.x86_64", "#1 SMP PREEMPT_DYNAMIC Tue May 9 05:49:00 EDT 2023", "built on 2023-05-09, before the fix was written"},
		{"cve_2026_31431", u, "5.14.0-570.99.1.el9_6.x86_64", "#1 SMP PREEMPT_DYNAMIC Tue May 12 05:49:00 EDT 2026", ""},
		{"x_never", c, "5.14.0-284.11.1.el9_2.x86_64", "#1 SMP PREEMPT_DYNAMIC Tue May 9 05:49:00 EDT 2023", "built on 2023-05-09, before x_never came with 7.2"},
		{"x_never", u, "5.14.0-284.11.1.el9_2.x86_64", "", ""},
	} {
		t.Run(tc.bug+" "+tc.release, func(t *testing.T) {
			t.Parallel()
			v := stateOf(t, p, tc.bug, facts.Facts{Kernel: facts.Known(kernel(t, tc.release, tc.version, "x"))})
			if v.State != tc.want || !strings.Contains(v.Reason, tc.bug) || !strings.Contains(v.Reason, tc.reason) {
				t.Errorf("%s (%s), want %s with %q", v.State, v.Reason, tc.want, tc.reason)
			}
		})
	}
}

// A kernel for which its distribution had made the last build before a fix was
// written does not have the fix, nor a bug that came later.
func TestLastBuilds(t *testing.T) {
	t.Parallel()
	p := bugsPolicy(t)
	for name, tc := range map[string]struct {
		release, id, version, bug string
		want                      policy.State
		reason                    string
	}{
		"a minor that has ended":       {"5.14.0-362.8.1.el9_3.x86_64", "almalinux", "9.3", "cve_2026_31431", policy.Affected, "got its last kernel by 2024-07-29, before the fix was written"},
		"on a newer system":            {"5.14.0-362.8.1.el9_3.x86_64", "almalinux", "9.7", "cve_2026_31431", policy.Affected, ""},
		"a bug that came later":        {"5.14.0-362.8.1.el9_3.x86_64", "almalinux", "9.3", "x_never", policy.Clear, "before x_never came with 7.2"},
		"a minor that has not":         {"5.14.0-570.8.1.el9_6.x86_64", "almalinux", "9.6", "cve_2026_31431", policy.Unsure, ""},
		"one with paid builds":         {"5.14.0-284.11.1.el9_2.x86_64", "rhel", "9.2", "cve_2026_31431", policy.Unsure, ""},
		"a kernel line that has ended": {"6.5.0-29-generic", "ubuntu", "24.04", "cve_2026_31431", policy.Affected, "before the fix was written, which came with 7.0"},
		"another system's kernel":      {"6.5.0-29-generic", "almalinux", "9.3", "cve_2026_31431", policy.Unsure, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := stateOf(t, p, tc.bug, facts.Facts{
				Kernel: facts.Known(kernel(t, tc.release, "", tc.id)),
				OS:     facts.Known(host.OS{ID: tc.id, VersionID: tc.version}),
			})
			if v.State != tc.want || !strings.Contains(v.Reason, tc.reason) {
				t.Errorf("%s (%s), want %s with %q", v.State, v.Reason, tc.want, tc.reason)
			}
		})
	}
}

// A live patch may mend what the build lacks, and nobody says which of them does.
func TestLivePatch(t *testing.T) {
	t.Parallel()
	p := bugsPolicy(t)
	node := facts.Facts{
		Kernel:      facts.Known(kernel(t, "6.8.0-100-generic", "", "ubuntu")),
		LivePatches: facts.Known([]string{"lkp_Ubuntu_6_8_0_100"}),
	}
	v := stateOf(t, p, "cve_2026_31431", node)
	if v.State != policy.Unsure || v.Cause != facts.Unknowable || !strings.Contains(v.Reason, "lkp_Ubuntu_6_8_0_100 may mend it") {
		t.Errorf("%s, cause %q (%s)", v.State, v.Cause, v.Reason)
	}
	if v := stateOf(t, p, "netns_tcp_close", node); v.State != policy.Clear {
		t.Errorf("what is clear becomes %s", v.State)
	}
	node.LivePatches = facts.Known([]string{})
	if v := stateOf(t, p, "cve_2026_31431", node); v.State != policy.Affected {
		t.Errorf("without a live patch it is %s", v.State)
	}
}

func TestKnownBugsWithoutARelease(t *testing.T) {
	t.Parallel()
	for _, v := range defaultPolicy(t).Judge(facts.Facts{Kernel: facts.NotRead[host.Kernel]("proc")}, time.Time{}).Bugs {
		if v.State != policy.Unsure || v.Cause != facts.Unreadable || v.Reason == "" {
			t.Errorf("%s: %s, cause %q, %q", v.Bug.Name, v.State, v.Cause, v.Reason)
		}
	}
}

// The rule names those that are in use by attackers first, and not all of them.
func TestEscapesAreNamed(t *testing.T) {
	t.Parallel()
	p := bugsPolicy(t)
	for release, want := range map[string]struct {
		outcome policy.Outcome
		reason  string
	}{
		"5.10.50":           {policy.Violated, "kernel 5.10.50 has cve_2022_0847, known to be exploited; cve_2026_31431"},
		"5.10.200":          {policy.Violated, "kernel 5.10.200 has cve_2026_31431"},
		"7.0.1":             {policy.Kept, "kernel 7.0.1 has none of 2 such bugs"},
		"5.15.0-20-generic": {policy.Unknown, "not known to be without cve_2022_0847, cve_2026_31431"},
	} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			v := verdictOf(t, p, "container_escape_fixed", facts.Facts{Kernel: facts.Known(kernel(t, release, "", "x"))}, date(t, "2026-11-26"))
			if v.Outcome != want.outcome || !strings.Contains(v.Reason, want.reason) {
				t.Errorf("%s (%s), want %s with %q", v.Outcome, v.Reason, want.outcome, want.reason)
			}
		})
	}
}

// Within a stable line a fix stays in, and each line that has the bug gets it.
func TestFixesStay(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	for _, line := range []string{"4.4.0", "4.14.0", "4.19.0", "5.4.0", "5.10.0", "5.15.0", "6.1.0", "6.6.0"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			v := plain(t, line).Release.Version
			done := make(map[string]bool)
			for v.Patch = 1; v.Patch < 340; v.Patch++ {
				for _, b := range p.Judge(facts.Facts{Kernel: facts.Known(plain(t, v.String()))}, time.Time{}).Bugs {
					fixed := b.State == policy.Clear && strings.Contains(b.Reason, "has the fix")
					if done[b.Bug.Name] && !fixed {
						t.Errorf("%s: %s is %s after it was fixed", v, b.Bug.Name, b.State)
					}
					done[b.Bug.Name] = done[b.Bug.Name] || fixed
				}
			}
		})
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
