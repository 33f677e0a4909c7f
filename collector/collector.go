// Package collector turns facts about a host's kernel into Prometheus metrics.
//
// A collector is one file, one line in [All] and its files in testdata; its
// flag, its rows in README.md, its success and duration metrics come by
// themselves. What cannot be known is not emitted: a value that is absent is
// never a zero.
package collector

import (
	"context"

	"kernel_exporter/collector/host"
)

// Collector turns one part of the host into metrics.
type Collector interface {
	// Metrics lists every metric that Update may emit.
	Metrics() []*Metric
	// Update reads the host and emits what can be known. It is never called
	// twice at the same time. An error says that something exists and could
	// not be read or parsed; what was emitted before it stands. A file that
	// this kernel does not have is no error.
	Update(*Samples) error
}

// Background is a [Collector] that also works between the scrapes, on what is
// too slow for one.
type Background interface {
	Collector
	// Run works until ctx is done. It is called once.
	Run(ctx context.Context)
	// Ready is closed when Run has its first answer.
	Ready() <-chan struct{}
}

// Definition describes a collector before it is built.
type Definition struct {
	Name  string               // of the flag --collector.<name>, and the label
	Help  string               // what it reads, one line without a period
	Needs string               // the privileges it needs beyond a world-readable /proc and /sys, and what is lost without; empty if none
	New   func(*Env) Collector // builds it
	// Verdict says that the collector takes part in a verdict, and so runs in the
	// check command too: the log tells of events that rules ask for.
	Verdict bool
}

// All returns every collector, in the order of the documentation.
func All() []Definition {
	return []Definition{
		kernelDefinition(),
		osDefinition(),
		overlayfsDefinition(),
		kmemDefinition(),
		slabDefinition(),
		logDefinition(),
		policyDefinition(),
		featuresDefinition(),
		bugsDefinition(),
	}
}

// addAnswer emits a fact as 1 or 0, and nothing if it is unknown.
func addAnswer(s *Samples, m *Metric, a host.Answer, labels ...string) {
	if a.Known() {
		s.AddBool(m, a == host.Yes, labels...)
	}
}
