package policy

import (
	"strings"
	"time"

	"kernel_exporter/collector/facts"
)

// Outcome is how a machine stands to a rule.
type Outcome string

// The outcomes.
const (
	Kept     Outcome = "kept"
	Violated Outcome = "violated"
	Unknown  Outcome = "unknown"
)

// Verdict is how a machine stands to one rule.
type Verdict struct {
	Rule    Rule
	Outcome Outcome
	Cause   facts.Cause // why it is unknown; else empty
	Reason  string      // what was found, with the machine's own values, as a clause
	Missing string      // what would make it known: a file, a right, data; else empty
}

// Evaluate judges a machine at a time by every rule, in the policy's order.
func (p *Policy) Evaluate(node facts.Facts, now time.Time) []Verdict {
	c := circumstances{facts: node, now: now, lifecycle: p.Lifecycle}
	verdicts := make([]Verdict, 0, len(p.Rules))
	for _, r := range p.Rules {
		f := r.judge(c)
		verdicts = append(verdicts, Verdict{r, f.outcome, f.cause, f.reason, f.missing})
	}
	return verdicts
}

// judge holds a rule to be kept where it does not apply.
func (r Rule) judge(c circumstances) finding {
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

// circumstances are what a condition judges.
type circumstances struct {
	facts     facts.Facts
	now       time.Time
	lifecycle *Lifecycle
}

// condition is one thing that a rule asks for.
type condition func(circumstances) finding

// finding is what a condition says.
type finding struct {
	outcome Outcome
	cause   facts.Cause
	reason  string
	missing string
}

func kept(reason string) finding     { return finding{outcome: Kept, reason: reason} }
func violated(reason string) finding { return finding{outcome: Violated, reason: reason} }

// unknowable is a finding for what nobody can tell from the machine.
func unknowable(reason, missing string) finding {
	return finding{outcome: Unknown, cause: facts.Unknowable, reason: reason, missing: missing}
}

// unknownFact is the finding where a fact has no value; what names the fact.
func unknownFact[T any](f facts.Fact[T], what string) finding {
	return finding{outcome: Unknown, cause: f.Cause(), reason: what + " is not known", missing: f.Missing()}
}

// all is violated if one condition is, else unknown if one is. Of the causes,
// what can be mended comes first.
func all(conditions []condition, c circumstances) finding {
	by := make(map[Outcome][]finding, 3)
	for _, ask := range conditions {
		f := ask(c)
		by[f.outcome] = append(by[f.outcome], f)
	}
	for _, outcome := range []Outcome{Violated, Unknown} {
		if len(by[outcome]) > 0 {
			return join(by[outcome])
		}
	}
	return join(by[Kept])
}

// join makes one finding of several with the same outcome.
func join(findings []finding) finding {
	out := findings[0]
	for _, f := range findings[1:] {
		out.reason = and(out.reason, f.reason)
		out.missing = and(out.missing, f.missing)
		if f.cause == facts.Unreadable {
			out.cause = facts.Unreadable
		}
	}
	return out
}

// and puts two clauses together; the same one is said once.
func and(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	default:
		return strings.Join([]string{a, b}, "; ")
	}
}
