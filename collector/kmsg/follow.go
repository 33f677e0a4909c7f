package kmsg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// maxLosses is how often in a row a source may have lost records before that is
// a failure. The device goes on at once; a source that does not must not be
// asked for ever.
const maxLosses = 64

var errNotRunning = errors.New("syslog(2) reads the log of the running kernel, which is not the one below the root")

// An opener opens the log by one way.
type opener func(context.Context) (source, error)

// ways returns by which ways the log may be read, the preferred first.
func (l *Log) ways() ([]opener, error) {
	switch s := l.cfg.Source; {
	case s == SourceSyslog && !l.cfg.Running:
		return nil, errNotRunning
	case s == SourceSyslog:
		return []opener{l.byLine}, nil
	case s == SourceKmsg, s == SourceAuto && !l.cfg.Running, s == "" && !l.cfg.Running:
		return []opener{l.byNumber}, nil
	case s == SourceAuto, s == "":
		return []opener{l.byNumber, l.byLine}, nil
	default:
		return nil, fmt.Errorf("unknown kernel log source %q", s)
	}
}

// try follows the log by the first way that is not refused, until that fails or
// the context is done. A position that proves to be none of this log's is
// forgotten with all that was counted up to it, which is told.
func (l *Log) try(ctx context.Context) error {
	ways, err := l.ways()
	for _, open := range ways {
		e := l.follow(ctx, open)
		if errors.Is(e, errForeign) {
			l.forget()
			e = l.follow(ctx, open)
		}
		next := ctx.Err() == nil && refused(e)
		if err != nil {
			e = fmt.Errorf("%w; %w", err, e)
		}
		err = e
		if !next {
			break
		}
	}
	return err
}

func (l *Log) forget() {
	l.mu.Lock()
	l.tally = newTally()
	l.mu.Unlock()
	l.unproven = false
	if l.cfg.OnForget != nil {
		l.cfg.OnForget()
	}
}

// byNumber opens the source whose records have numbers. Lines that were counted
// by syslog(2) are found in it first.
func (l *Log) byNumber(ctx context.Context) (source, error) {
	if !l.tally.behind {
		return l.openRecords(ctx)
	}
	src, err := l.openRecords(ctx)
	if err != nil {
		return nil, err
	}
	defer src.close() //nolint:errcheck // nothing was written
	p, err := locate(src, l.tally.position())
	if err != nil {
		return nil, err
	}
	l.change(func(t *tally) { t.renumber(p) })
	l.unproven = false
	return l.openRecords(ctx)
}

// byLine opens syslog(2), which goes on behind the last record counted.
func (l *Log) byLine(ctx context.Context) (source, error) {
	after := l.tally.position()
	l.parts.start(after)
	return l.openLines(ctx, after)
}

// follow opens the log and reads it until that fails or the context is done.
// What it finds there is replayed, and what comes behind that is live: behind its
// end, or, while records are written faster than they can be read, behind more of
// them than it can have held. The log is up when the first read succeeded: a
// security module may allow opening and refuse reading.
func (l *Log) follow(ctx context.Context, open opener) error {
	src, err := open(ctx)
	if err != nil {
		return err
	}
	defer src.close() //nolint:errcheck // nothing was written
	if boot, err := l.cfg.BootTime(); err == nil {
		l.boot = boot
	}

	var r record.Record
	var held replay
	if ring, ok := src.(interface{ holds() uint64 }); ok {
		held.most = ring.holds()
	}
	up, live, losses := false, false, 0
	for {
		err := src.next(&r, live)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLost) && losses < maxLosses:
			losses++
			continue
		case err != nil && !isNews(err):
			return err
		}
		losses = 0
		if !up {
			up = true
			l.setStatus(Status{Up: true, Source: src.name()})
		}
		if errors.Is(err, errEmpty) {
			if l.isAhead() {
				return errForeign
			}
			live = true
			l.setCaughtUp()
			continue
		}
		if e := l.take(src, &r, err, live); e != nil {
			return e
		}
		if !live && err == nil && held.over(r.Seq) {
			live = true
			l.setCaughtUp()
		}
	}
}

// A replay is what was read of a ring since it was opened.
type replay struct {
	most  uint64 // how many records the ring can hold; 0 if that is not known
	some  bool
	first uint64
}

// over says whether all that the ring held when it was opened is behind a record.
func (p *replay) over(seq uint64) bool {
	if !p.some {
		p.some, p.first = true, seq
	}
	return p.most > 0 && seq-p.first >= p.most
}

