package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

// sharedFlags are the flags that every subcommand has.
type sharedFlags struct {
	rootfs           string
	collectors       map[string]*collectorFlag
	disableDefaults  bool
	timeout          time.Duration
	slabTop          int
	kmsgSource       string
	policyDir        string
	logLevel, format string
}

// collectorFlag is --[no-]collector.<name>.
type collectorFlag struct {
	enabled, setByUser bool
}

func addSharedFlags(app *kingpin.Application) *sharedFlags {
	f := &sharedFlags{collectors: map[string]*collectorFlag{}}
	app.Flag("path.rootfs", "Directory below which everything is read: the host's root as this process sees it.").
		Default("/").StringVar(&f.rootfs)
	for _, d := range collector.All() {
		c := &collectorFlag{}
		f.collectors[d.Name] = c
		app.Flag("collector."+d.Name, d.Help+".").
			Default("true").IsSetByUser(&c.setByUser).BoolVar(&c.enabled)
	}
	app.Flag("collector.disable-defaults", "Run only the collectors that are enabled by a flag of their own.").
		BoolVar(&f.disableDefaults)
	app.Flag("collector.timeout", "How long a scrape waits for a collector.").
		Default("5s").DurationVar(&f.timeout)
	app.Flag("collector.slab.top", "How many of the largest slab caches have series of their own; the rest is summed up as other.").
		Default("5").IntVar(&f.slabTop)
	app.Flag("kmsg.source", "How the kernel log is read: kmsg, by /dev/kmsg; syslog, by the system call syslog(2); auto, by /dev/kmsg, and by syslog(2) where that is refused.").
		Default(kmsg.SourceAuto).EnumVar(&f.kmsgSource, kmsg.SourceAuto, kmsg.SourceKmsg, kmsg.SourceSyslog)
	app.Flag("policy.dir", "Directory whose files replace the built-in files of the policy that have the same names.").
		StringVar(&f.policyDir)
	app.Flag("log.level", "Only log messages of this severity or above: debug, info, warn or error.").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Format of log messages: logfmt or json.").
		Default("logfmt").EnumVar(&f.format, "logfmt", "json")
	return f
}

// enabled returns the collectors that are to run.
func (f *sharedFlags) enabled() []collector.Definition {
	return slices.DeleteFunc(collector.All(), func(d collector.Definition) bool {
		c := f.collectors[d.Name]
		return !c.enabled || f.disableDefaults && !c.setByUser
	})
}

// logger returns the logger that the flags ask for, without time and caller.
func (f *sharedFlags) logger(w io.Writer) (log.Logger, error) {
	newLogger := log.NewLogfmtLogger
	if f.format == "json" {
		newLogger = log.NewJSONLogger
	}
	allowed, err := level.Parse(f.logLevel)
	if err != nil {
		return nil, fmt.Errorf("--log.level: %w", err)
	}
	return level.NewFilter(newLogger(log.NewSyncWriter(w)), level.Allow(allowed)), nil
}

// root returns the root directory that the flags name.
func (f *sharedFlags) root() (*host.FS, error) {
	root, err := host.New(f.rootfs)
	if err != nil {
		return nil, usageError("--path.rootfs: %w", err)
	}
	return root, nil
}

// options returns what the flags ask of the collectors.
func (f *sharedFlags) options(root *host.FS, logger log.Logger, now func() time.Time) (collector.Options, error) {
	if f.slabTop < 0 || f.slabTop > maxSlabTop {
		return collector.Options{}, usageError("--collector.slab.top: %d is not between 0 and %d", f.slabTop, maxSlabTop)
	}
	if f.timeout <= 0 {
		return collector.Options{}, usageError("--collector.timeout: %s is not above 0", f.timeout)
	}
	rules, err := loadPolicy(f.policyDir)
	if err != nil {
		return collector.Options{}, err
	}
	return collector.Options{
		Host: root, Policy: rules, Logger: logger, Now: now,
		Collectors: f.enabled(), Timeout: f.timeout, SlabTop: f.slabTop,
		KmsgSource: f.kmsgSource,
	}, nil
}

// loadPolicy returns the built-in policy, with the files replaced that a
// directory has.
func loadPolicy(dir string) (*policy.Policy, error) {
	if dir == "" {
		return policy.Default()
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, usageError("--policy.dir: %w", err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".yaml" {
			continue // a README, or what Kubernetes puts beside the files of a ConfigMap
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, usageError("--policy.dir: %w", err)
		}
		files[e.Name()] = data
	}
	if len(files) == 0 {
		return nil, usageError("--policy.dir: %s has none of %s", dir, strings.Join(policy.Files(), ", "))
	}
	p, err := policy.Load(files)
	if err != nil {
		return nil, usageError("--policy.dir: %s: %w", dir, err)
	}
	return p, nil
}

// maxSlabTop keeps a mistyped flag from making a series of every cache: each
// has two, on every node.
const maxSlabTop = 100
