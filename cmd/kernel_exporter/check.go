package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
	"kernel_exporter/collector/printable"
)

// The exit codes of check beyond those of every subcommand.
const (
	exitUnfit  = 1 // a rule is violated
	exitUnsure = 3 // the node could not be judged
)

const (
	// checkSettleTime is how long check waits for the kernel log and the container
	// stores. What has not been read by then is unknown.
	checkSettleTime = time.Second
	// checkTime is how long check takes at most, whatever hangs.
	checkTime = 9 * time.Second
	// checkSlabTop is how many of the largest slab caches the table shows.
	checkSlabTop = 3
	// checkWriteTime is how long the reader of stdout may take beyond that.
	checkWriteTime = time.Second / 2
)

// checkCommand judges a node once.
type checkCommand struct {
	name string
	root *rootFlags

	format        string
	failOn        string
	failOnUnknown bool
	kernelRelease string
	releaseGiven  bool
}

func addCheckCommand(app *kingpin.Application) *checkCommand {
	c := app.Command("check", "Judge this node, or the root given by --path.rootfs, once. Exit code 0: fit; 1: a rule is violated; 2: bad usage; 3: it could not be judged; 4: the result could not be written.")
	k := &checkCommand{name: c.FullCommand()}
	c.Flag("format", "What to print: table, for people; json (its schema is in the repository); prometheus, for the textfile collector.").
		Default("table").EnumVar(&k.format, "table", "json", "prometheus")
	c.Flag("fail-on", "Lowest severity that makes a violated rule fail the check: critical or warning.").
		Default("critical").EnumVar(&k.failOn, "critical", "warning")
	c.Flag("fail-on-unknown", "Exit with 3 if a rule is unknown and none is violated.").
		BoolVar(&k.failOnUnknown)
	c.Flag("kernel-release", "Release of the kernel to judge, as uname -r prints it: required for an image with no /proc unless lib/modules holds exactly one kernel.").
		IsSetByUser(&k.releaseGiven).StringVar(&k.kernelRelease)
	k.root = addRootFlags(c)
	return k
}

func (k *checkCommand) run(ctx context.Context, p program) error {
	judging, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := k.judge(judging, p)
		done <- result{text, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-judging.Done():
		r.err = exitError{exitUnsure, fmt.Errorf("a file below %s did not answer within %s", k.root.rootfs, checkTime)}
	}
	if ctx.Err() != nil {
		return exitError{exitUnsure, errors.New("stopped by a signal before there was a verdict")}
	}
	var exit exitError
	if errors.As(r.err, &exit) && exit.code == exitUnsure && r.text == nil && k.format == "json" {
		var err error
		if r.text, err = encode(unjudged(r.err, policy.Severity(k.failOn))); err != nil {
			return err
		}
	}
	writing, cancel := context.WithTimeout(ctx, checkWriteTime)
	defer cancel()
	if err := p.write(writing, r.text); err != nil {
		return err
	}
	return r.err
}

// judge returns what is to be printed, and the error that the program ends with.
func (k *checkCommand) judge(ctx context.Context, p program) ([]byte, error) {
	root, err := k.root.root()
	if err != nil {
		return nil, err
	}
	stores, err := k.root.storePaths()
	if err != nil {
		return nil, err
	}
	rules, _, err := k.root.policy.load()
	if err != nil {
		return nil, err
	}
	kernel, err := k.kernel(root)
	if err != nil {
		return nil, err
	}
	collectors := collector.All()
	if k.format == "prometheus" { // what is of the moment has no place in a file
		collectors = slices.DeleteFunc(collectors, func(d collector.Definition) bool { return !d.Verdict })
	}
	exporter := collector.NewExporter(collector.Options{
		Host: root, Kernel: kernel, Policy: rules, Logger: log.NewNopLogger(), Now: p.now,
		Collectors: collectors, Timeout: checkTime, SlabTop: checkSlabTop, Stores: stores, KmsgSource: k.root.kmsgSource,
	})
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	go exporter.Run(running)
	select {
	case <-exporter.Ready():
	case <-time.After(checkSettleTime):
	case <-ctx.Done():
	}
	node := p.node
	if node == "" || !root.Live() {
		node = nameOf(root)
	}
	now := clockOf(root, p.now)()
	judgement := exporter.Judge(ctx)
	r := newReport(judgement, policy.Severity(k.failOn), node, now)
	text, err := k.render(p, exporter, r, newNodeReport(judgement, now))
	switch {
	case err != nil:
		return nil, err
	case !r.Fit:
		return text, exitError{code: exitUnfit}
	case k.failOnUnknown && len(r.RulesThat(policy.Unknown)) > 0:
		return text, exitError{code: exitUnsure}
	default:
		return text, nil
	}
}

// kernel returns which kernel to judge: the one that proc below the root shows,
// or else the one that is named or that lib/modules has alone. A name that
// contradicts the root is an error.
func (k *checkCommand) kernel(root *host.FS) (*host.Kernel, error) {
	if k.releaseGiven && k.kernelRelease == "" {
		return nil, usageError("--kernel-release: empty; leave the flag out, or name a release as uname -r prints it")
	}
	running, err := root.Kernel()
	switch {
	case running.Known():
		if k.releaseGiven && k.kernelRelease != running.Release.Raw {
			return nil, usageError("--kernel-release: %q contradicts the root: the kernel below %s is %s", k.kernelRelease, root.Path(""), running.Release.Raw)
		}
		return &running, nil
	case !errors.Is(err, fs.ErrNotExist) && !k.releaseGiven:
		return nil, exitError{exitUnsure, fmt.Errorf("no kernel to judge: %w; name it by --kernel-release", err)}
	}
	if k.releaseGiven {
		installed, err := root.InstalledReleases()
		if err != nil {
			return nil, usageError("--kernel-release: cannot be held against the root: %w", err)
		}
		if len(installed) > 0 && !slices.Contains(installed, k.kernelRelease) {
			return nil, usageError("--kernel-release: %q contradicts the root: %s has %s", k.kernelRelease, root.Path("lib/modules"), strings.Join(installed, ", "))
		}
	}
	installed, err := root.InstalledKernel(k.kernelRelease)
	switch {
	case installed.Known():
		return &installed, nil
	case k.releaseGiven:
		return nil, usageError("--kernel-release: %w", err)
	default:
		return nil, exitError{exitUnsure, fmt.Errorf("no kernel to judge: %w; name it by --kernel-release", err)}
	}
}

func (k *checkCommand) render(p program, exporter *collector.Exporter, r report, node nodeReport) ([]byte, error) {
	switch k.format {
	case "json":
		return encode(r)
	case "prometheus":
		var b bytes.Buffer
		err := writeMetrics(&b, exporter)
		return b.Bytes(), err
	default:
		return renderTable(r, node, newColours(p.colour), p.width), nil
	}
}

// encode returns a report as JSON.
func encode(r report) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(r)
	return b.Bytes(), err
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
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				l.Value = new(printable.String(l.GetValue()))
			}
		}
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}
