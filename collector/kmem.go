package collector

import (
	"errors"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

type kmemCollector struct {
	metricSet

	enabled, usage, cgroup      *Metric
	memoryCgroups, dying, limit *Metric
}

func kmemDefinition() Definition {
	return Definition{
		Name:  "kmem",
		Help:  "Kernel memory accounting, the cgroup hierarchy, and how many memory cgroups there are, dying ones too",
		Facts: facts.Judged | facts.MemoryCgroups | facts.DyingCgroups,
		New:   newKmemCollector,
	}
}

func newKmemCollector() Collector {
	c := &kmemCollector{}
	c.enabled = c.gauge("kernel_kmem_accounting_enabled", "Whether the kernel accounts its own memory (slabs, stacks) to cgroups; absent if it cannot be told")
	c.usage = c.gauge("kernel_kmem_usage_bytes", "Kernel memory accounted to the root cgroup and all below it: memory.kmem.usage_in_bytes with cgroup v1, kernel in memory.stat with v2 (Linux 6.1 and newer)")
	c.cgroup = c.gauge("kernel_cgroup_info", "How control groups are mounted: v1, v2, or hybrid, a v1 memory controller with a v2 mount beside it; always 1", "hierarchy")
	c.memoryCgroups = c.gauge("kernel_memory_cgroups", "Memory cgroups that exist, live and dying, the root included; Linux 3.10 does not count the dying ones")
	c.dying = c.gauge("kernel_memory_cgroups_dying", "Memory cgroups that were removed but live on because something is still charged to them; with cgroup v1 at most 3 minutes old")
	c.limit = c.gauge("kernel_memory_cgroups_limit", "How many memory cgroups the kernel can have at one time")
	return c
}

func (c *kmemCollector) Update(s *Samples, node *Judgement) error {
	f := node.Facts
	if h, ok := f.Hierarchy.Get(); ok {
		s.Add(c.cgroup, 1, h)
	}
	addFact(s, c.enabled, f.KmemAccounting)
	if kmem, ok := f.Kmem.Get(); ok && kmem.Usage != nil {
		s.Add(c.usage, float64(*kmem.Usage))
	}
	if cgroups, ok := f.MemoryCgroups.Get(); ok {
		if cgroups.Total != nil {
			s.Add(c.memoryCgroups, float64(*cgroups.Total))
			s.Add(c.limit, host.MemoryCgroupLimit)
		}
		if cgroups.Dying != nil {
			s.Add(c.dying, float64(*cgroups.Dying))
		}
	}
	if count, ok := f.DyingCgroups.Get(); ok {
		s.Add(c.dying, float64(count.Dying))
	}
	return errors.Join(f.Mounts.Err(), f.CommandLine.Err(), f.Kmem.Err(), f.MemoryCgroups.Err(), f.DyingCgroups.Err())
}
