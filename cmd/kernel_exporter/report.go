package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/policy"
	"kernel_exporter/collector/printable"
)

// report is a judgement as people and programs are shown it: the table, the
// JSON of the check command (check.schema.json) and the landing page are all
// made from it.
type report struct {
	Node     string          `json:"node"` // empty: unknown
	Verdict  fitness         `json:"verdict"`
	Fit      bool            `json:"fit"` // the node was judged, and no rule of the severity asked for, or worse, is violated
	FailOn   policy.Severity `json:"fail_on"`
	Error    string          `json:"error,omitempty"` // why the node could not be judged
	Kernel   kernelReport    `json:"kernel"`
	OS       osReport        `json:"os"`
	Policy   policyReport    `json:"policy"`
	Rules    []ruleReport    `json:"rules"` // the worst severity first, then as the policy has them
	Features []featureReport `json:"features"`
	Bugs     []bugReport     `json:"bugs"` // likewise
}

// fitness sums up how fit a node is to run containers.
type fitness string

// The values of a fitness, the worst first.
const (
	unfit           fitness = "unfit"             // a rule of the severity asked for, or worse, is violated
	cannotBeJudged  fitness = "unknown"           // no kernel is known, or no critical rule could be decided
	fitWithWarnings fitness = "fit_with_warnings" // a warning, a critical rule that is unknown, or a critical bug stands against it
	fit             fitness = "fit"
)

type kernelReport struct {
	Release  string `json:"release"` // empty: unknown, as with all of these
	Version  string `json:"version"`
	Machine  string `json:"machine"`
	Vendor   string `json:"vendor"`
	Upstream string `json:"upstream"`
}

type osReport struct {
	ID        string `json:"id"`
	VersionID string `json:"version_id"`
	Name      string `json:"name"`
}

type policyReport struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	SHA256   string `json:"sha256"`
	DataDate string `json:"data_date"`
}

type ruleReport struct {
	Name     string          `json:"name"`
	Severity policy.Severity `json:"severity"`
	Outcome  policy.Outcome  `json:"outcome"`
	Cause    facts.Cause     `json:"cause,omitempty"`
	Reason   string          `json:"reason"`
	Missing  string          `json:"missing,omitempty"`
	Why      string          `json:"why"`
	Remedy   string          `json:"remedy"`
	Source   string          `json:"source"`
}

type featureReport struct {
	Name      string      `json:"name"`
	Title     string      `json:"title"`
	Supported string      `json:"supported"` // yes, no or unknown
	Cause     facts.Cause `json:"cause,omitempty"`
	Reason    string      `json:"reason"`
}

type bugReport struct {
	Name     string          `json:"name"`
	Title    string          `json:"title"`
	Severity policy.Severity `json:"severity"`
	State    policy.State    `json:"state"`
	Cause    facts.Cause     `json:"cause,omitempty"`
	Reason   string          `json:"reason"`
	Remedy   string          `json:"remedy"`
	Source   string          `json:"source"`
}

