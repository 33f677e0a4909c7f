package collector

import (
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/policy"
)

type bugsCollector struct {
	metricSet
	bug, count *Metric
}

func bugsDefinition() Definition {
	return Definition{
		Name:    "bugs",
		Verdict: true,
		Help:    "Which known bugs the kernel has, judged by its upstream release or its vendor's build, never by guess",
		Facts:   facts.Judged,
		New:     newBugsCollector,
	}
}

func newBugsCollector() Collector {
	c := &bugsCollector{}
	c.bug = c.gauge("kernel_known_bug", "A known bug that this kernel has; always 1", "bug", "severity")
	c.count = c.gauge("kernel_known_bugs", "How many bugs of the policy's table the kernel has (affected), does not have (clear), or may have (unknown: a vendor's backports cannot be seen)", "state")
	return c
}

func (c *bugsCollector) Update(s *Samples, node *Judgement) error {
	counts := map[policy.State]int{}
	for _, v := range node.Bugs {
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
