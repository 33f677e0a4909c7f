package collector

import (
	"errors"
	"time"
)

type kernelCollector struct {
	metricSet
	env *Env

	info, major, minor, patch, code *Metric
	bootTime, tainted               *Metric
	oopses, warnings, hungTasks     *Metric

	boot     time.Time // as it was last read
	bootRead time.Time // when that was
}

// bootRest is after how long the boot time is read again. It moves only when
// someone sets the clock, and for it the kernel counts every interrupt on every
// processor (show_stat, fs/proc/stat.c): milliseconds on a large node.
const bootRest = 5 * time.Minute

func kernelDefinition() Definition {
	return Definition{
		Name:    "kernel",
		Verdict: true,
		Help:    "Which kernel runs, since when, whether it is tainted, and the kernel's own counts of oopses, warnings and hung tasks",
		New:     newKernelCollector,
	}
}

func newKernelCollector(env *Env) Collector {
	c := &kernelCollector{env: env}
	c.info = c.gauge("kernel_info", "Which kernel runs: its release and version as it names them, the machine, who maintains it (vendor, empty if that cannot be told) and the upstream stable release it is based on where it says so; always 1", "release", "version", "machine", "vendor", "upstream")
	c.major = c.gauge("kernel_version_major", "First number of the kernel release")
	c.minor = c.gauge("kernel_version_minor", "Second number of the kernel release")
	c.patch = c.gauge("kernel_version_patch", "Third number of the kernel release; vendors that backport leave it at 0")
	c.code = c.gauge("kernel_version_code", "Kernel release as one number that can be compared: major*65536 + minor*256 + min(patch, 255), as LINUX_VERSION_CODE")
	c.bootTime = c.gauge("kernel_boot_time_seconds", "When the kernel booted, in seconds since the epoch")
	c.tainted = c.gauge("kernel_tainted", "Taint mask of the kernel; which bit means what depends on the vendor")
	c.oopses = c.counter("kernel_oops_total", "Oopses since boot, as the kernel counts them (Linux 6.2 and newer)")
	c.warnings = c.counter("kernel_warnings_total", "Kernel warnings (WARN) since boot, as the kernel counts them (Linux 6.2 and newer)")
	c.hungTasks = c.counter("kernel_hung_tasks_total", "Hung tasks detected since boot, as the kernel counts them (Linux 6.13 and newer)")
	return c
}

func (c *kernelCollector) Update(s *Samples) error {
	h := c.env.Host
	var errs []error

	k, err := c.env.Kernel()
	errs = append(errs, err) // no release is no kernel: its absence is a fault
	if k.Known() {
		v := k.Release.Version
		s.Add(c.info, 1, k.Release.Raw, k.Version, k.Machine, string(k.Vendor), k.Upstream)
		s.Add(c.major, float64(v.Major))
		s.Add(c.minor, float64(v.Minor))
		s.Add(c.patch, float64(v.Patch))
		s.Add(c.code, float64(v.Code()))
	}
	if err := c.readBoot(); err == nil {
		s.Add(c.bootTime, float64(c.boot.Unix()))
	} else {
		errs = append(errs, present(err))
	}
	for _, f := range []struct {
		metric *Metric
		read   func() (uint64, error)
	}{
		{c.tainted, h.Tainted},
		{c.oopses, h.Oopses},
		{c.warnings, h.Warnings},
		{c.hungTasks, h.HungTasks},
	} {
		n, err := f.read()
		if err != nil {
			errs = append(errs, present(err))
			continue
		}
		s.Add(f.metric, float64(n))
	}
	return errors.Join(errs...)
}

// readBoot reads the boot time, unless that was done not long ago.
func (c *kernelCollector) readBoot() error {
	if !c.bootRead.IsZero() && time.Since(c.bootRead) < bootRest {
		return nil
	}
	boot, err := c.env.Host.BootTime()
	if err != nil {
		return err
	}
	c.boot, c.bootRead = boot, time.Now()
	return nil
}
