package policy_test

import (
	"testing"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

func TestStanding(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(map[string][]byte{
		policy.RulesFile: []byte(`policy: test
rules:
- {name: must, severity: critical, reason: r, remedy: m, source: s, require: [memory_controller]}
- {name: should, severity: warning, reason: r, remedy: m, source: s, forbid: [kmem_accounting]}
- {name: may, severity: info, reason: r, remedy: m, source: s, minimum_version: "9.0"}
`),
		policy.BugsFile:      []byte(bugsYAML),
		policy.LifecycleFile: []byte(lifecycleYAML),
	})
	if err != nil {
		t.Fatal(err)
	}
	healthy := func(change func(*facts.Facts)) facts.Facts {
		f := facts.Facts{
			Kernel:           facts.Known(kernel(t, "7.0.12", "", "x")),
			MemoryController: facts.Known(true),
			KmemAccounting:   facts.Known(false),
		}
		change(&f)
		return f
	}
	for name, tc := range map[string]struct {
		facts          facts.Facts
		want, ofStrict policy.Standing
	}{
		"all is kept":         {healthy(func(*facts.Facts) {}), policy.Fit, policy.Fit},
		"nothing is known":    {facts.Facts{}, policy.NotJudged, policy.NotJudged},
		"a rule is violated":  {healthy(func(f *facts.Facts) { f.MemoryController = facts.Known(false) }), policy.Unfit, policy.Unfit},
		"violated and unread": {facts.Facts{MemoryController: facts.Known(false)}, policy.Unfit, policy.Unfit},
		"a warning is violated": {
			healthy(func(f *facts.Facts) { f.KmemAccounting = facts.Known(true) }), policy.FitWithWarnings, policy.Unfit,
		},
		"a warning is unknown": {
			healthy(func(f *facts.Facts) { f.KmemAccounting = facts.NotRead[bool]("a file") }), policy.FitWithWarnings, policy.FitWithWarnings,
		},
		"a file is missing": {
			healthy(func(f *facts.Facts) { f.MemoryController = facts.NotRead[bool]("a file") }), policy.NotJudged, policy.FitWithWarnings,
		},
		"nobody could know": {
			healthy(func(f *facts.Facts) { f.MemoryController = facts.NotKnowable[bool]("more") }), policy.NotJudged, policy.FitWithWarnings,
		},
		"a critical bug": {
			healthy(func(f *facts.Facts) { f.Kernel = facts.Known(kernel(t, "6.12.50", "", "x")) }), policy.FitWithWarnings, policy.FitWithWarnings,
		},
		"a bug that is not critical": {
			healthy(func(f *facts.Facts) { f.Kernel = facts.Known(kernel(t, "7.2.1", "", "x")) }), policy.Fit, policy.Fit,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := p.Judge(tc.facts, date(t, "2026-11-26"))
			if got, strict := j.Standing(policy.Critical), j.Standing(policy.Warning); got != tc.want || strict != tc.ofStrict {
				t.Errorf("%s, and by warnings %s; want %s and %s", got, strict, tc.want, tc.ofStrict)
			}
		})
	}
}

func BenchmarkJudge(b *testing.B) {
	p := defaultPolicy(b)
	node := facts.Facts{Kernel: facts.Known(kernel(b, "6.12.50", "", "x")), OS: facts.Known(host.OS{ID: "debian", VersionID: "12"})}
	now := date(b, "2026-11-26")
	b.ReportAllocs()
	for b.Loop() {
		p.Judge(node, now)
	}
}
