package collector

import (
	"errors"

	"kernel_exporter/collector/host"
)

type slabCollector struct {
	metricSet
	env    *Env
	reader *host.SlabReader
	top    *host.SlabTop

	total, reclaimable, unreclaimable *Metric
	bytes, objects                    *Metric
}

func slabDefinition() Definition {
	return Definition{
		Name:  "slab",
		Help:  "Kernel memory in slab caches: totals of /proc/meminfo and the largest caches of /proc/slabinfo",
		Needs: "/proc/slabinfo belongs to root and has mode 0400: user 0 or CAP_DAC_READ_SEARCH. Without it the series by cache are absent; the totals stay.",
		New:   newSlabCollector,
	}
}

func newSlabCollector(env *Env) Collector {
	c := &slabCollector{env: env, reader: env.Host.NewSlabReader(), top: host.NewSlabTop(env.SlabTop)}
	c.total = c.gauge("kernel_memory_total_bytes", "Memory that the kernel manages (MemTotal)")
	c.reclaimable = c.gauge("kernel_slab_reclaimable_bytes", "Slab memory that the kernel can take back under pressure (SReclaimable)")
	c.unreclaimable = c.gauge("kernel_slab_unreclaimable_bytes", "Slab memory that the kernel cannot take back (SUnreclaim): leaks show here")
	c.bytes = c.gauge("kernel_slab_cache_bytes", "Memory held by a slab cache: the largest ones by name, the rest as other; not for rates, as caches come and go", "cache")
	c.objects = c.gauge("kernel_slab_cache_objects", "Objects in use in a slab cache: the largest caches by name, the rest as other; not for rates", "cache")
	return c
}

func (c *slabCollector) Update(s *Samples) error {
	m, memErr := c.env.Host.Meminfo()
	for _, f := range []struct {
		metric *Metric
		value  *uint64
	}{{c.total, m.Total}, {c.reclaimable, m.SlabReclaimable}, {c.unreclaimable, m.SlabUnreclaimable}} {
		if f.value != nil {
			s.Add(f.metric, float64(*f.value))
		}
	}

	caches, slabErr := c.reader.Read()
	if slabErr == nil {
		top, other := c.top.Update(caches)
		for _, t := range append(top, other) {
			s.Add(c.bytes, float64(t.Bytes), t.Name)
			s.Add(c.objects, float64(t.Objects), t.Name)
		}
	}
	return errors.Join(present(memErr), present(slabErr))
}
