// Package collector turns facts about a host's kernel into Prometheus metrics.
//
// A collector is one file, one line in [All] and its files in testdata; its
// flag, its rows in README.md, its success and duration metrics come by
// themselves. It reads no file: facts are gathered once a scrape, by
// [facts.Node.Gather], and every collector is given the same. What cannot be known
// is not emitted: a value that is absent is never a zero.
package collector

import (
	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
)

// Collector turns facts of one kind into metrics.
type Collector interface {
	// Metrics lists every metric that Update may emit.
	Metrics() []*Metric
	// Update emits what is known of the node. It is never called twice at the same
	// time, and does nothing that may take time. An error says that something exists
	// and could not be read or parsed, or not in time. A file that this kernel does
	// not have is no error.
	Update(s *Samples, node *Judgement) error
}

// Definition describes a collector before it is built.
type Definition struct {
	Name  string           // of the flag --collector.<name>, and the label
	Help  string           // what it reads, one line without a period
	Needs string           // the privileges it needs beyond a world-readable /proc and /sys, and what is lost without; empty if none
	Facts facts.Set        // which facts it needs that are not always gathered
	New   func() Collector // builds it
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
		networkDefinition(),
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

// addFact does the same.
func addFact(s *Samples, m *Metric, f facts.Fact[bool], labels ...string) {
	if yes, ok := f.Get(); ok {
		s.AddBool(m, yes, labels...)
	}
}
