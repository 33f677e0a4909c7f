package collector

import (
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/policy"
)

type policyCollector struct {
	metricSet

	info, dataTime    *Metric
	violated, unknown *Metric
	minimum           *Metric
}

func policyDefinition() Definition {
	return Definition{
		Name:    "policy",
		Verdict: true,
		Help:    "The verdict: which rules of the policy the node keeps, violates, or cannot be judged by",
		Facts:   facts.Judged,
		New:     newPolicyCollector,
	}
}

func newPolicyCollector() Collector {
	c := &policyCollector{}
	c.info = c.gauge("kernel_policy_info", "Policy in force: name, version and the hash of all its files; always 1", "policy", "version", "sha256")
	c.dataTime = c.gauge("kernel_policy_data_timestamp_seconds", "Date of the policy's data, in seconds since the epoch: lifecycle, the ends of support; bugs, the known bugs", "data")
	c.violated = c.gauge("kernel_policy_rule_violated", "Whether the node violates a rule of the policy; absent if that is unknown", "rule", "severity")
	c.unknown = c.gauge("kernel_policy_rule_unknown", "Rule that could not be judged; cause: unreadable (a file or a permission is missing), timeout (a read has not come back), unknowable (nobody could know, as with a vendor's backports); always 1", "rule", "severity", "cause")
	c.minimum = c.gauge("kernel_policy_minimum_version_code", "The kernel version that a rule asks for, as a number like kernel_version_code", "rule")
	return c
}

func (c *policyCollector) Update(s *Samples, node *Judgement) error {
	p := node.Policy
	s.Add(c.info, 1, p.Name, p.Version, p.SHA256)
	s.Add(c.dataTime, float64(p.LifecycleDate.Unix()), "lifecycle")
	s.Add(c.dataTime, float64(p.BugsDate.Unix()), "bugs")
	for _, v := range node.Verdicts {
		if v.Outcome == policy.Unknown {
			s.Add(c.unknown, 1, v.Rule.Name, string(v.Rule.Severity), string(v.Cause))
		} else {
			s.AddBool(c.violated, v.Outcome == policy.Violated, v.Rule.Name, string(v.Rule.Severity))
		}
		if minimum, ok := v.Rule.MinimumVersion(); ok {
			s.Add(c.minimum, float64(minimum.Code()), v.Rule.Name)
		}
	}
	return nil
}
