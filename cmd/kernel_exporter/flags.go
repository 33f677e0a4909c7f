package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
)

// rootFlags say where facts about a node come from, and how it is judged.
type rootFlags struct {
	rootfs     string
	kmsgSource string
	policy     policyDir
	stores     []string
}

func addRootFlags(c *kingpin.CmdClause) *rootFlags {
	f := &rootFlags{}
	c.Flag("path.rootfs", "Root under which the host's /proc, /sys and /etc are read: /host in a pod.").
		Default("/").StringVar(&f.rootfs)
	c.Flag("kmsg.source", "Source of the kernel log: kmsg (/dev/kmsg), syslog (the system call syslog(2)), or auto (/dev/kmsg, and syslog(2) where that is denied).").
		Default(kmsg.SourceAuto).EnumVar(&f.kmsgSource, kmsg.SourceAuto, kmsg.SourceKmsg, kmsg.SourceSyslog)
	c.Flag("collector.dtype-paths", "Directory that holds a container store, besides those of containerd, Docker, CRI-O and k3s in /var/lib; can be repeated.").
		StringsVar(&f.stores)
	addPolicyFlag(c, &f.policy)
	return f
}

func addPolicyFlag(c *kingpin.CmdClause, dir *policyDir) {
	c.Flag("policy.dir", "Directory with policy files of your own: <name>.yaml replaces the built-in file of that name, and <name>.d/*.yaml is merged over it.").
		StringVar(&dir.path)
}

// root returns the root directory that the flags name.
func (f *rootFlags) root() (*host.FS, error) {
	if f.rootfs == "" {
		return nil, usageError("--path.rootfs: empty; name a directory, such as / or /host")
	}
	root, err := within(fileTime, f.rootfs, func() (*host.FS, error) { return host.New(f.rootfs) })
	if err != nil {
		return nil, usageError("--path.rootfs: %w", err)
	}
	return root, nil
}

// maxStores keeps the series of container stores few: each is one.
const maxStores = 10

// storePaths returns the container stores that the flags name.
func (f *rootFlags) storePaths() ([]string, error) {
	for i, p := range f.stores {
		if !filepath.IsAbs(p) || filepath.Clean(p) != p || p == "/" {
			return nil, usageError("--collector.dtype-paths: %q is not a directory's absolute path, such as /data/docker", p)
		}
		if i == maxStores {
			return nil, usageError("--collector.dtype-paths: more than %d", maxStores)
		}
	}
	return f.stores, nil
}

// collectorFlags say which collectors run and how.
type collectorFlags struct {
	collectors      map[string]*collectorFlag
	disableDefaults bool
	timeout         time.Duration
	slabTop         int
}

// collectorFlag is --[no-]collector.<name>.
type collectorFlag struct {
	enabled, setByUser bool
}

func addCollectorFlags(c *kingpin.CmdClause) *collectorFlags {
	f := &collectorFlags{collectors: map[string]*collectorFlag{}}
	for _, d := range collector.All() {
		one := &collectorFlag{}
		f.collectors[d.Name] = one
		c.Flag("collector."+d.Name, d.Help+".").
			Default("true").IsSetByUser(&one.setByUser).BoolVar(&one.enabled)
	}
	c.Flag("collector.disable-defaults", "Run only the collectors that are enabled by a flag of their own.").
		BoolVar(&f.disableDefaults)
	c.Flag("collector.timeout", "How long a scrape waits for a collector.").
		Default("5s").DurationVar(&f.timeout)
	c.Flag("collector.slab.top", "How many of the largest slab caches have series of their own; the rest is summed up as other.").
		Default("5").IntVar(&f.slabTop)
	return f
}

// maxSlabTop keeps a mistyped flag from making a series of every cache: each
// has two, on every node.
const maxSlabTop = 100

// enabled returns the collectors that are to run.
func (f *collectorFlags) enabled() ([]collector.Definition, error) {
	switch {
	case f.slabTop < 0 || f.slabTop > maxSlabTop:
		return nil, usageError("--collector.slab.top: %d is not between 0 and %d", f.slabTop, maxSlabTop)
	case f.timeout <= 0:
		return nil, usageError("--collector.timeout: %s is not above 0", f.timeout)
	}
	var enabled []collector.Definition
	for _, d := range collector.All() {
		if c := f.collectors[d.Name]; c.enabled && (c.setByUser || !f.disableDefaults) {
			enabled = append(enabled, d)
		}
	}
	if len(enabled) == 0 {
		return nil, usageError("--collector.disable-defaults: no collector is left; enable one, such as --collector.kernel")
	}
	return enabled, nil
}

// logFlags say how much is logged, and how it looks.
type logFlags struct{ level, format string }

func addLogFlags(c *kingpin.CmdClause) *logFlags {
	f := &logFlags{}
	c.Flag("log.level", "Only log messages of this severity or above: debug, info, warn or error.").
		Default("info").EnumVar(&f.level, "debug", "info", "warn", "error")
	c.Flag("log.format", "Format of log messages: logfmt or json.").
		Default("logfmt").EnumVar(&f.format, "logfmt", "json")
	return f
}

// logger returns the logger that the flags ask for, without time and caller.
func (f *logFlags) logger(w io.Writer) (log.Logger, error) {
	newLogger := log.NewLogfmtLogger
	if f.format == "json" {
		newLogger = log.NewJSONLogger
	}
	allowed, err := level.Parse(f.level)
	if err != nil {
		return nil, fmt.Errorf("--log.level: %w", err)
	}
	return level.NewFilter(newLogger(w), level.Allow(allowed)), nil
}
