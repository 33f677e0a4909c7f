package collector

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"kernel_exporter/collector/facts"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

// Options say what an [Exporter] reads and how.
type Options struct {
	Host       *host.FS
	Kernel     *host.Kernel // which kernel to judge; nil for the one that proc below the root reports
	Policy     *policy.Policy
	Logger     log.Logger
	Collectors []Definition     // which collectors run, of All()
	Now        func() time.Time // by which support has ended or not; nil for time.Now
	Timeout    time.Duration    // after which a scrape no longer waits for a file
	SlabTop    int              // how many slab caches have a series of their own
	Stores     []string         // directories of container stores besides the usual ones, absolute paths of the host
	KmsgSource string           // by which way to read the kernel log: kmsg.SourceAuto, which empty is, SourceKmsg or SourceSyslog
	StateFile  string           // where the log position and counts are kept across restarts; empty for nowhere
}

// Exporter runs the collectors. It is safe for concurrent use.
type Exporter struct {
	node    *facts.Node
	judge   judge
	timeout time.Duration
	workers []*worker

	self              metricSet
	success, duration *Metric

	mu     sync.Mutex // never held over a read
	policy *policy.Policy

	// samples guards what follows and the samples of the workers, from when they are
	// updated until they have been rendered. It is never held over a read either.
	samples sync.Mutex
	own     Samples             // of self
	served  []*dto.MetricFamily // all samples
	stale   bool                // served is not of the samples that there are
}

// NewExporter builds the enabled collectors. It reads nothing: Run does what goes on
// between the scrapes.
func NewExporter(o Options) *Exporter {
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Exporter{judge: judge{now: o.Now}, timeout: o.Timeout, policy: o.Policy}
	e.success = e.self.gauge("kernel_scrape_collector_success", "Whether a collector could read and parse all that this kernel has for it", "collector")
	e.duration = e.self.gauge("kernel_scrape_collector_duration_seconds", "How long a collector took; the timeout if it did not end", "collector")

	want := facts.Judged
	for _, d := range o.Collectors {
		want |= d.Facts
		e.workers = append(e.workers, &worker{
			name: d.Name, facts: d.Facts, collector: d.New(), logger: log.With(o.Logger, "collector", d.Name),
		})
	}
	e.node = facts.New(facts.Options{
		Host: o.Host, Kernel: o.Kernel, Want: want, SlabTop: o.SlabTop, Stores: o.Stores, Log: e.logReader(o),
		OnError: func(err error) { _ = level.Error(o.Logger).Log("msg", "facts grow old", "err", err) },
	})
	return e
}

// logReader returns what builds the reader of the kernel log, which runs only with the
// collector that shows it.
func (e *Exporter) logReader(o Options) func(facts.LogOf) *kmsg.Log {
	for _, w := range e.workers {
		if w.name == logDefinition().Name {
			return func(of facts.LogOf) *kmsg.Log { return newLog(o, of) }
		}
	}
	return nil
}

// Run does the work between the scrapes until ctx is done. It is called once.
func (e *Exporter) Run(ctx context.Context) { e.node.Run(ctx) }

// Ready is closed when all that runs between the scrapes has its first answer:
// when the kernel log has been read to its end, and cgroups are counted. That may
// never be where a disk hangs, so whoever waits must do so with a limit.
func (e *Exporter) Ready() <-chan struct{} { return e.node.Ready() }

// SetPolicy judges by another policy from now on.
func (e *Exporter) SetPolicy(p *policy.Policy) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.policy = p
}

// Policy returns the policy that is in force.
func (e *Exporter) Policy() *policy.Policy {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.policy
}

// Judge judges the node by the policy. It returns when ctx is done, or after the
// timeout of a scrape, at the latest; what has not been read by then is unknown.
func (e *Exporter) Judge(ctx context.Context) Judgement {
	node := e.observe(ctx, facts.Judged, e.workers)
	e.samples.Lock()
	results := e.update(node, e.workers)
	e.samples.Unlock()
	for i, w := range e.workers {
		if err := results[i].err; err != nil {
			node.Failures = append(node.Failures, Failure{Collector: w.name, Err: err})
		}
	}
	return *node
}

// observe gathers facts, those that some collectors need too, and judges them if all
// that can be judged is among them.
func (e *Exporter) observe(ctx context.Context, want facts.Set, workers []*worker) *Judgement {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	for _, w := range workers {
		want |= w.facts
	}
	node := e.node.Gather(ctx, want)
	if want&facts.Judged != facts.Judged {
		return newJudgement(e.Policy(), node, e.judge.now())
	}
	return e.judge.judge(e.Policy(), node)
}

