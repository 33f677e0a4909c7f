package policy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// realNode is what a real node says of its kernel and its system.
type realNode struct {
	name             string
	release, version string
	os               host.OS
}

func (n realNode) facts(t testing.TB) facts.Facts {
	t.Helper()
	return facts.Facts{Kernel: facts.Known(kernel(t, n.release, n.version, n.os.ID)), OS: facts.Known(n.os)}
}

// realNodes are those of testdata/nodes.tsv and testdata/releases.txt.
func realNodes(t testing.TB) []realNode {
	t.Helper()
	var nodes []realNode
	for line := range lines(t, "testdata/nodes.tsv") {
		c := strings.Split(line, "\t")
		if c[0] == "node" {
			continue
		}
		id, version, _ := strings.Cut(c[2], " ")
		nodes = append(nodes, realNode{name: c[0], release: c[1], os: host.OS{ID: id, VersionID: version}})
	}
	for line := range lines(t, "testdata/releases.txt") {
		c := strings.Split(line, " | ")
		id := strings.SplitN(c[2]+"  ", " ", 3)
		nodes = append(nodes, realNode{
			release: c[0],
			version: c[1],
			os:      host.OS{ID: id[0], VersionID: strings.TrimPrefix(id[1], "-"), Name: strings.TrimSpace(id[2])},
		})
	}
	return nodes
}

func lines(t testing.TB, name string) func(func(string) bool) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !yield(line) {
				return
			}
		}
	}
}

// TestVerdicts: how real nodes are judged on a day, with the reason for each
// unknown. Facts that neither the release nor os-release settle are left out.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	nodes := realNodes(t)
	if len(nodes) < 220 {
		t.Errorf("%d nodes", len(nodes))
	}
	var b strings.Builder
	b.WriteString("# How the built-in policy judges real nodes on 2026-11-26. Made by TestVerdicts; see SOURCE.md.\n" +
		"# Rules that ask for other facts than the release and os-release are left out.\n")
	for _, n := range nodes {
		f := n.facts(t)
		writeVerdict(&b, p.Judge(f, date(t, "2026-11-26")), n, f)
	}
	const golden = "testdata/verdicts.txt"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s is not current: UPDATE_GOLDEN=1 go test ./collector/policy -run Verdicts, then review the difference: %s",
			golden, firstDifference(b.String(), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is %q and was %q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, and were %d", len(g), len(w))
}

// judgedByFacts are the rules that ask for facts which a release does not settle.
var judgedByFacts = []string{"overlayfs_d_type", "kernel_config", "cgroup_v2", "memory_controller"}

func writeVerdict(b *strings.Builder, j *policy.Judgement, n realNode, f facts.Facts) {
	k, _ := f.Kernel.Get()
	fmt.Fprintf(b, "\n%s | %s | %s %s | %s\n", n.release, n.version, n.os.ID, n.os.VersionID, n.name)
	vendor := "nobody known"
	if k.Mainline() {
		vendor = "kernel.org"
	}
	if k.Vendor != "" {
		vendor = string(k.Vendor)
	}
	fmt.Fprintf(b, "  kernel of %s, build %s %s, based on %s\n", vendor, k.Build.Stream, k.Build.Number, k.Upstream)
	by := map[policy.Outcome][]string{}
	for _, v := range j.Verdicts {
		if slices.Contains(judgedByFacts, v.Rule.Name) {
			continue
		}
		by[v.Outcome] = append(by[v.Outcome], v.Rule.Name)
		if strings.Contains(v.Rule.Name, "supported") && v.Outcome != policy.Unknown {
			fmt.Fprintf(b, "  %s: %s: %s\n", v.Rule.Name, v.Outcome, v.Reason)
		}
		if v.Outcome == policy.Unknown {
			fmt.Fprintf(b, "  %s: unknown: %s [%s]\n", v.Rule.Name, v.Reason, v.Missing)
		}
	}
	for _, o := range []policy.Outcome{policy.Violated, policy.Kept} {
		fmt.Fprintf(b, "  %s: %s\n", o, strings.Join(by[o], " "))
	}
	bugs := map[policy.State][]string{}
	for _, v := range j.Bugs {
		bugs[v.State] = append(bugs[v.State], v.Bug.Name)
	}
	fmt.Fprintf(b, "  bugs: %d affected, %d clear, %d unknown\n", len(bugs[policy.Affected]), len(bugs[policy.Clear]), len(bugs[policy.Unsure]))
	for _, s := range []policy.State{policy.Affected, policy.Unsure} {
		if len(bugs[s]) > 0 {
			fmt.Fprintf(b, "  %s: %s\n", s, strings.Join(bugs[s], " "))
		}
	}
}

// What is judged has a reason, and what is unknown a cause and what would make it
// known.
func TestVerdictsGiveReasons(t *testing.T) {
	t.Parallel()
	p := defaultPolicy(t)
	for _, n := range realNodes(t) {
		j := p.Judge(n.facts(t), date(t, "2026-11-26"))
		for _, v := range j.Verdicts {
			if v.Reason == "" || (v.Outcome == policy.Unknown) != (v.Cause != "") {
				t.Errorf("%s: %s is %s, cause %q, reason %q", n.release, v.Rule.Name, v.Outcome, v.Cause, v.Reason)
			}
		}
		for _, v := range j.Bugs {
			if v.Reason == "" || (v.State == policy.Unsure) != (v.Cause != "") || !strings.Contains(v.Reason, v.Bug.Name) {
				t.Errorf("%s: %s is %s, cause %q, reason %q", n.release, v.Bug.Name, v.State, v.Cause, v.Reason)
			}
		}
		for _, v := range j.Features {
			if v.Reason == "" || (v.Supported == host.Unknown) != (v.Cause != "") {
				t.Errorf("%s: %s is %s, cause %q, reason %q", n.release, v.Feature.Name, v.Supported, v.Cause, v.Reason)
			}
		}
	}
}
