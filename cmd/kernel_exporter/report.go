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
	Verdict  policy.Standing `json:"verdict"`
	Fit      bool            `json:"fit"` // the node was judged, and no rule of the severity asked for, or worse, is violated
	FailOn   policy.Severity `json:"fail_on"`
	Error    string          `json:"error,omitempty"` // why the node could not be judged
	Sick     sickReport      `json:"sick"`
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

// sickReport is what ails the node now.
type sickReport struct {
	Health   policy.Health   `json:"health"`
	Symptoms []symptomReport `json:"symptoms"` // the worst severity first
	Missing  string          `json:"missing,omitempty"`
}

type symptomReport struct {
	Name     string          `json:"name"`
	Severity policy.Severity `json:"severity"`
	Reason   string          `json:"reason"`
	Runbook  string          `json:"runbook"`
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
func newReport(j collector.Judgement, failOn policy.Severity, node string, now time.Time) report {
	r := report{
		Node: printable.String(node), FailOn: failOn, Verdict: policy.NotJudged,
		Sick:   sickReport{Health: policy.HealthUnsure, Symptoms: []symptomReport{}},
		Policy: policyReport{j.Policy.Name, j.Policy.Version, j.Policy.SHA256, j.Policy.Updated().UTC().Format(time.DateOnly)},
		Rules:  make([]ruleReport, 0, len(j.Verdicts)), Features: make([]featureReport, 0, len(j.Features)), Bugs: make([]bugReport, 0, len(j.Bugs)),
	}
	if j.Facts == nil {
		return r
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
	if r.Kernel.Release != "" {
		r.Verdict = j.Standing(failOn)
	}
	r.Fit = r.Verdict == policy.Fit || r.Verdict == policy.FitWithWarnings
	ails := policy.Examine(j.Facts, now)
	r.Sick.Health, r.Sick.Missing = ails.Health, ails.Missing
	for _, s := range ails.Symptoms {
		r.Sick.Symptoms = append(r.Sick.Symptoms, symptomReport{s.Name, s.Severity, printable.String(s.Reason), s.Runbook})
	}
	return r
}

// unjudged is the report on a node that could not be judged.
func unjudged(err error, failOn policy.Severity) report {
	return report{
		Verdict: policy.NotJudged, FailOn: failOn, Error: oneLine(err.Error()),
		Sick:  sickReport{Health: policy.HealthUnsure, Symptoms: []symptomReport{}},
		Rules: []ruleReport{}, Features: []featureReport{}, Bugs: []bugReport{},
	}
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

// OtherBugs returns the other bugs that this kernel is known to have.
func (r report) OtherBugs() []bugReport {
	return slices.DeleteFunc(r.BugsThat(policy.Affected), func(b bugReport) bool { return b.Severity == policy.Critical })
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
	text := map[policy.Standing]string{
		policy.Unfit: "unfit to run containers", policy.NotJudged: "cannot be judged",
		policy.FitWithWarnings: "fit to run containers, with warnings", policy.Fit: "fit to run containers",
	}[r.Verdict]
	if unknown := len(r.RulesThat(policy.Unknown)); unknown > 0 && r.Fit {
		text += fmt.Sprintf(" (%s unknown)", count(unknown, "rule"))
	}
	return text
}

// Ails sums up in a few words whether the node is sick now.
func (r report) Ails() string {
	switch {
	case r.Sick.Health == policy.Sick:
		return "sick now: " + count(len(r.Sick.Symptoms), "symptom")
	case r.Sick.Health == policy.Well && r.Sick.Missing != "":
		return "no sign of sickness in what the log still has"
	case r.Sick.Health == policy.Well:
		return "well"
	default:
		return "not known to be sick or well"
	}
}

// count writes a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
