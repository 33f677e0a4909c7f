package policy_test

import (
	"errors"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// The policy of one's own that the README shows.
func TestPolicyOfOnesOwn(t *testing.T) {
	t.Parallel()
	p := rulesOf(t, `policy: ours
rules:
- {name: our_minimum, severity: critical, minimum_version: 5.15,
   reason: "Our storage driver needs 5.15.", remedy: "Roll out image 42.",
   source: "https://wiki.example.org/kernels"}
`)
	for release, want := range map[string]policy.Outcome{
		"5.15.0-91-generic": policy.Kept,
		"5.15.0":            policy.Kept,
		"6.1.3":             policy.Kept,
		"5.1.50":            policy.Violated, // an unquoted 5.15 must not be read as a number
		"5.14.0-570.el9":    policy.Violated,
		"5.2.0":             policy.Violated,
	} {
		v := verdictOf(t, p, "our_minimum", facts.Facts{Kernel: facts.Known(kernel(t, release, "", "x"))}, time.Time{})
		if v.Outcome != want {
			t.Errorf("%s: %s (%s), want %s", release, v.Outcome, v.Reason, want)
		}
	}
	if p.Name != "ours" || len(p.Bugs) == 0 {
		t.Errorf("policy %q with %d bugs", p.Name, len(p.Bugs))
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	ubuntu := "#150-Ubuntu SMP"
	for _, tc := range []struct {
		conditions       string
		release, version string
		want             policy.Outcome
	}{
		// An upstream patch number says nothing of a vendor's kernel of that line.
		{"minimum_version: 5.15.100", "5.15.100", "", policy.Kept},
		{"minimum_version: 5.15.100", "5.15.99", "", policy.Violated},
		{"minimum_version: 5.15.100", "5.15.0-140-generic", ubuntu, policy.Unknown},
		{"minimum_version: 5.15.100", "5.15.133-flatcar", "", policy.Kept},
		{"minimum_version: 5.15.100", "5.14.0-570.el9.x86_64", "", policy.Violated},
		{"minimum_version: 6.1.150", "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", policy.Kept},
		{"minimum_version: 6.1.180", "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", policy.Unknown},
		{"minimum_version: 6.12.50", "6.12.46-flatcar", "", policy.Violated},

		{"below_version: 6.13", "6.12.5", "", policy.Kept},
		{"below_version: 6.13", "6.13.0", "", policy.Violated},
		{"below_version: 6.12.5", "6.12.4", "", policy.Kept},
		{"below_version: 6.12.5", "6.12.0-55.el10.x86_64", "", policy.Unknown},
		{"below_version: 6.1.180", "6.1.0-50-amd64", "#1 SMP Debian 6.1.176-1 (2026-07-02)", policy.Unknown},
		{"minimum_version: 5.10, below_version: 6.13", "6.1.0", "", policy.Kept},
		{"minimum_version: 5.10, below_version: 6.13", "5.4.0", "", policy.Violated},

		{"vendors: [ubuntu, debian]", "5.15.0-140-generic", ubuntu, policy.Kept},
		{"vendors: [ubuntu, debian]", "5.15.3", "", policy.Violated},

		{"minimum_build: [{stream: el7, from: 3.10.0-1160.24.1}]", "3.10.0-1160.24.1.el7.x86_64", "", policy.Kept},
		{"minimum_build: [{stream: el7, from: 3.10.0-1160.24.1}]", "3.10.0-1160.119.1.el7.x86_64", "", policy.Kept},
		{"minimum_build: [{stream: el7, from: 3.10.0-1160.24.1}]", "3.10.0-1160.9.1.el7.x86_64", "", policy.Violated},
		{"minimum_build: [{stream: el7, from: 3.10.0-1160.24.1}]", "3.10.0-957.10.1.el7.x86_64", "", policy.Violated},
		{"minimum_build: [{stream: el7, from: 3.10.0-1160.24.1}]", "4.18.0-80.el8.x86_64", "", policy.Kept},
		{"minimum_build: [{stream: el9_6, from: 5.14.0-570.49.1}]", "5.14.0-570.12.1.el9_6.x86_64", "", policy.Violated},
		{"minimum_build: [{stream: el9_6, from: 5.14.0-570.49.1}]", "5.14.0-427.42.1.el9_4.x86_64", "", policy.Kept},
		{"minimum_build: [{stream: ubuntu, from: 4.4.0-118}]", "4.4.0-116-generic", "", policy.Violated},
		{"minimum_build: [{stream: ubuntu, from: 4.4.0-118}]", "4.4.0-116-lowlatency", "", policy.Violated},
		{"minimum_build: [{stream: ubuntu, from: 4.4.0-118}]", "4.4.0-1052-aws", "", policy.Kept},
		{"minimum_build: [{stream: ubuntu-aws, from: 4.4.0-1053}]", "4.4.0-1052-aws", "", policy.Violated},
		{"minimum_build: [{stream: debian, from: 6.1.140-2}]", "6.1.0-37-amd64", "#1 SMP Debian 6.1.140-1 (2025-05-22)", policy.Violated},
		{"minimum_build: [{stream: debian, from: 6.1.140-1}]", "6.1.0-37-amd64", "#1 SMP Debian 6.1.140-1 (2025-05-22)", policy.Kept},
		{"minimum_build: [{stream: debian, from: 6.1.99-1}]", "6.1.0-37-amd64", "#1 SMP Debian 6.1.140-1 (2025-05-22)", policy.Kept},

		// A rule is kept where it does not apply, and unknown where that is unknown.
		{"when: {vendors: [el7]}, minimum_version: 9.0", "6.1.3", "", policy.Kept},
		{"when: {vendors: [el7]}, minimum_version: 9.0", "3.10.0-957.el7.x86_64", "", policy.Violated},
		{"when: {hierarchy: [v1]}, minimum_version: 9.0", "6.1.3", "", policy.Unknown},
		{"when: {minimum_version: 5.15.100}, minimum_version: 9.0", "5.15.0-140-generic", ubuntu, policy.Unknown},
	} {
		node := facts.Facts{Kernel: facts.Known(kernel(t, tc.release, tc.version, "x"))}
		v := verdictOf(t, ruleWith(t, tc.conditions), "rule", node, time.Time{})
		if v.Outcome != tc.want {
			t.Errorf("%s: %s: %s (%s), want %s", tc.conditions, tc.release, v.Outcome, v.Reason, tc.want)
		}
		if (v.Cause != "") != (v.Outcome == policy.Unknown) {
			t.Errorf("%s: %s: %s with cause %q", tc.conditions, tc.release, v.Outcome, v.Cause)
		}
	}
}

// Of several conditions, one that is violated decides, and the reasons are put
// together.
func TestAllConditionsMustHold(t *testing.T) {
	t.Parallel()
	p := ruleWith(t, "minimum_version: 5.15, hierarchy: [v2], forbid: [kmem_accounting]")
	node := facts.Facts{
		Kernel:         facts.Known(plain(t, "5.4.1")),
		Hierarchy:      facts.Known("v1"),
		KmemAccounting: facts.NotRead[bool]("memory.kmem.usage_in_bytes"),
	}
	v := verdictOf(t, p, "rule", node, time.Time{})
	if want := "kernel 5.4.1 is below 5.15; the cgroup hierarchy is v1, not v2"; v.Outcome != policy.Violated || v.Reason != want {
		t.Errorf("%s: %q, want %q", v.Outcome, v.Reason, want)
	}
	if v.Missing != "" {
		t.Errorf("missing %q for what is violated", v.Missing)
	}
}

// What two conditions say alike is said once.
func TestReasonsAreNotRepeated(t *testing.T) {
	t.Parallel()
	v := verdictOf(t, ruleWith(t, "minimum_version: 4.0, below_version: 9.0"), "rule", facts.Facts{}, time.Time{})
	if want := "the kernel's release is not known"; v.Reason != want || v.Missing != "proc/sys/kernel/osrelease" {
		t.Errorf("reason %q, missing %q", v.Reason, v.Missing)
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	p := ruleWith(t, "forbid: [kmem_accounting]")
	for _, tc := range []struct {
		answer host.Answer
		err    error
		want   policy.Outcome
		cause  facts.Cause
	}{
		{host.Yes, nil, policy.Violated, ""},
		{host.No, nil, policy.Kept, ""},
		{host.Unknown, nil, policy.Unknown, facts.Unknowable},
		{host.Unknown, errors.New("unreadable"), policy.Unknown, facts.Unreadable},
	} {
		v := verdictOf(t, p, "rule", facts.Facts{KmemAccounting: facts.Answered(tc.answer, tc.err, "a file")}, time.Time{})
		if v.Outcome != tc.want || v.Cause != tc.cause || (v.Missing == "a file") != (tc.want == policy.Unknown) {
			t.Errorf("%s, %v: %s, cause %q, missing %q", tc.answer, tc.err, v.Outcome, v.Cause, v.Missing)
		}
	}
}

func configFacts(t *testing.T, hierarchy string, options ...string) facts.Facts {
	t.Helper()
	text := "# CONFIG_AUFS_FS is not set\n"
	for _, o := range options {
		text += "CONFIG_" + o + "\n"
	}
	c, err := host.ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c.Source = "boot/config-6.1.0"
	f := facts.Facts{Config: facts.Known(c)}
	if hierarchy != "" {
		f.Hierarchy = facts.Known(hierarchy)
	}
	return f
}

func TestConfigCondition(t *testing.T) {
	t.Parallel()
	p := ruleWith(t, "config: [NET_NS, A|B], config_v1: [CGROUP_DEVICE], config_v2: [CGROUP_BPF]")
	for _, tc := range []struct {
		facts  facts.Facts
		want   policy.Outcome
		reason string
	}{
		{configFacts(t, "v2", "NET_NS=y", "B=m", "CGROUP_BPF=y"), policy.Kept, "boot/config-6.1.0 has all 3 options"},
		{configFacts(t, "v1", "NET_NS=y", "A=y", "CGROUP_DEVICE=y"), policy.Kept, ""},
		{configFacts(t, "hybrid", "NET_NS=y", "A=y", "CGROUP_BPF=y"), policy.Violated, "lacks CONFIG_CGROUP_DEVICE"},
		{configFacts(t, "v2", "NET_NS=y", "CGROUP_BPF=n"), policy.Violated, "lacks CONFIG_A or CONFIG_B, CONFIG_CGROUP_BPF"},
		// Without the hierarchy, what is always needed still counts.
		{configFacts(t, "", "A=y", "CGROUP_BPF=y", "CGROUP_DEVICE=y"), policy.Violated, "lacks CONFIG_NET_NS"},
		// What either hierarchy needs is enough; what both lack is too little.
		{configFacts(t, "", "NET_NS=y", "A=y", "CGROUP_BPF=y", "CGROUP_DEVICE=y"), policy.Kept, "has all 4 options, for either version of cgroups"},
		{configFacts(t, "", "NET_NS=y", "A=y"), policy.Violated, "lacks CONFIG_CGROUP_DEVICE, CONFIG_CGROUP_BPF"},
		{configFacts(t, "", "NET_NS=y", "A=y", "CGROUP_BPF=y"), policy.Unknown, "lacks CONFIG_CGROUP_DEVICE, which one version of cgroups needs"},
		{facts.Facts{Config: facts.NotRead[host.Config]("proc/config.gz or boot/config-6.1.0")}, policy.Unknown, "configuration is not known"},
	} {
		v := verdictOf(t, p, "rule", tc.facts, time.Time{})
		if v.Outcome != tc.want || !strings.Contains(v.Reason, tc.reason) {
			t.Errorf("%s (%s), want %s with %q", v.Outcome, v.Reason, tc.want, tc.reason)
		}
	}
}

// For kernel.org's own kernels a minimum is what comparing the numbers says.
func TestMinimumVersionComparesNumbers(t *testing.T) {
	t.Parallel()
	p := ruleWith(t, "minimum_version: 5.10.100")
	minimum := host.Version{Major: 5, Minor: 10, Patch: 100}
	property := func(major, minor, patch uint8) bool {
		v := host.Version{Major: 3 + int(major%5), Minor: int(minor % 24), Patch: int(patch)}
		verdict := p.Judge(facts.Facts{Kernel: facts.Known(plain(t, v.String()))}, time.Time{}).Verdicts[0]
		return (verdict.Outcome == policy.Kept) == (v.Compare(minimum) >= 0) && verdict.Outcome != policy.Unknown
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}
