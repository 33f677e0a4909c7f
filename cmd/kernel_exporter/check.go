package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// The exit codes of check beyond those of every subcommand.
const (
	exitUnfit  = 1 // a rule is violated
	exitUnsure = 3 // the node could not be judged
)

// checkSettleTime is how long check waits for the kernel log and the container
// stores. What has not been read by then is unknown.
const checkSettleTime = time.Second

// checkCommand judges a node once.
type checkCommand struct {
	name   string
	shared *sharedFlags

	format        string
	failOn        string
	failOnUnknown bool
	kernelRelease string
}

func addCheckCommand(app *kingpin.Application, shared *sharedFlags) *checkCommand {
	c := app.Command("check", "Judge this node, or the root given by --path.rootfs, once. Exit code 0: fit; 1: a rule is violated; 2: bad usage; 3: it could not be judged.")
	k := &checkCommand{name: c.FullCommand(), shared: shared}
	c.Flag("format", "What to print: table, for people; json (its schema is in the repository); prometheus, for the textfile collector.").
		Default("table").EnumVar(&k.format, "table", "json", "prometheus")
	c.Flag("fail-on", "The least severity of a violated rule that makes the node unfit: critical or warning.").
		Default("critical").EnumVar(&k.failOn, "critical", "warning")
	c.Flag("fail-on-unknown", "Exit with 3 if a rule is unknown and none is violated.").
		BoolVar(&k.failOnUnknown)
	c.Flag("kernel-release", "Release of the kernel to judge, as uname -r prints it, for an image that has no /proc and not just one directory in lib/modules.").
		StringVar(&k.kernelRelease)
	return k
}

func (k *checkCommand) run(ctx context.Context, p program) error {
	root, err := k.shared.root()
	if err != nil {
		return err
	}
	kernel, err := k.kernel(root)
	if err != nil {
		if k.kernelRelease != "" {
			return usageError("--kernel-release: %w", err)
		}
		return exitError{exitUnsure, fmt.Errorf("no kernel to judge: %w; name it by --kernel-release", err)}
	}
	o, err := k.shared.options(root, log.NewNopLogger(), p.now)
	if err != nil {
		return err
	}
	o.Kernel = kernel
	o.Collectors = slices.DeleteFunc(o.Collectors, func(d collector.Definition) bool { return !d.Verdict })
	exporter := collector.NewExporter(o)

	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		exporter.Run(ctx)
	}()
	select {
	case <-exporter.Ready():
	case <-time.After(checkSettleTime):
	case <-ctx.Done():
	}
	r := newReport(exporter.Judge(ctx), policy.Severity(k.failOn))
	err = k.print(p, exporter, r)
	cancel()
	<-ended
	if err != nil {
		return err
	}
	switch {
	case !r.Fit:
		return exitError{code: exitUnfit}
	case k.failOnUnknown && len(r.RulesThat(policy.Unknown)) > 0:
		return exitError{code: exitUnsure}
	default:
		return nil
	}
}

// kernel returns which kernel to judge; nil for the running one.
func (k *checkCommand) kernel(root *host.FS) (*host.Kernel, error) {
	if k.kernelRelease == "" {
		running, err := root.Kernel()
		if running.Known() {
			return &running, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	installed, err := root.InstalledKernel(k.kernelRelease)
	if !installed.Known() {
		return nil, err
	}
	return &installed, nil
}

func (k *checkCommand) print(p program, exporter *collector.Exporter, r report) error {
	switch k.format {
	case "json":
		enc := json.NewEncoder(p.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	case "prometheus":
		return writeMetrics(p.stdout, exporter)
	default:
		return writeTable(p.stdout, r, newColours(p.colour))
	}
}

// writeMetrics writes the verdict as the exporter serves it. What is of the
// moment, the kernel log and the durations, has no place in a file.
func writeMetrics(w io.Writer, exporter *collector.Exporter) error {
	skip := map[string]bool{}
	for _, name := range []string{"", "log"} {
		for _, m := range exporter.Metrics()[name] {
			skip[m.Name] = true
		}
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(exporter); err != nil {
		return err
	}
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	for _, f := range families {
		if skip[f.GetName()] {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}
