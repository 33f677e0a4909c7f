package collector

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// Options say what an [Exporter] reads and how.
type Options struct {
	Host       *host.FS
	Kernel     *host.Kernel // which kernel to judge; nil for the one that proc below the root tells of
	Policy     *policy.Policy
	Logger     log.Logger
	Collectors []Definition     // which collectors run, of All()
	Now        func() time.Time // by which support has ended or not; nil for time.Now
	Timeout    time.Duration    // after which a scrape no longer waits for a collector
	SlabTop    int              // how many slab caches have a series of their own
	KmsgSource string           // by which way to read the kernel log: kmsg.SourceAuto, which empty is, SourceKmsg or SourceSyslog
	StateFile  string           // where the log position and counts are kept across restarts; empty for nowhere
}

// Exporter runs the collectors. It is a [prometheus.Collector], safe for
// concurrent use.
type Exporter struct {
	env     *Env
	timeout time.Duration
	workers []*worker
	ready   chan struct{}

	self              metricSet
	success, duration *Metric
}

// NewExporter builds the enabled collectors. It reads the host's mounts once
// and nothing else; Run does what goes on between the scrapes.
func NewExporter(o Options) *Exporter {
	e := &Exporter{
		env: &Env{
			Host: o.Host, Mounts: host.NewMountWatcher(o.Host),
			Policy: o.Policy, Now: o.Now, kernel: o.Kernel, Logger: o.Logger, SlabTop: o.SlabTop,
		},
		timeout: o.Timeout,
		ready:   make(chan struct{}),
	}
	if e.env.Now == nil {
		e.env.Now = time.Now
	}
	e.success = e.self.gauge("kernel_scrape_collector_success", "Whether a collector could read and parse all that this kernel has for it", "collector")
	e.duration = e.self.gauge("kernel_scrape_collector_duration_seconds", "How long a collector took; the timeout if it did not end", "collector")

	e.env.Log, e.env.logRefused = newLog(e.env, o.KmsgSource, o.StateFile)
	for _, d := range o.Collectors {
		e.workers = append(e.workers, &worker{
			name: d.Name, collector: d.New(e.env), busy: make(chan struct{}, 1),
			logger: log.With(o.Logger, "collector", d.Name),
		})
	}
	return e
}

// Run does the work between the scrapes until ctx is done.
func (e *Exporter) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := e.env.Mounts.Run(ctx); err != nil {
			_ = level.Error(e.env.Logger).Log("msg", "cannot watch the mount table", "err", err)
		}
	})
	for _, b := range e.background() {
		wg.Go(func() { b.Run(ctx) })
	}
	wg.Go(func() {
		ready := []<-chan struct{}{e.env.Mounts.Ready()}
		for _, b := range e.background() {
			ready = append(ready, b.Ready())
		}
		for _, s := range ready {
			select {
			case <-s:
			case <-ctx.Done():
				return
			}
		}
		close(e.ready)
	})
	wg.Wait()
}

func (e *Exporter) background() []Background {
	var all []Background
	for _, w := range e.workers {
		if b, ok := w.collector.(Background); ok {
			all = append(all, b)
		}
	}
	return all
}

// Ready is closed when all that runs between the scrapes has its first answer:
// when the kernel log has been read to its end, and cgroups are counted. That may
// never be where a disk hangs, so whoever waits must do so with a limit.
func (e *Exporter) Ready() <-chan struct{} { return e.ready }

// Judge judges the node by the policy. It returns when ctx is done, or after the
// timeout of a scrape, at the latest; what has not been read by then is unknown.
func (e *Exporter) Judge(ctx context.Context) Judgement {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	judged := make(chan Judgement, 1)
	go func() { judged <- e.env.Judge() }()
	select {
	case j := <-judged:
		return j
	case <-ctx.Done():
		return Judgement{Policy: e.env.Policy, Log: e.env.Log.Snapshot()}
	}
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

// Describe implements [prometheus.Collector].
func (e *Exporter) Describe(ch chan<- *prometheus.Desc) {
	for _, metrics := range e.Metrics() {
		for _, m := range metrics {
			ch <- m.desc
		}
	}
}

// Collect implements [prometheus.Collector]: it runs all collectors at the
// same time and waits for each no longer than the timeout.
func (e *Exporter) Collect(ch chan<- prometheus.Metric) {
	boot, err := e.env.BootTime()
	if err != nil {
		boot = time.Time{} // counters without created timestamps; the kernel collector reports the error
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.timeout)
	defer cancel()

	var wg sync.WaitGroup
	for _, w := range e.workers {
		wg.Go(func() {
			start := time.Now()
			result := w.update(ctx, boot)
			own := Samples{metrics: result.metrics}
			own.Add(e.duration, time.Since(start).Seconds(), w.name)
			own.AddBool(e.success, result.err == nil, w.name)
			for _, m := range own.metrics {
				ch <- m
			}
			w.report(result.err)
		})
	}
	wg.Wait()
}

// worker runs one collector, one update at a time.
type worker struct {
	name      string
	collector Collector
	busy      chan struct{} // holds a token while an update runs
	logger    log.Logger

	abandoned atomic.Bool // the running update has outlived a scrape

	mu        sync.Mutex
	lastError string
}

// update is what came of an update of a collector.
type update struct {
	metrics []prometheus.Metric
	err     error
}

// update runs the collector and returns at the latest when ctx is done. An
// update that hangs, in a read that the kernel does not answer, is left behind;
// until it returns no other one is started and no scrape waits for it again.
func (w *worker) update(ctx context.Context, created time.Time) update {
	if w.abandoned.Load() {
		return update{err: errors.New("timeout: an earlier update still hangs")}
	}
	select {
	case w.busy <- struct{}{}:
	case <-ctx.Done():
		return update{err: fmt.Errorf("timeout: another scrape's update still runs: %w", ctx.Err())}
	}
	done := make(chan update, 1)
	go func() {
		s := Samples{created: created}
		err := w.guarded(&s)
		w.abandoned.Store(false)
		<-w.busy
		done <- update{metrics: s.metrics, err: err}
	}()
	select {
	case u := <-done:
		return u
	case <-ctx.Done():
		w.abandoned.Store(true)
		return update{err: fmt.Errorf("timeout: %w", ctx.Err())}
	}
}

// guarded turns a panic into an error: one broken collector must not take the
// others' answers with it.
func (w *worker) guarded(s *Samples) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.metrics = nil
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.collector.Update(s)
}

// report logs an error when it appears, changes or goes, not on every scrape.
func (w *worker) report(err error) {
	message := ""
	if err != nil {
		message = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case message == w.lastError:
	case err == nil:
		_ = level.Info(w.logger).Log("msg", "collector reads all again")
	default:
		_ = level.Warn(w.logger).Log("msg", "collector could not read all", "err", err)
	}
	w.lastError = message
}