// Metrics lists every metric that the exporter may emit, by collector; those
// of the exporter itself stand under the empty name.
func (e *Exporter) Metrics() map[string][]*Metric {
	all := map[string][]*Metric{"": e.self.Metrics()}
	for _, w := range e.workers {
		all[w.name] = w.collector.Metrics()
	}
	return all
}

// A Selection is some of the collectors. The zero value is all of them.
type Selection struct {
	workers []*worker
}

// Select returns the collectors with some names, or all without others, as the query
// parameters collect[] and exclude[] of a scrape name them. A name of no enabled
// collector is an error, and so is a selection by both ways.
func (e *Exporter) Select(collect, exclude []string) (Selection, error) {
	if len(collect) > 0 && len(exclude) > 0 {
		return Selection{}, errors.New("collect[] and exclude[] together: use one of them")
	}
	for _, name := range slices.Concat(collect, exclude) {
		if !slices.ContainsFunc(e.workers, func(w *worker) bool { return w.name == name }) {
			return Selection{}, fmt.Errorf("%q is not an enabled collector", name)
		}
	}
	var s Selection
	for _, w := range e.workers {
		if len(collect) > 0 && slices.Contains(collect, w.name) || len(exclude) > 0 && !slices.Contains(exclude, w.name) {
			s.workers = append(s.workers, w)
		}
	}
	if s.workers == nil && len(exclude) > 0 {
		return Selection{}, errors.New("exclude[] leaves no collector")
	}
	return s, nil
}

// Scrape gathers facts and returns them as metrics, sorted by name. It returns when ctx
// is done, or after the timeout, at the latest. The caller may read the metrics until
// it calls done, soon, as other scrapes wait for it, and once.
func (e *Exporter) Scrape(ctx context.Context, of Selection) (metrics []*dto.MetricFamily, done func()) {
	workers := of.workers
	if workers == nil {
		workers = e.workers
	}
	node := e.observe(ctx, 0, workers)
	e.samples.Lock()
	results := e.update(node, workers)
	e.own.begin(time.Time{})
	for i, w := range workers {
		took := min(node.Facts.Took(w.facts)+results[i].took, e.timeout)
		e.own.Add(e.duration, took.Seconds(), w.name)
		e.own.AddBool(e.success, results[i].err == nil, w.name)
	}
	e.stale = e.own.end() || e.stale
	done = func() {
		e.samples.Unlock()
		for i, w := range workers {
			w.report(results[i].err)
		}
	}
	if of.workers != nil {
		return families(e.emitted(workers)), done
	}
	if e.stale {
		e.served, e.stale = families(e.emitted(workers)), false
	}
	return e.served, done
}

// emitted returns the samples of some collectors and of the exporter itself.
func (e *Exporter) emitted(workers []*worker) []*Samples {
	all := []*Samples{&e.own}
	for _, w := range workers {
		all = append(all, &w.samples)
	}
	return all
}

// Describe implements [prometheus.Collector].
func (e *Exporter) Describe(ch chan<- *prometheus.Desc) {
	for _, metrics := range e.Metrics() {
		for _, m := range metrics {
			ch <- m.desc
		}
	}
}

// Collect implements [prometheus.Collector], for a registry that is no server: each
// sample is made anew.
func (e *Exporter) Collect(ch chan<- prometheus.Metric) {
	_, done := e.Scrape(context.Background(), Selection{})
	defer done()
	for _, samples := range e.emitted(e.workers) {
		for _, x := range samples.now {
			ch <- x.constMetric()
		}
	}
}

// result is what came of an update of a collector.
type result struct {
	err  error
	took time.Duration
}

// update runs some collectors. The samples must be locked.
func (e *Exporter) update(node *Judgement, workers []*worker) []result {
	results := make([]result, len(workers))
	for i, w := range workers {
		start := time.Now()
		w.samples.begin(node.Facts.Created)
		err := w.guarded(node)
		e.stale = w.samples.end() || e.stale
		results[i] = result{err: err, took: time.Since(start)}
	}
	return results
}

// worker runs one collector.
type worker struct {
	name      string
	facts     facts.Set
	collector Collector
	logger    log.Logger

	samples Samples // guarded by the exporter

	mu        sync.Mutex
	lastError string
}

// guarded turns a panic into an error: one broken collector must not take the
// others' answers with it.
func (w *worker) guarded(node *Judgement) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.samples.forget()
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.collector.Update(&w.samples, node)
}

// report logs an error when it appears, changes or goes, not on every scrape.
func (w *worker) report(err error) {
	message := ""
	if err != nil {
		message = err.Error()
	}
	w.mu.Lock()
	changed := message != w.lastError
	w.lastError = message
	w.mu.Unlock()
	switch {
	case !changed:
	case err == nil:
		_ = level.Info(w.logger).Log("msg", "collector recovered")
	default:
		_ = level.Warn(w.logger).Log("msg", "collector failed", "err", err)
	}
}
