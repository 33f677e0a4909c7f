package policy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// documented returns the files that docs/policy.md has as examples, by name.
func documented(t *testing.T) map[string][]byte {
	t.Helper()
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, m := range regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		files[m[1]] = []byte(m[2])
	}
	return files
}

// The example of a replaced file is a policy by itself.
func TestDocumentedReplacement(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(map[string][]byte{policy.RulesFile: documented(t)[policy.RulesFile]})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Rules) != 1 || p.Name != "ours" || len(p.Bugs) < 20 {
		t.Errorf("policy %q with %d rules and %d bugs", p.Name, len(p.Rules), len(p.Bugs))
	}
}

// The examples of merged files do what the page says.
func TestDocumentedOverlays(t *testing.T) {
	t.Parallel()
	files := documented(t)
	delete(files, policy.RulesFile)
	if len(files) != 3 {
		t.Fatalf("the page has %d overlays", len(files))
	}
	p, err := policy.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	built := defaultPolicy(t)
	now := date(t, "2026-11-26")
	node := func(release, id, version string) facts.Facts {
		return facts.Facts{Kernel: facts.Known(kernel(t, release, "", id)), OS: facts.Known(host.OS{ID: id, VersionID: version})}
	}

	// A rule more, one less, one changed; all else is as it was.
	if len(p.Rules) != len(built.Rules) || p.Name != built.Name || p.SHA256 == built.SHA256 {
		t.Errorf("%d rules of %q, built in are %d", len(p.Rules), p.Name, len(built.Rules))
	}
	if v := verdictOf(t, p, "our_minimum", node("5.4.0-216-generic", "ubuntu", "20.04"), now); v.Outcome != policy.Violated {
		t.Errorf("our_minimum: %s", v.Outcome)
	}
	v := verdictOf(t, p, "os_recommended", node("3.10.0-1160.el7.x86_64", "centos", "7"), now)
	if v.Rule.Severity != policy.Warning || v.Outcome != policy.Violated || v.Rule.Reason == "" {
		t.Errorf("os_recommended: %s, %s, %q", v.Rule.Severity, v.Outcome, v.Rule.Reason)
	}
	if slices.ContainsFunc(p.Rules, func(r policy.Rule) bool { return r.Name == "docker_minimum" }) {
		t.Error("docker_minimum is still there")
	}

	for _, tc := range []struct {
		release, id, version, rule string
		want                       policy.Outcome
	}{
		{"5.4.0-216-generic", "ubuntu", "20.04", "os_supported", policy.Kept},
		{"5.4.0-216-generic", "ubuntu", "20.04", "kernel_supported", policy.Kept},
		{"4.15.0-216-generic", "ubuntu", "18.04", "os_supported", policy.Violated},
		{"6.1.3", "ourlinux", "3", "os_supported", policy.Kept},
	} {
		if v := verdictOf(t, p, tc.rule, node(tc.release, tc.id, tc.version), now); v.Outcome != tc.want {
			t.Errorf("%s of %s on %s %s: %s (%s)", tc.rule, tc.release, tc.id, tc.version, v.Outcome, v.Reason)
		}
	}
	for _, tc := range []struct {
		release, bug string
		want         policy.State
	}{
		{"3.10.0-1160.119.1.el7.x86_64", "netns_tcp_close", policy.Clear},
		{"3.10.0-1127.el7.x86_64", "netns_tcp_close", policy.Unsure},
		{"4.4.0-117-generic", "netns_tcp_close", policy.Affected},
		{"5.15.79", "our_driver_leak", policy.Affected},
		{"5.15.80", "our_driver_leak", policy.Clear},
	} {
		if v := stateOf(t, p, tc.bug, node(tc.release, "x", "")); v.State != tc.want {
			t.Errorf("%s of %s: %s (%s), want %s", tc.bug, tc.release, v.State, v.Reason, tc.want)
		}
	}
}

func TestOverlays(t *testing.T) {
	t.Parallel()
	rule := func(keys string) []byte { return []byte("rules: [{name: kernel_4, " + keys + "}]\n") }
	severity := func(p *policy.Policy) string {
		return string(p.Rules[slices.IndexFunc(p.Rules, func(r policy.Rule) bool { return r.Name == "kernel_4" })].Severity)
	}
	p, err := policy.Load(map[string][]byte{
		"kernel-4.d/b.yaml": rule("severity: info"),
		"kernel-4.d/a.yaml": rule("severity: warning"),
	})
	if err != nil || severity(p) != "info" {
		t.Errorf("the last file by name does not win: %v", err)
	}
	for name, tc := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"an unknown key":        {map[string][]byte{"kernel-4.d/a.yaml": rule("colour: red")}, `kernel-4.d/a.yaml:1: rule "kernel_4": unknown key "colour"`},
		"a value that is none":  {map[string][]byte{"kernel-4.d/a.yaml": rule("severity: loud")}, `kernel-4.d/a.yaml:1: rule "kernel_4": severity: "loud" is not one of`},
		"the same entry twice":  {map[string][]byte{"kernel-4.d/a.yaml": []byte("rules: [{name: kernel_4, severity: info}, {name: kernel_4, severity: info}]")}, "a second time"},
		"a removal of nothing":  {map[string][]byte{"bugs.d/a.yaml": []byte("bugs: [{name: nothing, remove: true}]")}, `bugs.d/a.yaml:1: bug "nothing": remove: there is no name "nothing"`},
		"half a new entry":      {map[string][]byte{"bugs.d/a.yaml": []byte("bugs: [{name: ours, severity: info}]")}, `bugs.d/a.yaml:1: bug "ours": title is missing`},
		"a bug of a rule":       {map[string][]byte{"bugs.d/a.yaml": []byte("bugs: [{name: netns_tcp_close, remove: true}]")}, `without_bugs: "netns_tcp_close" is not in bugs.yaml`},
		"an empty file":         {map[string][]byte{"bugs.d/a.yaml": nil}, "bugs.d/a.yaml: empty"},
		"another directory":     {map[string][]byte{"bug.d/a.yaml": nil}, "bug.d/a.yaml: not a file of the policy"},
		"another kind of file":  {map[string][]byte{"bugs.d/a.json": nil}, "bugs.d/a.json: not a file of the policy"},
		"a deeper directory":    {map[string][]byte{"bugs.d/x/a.yaml": nil}, "not a file of the policy"},
		"a part without a base": {map[string][]byte{"bugs-ours.yaml": nil}, "bugs-ours.yaml: a part of bugs.yaml, which is not there; put it into bugs.d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := policy.Load(tc.files)
			if err == nil || !strings.Contains(err.Error(), tc.want) || p != nil {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
