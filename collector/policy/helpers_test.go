package policy_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func date(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var loadDefault = sync.OnceValues(policy.Default)

func defaultPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := loadDefault()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// kernel returns what the host package makes of what uname -r and -v print, on an
// operating system with an id.
func kernel(t testing.TB, release, version, osID string) host.Kernel {
	t.Helper()
	k, err := host.Uname{Release: release, Version: version, OSID: osID}.Kernel()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// plain returns one of kernel.org's own kernels.
func plain(t testing.TB, release string) host.Kernel {
	t.Helper()
	r, err := host.ParseRelease(release)
	if err != nil {
		t.Fatal(err)
	}
	k := host.Kernel{Release: r}
	if !k.Mainline() {
		t.Fatalf("%s is not kernel.org's own", release)
	}
	return k
}

// loadSmall loads a policy with files of one's own, over the data of the tests in
// place of the built-in data, which takes longer to read.
func loadSmall(files map[string][]byte) (*policy.Policy, error) {
	own := map[string][]byte{policy.BugsFile: []byte(bugsYAML), policy.LifecycleFile: []byte(lifecycleYAML)}
	maps.Copy(own, files)
	return policy.Load(own)
}

// rulesOf loads a policy with these rules.
func rulesOf(t testing.TB, yaml string) *policy.Policy {
	t.Helper()
	p, err := loadSmall(map[string][]byte{policy.RulesFile: []byte(yaml)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ruleWith returns a policy with one rule that has these conditions.
func ruleWith(t testing.TB, conditions string) *policy.Policy {
	t.Helper()
	return rulesOf(t, "policy: test\nrules:\n- {name: rule, severity: info, reason: r, remedy: m, source: s, "+conditions+"}\n")
}

// verdictOf returns the verdict of a rule.
func verdictOf(t testing.TB, p *policy.Policy, rule string, node facts.Facts, now time.Time) policy.Verdict {
	t.Helper()
	for _, v := range p.Judge(node, now).Verdicts {
		if v.Rule.Name == rule {
			return v
		}
	}
	t.Fatalf("no rule %s", rule)
	return policy.Verdict{}
}
