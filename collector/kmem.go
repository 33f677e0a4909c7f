package collector

import (
	"context"
	"errors"

	"kernel_exporter/collector/host"
)

type kmemCollector struct {
	metricSet
	env     *Env
	counter *host.CgroupCounter

	enabled, usage, cgroup      *Metric
	memoryCgroups, dying, limit *Metric
}

func kmemDefinition() Definition {
	return Definition{
		Name: "kmem",
		Help: "Kernel memory accounting, the cgroup hierarchy, and how many memory cgroups there are, dying ones too",
		New:  newKmemCollector,
	}
}

func newKmemCollector(env *Env) Collector {
	c := &kmemCollector{env: env}
	kernel, _ := env.Kernel() // the zero value, with which nothing is counted; the kernel collector reports the error
	mounts, _, _ := env.Mounts.Snapshot()
	c.counter = env.Host.NewCgroupCounter(kernel, mounts)
	c.enabled = c.gauge("kernel_kmem_accounting_enabled", "Whether the kernel accounts its own memory (slabs, stacks) to cgroups; absent if it cannot be told")
	c.usage = c.gauge("kernel_kmem_usage_bytes", "Kernel memory accounted to the root cgroup and all below it: memory.kmem.usage_in_bytes with cgroup v1, kernel in memory.stat with v2 (Linux 6.1 and newer)")
	c.cgroup = c.gauge("kernel_cgroup_info", "How control groups are mounted: v1, v2, or hybrid, a v1 memory controller with a v2 mount beside it; always 1", "hierarchy")
	c.memoryCgroups = c.gauge("kernel_memory_cgroups", "Memory cgroups that exist, live and dying, the root included; Linux 3.10 does not count the dying ones")
	c.dying = c.gauge("kernel_memory_cgroups_dying", "Memory cgroups that were removed but live on because something is still charged to them; with cgroup v1 at most 3 minutes old")
	c.limit = c.gauge("kernel_memory_cgroups_limit", "How many memory cgroups the kernel can have at one time")
	return c
}

// Run counts the dying cgroups of version 1, which takes too long for a scrape.
func (c *kmemCollector) Run(ctx context.Context) { c.counter.Run(ctx) }

// Ready is closed when the cgroups have been counted once.
func (c *kmemCollector) Ready() <-chan struct{} { return c.counter.Counted() }

func (c *kmemCollector) Update(s *Samples) error {
	kernel, _ := c.env.Kernel() // as above
	mounts, _, err := c.env.Mounts.Snapshot()
	if err != nil {
		return present(err)
	}
	if h := mounts.Hierarchy(); h != "" {
		s.Add(c.cgroup, 1, string(h))
	}

	kmem, accounting, errKmem := c.env.kmem(kernel, mounts)
	addAnswer(s, c.enabled, accounting)
	if kmem.Usage != nil {
		s.Add(c.usage, float64(*kmem.Usage))
	}

	errCount := c.addCgroups(s, mounts)
	return errors.Join(errKmem, errCount)
}

func (c *kmemCollector) addCgroups(s *Samples, mounts host.Mounts) error {
	cgroups, err := c.env.Host.MemoryCgroups(mounts)
	if cgroups.Total != nil {
		s.Add(c.memoryCgroups, float64(*cgroups.Total))
		s.Add(c.limit, host.MemoryCgroupLimit)
	}
	if cgroups.Dying != nil {
		s.Add(c.dying, float64(*cgroups.Dying))
	}
	count, ok, errCount := c.counter.Snapshot()
	if ok {
		s.Add(c.dying, float64(count.Dying))
	}
	return errors.Join(present(err), present(errCount))
}
