package collector

import (
	"errors"

	"kernel_exporter/collector/facts"
)

type overlayfsCollector struct {
	metricSet

	supported, mounts, techPreview, dtype *Metric
}

func overlayfsDefinition() Definition {
	return Definition{
		Name:  "overlayfs",
		Help:  "Whether overlayfs is there, in use, a technology preview, and whether the file systems below container stores return d_type",
		Needs: "The directories of container stores are often closed to others (/var/lib/docker has mode 0710): user 0 or CAP_DAC_READ_SEARCH. Without it their d_type is absent.",
		Facts: facts.Judged,
		New:   newOverlayfsCollector,
	}
}

func newOverlayfsCollector() Collector {
	c := &overlayfsCollector{}
	c.supported = c.gauge("kernel_overlayfs_supported", "Whether overlayfs is registered with the kernel; a module registers when it is first used")
	c.mounts = c.gauge("kernel_overlayfs_mounts", "Overlay file systems mounted on the host; at most 5 seconds old")
	c.techPreview = c.gauge("kernel_overlayfs_tech_preview", "Whether overlayfs is in use on a kernel whose vendor calls it a technology preview (RHEL 7 and its like)")
	c.dtype = c.gauge("kernel_overlayfs_dtype_supported", "Whether the file system below a container store returns the type of a directory entry (d_type), which overlayfs needs; absent if it cannot be told", "path")
	return c
}

func (c *overlayfsCollector) Update(s *Samples, node *Judgement) error {
	f := node.Facts
	errs := []error{f.FileSystems.Err(), f.Mounts.Err(), f.Tainted.Err(), f.OverlayModule.Err()}
	if have, ok := f.FileSystems.Get(); ok {
		s.AddBool(c.supported, have.Overlay)
	}
	if mounts, ok := f.Mounts.Get(); ok {
		s.Add(c.mounts, float64(mounts.Overlays))
	}
	addFact(s, c.techPreview, f.OverlayTechPreview)
	stores, _ := f.DType.Get()
	for _, path := range f.Stores() {
		addFact(s, c.dtype, stores[path], path)
		errs = append(errs, stores[path].Err())
	}
	return errors.Join(errs...)
}
