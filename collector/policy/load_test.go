package policy_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const rule = `  - {name: a, severity: info, reason: r, remedy: m, source: s, minimum_version: "4.0"}` + "\n"
	rules := func(r string) string { return "policy: p\nrules:\n" + r }
	replaced := func(old, by string) string { return rules(strings.Replace(rule, old, by, 1)) }
	bugs := func(b string) string {
		return "updated: 2026-01-01\nbugs:\n- {name: a, severity: info, title: t, remedy: m, source: s, " + b + "}\n"
	}
	features := func(f string) string { return "features:\n- {name: a, title: t, source: s, " + f + "}\n" }
	var many strings.Builder
	for i := range 201 {
		many.WriteString(strings.Replace(rule, "name: a", fmt.Sprintf("name: a%d", i), 1))
	}

	if _, err := policy.Load(map[string][]byte{policy.RulesFile: []byte(rules(rule))}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, file, in, want string }{
		{"a file of another name", "kernel-5.yaml", rules(rule), "kernel-5.yaml: not a file of the policy"},
		{"empty", policy.RulesFile, "", "kernel-4.yaml: empty"},
		{"a comment", policy.RulesFile, "# nothing\n", "kernel-4.yaml"},
		{"no YAML", policy.RulesFile, "policy: [\n", "kernel-4.yaml: yaml: line 1"},
		{"not UTF-8", policy.RulesFile, "policy: \xff\xfe\n", "kernel-4.yaml: yaml:"},
		{"a tab", policy.RulesFile, "policy: p\nrules:\n\t- {}\n", "kernel-4.yaml: yaml: line 3"},
		{"too large", policy.RulesFile, "policy: " + strings.Repeat("x", 1<<20), "kernel-4.yaml: larger than 1048576 bytes"},
		{"too many", policy.RulesFile, rules(many.String()), "rules: more than 200"},
		{"no rules", policy.RulesFile, "policy: p\n", "rules is missing"},
		{"no rule", policy.RulesFile, "policy: p\nrules: []\n", "kernel-4.yaml:2: file: rules: empty list"},
		{"a rule that is none", policy.RulesFile, rules("  - kernel_4\n"), "kernel-4.yaml:3: rule: not a mapping"},
		{"an alias", policy.RulesFile, strings.Replace(rules(rule), "source: s", "source: &a s, when: *a", 1), `kernel-4.yaml:3: rule "a": when: not a mapping`},
		{"a merge", policy.RulesFile, rules("  - {<<: {name: a}}\n"), `unknown key "<<"`},

		{"an unknown key", policy.RulesFile, replaced("reason: r", "reason: r, color: red"), `kernel-4.yaml:3: rule "a": unknown key "color"`},
		{"a key twice", policy.RulesFile, replaced("reason: r", "reason: r, reason: q"), `kernel-4.yaml:3: rule "a": key "reason" a second time`},
		{"a name twice", policy.RulesFile, rules(rule + rule), `kernel-4.yaml:4: rule "a": name: name "a" a second time`},
		{"no name", policy.RulesFile, replaced("name: a, ", ""), "kernel-4.yaml:3: rule: name is missing"},
		{"no source", policy.RulesFile, replaced("source: s, ", ""), `kernel-4.yaml:3: rule "a": source is missing`},
		{"an empty source", policy.RulesFile, replaced("source: s", `source: ""`), `kernel-4.yaml:3: rule "a": source: not a text`},
		{"a null", policy.RulesFile, replaced("source: s", "source: ~"), "source: not a text"},
		{"no remedy", policy.RulesFile, replaced("remedy: m, ", ""), "remedy is missing"},
		{"another severity", policy.RulesFile, replaced("info", "fatal"), `kernel-4.yaml:3: rule "a": severity: "fatal" is not one of critical, warning, info`},
		{"a name that is no label", policy.RulesFile, replaced("name: a", "name: A-1"), `kernel-4.yaml:3: rule "A-1": name: not lower-case`},
		{"a long name", policy.RulesFile, replaced("name: a", "name: "+strings.Repeat("a", 65)), "at most 64"},
		{"no condition", policy.RulesFile, replaced(`, minimum_version: "4.0"`, ""), `rule "a": no condition`},
		{"an empty when", policy.RulesFile, replaced(`reason: r`, "when: {}, reason: r"), "when: no condition"},
		{"a when that asks for what it cannot", policy.RulesFile, replaced(`reason: r`, "when: {forbid: [kmem_accounting]}, reason: r"), `when: unknown key "forbid"`},
		{"no version", policy.RulesFile, replaced(`"4.0"`, "four"), `minimum_version: "four" is not a version`},
		{"a version with a suffix", policy.RulesFile, replaced(`"4.0"`, "4.0.1-rc1"), `"4.0.1-rc1" is not a version`},
		{"one number", policy.RulesFile, replaced(`"4.0"`, "4"), `"4" is not a version`},
		{"another vendor", policy.RulesFile, replaced(`minimum_version: "4.0"`, "vendors: [redhat]"), `vendors: "redhat" is not one of el6`},
		{"a hierarchy twice", policy.RulesFile, replaced(`minimum_version: "4.0"`, "hierarchy: [v1, v1]"), `hierarchy: "v1" a second time`},
		{"another hierarchy", policy.RulesFile, replaced(`minimum_version: "4.0"`, "hierarchy: [v3]"), `hierarchy: "v3" is not one of`},
		{"another fact", policy.RulesFile, replaced(`minimum_version: "4.0"`, "require: [selinux]"), `require: "selinux" is not one of`},
		{"no list", policy.RulesFile, replaced(`minimum_version: "4.0"`, "require: kmem_accounting"), "require: not a list"},
		{"an option with CONFIG_", policy.RulesFile, replaced(`minimum_version: "4.0"`, "config: [CONFIG_MEMCG]"), `config: "CONFIG_MEMCG" is not the name`},
		{"an option in lower case", policy.RulesFile, replaced(`minimum_version: "4.0"`, "config: [memcg]"), `config: "memcg" is not the name`},
		{"half an alias of an option", policy.RulesFile, replaced(`minimum_version: "4.0"`, "config: [A|]"), `config: "A|" is not the name`},
		{"another support", policy.RulesFile, replaced(`minimum_version: "4.0"`, "supported: hardware"), "supported: \"hardware\" is not one of kernel, os"},
		{"another bug", policy.RulesFile, replaced(`minimum_version: "4.0"`, "without_bugs: [heartbleed]"), `without_bugs: "heartbleed" is not in bugs.yaml`},
		{"a build of no stream", policy.RulesFile, replaced(`minimum_version: "4.0"`, `minimum_build: [{from: 3.10.0-1}]`), "stream is missing"},
		{"a stream of no vendor", policy.RulesFile, replaced(`minimum_version: "4.0"`, `minimum_build: [{stream: rhel9, from: 3.10.0-1}]`), `stream: "rhel9" does not begin with a vendor`},
		{"a build that is no number", policy.RulesFile, replaced(`minimum_version: "4.0"`, `minimum_build: [{stream: el7, from: 3.10.0-x}]`), `from: "3.10.0-x" is not a build`},
		{"a build without a number", policy.RulesFile, replaced(`minimum_version: "4.0"`, `minimum_build: [{stream: el7, from: 3.10.0}]`), `from: "3.10.0" is not a build`},

		{"a bug without a fix", policy.BugsFile, bugs("introduced: 4.0"), "fixed is missing"},
		{"a fix before the bug", policy.BugsFile, bugs("introduced: 5.4, fixed: 5.3"), `bugs.yaml:3: bug "a": fixed: not after introduced`},
		{"two fixes", policy.BugsFile, bugs("fixed: 5.4, fixed_by: 5.5"), "fixed_by: beside fixed"},
		{"a fixed line of three numbers", policy.BugsFile, bugs("fixed: 5.4.3"), `fixed: "5.4.3" is not two numbers`},
		{"a stable fix of two numbers", policy.BugsFile, bugs("fixed: 5.4, fixed_stable: [4.19]"), `fixed_stable: "4.19" is not three numbers`},
		{"a line twice", policy.BugsFile, bugs("fixed: 5.4, fixed_stable: [4.19.3, 4.19.5]"), "fixed_stable: line 4.19 a second time"},
		{"a stable fix after the fix", policy.BugsFile, bugs("fixed: 5.4, fixed_stable: [5.5.3]"), "5.5.3 is not before 5.4"},
		{"a stable fix before the bug", policy.BugsFile, bugs("introduced_stable: [5.3.3], fixed_stable: [5.3.3]"), "5.3.3 is not after 5.3.3"},
		{"a bug without a title", policy.BugsFile, strings.Replace(bugs("fixed: 5.4"), "title: t, ", "", 1), "title is missing"},
		{"bugs without a date", policy.BugsFile, strings.Replace(bugs("fixed: 5.4"), "updated: 2026-01-01\n", "", 1), "updated is missing"},
		{"the rules' bug is gone", policy.BugsFile, bugs("fixed: 5.4"), `kernel-4.yaml`},

		{"builds without a state", policy.BugsFile, bugs("builds: [{stream: el7, from: 3.10.0-1}]"), "one of fixed and state is needed"},
		{"builds with two states", policy.BugsFile, bugs("builds: [{stream: el7, fixed: 3.10.0-1, state: clear}]"), "one of fixed and state is needed"},
		{"builds the wrong way around", policy.BugsFile, bugs("builds: [{stream: el7, from: 3.10.0-9, fixed: 3.10.0-8}]"), "fixed: not newer than 3.10.0-9"},
		{"builds of two lines", policy.BugsFile, bugs("builds: [{stream: debian, from: 6.1.3-1, fixed: 6.12.3-1}]"), "fixed: 6.12.3-1 is not of line 6.1"},
		{"more than uname prints", policy.BugsFile, bugs("builds: [{stream: ubuntu, fixed: 4.4.0-118.142}]"), "more than the number that uname -r prints"},
		{"a removal of nothing", policy.BugsFile, bugs("fixed: 5.4, remove: true"), `bugs.yaml:3: bug "a": remove: there is no name "a"`},
		{"an unknown flag", policy.BugsFile, bugs("fixed: 5.4, escape: yes"), `escape: "yes" is not one of true, false`},

		{"another probe", policy.FeaturesFile, features("version: 5.4, probe: ask"), `features.yaml:2: feature "a": probe: "ask" is not one of`},
		{"a feature without a version", policy.FeaturesFile, features("probe: psi"), "version is missing"},

		{"a lifecycle that is none", policy.LifecycleFile, "updated: never\n", "lifecycle.yaml:1"},
	} {
		p, err := loadSmall(map[string][]byte{tc.file: []byte(tc.in)})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.want)
		}
		if p != nil {
			t.Errorf("%s: a policy beside the error", tc.name)
		}
	}
}

