package policy

import "slices"

// Standing is what a judgement comes to in a few words.
type Standing string

// The standings, the worst first.
const (
	// Unfit: a rule is violated that must be kept.
	Unfit Standing = "unfit"
	// NotJudged: of the rules that must be kept, none could be judged.
	NotJudged Standing = "cannot be judged"
	// FitWithWarnings: none that must be kept is violated; one of them is unknown, as
	// in a pod that mounts no container store, or a warning is violated or unknown, or
	// the kernel has a known bug that is critical.
	FitWithWarnings Standing = "fit with warnings"
	// Fit: all rules above info are kept, and no critical bug is known.
	Fit Standing = "fit"
)

// Standings returns them, the worst first.
func Standings() []Standing { return []Standing{Unfit, NotJudged, FitWithWarnings, Fit} }

// AtLeast says whether a severity is another one or a worse one.
func (s Severity) AtLeast(other Severity) bool {
	return slices.Index(Severities(), s) <= slices.Index(Severities(), other)
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
	undecided, decided := false, false
	for _, v := range j.Verdicts {
		must := v.Rule.Severity.AtLeast(failOn)
		undecided = undecided || must && v.Outcome == Unknown
		decided = decided || must && v.Outcome != Unknown
		switch {
		case v.Outcome == Kept:
		case must && v.Outcome == Violated:
			worsen(Unfit)
		case v.Rule.Severity.AtLeast(Warning):
			worsen(FitWithWarnings)
		}
	}
	if undecided && !decided {
		worsen(NotJudged)
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
