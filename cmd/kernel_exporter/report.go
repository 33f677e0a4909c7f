package main

import (
	"cmp"
	"slices"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/policy"
)

// report is a judgement as people and programs are shown it: the table, the
// JSON of the check command (check.schema.json) and the landing page are all
// made from it.
type report struct {
	Fit      bool            `json:"fit"` // no rule of the severity asked for, or worse, is violated
	FailOn   policy.Severity `json:"fail_on"`
	Kernel   kernelReport    `json:"kernel"`
	OS       osReport        `json:"os"`
	Policy   policyReport    `json:"policy"`
	Rules    []ruleReport    `json:"rules"` // the worst severity first, then as the policy has them
	Features []featureReport `json:"features"`
	Bugs     []bugReport     `json:"bugs"` // likewise
}

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
		Fit: true, FailOn: failOn,
		Policy: policyReport{j.Policy.Name, j.Policy.Version, j.Policy.SHA256, j.Policy.Updated().UTC().Format(time.DateOnly)},
		Rules:  make([]ruleReport, 0, len(j.Verdicts)), Features: make([]featureReport, 0, len(j.Features)), Bugs: make([]bugReport, 0, len(j.Bugs)),
	}
	if k, ok := j.Facts.Kernel.Get(); ok {
		r.Kernel = kernelReport{k.Release.Raw, k.Version, k.Machine, string(k.Vendor), k.Upstream}
	}
	if o, ok := j.Facts.OS.Get(); ok {
		r.OS = osReport{o.ID, o.VersionID, o.Name}
	}
	for _, v := range j.Verdicts {
		if v.Outcome == policy.Violated && rank(v.Rule.Severity) <= rank(failOn) {
			r.Fit = false
		}
		r.Rules = append(r.Rules, ruleReport{
			v.Rule.Name, v.Rule.Severity, v.Outcome, v.Cause, v.Reason, v.Missing, v.Rule.Reason, v.Rule.Remedy, v.Rule.Source,
		})
	}
	slices.SortStableFunc(r.Rules, func(a, b ruleReport) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	for _, v := range j.Features {
		r.Features = append(r.Features, featureReport{v.Feature.Name, v.Feature.Title, v.Supported.String(), v.Cause, v.Reason})
	}
	for _, v := range j.Bugs {
		r.Bugs = append(r.Bugs, bugReport{
			v.Bug.Name, v.Bug.Title, v.Bug.Severity, v.State, v.Cause, v.Reason, v.Bug.Remedy, v.Bug.Source,
		})
	}
	slices.SortStableFunc(r.Bugs, func(a, b bugReport) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return r
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
	unknown := len(r.RulesThat(policy.Unknown))
	switch {
	case !r.Fit:
		return "not fit to run containers"
	case unknown > 0:
		return "fit to run containers, as far as can be told"
	default:
		return "fit to run containers"
	}
}
