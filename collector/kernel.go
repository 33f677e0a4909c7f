package collector

import (
	"errors"

	"kernel_exporter/collector/facts"
)

type kernelCollector struct {
	metricSet

	info, major, minor, patch, code *Metric
	bootTime, time, tainted         *Metric
	oopses, warnings, hungTasks     *Metric
	built, reboot, livepatch        *Metric
}

// maxLivepatches is how many live patches have a series.
const maxLivepatches = 4

func kernelDefinition() Definition {
	return Definition{
		Name:    "kernel",
		Verdict: true,
		Help:    "Which kernel runs, when it was built and booted, whether it is patched live, tainted, or waits for a reboot, and the kernel's own counts of oopses, warnings and hung tasks",
		Facts:   facts.Tainted | facts.Oopses | facts.Warnings | facts.HungTasks | facts.Reboot,
		New:     newKernelCollector,
	}
}

func newKernelCollector() Collector {
	c := &kernelCollector{}
	c.info = c.gauge("kernel_info", "Which kernel runs: its release and version as it names them, the machine, who maintains it (vendor, empty if that cannot be told) and the upstream stable release it is based on where it says so; always 1", "release", "version", "machine", "vendor", "upstream")
	c.major = c.gauge("kernel_version_major", "First number of the kernel release")
	c.minor = c.gauge("kernel_version_minor", "Second number of the kernel release")
	c.patch = c.gauge("kernel_version_patch", "Third number of the kernel release; vendors that backport leave it at 0")
	c.code = c.gauge("kernel_version_code", "Kernel release as one number that can be compared: major*65536 + minor*256 + min(patch, 255), as LINUX_VERSION_CODE")
	c.built = c.gauge("kernel_build_timestamp_seconds", "When the kernel was built, as its version string says; absent where that has no date")
	c.reboot = c.gauge("kernel_reboot_pending", "Whether the node waits for a reboot into another kernel: a newer one of the same flavour is in lib/modules, or run/reboot-required is there; absent if neither can be seen")
	c.livepatch = c.gauge("kernel_livepatch_info", "A live patch that is in force; at most 4; always 1", "patch")
	c.bootTime = c.gauge("kernel_boot_time_seconds", "When the kernel booted, in seconds since the epoch")
	c.time = c.gauge("kernel_time_seconds", "What the node's clock says, in seconds since the epoch: the difference from the time of the scrape is how wrong it is")
	c.tainted = c.gauge("kernel_tainted", "Taint mask of the kernel; which bit means what depends on the vendor")
	c.oopses = c.counter("kernel_oops_total", "Oopses since boot, as the kernel counts them (Linux 6.2 and newer)")
	c.warnings = c.counter("kernel_warnings_total", "Kernel warnings (WARN) since boot, as the kernel counts them (Linux 6.2 and newer)")
	c.hungTasks = c.counter("kernel_hung_tasks_total", "Hung tasks detected since boot, as the kernel counts them (Linux 6.13 and newer)")
	return c
}

func (c *kernelCollector) Update(s *Samples, node *Judgement) error {
	f := node.Facts
	if k, ok := f.Kernel.Get(); ok {
		v := k.Release.Version
		s.Add(c.info, 1, k.Release.Raw, k.Version, k.Machine, string(k.Vendor), k.Upstream)
		s.Add(c.major, float64(v.Major))
		s.Add(c.minor, float64(v.Minor))
		s.Add(c.patch, float64(v.Patch))
		s.Add(c.code, float64(v.Code()))
		if built, ok := k.Built(); ok {
			s.Add(c.built, float64(built.Unix()))
		}
	}
	addFact(s, c.reboot, f.Reboot)
	patches, _ := f.LivePatches.Get()
	for _, patch := range patches[:min(len(patches), maxLivepatches)] {
		s.Add(c.livepatch, 1, patch)
	}
	if boot, ok := f.BootTime.Get(); ok {
		s.Add(c.bootTime, float64(boot.Unix()))
	}
	s.Add(c.time, float64(node.At.UnixMilli())/1e3)
	c.addNumber(s, c.tainted, f.Tainted)
	c.addNumber(s, c.oopses, f.Oopses)
	c.addNumber(s, c.warnings, f.Warnings)
	c.addNumber(s, c.hungTasks, f.HungTasks)
	return errors.Join(f.Kernel.Err(), f.BootTime.Err(), f.Tainted.Err(), f.Oopses.Err(), f.Warnings.Err(), f.HungTasks.Err(), f.Reboot.Err(), f.LivePatches.Err())
}

func (c *kernelCollector) addNumber(s *Samples, m *Metric, f facts.Fact[uint64]) {
	if n, ok := f.Get(); ok {
		s.Add(m, float64(n))
	}
}
