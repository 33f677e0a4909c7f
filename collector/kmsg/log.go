// Package kmsg follows the kernel's log: it reads every record from the oldest
// that the kernel still holds, and counts them, the reports they open, and
// what was lost.
//
// A [Log] has one goroutine, [Log.Run], which reads a record, tells what it
// says and adds that to a tally under a lock that is held for no more than
// that. Nothing is handed over and nothing is kept of a record, so memory does
// not grow with the log, and [Log.Snapshot] never waits for it.
//
// A record is known by its sequence number, so none is counted twice, and a
// gap between two numbers is how many were lost: an overrun is a number and no
// error. Only records of facility 0 are the kernel's; what user space writes
// to the log is counted and otherwise ignored.
package kmsg

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// Config says which log to follow and what else is known of its kernel. Path,
// BootTime, Uptime and LeakPeriod are required.
type Config struct {
	// Path is /dev/kmsg, or another path to that device, or to a regular file
	// or FIFO with its records as lines. The end of a regular file is the end
	// of the log, which stays up; so does a FIFO that nobody writes to.
	Path string
	// HeadMarked says that flag c marks the first fragment of a line, as Linux
	// 3.5 to 4.8 have it, and not a continuation, as later kernels have it.
	HeadMarked bool
	// BootTime returns the wall clock's time of the boot that the log is of.
	// It is called once each time the log is opened.
	BootTime func() (time.Time, error)
	// Uptime returns how long that kernel has been, or had been, running. It is
	// called by Snapshot, while replayed messages tell of a waited-for device.
	Uptime func() (time.Duration, error)
	// LeakPeriod returns how often that kernel repeats the message about a
	// device that is waited for: net.core.netdev_unregister_timeout_secs. It is
	// called for each such message, and by Snapshot while devices are waited
	// for.
	LeakPeriod func() time.Duration
	// OnStatus, if set, is called from Run with each new status, but for the
	// one in which Run leaves the log.
	OnStatus func(Status)
}

// Status says whether the log is being read.
type Status struct {
	Up     bool
	Source string // SourceKmsg while it is up, else SourceNone
	Err    error  // why it is not up; nil if it is, and before Run
}

func (s Status) equal(o Status) bool {
	if s.Up != o.Up || s.Source != o.Source || (s.Err == nil) != (o.Err == nil) {
		return false
	}
	return s.Err == nil || s.Err.Error() == o.Err.Error()
}

const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
	// maxLosses is how often in a row a source may have lost records before
	// that is a failure. The device goes on at once; a source that does not
	// must not be asked for ever.
	maxLosses = 64
)

// A Log follows a kernel log and counts. Its methods are safe for concurrent
// use.
type Log struct {
	cfg  Config
	open func(context.Context) (source, error)

	// Of Run's goroutine alone.
	lines joiner
	boot  time.Time // zero if not known

	drained chan struct{}

	mu       sync.Mutex
	tally    tally
	status   Status
	caughtUp bool // all that was there when the source was opened has been read
}

// New returns a log that nothing was read of yet.
func New(cfg Config) *Log {
	return &Log{
		cfg:     cfg,
		open:    func(ctx context.Context) (source, error) { return openSource(ctx, cfg.Path) },
		lines:   joiner{matcher: NewMatcher(), headMarked: cfg.HeadMarked},
		drained: make(chan struct{}),
		tally:   tally{waits: make(waits)},
		status:  Status{Source: SourceNone},
	}
}

// Drained returns a channel that is closed when all that the log held when it
// was first opened has been counted.
func (l *Log) Drained() <-chan struct{} { return l.drained }

// Run follows the log until the context is done. Whatever fails is shown by
// the status and tried again, after a pause that grows to 5 s. Run must be
// called at most once. It returns with everything closed that it opened, and
// no goroutine left.
func (l *Log) Run(ctx context.Context) {
	pause := minBackoff
	for {
		next := l.tally.NextSeq
		err := l.follow(ctx)
		if ctx.Err() != nil {
			l.leave(ctx.Err())
			return
		}
		l.setStatus(Status{Source: SourceNone, Err: err})
		if l.tally.NextSeq > next {
			pause = minBackoff
		}
		select {
		case <-ctx.Done():
			l.leave(ctx.Err())
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, maxBackoff)
	}
}

// follow opens the log and reads it until that fails or the context is done.
// What it finds there is replayed, and what comes behind that is live. The log
// is up when the first read succeeded: a security module may allow opening and
// refuse reading.
func (l *Log) follow(ctx context.Context) error {
	src, err := l.open(ctx)
	if err != nil {
		return err
	}
	defer src.close() //nolint:errcheck // nothing was written
	if boot, err := l.cfg.BootTime(); err == nil {
		l.boot = boot
	}

	var r Record
	up, live, losses := false, false, 0
	for {
		err := src.next(&r, live)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil, errors.Is(err, errEmpty), errors.Is(err, errMalformed):
			losses = 0
		case errors.Is(err, errLost) && losses < maxLosses:
			losses++
			continue
		default:
			return err
		}
		if !up {
			up = true
			l.setStatus(Status{Up: true, Source: src.name()})
		}
		switch {
		case errors.Is(err, errEmpty):
			live = true
			l.setCaughtUp()
		case err != nil || r.Seq == math.MaxUint64: // what comes next has no number
			l.addMalformed()
		default:
			l.add(&r, live)
		}
	}
}

// add counts a record, unless it was counted before the log was opened again.
// Only Run's goroutine changes the tally, so it may read it without the lock.
func (l *Log) add(r *Record, live bool) {
	if l.tally.seen(r.Seq) {
		return
	}
	if r.Seq != l.tally.NextSeq {
		l.lines.gap()
	}
	var f finding
	var m moment
	if r.Facility == 0 {
		f = l.lines.add(r)
	}
	if f.opens {
		m = l.moment(r, f.event, live)
	}
	l.mu.Lock()
	l.tally.add(r, f, m)
	l.mu.Unlock()
}

// moment tells when a record that opens a report was written: now, if it is
// read live. A replayed one's time since boot is by the kernel's local clock,
// which is not the wall clock's: it may be ahead of it, or of now.
func (l *Log) moment(r *Record, e Event, live bool) moment {
	var m moment
	now := time.Now()
	switch {
	case live:
		m.wall, m.arrived = now.Round(0), now
	case !l.boot.IsZero():
		m.wall = l.boot.Add(r.Time)
		if m.wall.After(now) {
			m.wall = now.Round(0)
		}
	}
	if e == NetdevLeak {
		m.period = l.cfg.LeakPeriod()
	}
	return m
}

func (l *Log) addMalformed() {
	l.mu.Lock()
	l.tally.Malformed++
	l.mu.Unlock()
}

func (l *Log) setCaughtUp() {
	l.mu.Lock()
	l.caughtUp = true
	l.mu.Unlock()
	select {
	case <-l.drained:
	default:
		close(l.drained)
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
	if changed && l.cfg.OnStatus != nil {
		l.cfg.OnStatus(s)
	}
}

// leave is the last status, which is not told: whoever ended the context knows.
func (l *Log) leave(err error) {
	l.mu.Lock()
	l.status = Status{Source: SourceNone, Err: err}
	l.caughtUp = false
	l.mu.Unlock()
}
