package collector

import "errors"

type overlayfsCollector struct {
	metricSet
	env *Env

	supported, mounts, techPreview, dtype *Metric
}

func overlayfsDefinition() Definition {
	return Definition{
		Name:  "overlayfs",
		Help:  "Whether overlayfs is there, in use, a technology preview, and whether the file systems below container stores return d_type",
		Needs: "The directories of container stores are often closed to others (/var/lib/docker has mode 0710): user 0 or CAP_DAC_READ_SEARCH. Without it their d_type is absent.",
		New:   newOverlayfsCollector,
	}
}

func newOverlayfsCollector(env *Env) Collector {
	c := &overlayfsCollector{env: env}
	c.supported = c.gauge("kernel_overlayfs_supported", "Whether overlayfs is registered with the kernel; a module registers when it is first used")
	c.mounts = c.gauge("kernel_overlayfs_mounts", "Overlay file systems mounted on the host; at most 5 seconds old")
	c.techPreview = c.gauge("kernel_overlayfs_tech_preview", "Whether overlayfs is in use on a kernel whose vendor calls it a technology preview (RHEL 7 and its like)")
	c.dtype = c.gauge("kernel_overlayfs_dtype_supported", "Whether the file system below a container store returns the type of a directory entry (d_type), which overlayfs needs; absent if it cannot be told", "path")
	return c
}

func (c *overlayfsCollector) Update(s *Samples) error {
	var errs []error

	supported, err := c.env.Host.OverlaySupported()
	if err == nil {
		s.AddBool(c.supported, supported)
	}
	errs = append(errs, present(err))

	mounts, _, errMounts := c.env.Mounts.Snapshot()
	if errMounts == nil {
		s.Add(c.mounts, float64(mounts.Overlays))
	}
	errs = append(errs, present(errMounts))
	for _, store := range c.env.Mounts.Stores() {
		addAnswer(s, c.dtype, store.DType, store.Path)
		errs = append(errs, present(store.Err))
	}

	preview, err := c.env.overlayTechPreview()
	addAnswer(s, c.techPreview, preview)
	return errors.Join(append(errs, present(err))...)
}
