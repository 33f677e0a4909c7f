package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// base is a root of collector/testdata as the collectors report it.
type base struct {
	pieces     []piece
	version    float64 // of the kernel, as one number
	generation generation
	leaky      bool        // 3.x with memory accounting
	boot       []bootEvent // that every boot of the node brings
	memory     float64     // bytes
	slab       float64     // bytes
	kube       kubeInfo
}

// bootEvent is an event that belongs to a boot.
type bootEvent struct {
	event event.Event
	count float64
	after time.Duration
}

// collectorTimeout is for the slowest disk.
const collectorTimeout = time.Minute

// loadBases runs the collectors over all roots that the stages name, and judges
// them as of a time.
func loadBases(ctx context.Context, roots string, now time.Time) (map[string]*base, error) {
	rules, err := policy.Default()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{brokenRoot: true}
	for _, stage := range stages() {
		for _, s := range stage {
			names[s.root] = true
		}
	}
	bases := make(map[string]*base, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fs, err := host.New(filepath.Join(roots, name))
		if err != nil {
			return nil, err
		}
		exporter := collector.NewExporter(collector.Options{
			Host: fs, Policy: rules, Logger: log.NewNopLogger(), Now: func() time.Time { return now },
			Collectors: collector.All(), Timeout: collectorTimeout, SlabTop: 5,
		})
		families, err := scrape(ctx, exporter)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if bases[name], err = newBase(families, header(exporter, lastSeenMetric)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return bases, nil
}

// scrape runs an exporter until it has all its answers, and returns them.
func scrape(ctx context.Context, exporter *collector.Exporter) ([]*dto.MetricFamily, error) {
	registry := prometheus.NewPedanticRegistry()
	for _, c := range []prometheus.Collector{exporter, newBuildInfo()} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		exporter.Run(ctx)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	select {
	case <-exporter.Ready():
		return registry.Gather()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newBuildInfo returns the metric by which an exporter says which build of it runs.
func newBuildInfo() prometheus.Collector {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "kernel_exporter_build_info", Help: "Which build of the exporter runs; always 1.",
		ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
}

// header returns the comment lines of a metric in the text format.
func header(exporter *collector.Exporter, name string) string {
	for _, metrics := range exporter.Metrics() {
		for _, m := range metrics {
			if m.Name == name {
				return fmt.Sprintf("# HELP %s %s.\n# TYPE %s %s\n", name, m.Help, name, m.TypeName())
			}
		}
	}
	return ""
}

// facts are the values of a scrape by series, such as
// `kernel_log_events_total{event="oops"}`. What has more than one label is in
// it by the name of its metric alone.
type facts map[string]float64

func newFacts(families []*dto.MetricFamily) facts {
	all := facts{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			all[series(f.GetName(), m)] = value(m)
		}
	}
	return all
}

// newBase cuts what a root's scrape says into what stays and what varies.
func newBase(families []*dto.MetricFamily, lastSeenHeader string) (*base, error) {
	all := newFacts(families)
	b := &base{
		version:    all["kernel_version_code"],
		generation: recent,
		memory:     max(all["kernel_memory_total_bytes"], 1), // where it is not known, nothing rests on it
		slab:       all["kernel_slab_reclaimable_bytes"] + all["kernel_slab_unreclaimable_bytes"],
	}
	switch major := all["kernel_version_major"]; {
	case major < 4:
		b.generation = old
		b.leaky = all["kernel_kmem_accounting_enabled"] == 1
	case major < 6:
		b.generation = middle
	}
	// Other events of the recorded node were its own accidents. These are why the
	// overlay rules of the policy say what they say.
	for _, e := range []event.Event{event.OverlayfsTechPreview, event.OverlayfsUpperUnsupported, event.OverlayfsInUse} {
		label := `{event="` + string(e) + `"}`
		if count := all[eventsMetric+label]; count > 0 {
			after := all[lastSeenMetric+label] - all[bootMetric]
			b.boot = append(b.boot, bootEvent{e, count, time.Duration(after * float64(time.Second))})
		}
	}
	b.kube = newKubeInfo(families, b.generation)
	var err error
	b.pieces, err = cut(families, variations(all), lastSeenHeader)
	return b, err
}
