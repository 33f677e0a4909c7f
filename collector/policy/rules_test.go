package policy_test

import (
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// Each rule of the built-in policy kept, violated and unknown.
func TestEachRule(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)

	kernelOf := func(release, version string) facts.Facts {
		return facts.Facts{Kernel: facts.Known(kernel(t, release, version, "linux"))}
	}
	none := facts.Facts{}
	el7 := kernelOf("3.10.0-957.10.1.el7.x86_64", "#1 SMP")
	el6 := kernelOf("2.6.32-754.el6.x86_64", "#1 SMP")
	debian := kernelOf("6.1.0-50-cloud-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)")
	with := func(f facts.Facts, change func(*facts.Facts)) facts.Facts {
		change(&f)
		return f
	}
	onOS := func(f facts.Facts, id, version, name string) facts.Facts {
		f.OS = facts.Known(host.OS{ID: id, VersionID: version, Name: name})
		return f
	}
	preview := func(f facts.Fact[bool]) facts.Facts {
		return with(el7, func(of *facts.Facts) { of.OverlayTechPreview = f })
	}
	stores := func(m map[string]facts.Fact[bool]) facts.Facts { return facts.Facts{DType: facts.Known(m)} }
	hierarchy := func(s string) facts.Facts { return facts.Facts{Hierarchy: facts.Known(s)} }

	for _, tc := range []struct {
		rule    string
		facts   facts.Facts
		want    policy.Outcome
		cause   facts.Cause
		reason  string // a part of it
		missing string
	}{
		{rule: "kernel_4", facts: debian, want: policy.Kept, reason: "kernel 6.1.0-50-cloud-amd64 is 4.0 or newer"},
		{rule: "kernel_4", facts: el7, want: policy.Violated, reason: "kernel 3.10.0-957.10.1.el7.x86_64 is below 4.0"},
		{rule: "kernel_4", facts: none, want: policy.Unknown, cause: facts.Unreadable, reason: "the kernel's release is not known", missing: "proc/sys/kernel/osrelease"},

		{rule: "kubernetes_minimum", facts: el7, want: policy.Kept},
		{rule: "kubernetes_minimum", facts: el6, want: policy.Violated, reason: "below 3.10"},
		{rule: "kubernetes_minimum", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "kubernetes_1_32", facts: debian, want: policy.Kept},
		{rule: "kubernetes_1_32", facts: kernelOf("4.18.0-553.el8_10.x86_64", ""), want: policy.Violated, reason: "below 4.19"},
		{rule: "kubernetes_1_32", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "kubernetes_1_34", facts: kernelOf("5.4.0-216-generic", ""), want: policy.Kept},
		{rule: "kubernetes_1_34", facts: kernelOf("5.3.18-150300.59-default", ""), want: policy.Violated, reason: "below 5.4"},
		{rule: "kubernetes_1_34", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		// The regular expressions of GKE's own specification pass both.
		{rule: "gke_minimum", facts: kernelOf("4.4.0-21-generic", ""), want: policy.Kept},
		{rule: "gke_minimum", facts: el7, want: policy.Violated, reason: "below 4.4"},
		{rule: "gke_minimum", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "docker_minimum", facts: el7, want: policy.Kept},
		{rule: "docker_minimum", facts: el6, want: policy.Violated, reason: "below 3.10"},
		{rule: "docker_minimum", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "overlayfs_tech_preview", facts: preview(facts.Known(false)), want: policy.Kept},
		{rule: "overlayfs_tech_preview", facts: preview(facts.Known(true)), want: policy.Violated, reason: "technology preview"},
		{rule: "overlayfs_tech_preview", facts: preview(facts.NotRead[bool]("proc/filesystems")), want: policy.Unknown, cause: facts.Unreadable, missing: "proc/filesystems"},
		{rule: "overlayfs_tech_preview", facts: preview(facts.NotKnowable[bool]("the log since boot")), want: policy.Unknown, cause: facts.Unknowable, missing: "the log since boot"},

		// The version decides where nothing else is known, as of an image.
		{rule: "overlayfs_tech_preview", facts: debian, want: policy.Kept, reason: "is 4.0 or newer"},

		{rule: "overlayfs_d_type", facts: stores(nil), want: policy.Kept, reason: "no container store"},
		{rule: "overlayfs_d_type", facts: stores(map[string]facts.Fact[bool]{"/var/lib/containerd": facts.Known(true)}), want: policy.Kept, reason: "/var/lib/containerd has d_type"},
		{rule: "overlayfs_d_type", facts: stores(map[string]facts.Fact[bool]{"/var/lib/containerd": facts.Known(true), "/var/lib/docker": facts.Known(false)}), want: policy.Violated, reason: "/var/lib/docker has no d_type"},
		{rule: "overlayfs_d_type", facts: stores(map[string]facts.Fact[bool]{"/var/lib/docker": facts.NotKnowable[bool]("a file in it"), "/x": facts.NotRead[bool]("the right to read /x")}), want: policy.Unknown, cause: facts.Unreadable, missing: "a file in it; the right to read /x"},
		{rule: "overlayfs_d_type", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "kmem_accounting_stable", facts: debian, want: policy.Kept, reason: "is 4.0 or newer"},
		{rule: "kmem_accounting_stable", facts: with(debian, func(f *facts.Facts) { f.KmemAccounting = facts.Known(true) }), want: policy.Kept},
		{rule: "kmem_accounting_stable", facts: with(el7, func(f *facts.Facts) { f.KmemAccounting = facts.Known(false) }), want: policy.Kept, reason: "accounting is off"},
		{rule: "kmem_accounting_stable", facts: with(el7, func(f *facts.Facts) { f.KmemAccounting = facts.Known(true) }), want: policy.Violated, reason: "accounting is active"},
		{rule: "kmem_accounting_stable", facts: with(el7, func(f *facts.Facts) { f.KmemAccounting = facts.NotKnowable[bool]("use_hierarchy") }), want: policy.Unknown, cause: facts.Unknowable, missing: "use_hierarchy"},
		{rule: "kmem_accounting_stable", facts: none, want: policy.Unknown, cause: facts.Unreadable, missing: "proc/sys/kernel/osrelease"},

		{rule: "netns_leak_fixed", facts: kernelOf("4.4.0-118-generic", "#142-Ubuntu SMP"), want: policy.Kept, reason: "ubuntu 4.4.0-118 and newer"},
		{rule: "netns_leak_fixed", facts: kernelOf("4.4.103", ""), want: policy.Violated, reason: "kernel 4.4.103 has netns_tcp_close"},
		{rule: "netns_leak_fixed", facts: el7, want: policy.Violated, reason: "el7 says that kernel 3.10.0-957.10.1.el7.x86_64 has netns_tcp_close"},
		{rule: "netns_leak_fixed", facts: kernelOf("4.4.0-117-generic", ""), want: policy.Violated, reason: "ubuntu fixed it in 4.4.0-118"},
		{rule: "netns_leak_fixed", facts: kernelOf("3.10.0-1160.119.1.el7.x86_64", ""), want: policy.Unknown, cause: facts.Unknowable, missing: "the vendor's changelog"},
		{rule: "netns_leak_fixed", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "kernel_supported", facts: kernelOf("6.12.104", ""), want: policy.Kept, reason: "kernel line 6.12 is supported until 2028-12-31"},
		{rule: "kernel_supported", facts: kernelOf("5.4.302", ""), want: policy.Violated, reason: "support of kernel line 5.4 ended on 2025-12-03"},
		{rule: "kernel_supported", facts: kernelOf("6.18.44-fc-v669", ""), want: policy.Unknown, cause: facts.Unknowable, missing: "who built this kernel"},

		{rule: "os_supported", facts: onOS(none, "ubuntu", "24.04", "Ubuntu"), want: policy.Kept, reason: "Ubuntu 24.04 is supported until 2029-"},
		{rule: "os_supported", facts: onOS(none, "centos", "7", "CentOS Linux"), want: policy.Violated, reason: "support of CentOS Linux 7 ended on 2024-06-30"},
		{rule: "os_supported", facts: onOS(none, "nobody", "3.20", "Nobody's Linux"), want: policy.Unknown, cause: facts.Unknowable, missing: "lifecycle.yaml"},
		{rule: "os_supported", facts: facts.Facts{OS: facts.NotRead[host.OS]("etc/os-release")}, want: policy.Unknown, cause: facts.Unreadable, missing: "etc/os-release"},

		{rule: "os_recommended", facts: onOS(none, "rhel", "9.8", "Red Hat Enterprise Linux"), want: policy.Kept},
		{rule: "os_recommended", facts: onOS(none, "cos", "93", "Container-Optimized OS"), want: policy.Violated, reason: "ended on"},
		{rule: "os_recommended", facts: onOS(none, "centos", "7", "CentOS Linux"), want: policy.Violated, reason: "CentOS Linux 7 is not one of those listed"},
		{rule: "os_recommended", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "container_escape_fixed", facts: kernelOf("5.10.101", ""), want: policy.Violated, reason: "kernel 5.10.101 has "},
		{rule: "container_escape_fixed", facts: el7, want: policy.Unknown, cause: facts.Unknowable, missing: "the vendor's changelog"},
		{rule: "container_escape_fixed", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "kubernetes_supported", facts: debian, want: policy.Kept},
		{rule: "kubernetes_supported", facts: kernelOf("4.18.0-553.el8_10.x86_64", ""), want: policy.Violated, reason: "below 5.4"},
		{rule: "kubernetes_supported", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "memory_controller", facts: facts.Facts{MemoryController: facts.Known(true)}, want: policy.Kept},
		{rule: "memory_controller", facts: facts.Facts{MemoryController: facts.Known(false)}, want: policy.Violated, reason: "the memory controller of cgroups is off"},
		{rule: "memory_controller", facts: none, want: policy.Unknown, cause: facts.Unreadable},

		{rule: "cgroup_v2", facts: hierarchy("v2"), want: policy.Kept},
		{rule: "cgroup_v2", facts: hierarchy("v1"), want: policy.Violated, reason: "the cgroup hierarchy is v1, not v2"},
		{rule: "cgroup_v2", facts: hierarchy("hybrid"), want: policy.Violated, reason: "hybrid"},
		{rule: "cgroup_v2", facts: facts.Facts{Hierarchy: facts.NotRead[string]("proc/1/mountinfo")}, want: policy.Unknown, cause: facts.Unreadable, missing: "proc/1/mountinfo"},
	} {
		v := verdictOf(t, p, tc.rule, tc.facts, date(t, "2026-11-23"))
		if v.Outcome != tc.want || v.Cause != tc.cause {
			t.Errorf("%s: %s %s (%s), want %s %s", tc.rule, v.Outcome, v.Cause, v.Reason, tc.want, tc.cause)
		}
		if !strings.Contains(v.Reason, tc.reason) {
			t.Errorf("%s: reason %q, want one with %q", tc.rule, v.Reason, tc.reason)
		}
		if !strings.Contains(v.Missing, tc.missing) {
			t.Errorf("%s: missing %q, want one with %q", tc.rule, v.Missing, tc.missing)
		}
	}
}

func TestRulesAreTheDesigned(t *testing.T) {
	t.Parallel()
	want := "kernel_4 kubernetes_minimum kubernetes_1_32 kubernetes_1_34 kubernetes_supported gke_minimum docker_minimum " +
		"overlayfs_tech_preview overlayfs_d_type kmem_accounting_stable netns_leak_fixed container_escape_fixed kernel_supported " +
		"os_supported os_recommended kernel_config cgroup_v2 memory_controller"
	var names []string
	for _, r := range defaultPolicy(t).Rules {
		names = append(names, r.Name)
		if r.Severity == "" || r.Reason == "" || r.Remedy == "" || r.Source == "" {
			t.Errorf("%s: incomplete: %+v", r.Name, r)
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("rules %s, want %s", got, want)
	}
}

func TestMinimumVersion(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"kernel_4": "4.0.0", "kubernetes_minimum": "3.10.0", "kubernetes_1_32": "4.19.0", "kubernetes_1_34": "5.4.0",
		"kubernetes_supported": "5.4.0", "gke_minimum": "4.4.0", "docker_minimum": "3.10.0",
	}
	for _, r := range defaultPolicy(t).Rules {
		v, ok := r.MinimumVersion()
		if ok != (want[r.Name] != "") || ok && v.String() != want[r.Name] {
			t.Errorf("%s: minimum %s, %v, want %q", r.Name, v, ok, want[r.Name])
		}
	}
}

// The options that kubeadm requires (validators/types_unix.go of
// k8s.io/system-validators v1.12.1).
func TestKernelConfigRule(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	common := strings.Fields("NAMESPACES=y NET_NS=y PID_NS=y IPC_NS=y UTS_NS=y CPUSETS=y MEMCG=y INET=y EXT4_FS=m PROC_FS=y " +
		"IP_NF_TARGET_REDIRECT=m NETFILTER_XT_MATCH_COMMENT=m FAIR_GROUP_SCHED=y CGROUPS=y CGROUP_PIDS=y CGROUP_SCHED=y")
	v1 := append(strings.Fields("CGROUP_CPUACCT=y CGROUP_DEVICE=y CGROUP_FREEZER=y"), common...)
	v2 := append(strings.Fields("CGROUP_BPF=y"), common...)
	for _, tc := range []struct {
		facts facts.Facts
		want  policy.Outcome
	}{
		{configFacts(t, "v1", v1...), policy.Kept},
		{configFacts(t, "v2", v2...), policy.Kept},
		{configFacts(t, "hybrid", v2...), policy.Violated},
		{configFacts(t, "v2", v1...), policy.Violated},
		{configFacts(t, "", v2...), policy.Unknown},
		{configFacts(t, "", append(v2, v1[:3]...)...), policy.Kept},
		{facts.Facts{}, policy.Unknown},
	} {
		if v := verdictOf(t, p, "kernel_config", tc.facts, time.Time{}); v.Outcome != tc.want {
			t.Errorf("%s (%s), want %s", v.Outcome, v.Reason, tc.want)
		}
	}
	for i := range v2 {
		without := append(append([]string{}, v2[:i]...), v2[i+1:]...)
		v := verdictOf(t, p, "kernel_config", configFacts(t, "v2", without...), time.Time{})
		if name, _, _ := strings.Cut(v2[i], "="); v.Outcome != policy.Violated || !strings.Contains(v.Reason, "CONFIG_"+name) {
			t.Errorf("without %s: %s (%s)", name, v.Outcome, v.Reason)
		}
	}
}
