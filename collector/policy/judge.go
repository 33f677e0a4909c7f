package policy

import (
	"maps"
	"slices"
	"time"

	"kernel_exporter/collector/facts"
)

// Judgement is what the policy says of a machine. Metrics, landing page and the
// check command all show the same one.
type Judgement struct {
	Policy   *Policy
	Verdicts []Verdict        // in the policy's order
	Features []FeatureVerdict // in the table's order
	Bugs     []BugVerdict     // in the table's order
}

// Judge judges a machine at a time. The judgement holds for as long as the facts do
// not change, and for the rest of the day in UTC, because ends of support are days.
func (p *Policy) Judge(f facts.Facts, now time.Time) *Judgement {
	bugs := p.KnownBugs(f)
	return &Judgement{
		Policy:   p,
		Verdicts: p.evaluate(f, now, bugs),
		Features: p.Support(f),
		Bugs:     bugs,
	}
}

// Evaluate judges a machine at a time by every rule, in the policy's order.
func (p *Policy) Evaluate(f facts.Facts, now time.Time) []Verdict {
	return p.evaluate(f, now, p.KnownBugs(f))
}

func (p *Policy) evaluate(f facts.Facts, now time.Time, bugs []BugVerdict) []Verdict {
	c := &circumstances{facts: &f, now: now, kernel: p.subject(f), lifecycle: p.Lifecycle, bugs: bugs}
	verdicts := make([]Verdict, 0, len(p.Rules))
	for i := range p.Rules {
		r := &p.Rules[i]
		f := r.judge(c)
		verdicts = append(verdicts, Verdict{Rule: r, Outcome: f.outcome, Cause: f.cause, Reason: f.reason, Missing: f.missing})
	}
	return verdicts
}

// subject returns the kernel that is judged; it is not known where the facts do
// not have it.
func (p *Policy) subject(f facts.Facts) subject {
	k, ok := f.Kernel.Get()
	if !ok {
		return subject{}
	}
	s := subjectOf(k, p.Lifecycle.vendors, p.abis)
	os, ok := f.OS.Get()
	if last := p.Lifecycle.lastBuild(s, os); ok && s.built.IsZero() && !last.IsZero() {
		s.built, s.builtWhen = last, "was built for a system that got its last kernel by "+last.Format(time.DateOnly)
	}
	return s
}

// judge holds a rule to be kept where it does not apply.
func (r Rule) judge(c *circumstances) finding {
	if len(r.when) > 0 {
		switch when := all(r.when, c); when.outcome {
		case Violated:
			when.outcome = Kept
			return when
		case Unknown:
			return when
		case Kept:
		}
	}
	return all(r.must, c)
}

func kept(reason string) finding     { return finding{outcome: Kept, reason: reason} }
func violated(reason string) finding { return finding{outcome: Violated, reason: reason} }

// unknowable is a finding for what nobody can tell from the machine.
func unknowable(reason, missing string) finding {
	return finding{outcome: Unknown, cause: facts.Unknowable, reason: reason, missing: missing}
}

// notKnown is the finding where a fact has no value.
func notKnown[T any](f facts.Fact[T], what string) finding {
	return finding{outcome: Unknown, cause: f.Cause(), reason: what + " is not known", missing: f.Missing()}
}

// all is violated if one condition is, else unknown if one is.
func all(conditions []condition, c *circumstances) finding {
	var out finding
	for i, ask := range conditions {
		f := ask(c)
		switch worse := badness(f.outcome) - badness(out.outcome); {
		case i == 0 || worse > 0:
			out = f
		case worse == 0:
			out = join(out, f)
		}
	}
	return out
}

func badness(o Outcome) int { return slices.Index([]Outcome{Kept, Unknown, Violated}, o) }

// join makes one finding of two with the same outcome. Of the causes, what can be
// mended comes first.
func join(a, b finding) finding {
	a.reason = and(a.reason, b.reason)
	a.missing = and(a.missing, b.missing)
	if a.cause == facts.Unknowable {
		a.cause = b.cause
	}
	return a
}

// and puts two clauses together; the same one is said once.
func and(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	default:
		return a + "; " + b
	}
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