// isNews says whether the error of a source's next is about the log, and the
// source goes on behind it.
func isNews(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, errMalformed) || errors.Is(err, errGap) || errors.Is(err, errUnsure)
}

// take counts what a source's next gave: a record, or news of those it did not.
func (l *Log) take(src source, r *record.Record, news error, live bool) error {
	numbered := src.name() != SourceSyslog
	switch {
	case errors.Is(news, errGap):
		l.change((*tally).gap)
	case errors.Is(news, errUnsure):
		l.change(func(t *tally) { t.incomplete = true })
	case news != nil, !believable(r):
		l.malformed()
	case numbered:
		return l.add(r, live)
	default:
		l.addLine(r, live)
	}
	return nil
}

// The highest number and the latest time that a record is believed to have. The
// kernel reaches neither, and what is counted from them, and kept in a state, does
// not overflow. Who writes to a file or FIFO can write anything.
const (
	maxSeq  = math.MaxInt64
	maxTime = time.Duration(math.MaxInt64 / 2)
)

func believable(r *record.Record) bool { return r.Seq <= maxSeq && r.Time <= maxTime }

func (l *Log) malformed() {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tally.Malformed++
	l.malformedAt = now
}

func (l *Log) change(f func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.tally)
}

// add counts a record, unless it was counted before the log was opened again.
// Those are read all the same: the line that they begin may go on behind them.
// Only Run's goroutine changes the tally, so it may read it without the lock.
func (l *Log) add(r *record.Record, live bool) error {
	if l.unproven && !l.prove(r) {
		return errForeign
	}
	if r.Seq != l.fed {
		l.fragments.gap()
	}
	l.fed = r.Seq + 1
	var f finding
	if r.Facility == 0 {
		f = l.fragments.add(r)
	}
	if l.tally.seen(r.Seq) {
		return nil
	}
	var m moment
	if f.opens {
		m = l.moment(r, f.event, live)
	}
	l.mu.Lock()
	l.tally.add(r, f, m)
	l.mu.Unlock()
	return nil
}

// addLine counts a line of syslog(2), which tells each but once.
func (l *Log) addLine(r *record.Record, live bool) {
	var m moment
	f := l.parts.add(r)
	if f.opens {
		m = l.moment(r, f.event, live)
	}
	l.unproven = false
	l.mu.Lock()
	l.tally.addLine(r, f, m)
	l.mu.Unlock()
}

// prove compares the position that a state gave with the log: the last record
// that was counted must be the one that has its number here, if it is still
// here. A machine that was reset to a snapshot of itself has the same boot id
// and another log.
func (l *Log) prove(r *record.Record) bool {
	if r.Seq+1 < l.tally.NextSeq {
		return true
	}
	l.unproven = false
	return r.Seq >= l.tally.NextSeq || l.tally.position().On(r)
}

// isAhead says, at the log's end, whether the position a state gave is beyond.
func (l *Log) isAhead() bool { return l.unproven && l.fed > 0 && l.fed < l.tally.NextSeq }

// moment tells when a record that opens a report was written: now, if it is
// read live. A replayed one's time since boot is by the kernel's local clock,
// which is not the wall clock's: it may be ahead of it, or of now.
func (l *Log) moment(r *record.Record, e event.Event, live bool) moment {
	now := time.Now()
	m := moment{at: r.Time}
	switch {
	case live:
		m.wall, m.arrived = now.Round(0), now
	case !l.boot.IsZero() && r.Time != record.UnknownTime:
		m.wall = notAfter(l.boot.Add(r.Time), now)
	}
	if e != event.NetdevLeak {
		return m
	}
	m.cadence = l.cadence()
	if !live {
		return m
	}
	if uptime, err := l.cfg.Uptime(); err == nil {
		uptime = min(max(uptime, 0), maxTime)
		m.uptime = uptime
		if m.at == record.UnknownTime {
			m.at = uptime
		}
	}
	return m
}

// cadence returns how often the kernel repeats the message about a device.
func (l *Log) cadence() cadence {
	period, known := l.cfg.LeakPeriod()
	return cadence{period: period, known: known}
}

// notAfter returns the time, or now if that is later, without a monotonic part.
func notAfter(t, now time.Time) time.Time {
	if t.After(now) {
		t = now
	}
	return t.Round(0)
}
