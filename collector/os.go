package collector

type osCollector struct {
	metricSet

	info, osSupportEnd, kernelSupportEnd *Metric
}

func osDefinition() Definition {
	return Definition{
		Name:    "os",
		Verdict: true,
		Help:    "Which operating system runs (os-release), and until when it and its kernel line are supported",
		New:     newOSCollector,
	}
}

func newOSCollector() Collector {
	c := &osCollector{}
	c.info = c.gauge("kernel_os_info", "Which operating system runs, as os-release names it; always 1", "id", "version_id", "name")
	c.osSupportEnd = c.gauge("kernel_os_support_end_timestamp_seconds", "When the standard support of the operating system's release ends, in seconds since the epoch: SUPPORT_END of os-release, else the built-in lifecycle data; absent if neither knows")
	c.kernelSupportEnd = c.gauge("kernel_support_end_timestamp_seconds", "When kernel.org ends the support of this kernel's line, in seconds since the epoch; only for a kernel without a vendor of its own, and only where the date is known")
	return c
}

func (c *osCollector) Update(s *Samples, node *Judgement) error {
	lifecycle := node.Policy.Lifecycle
	if k, ok := node.Facts.Kernel.Get(); ok && k.Mainline() {
		if end, ok := lifecycle.KernelEnd(k.Release.Version.Major, k.Release.Version.Minor); ok && !end.Standard.IsZero() {
			s.Add(c.kernelSupportEnd, float64(end.Standard.Unix()))
		}
	}
	if o, ok := node.Facts.OS.Get(); ok {
		s.Add(c.info, 1, o.ID, o.VersionID, o.Name)
		if end, ok := lifecycle.OSEnd(o); ok && !end.Standard.IsZero() {
			s.Add(c.osSupportEnd, float64(end.Standard.Unix()))
		}
	}
	return node.Facts.OS.Err()
}
