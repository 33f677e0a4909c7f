package collector

import (
	"errors"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

type slabCollector struct {
	metricSet

	total, reclaimable, unreclaimable *Metric
	bytes, objects                    *Metric
}

func slabDefinition() Definition {
	return Definition{
		Name:  "slab",
		Help:  "Kernel memory in slab caches: totals of /proc/meminfo and the largest caches of /proc/slabinfo",
		Needs: "/proc/slabinfo belongs to root and has mode 0400: user 0 or CAP_DAC_READ_SEARCH. Without it the series by cache are absent; the totals stay.",
		Facts: facts.Memory | facts.Slab,
		New:   newSlabCollector,
	}
}

func newSlabCollector() Collector {
	c := &slabCollector{}
	c.total = c.gauge("kernel_memory_total_bytes", "Memory that the kernel manages (MemTotal)")
	c.reclaimable = c.gauge("kernel_slab_reclaimable_bytes", "Slab memory that the kernel can take back under pressure (SReclaimable)")
	c.unreclaimable = c.gauge("kernel_slab_unreclaimable_bytes", "Slab memory that the kernel cannot take back (SUnreclaim): leaks show here")
	c.bytes = c.gauge("kernel_slab_cache_bytes", "Memory held by a slab cache: the largest ones by name, the rest as other; not for rates, as caches come and go", "cache")
	c.objects = c.gauge("kernel_slab_cache_objects", "Objects in use in a slab cache: the largest caches by name, the rest as other; not for rates", "cache")
	return c
}

func (c *slabCollector) Update(s *Samples, node *Judgement) error {
	f := node.Facts
	if m, ok := f.Memory.Get(); ok {
		c.addBytes(s, c.total, m.Total)
		c.addBytes(s, c.reclaimable, m.SlabReclaimable)
		c.addBytes(s, c.unreclaimable, m.SlabUnreclaimable)
	}
	if use, ok := f.Slab.Get(); ok {
		for _, u := range use.Top {
			c.addCache(s, u)
		}
		c.addCache(s, use.Other)
	}
	return errors.Join(f.Memory.Err(), f.Slab.Err())
}

func (c *slabCollector) addBytes(s *Samples, m *Metric, bytes *uint64) {
	if bytes != nil {
		s.Add(m, float64(*bytes))
	}
}

func (c *slabCollector) addCache(s *Samples, u host.SlabUsage) {
	s.Add(c.bytes, float64(u.Bytes), u.Name)
	s.Add(c.objects, float64(u.Objects), u.Name)
}
