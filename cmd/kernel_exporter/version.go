package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// build is what this program was built from. The Go command writes it into the
// binary; nothing has to be passed by hand.
type build struct {
	version, revision, modified string
}

func readBuild() build {
	b := build{version: "unknown", revision: "unknown", modified: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.modified":
			b.modified = s.Value
		}
	}
	return b
}

func versionText() string {
	b := readBuild()
	return fmt.Sprintf("kernel_exporter %s (revision %s, modified %s, %s, %s/%s)",
		b.version, b.revision, b.modified, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// newBuildInfo returns the metric that says which build runs.
func newBuildInfo() prometheus.Collector {
	b := readBuild()
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "kernel_exporter_build_info",
		Help: "Which build of the exporter runs; always 1.",
		ConstLabels: prometheus.Labels{
			"version": b.version, "revision": b.revision, "modified": b.modified,
			"goversion": runtime.Version(), "goos": runtime.GOOS, "goarch": runtime.GOARCH,
		},
	}, func() float64 { return 1 })
}
