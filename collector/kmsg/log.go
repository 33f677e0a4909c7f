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
//
// Where /dev/kmsg is refused, syslog(2) tells the same log without numbers: a
// line is known by its place, time and text. Either way a state file carries
// position and counts, always of one moment, to the next process.
package kmsg

import (
	"context"
	"sync"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/statefile"
)

// Config says which log to follow and what else is known of its kernel. Path,
// BootTime, Uptime and LeakPeriod are required.
type Config struct {
	// Path is /dev/kmsg, or another path to that device, or to a regular file
	// or FIFO with its records as lines. The end of a regular file is the end
	// of the log, which stays up; so does a FIFO that nobody writes to.
	Path string
	// Source is by which way to read the log: SourceKmsg, by Path;
	// SourceSyslog, by syslog(2); SourceAuto, by Path, and where that is
	// refused, by syslog(2). Empty is SourceAuto. Which way is chosen at start,
	// and again only when reading fails.
	Source string
	// Running says that the log is of the kernel that runs this program: the
	// boot ids are equal. syslog(2) reads no other, and is not asked without.
	Running bool
	// HeadMarked says that flag c marks the first fragment of a line, as Linux
	// 3.5 to 4.8 have it, and not a continuation, as later kernels have it.
	HeadMarked bool
	// StateFile is where position and counts are kept across restarts; empty
	// for nowhere. It is written in whole, at most every 5 s, and at the end.
	StateFile string
	// BootID is the identity of the boot that the log is of. Where it is empty,
	// as it could not be read, no state is kept.
	BootID string
	// BootTime returns the wall clock's time of the boot that the log is of.
	// It is called once each time the log is opened.
	BootTime func() (time.Time, error)
	// Uptime returns how long that kernel has been, or had been, running. It is
	// called for each live message about a waited-for device, and by Snapshot
	// while replayed ones tell of such a device.
	Uptime func() (time.Duration, error)
	// LeakPeriod returns how often that kernel repeats the message about a
	// device that is waited for: net.core.netdev_unregister_timeout_secs. Where
	// that may have been set and cannot be read, known is false, the period is
	// the kernel's default, and a device may be silent for longer. It is called
	// for each such message, and by Snapshot while devices are waited for.
	LeakPeriod func() (period time.Duration, known bool)
	// OnStatus, if set, is called from Run with each new status, but for the
	// one in which Run leaves the log.
	OnStatus func(Status)
	// OnForget, if set, is called from Run when the log proves to be another one
	// than was counted, and counts begin anew: a machine was reset to a snapshot
	// of itself, in the same boot.
	OnForget func()
	// OnStateError, if set, is called, never by two goroutines at a time, with
	// each new reason for which state is not kept or was not taken over, and
	// with nil when it is kept again, and not after Run returned. The log is
	// followed all the same.
	OnStateError func(error)
}

// Status says whether the log is being read.
type Status struct {
	Up     bool
	Source string // SourceKmsg or SourceSyslog while it is up, else SourceNone
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
)

// A Log follows a kernel log and counts. Its methods are safe for concurrent
// use.
type Log struct {
	cfg Config

	// How the log is opened, by /dev/kmsg and by syslog(2).
	openRecords func(context.Context) (source, error)
	openLines   func(context.Context, record.Fingerprint) (source, error)
	openState   func(path string) stateStore

	// Of Run's goroutine alone.
	fragments joiner
	fed       uint64 // the number behind the last record that fragments had
	parts     parts
	boot      time.Time // zero if not known
	unproven  bool      // the position is a state's, and not yet found in the log

	drained chan struct{}

	mu          sync.Mutex
	tally       tally
	status      Status
	malformedAt time.Time // when the last malformed record was read
	caughtUp    bool      // all that was there when the source was opened has been read
}

// New returns a log that nothing was read of yet.
func New(cfg Config) *Log { return newLog(cfg, event.NewMatcher()) }

func newLog(cfg Config, matcher *event.Matcher) *Log {
	return &Log{
		cfg:         cfg,
		openRecords: func(ctx context.Context) (source, error) { return openSource(ctx, cfg.Path) },
		openLines:   openSyslog,
		openState:   func(path string) stateStore { return statefile.File(path) },
		fragments:   joiner{matcher: matcher, headMarked: cfg.HeadMarked},
		parts:       parts{matcher: matcher},
		drained:     make(chan struct{}),
		tally:       newTally(),
		status:      Status{Source: SourceNone},
	}
}

// Drained returns a channel that is closed when all that the log held when it
// was first opened has been counted.
func (l *Log) Drained() <-chan struct{} { return l.drained }

// Run follows the log until the context is done. Whatever fails is shown by
// the status and tried again, after a pause that grows to 5 s. Run must be
// called at most once. It returns with the state stored, everything closed that
// it opened, and no goroutine left, but for one that waits for a state file
// whose disk does not answer.
func (l *Log) Run(ctx context.Context) {
	finish := l.keepState()
	defer finish()

	pause := minBackoff
	for {
		before := l.tally.accounted()
		err := l.try(ctx)
		if ctx.Err() != nil {
			l.leave(ctx.Err())
			return
		}
		l.setStatus(Status{Source: SourceNone, Err: err})
		if l.tally.accounted() != before {
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
