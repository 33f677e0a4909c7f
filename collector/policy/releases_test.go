package policy_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// realRelease is a line of testdata/releases.txt.
type realRelease struct {
	release, version  string
	os                host.OS
	outcomes, suffers string
}

func realReleases(t testing.TB) []realRelease {
	t.Helper()
	text, err := os.ReadFile("testdata/releases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []realRelease
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		c := strings.Split(line, " | ")
		if len(c) != 4 && len(c) != 5 {
			t.Fatalf("%q: %d columns", line, len(c))
		}
		id := strings.SplitN(c[2]+"  ", " ", 3)
		r := realRelease{
			release:  c[0],
			version:  c[1],
			os:       host.OS{ID: id[0], VersionID: strings.TrimPrefix(id[1], "-"), Name: strings.TrimSpace(id[2])},
			outcomes: strings.TrimSuffix(c[3], " |"),
		}
		if len(c) == 5 {
			r.suffers = c[4]
		}
		out = append(out, r)
	}
	return out
}

func TestRealReleases(t *testing.T) {
	t.Parallel()
	rules := []string{
		"kernel_4", "kubernetes_minimum", "kubernetes_1_32", "kubernetes_1_34", "gke_minimum", "docker_minimum",
		"netns_leak_fixed", "kernel_supported", "os_supported", "os_recommended",
	}
	p, now := defaultPolicy(t), date(t, "2026-11-23")
	releases := realReleases(t)
	if len(releases) < 60 {
		t.Errorf("%d releases, want at least 60", len(releases))
	}
	for _, r := range releases {
		node := facts.Facts{Kernel: facts.Known(kernel(t, r.release, r.version, r.os.ID)), OS: facts.Known(r.os)}
		outcomes := ""
		for _, v := range p.Evaluate(node, now) {
			if slices.Contains(rules, v.Rule.Name) {
				outcomes += string(v.Outcome[0])
			}
			if v.Reason == "" {
				t.Errorf("%s: %s without a reason", r.release, v.Rule.Name)
			}
		}
		if outcomes != r.outcomes {
			t.Errorf("%s on %s %s: outcomes %s, want %s", r.release, r.os.ID, r.os.VersionID, outcomes, r.outcomes)
		}
		var suffers []string
		for _, b := range p.KnownBugs(node) {
			if b.State == policy.Affected {
				suffers = append(suffers, b.Bug.Name)
			}
		}
		if got := strings.Join(suffers, " "); got != r.suffers {
			t.Errorf("%s: bugs %q, want %q", r.release, got, r.suffers)
		}
	}
}

// What a vendor took into its kernel cannot be told from the number.
func TestVendorKernelsAreNeverAffected(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	for _, r := range realReleases(t) {
		k := kernel(t, r.release, r.version, r.os.ID)
		if k.Mainline() {
			continue
		}
		for _, b := range p.KnownBugs(facts.Facts{Kernel: facts.Known(k)}) {
			if b.State == policy.Affected {
				t.Errorf("%s: affected by %s", r.release, b.Bug.Name)
			}
			if (b.State == policy.Unsure) != (b.Cause == facts.Unknowable) {
				t.Errorf("%s: %s is %s, cause %q", r.release, b.Bug.Name, b.State, b.Cause)
			}
		}
		for _, f := range p.Support(facts.Facts{Kernel: facts.Known(k)}) {
			if f.Supported == host.No {
				t.Errorf("%s: no %s", r.release, f.Feature.Name)
			}
		}
	}
}
