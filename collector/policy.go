package collector

import "kernel_exporter/collector/policy"

type policyCollector struct {
	metricSet
	env *Env

	info, dataTime    *Metric
	violated, unknown *Metric
	minimum           *Metric
}

func policyDefinition() Definition {
	return Definition{
		Name:    "policy",
		Verdict: true,
		Help:    "The verdict: which rules of the policy the node keeps, violates, or cannot be judged by",
		New:     newPolicyCollector,
	}
}

func newPolicyCollector(env *Env) Collector {
	c := &policyCollector{env: env}
	c.info = c.gauge("kernel_policy_info", "By which policy the node is judged: its name, version and the hash of all its files; always 1", "policy", "version", "sha256")
	c.dataTime = c.gauge("kernel_policy_data_timestamp_seconds", "Of which day the policy's data on ends of support and bugs is, in seconds since the epoch")
	c.violated = c.gauge("kernel_policy_rule_violated", "Whether the node violates a rule of the policy; absent if that is unknown", "rule", "severity")
	c.unknown = c.gauge("kernel_policy_rule_unknown", "A rule that the node cannot be judged by: unreadable, a file or a right is missing; unknowable, nobody could tell, as with a vendor's backports; always 1", "rule", "cause")
	c.minimum = c.gauge("kernel_policy_minimum_version_code", "The kernel version that a rule asks for, as a number like kernel_version_code", "rule")
	return c
}

func (c *policyCollector) Update(s *Samples) error {
	p := c.env.Policy
	s.Add(c.info, 1, p.Name, p.Version, p.SHA256)
	s.Add(c.dataTime, float64(p.Updated().Unix()))
	for _, v := range c.env.Judge().Verdicts {
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

type featuresCollector struct {
	metricSet
	env       *Env
	supported *Metric
}

func featuresDefinition() Definition {
	return Definition{
		Name:    "features",
		Verdict: true,
		Help:    "What the kernel can do for Kubernetes, by asking it or else by its version",
		New:     newFeaturesCollector,
	}
}

func newFeaturesCollector(env *Env) Collector {
	c := &featuresCollector{env: env}
	c.supported = c.gauge("kernel_feature_supported", "Whether the kernel has a feature; absent if it cannot be told", "feature")
	return c
}

func (c *featuresCollector) Update(s *Samples) error {
	for _, v := range c.env.Judge().Features {
		addAnswer(s, c.supported, v.Supported, v.Feature.Name)
	}
	return nil
}

type bugsCollector struct {
	metricSet
	env        *Env
	bug, count *Metric
}

func bugsDefinition() Definition {
	return Definition{
		Name:    "bugs",
		Verdict: true,
		Help:    "Which known bugs the kernel has, judged by its upstream release or its vendor's build, never by guess",
		New:     newBugsCollector,
	}
}

func newBugsCollector(env *Env) Collector {
	c := &bugsCollector{env: env}
	c.bug = c.gauge("kernel_known_bug", "A known bug that this kernel has; always 1", "bug", "severity")
	c.count = c.gauge("kernel_known_bugs", "How many bugs of the policy's table the kernel has (affected), does not have (clear), or may have (unknown: a vendor's backports cannot be seen)", "state")
	return c
}

func (c *bugsCollector) Update(s *Samples) error {
	counts := map[policy.State]int{}
	for _, v := range c.env.Judge().Bugs {
		counts[v.State]++
		if v.State == policy.Affected {
			s.Add(c.bug, 1, v.Bug.Name, string(v.Bug.Severity))
		}
	}
	for _, state := range []policy.State{policy.Affected, policy.Clear, policy.Unsure} {
		s.Add(c.count, float64(counts[state]), string(state))
	}
	return nil
}
