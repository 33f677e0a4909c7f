package policy

import (
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
	s := p.subject(&f)
	bugs := p.knownBugs(&f, s)
	return &Judgement{
		Policy:   p,
		Verdicts: p.evaluate(&circumstances{facts: &f, now: now, kernel: s, lifecycle: p.Lifecycle, bugs: bugs}),
		Features: p.support(&f, s),
		Bugs:     bugs,
	}
}

func (p *Policy) evaluate(c *circumstances) []Verdict {
	verdicts := make([]Verdict, len(p.Rules))
	for i := range p.Rules {
		r := &p.Rules[i]
		f := r.judge(c)
		verdicts[i] = Verdict{Rule: r, Outcome: f.outcome, Cause: f.cause, Reason: f.reason, Missing: f.missing}
	}
	return verdicts
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
