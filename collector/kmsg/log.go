// Package kmsg follows the kernel's log: it reads every record from the oldest
// that the kernel still holds, and counts them, the reports they open, and
// what was lost.
//
// A [Log] has one goroutine, [Log.Run], which takes a record from a source and
// adds it to a tally under a lock that is held for no more than that. Nothing is
// handed over and nothing is kept of a record, so memory does not grow with the
// log, and [Log.Snapshot] never waits for it.
//
// A record is known by its sequence number, so none is counted twice, and a
// gap between two numbers is how many were lost: an overrun is a number and no
// error. Only records of facility 0 are the kernel's; what user space writes
// to the log is counted and otherwise ignored.
//
// Where /dev/kmsg is refused, syslog(2) gives the same log without numbers: a
// line is known by its place, time and text. Either way a state file carries
// position and counts, always of one moment, to the next process.
package kmsg

import (
	"context"
	"sync"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
	"kernel_exporter/collector/kmsg/statefile"
)

// A Log follows a kernel log and counts. Its methods are safe for concurrent
// use.
type Log struct {
	cfg Config

	// How the log is opened, by /dev/kmsg and by syslog(2).
	openRecords func(context.Context) (source.Source, error)
	openLines   func(context.Context, record.Fingerprint) (source.Source, error)
	openState   func(path string) stateStore

	drained chan struct{} // closed when all that the log held when it was first opened is counted
	ready   chan struct{} // closed then, or when the log could not be read
	isReady sync.Once
	notices *notices

	mu sync.Mutex
	// tally is changed by Run's goroutine alone, with the lock, so that goroutine
	// may read it without.
	tally       tally
	status      Status
	caughtUp    bool      // all that was there when the source was opened has been read
	malformedAt time.Time // when the last malformed record was read
}

// New returns a log that nothing was read of yet.
func New(cfg Config) *Log { return newLog(cfg, event.NewMatcher()) }

func newLog(cfg Config, matcher *event.Matcher) *Log {
	return &Log{
		cfg: cfg,
		openRecords: func(ctx context.Context) (source.Source, error) {
			how := source.Reading{Matcher: matcher, HeadMarked: cfg.Kernel.HeadMarked}
			if cfg.Open == nil {
				return source.Open(ctx, cfg.Path, how)
			}
			file, err := cfg.Open()
			if err != nil {
				return nil, err
			}
			return source.OpenFile(ctx, file, how)
		},
		openLines: func(ctx context.Context, after record.Fingerprint) (source.Source, error) {
			return source.OpenSyslog(ctx, source.Syslog{Matcher: matcher, After: after, Bell: cfg.Bell})
		},
		openState: func(path string) stateStore { return statefile.File(path) },
		drained:   make(chan struct{}),
		ready:     make(chan struct{}),
		tally:     newTally(),
		status:    Status{Source: SourceNone},
	}
}

// Drained returns a channel that is closed when all that the log held when it
// was first opened has been counted.
func (l *Log) Drained() <-chan struct{} { return l.drained }

// Ready returns a channel that is closed when Drained is, or when the log could
// not be read, or when Run has ended.
func (l *Log) Ready() <-chan struct{} { return l.ready }

func (l *Log) setReady() { l.isReady.Do(func() { close(l.ready) }) }

func (l *Log) setCaughtUp() {
	l.mu.Lock()
	l.caughtUp = true
	l.mu.Unlock()
	select {
	case <-l.drained:
	default:
		close(l.drained)
		l.setReady()
	}
}

// setStatus is called when a source was opened and when one failed: either
// way, its end is yet to be reached.
func (l *Log) setStatus(s Status) {
	l.mu.Lock()
	changed := !s.equal(l.status)
	l.status = s
	l.caughtUp = false
	l.mu.Unlock()
	if s.Err != nil {
		l.setReady()
	}
	if changed && l.cfg.OnStatus != nil {
		l.notices.add(func() { l.cfg.OnStatus(s) })
	}
}

// leave is the last status, which is not reported: whoever ended the context
// knows.
func (l *Log) leave(err error) {
	l.mu.Lock()
	l.status = Status{Source: SourceNone, Err: err}
	l.caughtUp = false
	l.mu.Unlock()
	l.setReady()
}

func (l *Log) change(f func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.tally)
}

// current returns a copy of the tally.
func (l *Log) current() tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tally.clone()
}