// The first fault is told, not one that follows from it.
func TestLoadNamesTheFirstFault(t *testing.T) {
	t.Parallel()
	_, err := policy.Load(map[string][]byte{policy.RulesFile: []byte(`policy: p
rules:
  - name: a
    sevrity: info
`)})
	if want := `kernel-4.yaml:4: rule "a": unknown key "sevrity"`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestLoadReplaces(t *testing.T) {
	t.Parallel()
	built := defaultPolicy(t)
	if built.Name != "kernel-4" || built.Version == "" || len(built.SHA256) != 64 {
		t.Errorf("policy %q %q %q", built.Name, built.Version, built.SHA256)
	}
	sums := map[string]string{built.SHA256: "built in"}
	for _, name := range policy.Files() {
		same := map[string][]byte{}
		parts, err := policy.Builtin(name)
		if err != nil || len(parts) == 0 || parts[0].Name != name {
			t.Fatalf("%s: the parts are %v, %v", name, parts, err)
		}
		for _, part := range parts {
			same[part.Name] = part.Data
		}
		if p, err := policy.Load(same); err != nil || p.SHA256 != built.SHA256 {
			t.Errorf("%s: the same files make another policy (%v)", name, err)
		}
		same[name] = append(bytes.Clone(same[name]), "# ours\n"...)
		other, err := policy.Load(same)
		if err != nil {
			t.Fatal(err)
		}
		if sums[other.SHA256] != "" {
			t.Errorf("%s and %s make the same hash", name, sums[other.SHA256])
		}
		sums[other.SHA256] = name
	}
}

// A lifecycle of one's own decides, without a new program.
func TestLoadReplacesLifecycle(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(map[string][]byte{policy.LifecycleFile: []byte(`updated: 2027-01-01
kernels: {source: s, lines: [{line: 4.4, released: 2016-01-10, ends: open, longterm: true}]}
distributions: [{ids: [ours], name: Ours, source: s, vendors: [el7], releases: [{version: "*", ends: open}]}]
`)})
	if err != nil {
		t.Fatal(err)
	}
	node := facts.Facts{Kernel: facts.Known(plain(t, "4.4.302")), OS: facts.Known(host.OS{ID: "ours"})}
	for _, rule := range []string{"kernel_supported", "os_supported"} {
		if v := verdictOf(t, p, rule, node, date(t, "2027-06-01")); v.Outcome != policy.Kept {
			t.Errorf("%s: %s (%s)", rule, v.Outcome, v.Reason)
		}
	}
}

func FuzzLoad(f *testing.F) {
	// Small ones: what is found in the built-in files takes minutes to minimise.
	for i, text := range []string{
		"policy: p\nrules: [{name: a, severity: info, reason: r, remedy: m, source: s, minimum_version: 4.0}]\n",
		"updated: 2026-01-01\nbugs: [{name: netns_tcp_close, severity: info, title: t, remedy: m, source: s, introduced: 5.8, fixed: 5.17, fixed_stable: [5.10.102]}]\n",
		"features: [{name: a, title: t, source: s, version: 5.4, probe: psi, builds: [{stream: el7, from: 3.10.0-693}]}]\n",
		"updated: 2026-01-01\nkernels: {source: s, lines: [{line: 5.10, released: 2020-12-13, ends: open}]}\n" +
			"distributions: [{ids: [a], name: A, source: s, releases: [{version: 1, ends: 2026-01-01, extended: 2027-01-01}]}]\n",
		"updated: 2026-01-01\nbugs: [{name: netns_tcp_close, severity: info, title: t, remedy: m, source: s, builds: [{stream: el7, from: 3.10.0-1, fixed: 3.10.0-2}]}]\n",
		"policy: p\nrules: [{name: a, when: {vendors: [el7]}, config: [A|B], minimum_build: [{}]}]\n",
	} {
		f.Add(uint8(i), []byte(text)) //nolint:gosec // six
	}
	f.Add(uint8(0), []byte("a: &a [*a]\n"))
	k := plain(f, "5.10.3")
	f.Fuzz(func(t *testing.T, file uint8, text []byte) {
		name := policy.Files()[int(file)%len(policy.Files())]
		p, err := loadSmall(map[string][]byte{name: text})
		if err != nil {
			if !strings.Contains(err.Error(), ".yaml") || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("error %q is not one line with a file's name", err)
			}
			return
		}
		node := facts.Facts{Kernel: facts.Known(k), OS: facts.Known(host.OS{ID: "a", VersionID: "1.2"})}
		for _, v := range p.Judge(node, time.Unix(0, 0)).Verdicts {
			if v.Reason == "" || (v.Outcome == policy.Unknown) != (v.Cause != "") {
				t.Errorf("%s: %s, cause %q, reason %q", v.Rule.Name, v.Outcome, v.Cause, v.Reason)
			}
		}
	})
}