// newReport renders a judgement. The node is fit if it violates no rule of the
// severity failOn or a worse one.
func newReport(j collector.Judgement, failOn policy.Severity) report {
	r := report{
		FailOn: failOn,
		Policy: policyReport{j.Policy.Name, j.Policy.Version, j.Policy.SHA256, j.Policy.Updated().UTC().Format(time.DateOnly)},
		Rules:  make([]ruleReport, 0, len(j.Verdicts)), Features: make([]featureReport, 0, len(j.Features)), Bugs: make([]bugReport, 0, len(j.Bugs)),
	}
	if k, ok := j.Facts.Kernel.Get(); ok {
		r.Kernel = kernelReport{printable.String(k.Release.Raw), printable.String(k.Version), printable.String(k.Machine), string(k.Vendor), printable.String(k.Upstream)}
	}
	if o, ok := j.Facts.OS.Get(); ok {
		r.OS = osReport{printable.String(o.ID), printable.String(o.VersionID), printable.String(o.Name)}
	}
	for _, v := range j.Verdicts {
		r.Rules = append(r.Rules, ruleReport{
			v.Rule.Name, v.Rule.Severity, v.Outcome, v.Cause, printable.String(v.Reason), printable.String(v.Missing), v.Rule.Reason, v.Rule.Remedy, v.Rule.Source,
		})
	}
	slices.SortStableFunc(r.Rules, func(a, b ruleReport) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	for _, v := range j.Features {
		r.Features = append(r.Features, featureReport{v.Feature.Name, v.Feature.Title, v.Supported.String(), v.Cause, printable.String(v.Reason)})
	}
	for _, v := range j.Bugs {
		r.Bugs = append(r.Bugs, bugReport{
			v.Bug.Name, v.Bug.Title, v.Bug.Severity, v.State, v.Cause, printable.String(v.Reason), v.Bug.Remedy, v.Bug.Source,
		})
	}
	slices.SortStableFunc(r.Bugs, func(a, b bugReport) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	r.Verdict = r.sumUp()
	r.Fit = r.Verdict == fit || r.Verdict == fitWithWarnings
	return r
}

// unjudged is the report on a node that could not be judged.
func unjudged(err error, failOn policy.Severity) report {
	return report{
		Verdict: cannotBeJudged, FailOn: failOn, Error: oneLine(err.Error()),
		Rules: []ruleReport{}, Features: []featureReport{}, Bugs: []bugReport{},
	}
}

func (r report) sumUp() fitness {
	decided, warned := false, len(r.CriticalBugs()) > 0
	for _, v := range r.Rules {
		critical := v.Severity == policy.Critical
		decided = decided || critical && v.Outcome != policy.Unknown
		switch {
		case v.Outcome == policy.Violated && rank(v.Severity) <= rank(r.FailOn):
			return unfit
		case v.Outcome == policy.Violated && v.Severity == policy.Warning, v.Outcome == policy.Unknown && critical:
			warned = true
		}
	}
	switch {
	case r.Kernel.Release == "" || !decided && r.hasCritical():
		return cannotBeJudged
	case warned:
		return fitWithWarnings
	default:
		return fit
	}
}

// hasCritical says whether the policy has a critical rule at all.
func (r report) hasCritical() bool {
	return slices.ContainsFunc(r.Rules, func(v ruleReport) bool { return v.Severity == policy.Critical })
}

// CriticalBugs returns the critical bugs that this kernel is known to have.
func (r report) CriticalBugs() []bugReport {
	return slices.DeleteFunc(r.BugsThat(policy.Affected), func(b bugReport) bool { return b.Severity != policy.Critical })
}

// rank is 0 for the worst severity.
func rank(s policy.Severity) int { return slices.Index(policy.Severities(), s) }

// RulesThat returns the rules with an outcome.
func (r report) RulesThat(outcome policy.Outcome) []ruleReport {
	return slices.DeleteFunc(slices.Clone(r.Rules), func(v ruleReport) bool { return v.Outcome != outcome })
}

// BugsThat returns the bugs in a state.
func (r report) BugsThat(s policy.State) []bugReport {
	return slices.DeleteFunc(slices.Clone(r.Bugs), func(b bugReport) bool { return b.State != s })
}

// FeaturesThat returns the features with an answer: yes, no or unknown.
func (r report) FeaturesThat(supported string) []featureReport {
	return slices.DeleteFunc(slices.Clone(r.Features), func(f featureReport) bool { return f.Supported != supported })
}

// Headline sums the report up in a few words.
func (r report) Headline() string {
	text := map[fitness]string{
		unfit: "unfit to run containers", cannotBeJudged: "cannot be judged",
		fitWithWarnings: "fit to run containers, with warnings", fit: "fit to run containers",
	}[r.Verdict]
	if unknown := len(r.RulesThat(policy.Unknown)); unknown > 0 && r.Fit {
		text += fmt.Sprintf(" (%s unknown)", count(unknown, "rule"))
	}
	return text
}

// count writes a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
