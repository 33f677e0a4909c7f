package policy

import "kernel_exporter/collector/facts"

// Standing is what a judgement comes to in a few words.
type Standing string

// The standings, the worst first.
const (
	// Unfit: a rule is violated that must be kept.
	Unfit Standing = "unfit"
	// NotJudged: none is known to be violated, and one that must be kept could not
	// be judged for want of a file or a permission.
	NotJudged Standing = "cannot be judged"
	// FitWithWarnings: what must be kept is; a warning is violated or unknown, or
	// what must be kept cannot be known of this kernel by anybody, or the kernel has
	// a known bug that is critical.
	FitWithWarnings Standing = "fit with warnings"
	// Fit: all rules above info are kept, and no critical bug is known.
	Fit Standing = "fit"
)

// Standings returns them, the worst first.
func Standings() []Standing { return []Standing{Unfit, NotJudged, FitWithWarnings, Fit} }

// AtLeast says whether a severity is another one or a worse one.
func (s Severity) AtLeast(other Severity) bool {
	for _, of := range Severities() {
		switch of {
		case s:
			return true
		case other:
			return false
		}
	}
	return false
}

// Standing sums a judgement up. Rules of the severity failOn or a worse one must be
// kept.
func (j *Judgement) Standing(failOn Severity) Standing {
	standing := Fit
	worsen := func(to Standing) {
		for _, s := range Standings() {
			if s == to || s == standing {
				standing = s
				return
			}
		}
	}
	for _, v := range j.Verdicts {
		must := v.Rule.Severity.AtLeast(failOn)
		switch {
		case v.Outcome == Kept:
		case must && v.Outcome == Violated:
			worsen(Unfit)
		case must && v.Cause != facts.Unknowable:
			worsen(NotJudged)
		case v.Rule.Severity.AtLeast(Warning):
			worsen(FitWithWarnings)
		}
	}
	if len(j.CriticalBugs()) > 0 {
		worsen(FitWithWarnings)
	}
	return standing
}

// CriticalBugs returns the critical bugs that the kernel is known to have, those
// that are known to be exploited first.
func (j *Judgement) CriticalBugs() []BugVerdict {
	var exploited, others []BugVerdict
	for _, v := range j.Bugs {
		switch {
		case v.State != Affected || v.Bug.Severity != Critical:
		case v.Bug.Exploited:
			exploited = append(exploited, v)
		default:
			others = append(others, v)
		}
	}
	return append(exploited, others...)
}
