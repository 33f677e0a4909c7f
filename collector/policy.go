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
	c.info = c.gauge("kernel_policy_info", "By which policy the node is judged: its name, version and the hash of all its files; always 1", "policy", "version", "sha256")
	c.dataTime = c.gauge("kernel_policy_data_timestamp_seconds", "Of which day the policy's data on ends of support and bugs is, in seconds since the epoch")
	c.violated = c.gauge("kernel_policy_rule_violated", "Whether the node violates a rule of the policy; absent if that is unknown", "rule", "severity")
	c.unknown = c.gauge("kernel_policy_rule_unknown", "A rule that the node cannot be judged by: unreadable, a file or a right is missing; unknowable, nobody could tell, as with a vendor's backports; always 1", "rule", "cause")
	c.minimum = c.gauge("kernel_policy_minimum_version_code", "The kernel version that a rule asks for, as a number like kernel_version_code", "rule")
	return c
}

func (c *policyCollector) Update(s *Samples, node *Judgement) error {
	p := node.Policy
	s.Add(c.info, 1, p.Name, p.Version, p.SHA256)
	s.Add(c.dataTime, float64(p.Updated().Unix()))
	for _, v := range node.Verdicts {
		if v.Outcome == policy.Unknown {
			s.Add(c.unknown, 1, v.Rule.Name, string(v.Cause))
		} else {
			s.AddBool(c.violated, v.Outcome == policy.Violated, v.Rule.Name, string(v.Rule.Severity))
		}
		if minimum, ok := v.Rule.MinimumVersion(); ok {
			s.Add(c.minimum, float64(minimum.Code()), v.Rule.Name)
		}
	}
	return nil
}
