package kmsg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
	"kernel_exporter/collector/kmsg/source"
)

const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

var errNotRunning = errors.New("syslog(2) reads the log of the running kernel, which is not the one below the root")

// Run follows the log until the context is done. Whatever fails is shown by
// the status and tried again, after a pause that grows to 5 s. Run must be
// called at most once. It returns with the state stored, everything closed that
// it opened, and no goroutine left, except one that waits for a state file whose
// disk does not answer, and one in a function of Config that does not return;
// each delays the return by at most 2 s.
func (l *Log) Run(ctx context.Context) {
	l.notices = newNotices()
	defer l.notices.close()
	finish := l.keepState()
	defer finish()

	wait := minBackoff
	for {
		before := l.tally.accounted()
		err := l.try(ctx)
		if ctx.Err() != nil {
			l.leave(ctx.Err())
			return
		}
		l.setStatus(Status{Source: SourceNone, Err: err})
		if l.tally.accounted() != before {
			wait = minBackoff
		}
		select {
		case <-ctx.Done():
			l.leave(ctx.Err())
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, maxBackoff)
	}
}

// keepState takes over the state that an earlier process kept, and keeps it from
// then on. The function that it returns stores the state a last time.
func (l *Log) keepState() (finish func()) {
	if l.cfg.StateFile == "" {
		return func() {}
	}
	report := func(err error) {
		if l.cfg.OnStateError != nil {
			l.notices.add(func() { l.cfg.OnStateError(err) })
		}
	}
	if l.cfg.Kernel.BootID == "" {
		report(errNoBootID)
		return func() {}
	}
	c := &checkpoint{file: l.openState(l.cfg.StateFile), path: l.cfg.StateFile, bootID: l.cfg.Kernel.BootID, report: report}
	t, ok, err := c.load()
	if err != nil {
		report(err)
		return func() {}
	}
	if ok {
		l.restore(t)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		c.run(stop, l.drained, l.current)
	}()
	return func() {
		close(stop)
		select {
		case <-done:
		case <-time.After(stateTimeout):
			report(errStoreTimeout)
		}
	}
}

// restore goes on with a tally that was kept.
func (l *Log) restore(t tally) {
	now := time.Now()
	for e, c := range t.Events {
		if !c.LastSeen.IsZero() {
			c.LastSeen = notAfter(c.LastSeen, now)
			t.Events[e] = c
		}
	}
	t.position.unproven = true
	l.change(func(own *tally) { *own = t })
}

// A way is one by which the log may be opened.
type way struct {
	name string // SourceKmsg or SourceSyslog
	open func(context.Context) (source.Source, error)
}

// ways returns how the log may be read, the preferred way first.
func (l *Log) ways() ([]way, error) {
	kmsg, syslog := way{SourceKmsg, l.byNumber}, way{SourceSyslog, l.byLine}
	switch s := l.cfg.Source; {
	case s == SourceSyslog && !l.cfg.Kernel.Running:
		return nil, errNotRunning
	case s == SourceSyslog:
		return []way{syslog}, nil
	case s == SourceKmsg, (s == SourceAuto || s == "") && !l.cfg.Kernel.Running:
		return []way{kmsg}, nil
	case s == SourceAuto, s == "":
		return []way{kmsg, syslog}, nil
	default:
		return nil, fmt.Errorf("unknown kernel log source %q", s)
	}
}

// try follows the log by the first way that is not refused, until that fails or
// the context is done. A position that proves to be none of this log's is
// forgotten with all that was counted up to it, and that is reported.
func (l *Log) try(ctx context.Context) error {
	ways, err := l.ways()
	for _, w := range ways {
		e := l.follow(ctx, w)
		if errors.Is(e, source.ErrForeign) {
			l.forget()
			e = l.follow(ctx, w)
		}
		next := ctx.Err() == nil && source.Refused(e)
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
	l.change(func(t *tally) { *t = newTally() })
	if l.cfg.OnForget != nil {
		l.notices.add(l.cfg.OnForget)
	}
}

// byNumber opens the source whose records have numbers. Lines that were counted
// by syslog(2) are found in it first.
func (l *Log) byNumber(ctx context.Context) (source.Source, error) {
	if !l.tally.position.byLine {
		return l.openRecords(ctx)
	}
	src, err := l.openRecords(ctx)
	if err != nil {
		return nil, err
	}
	defer src.Close() //nolint:errcheck // nothing was written
	at, err := locate(src, l.tally.position.fingerprint())
	if err != nil {
		return nil, err
	}
	l.change(func(t *tally) { t.renumber(at) })
	return l.openRecords(ctx)
}

// byLine opens syslog(2), which goes on after the last record counted.
func (l *Log) byLine(ctx context.Context) (source.Source, error) {
	return l.openLines(ctx, l.tally.position.fingerprint())
}

// follow opens the log and reads it until that fails or the context is done. The
// log is up when the first read succeeded: a security module may allow opening and
// refuse reading.
func (l *Log) follow(ctx context.Context, w way) error {
	src, err := w.open(ctx)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // nothing was written
	boot, err := l.cfg.Kernel.BootTime()
	if err != nil {
		boot = time.Time{}
	}

	var it source.Item
	up, caughtUp, end := false, false, uint64(0) // end is the number after the last record
	for {
		err := src.Next(&it)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if !up && it.Kind != source.Lost {
			up = true
			l.setStatus(Status{Up: true, Source: w.name})
		}
		if it.Kind == source.Record && it.Numbered {
			end = it.Record.Seq + 1
		}
		if err := l.take(&it, boot, end); err != nil {
			return err
		}
		if !caughtUp && (it.Kind == source.End || it.Kind == source.Record && it.Live) {
			caughtUp = true
			l.setCaughtUp()
		}
	}
}

// take counts an item. The number after the last record shows at the end whether
// the position is in this log.
func (l *Log) take(it *source.Item, boot time.Time, end uint64) error {
	switch {
	case it.Kind == source.Record:
		return l.add(it, boot)
	case it.Kind == source.End && l.tally.position.ahead(end):
		return source.ErrForeign
	default:
		l.note(it.Kind)
		return nil
	}
}

// note counts what is no record.
func (l *Log) note(k source.Kind) {
	switch k {
	case source.Record, source.End, source.Lost: // counted as such, or by the number of the next record
	case source.Gap:
		l.change((*tally).gap)
	case source.Unsure:
		l.change(func(t *tally) { t.incomplete = true })
	case source.Malformed:
		now := time.Now()
		l.change(func(t *tally) {
			t.Malformed++
			l.malformedAt = now
		})
	}
}

// add counts a record, unless it was counted before the log was opened again.
func (l *Log) add(it *source.Item, boot time.Time) error {
	if it.Numbered {
		if at := &l.tally.position; at.unproven {
			proven := false
			l.change(func(t *tally) { proven = t.position.prove(&it.Record) })
			if !proven {
				return source.ErrForeign
			}
		}
		if l.tally.position.counted(it.Record.Seq) {
			return nil
		}
	}
	var m moment
	var c cadence
	if it.Finding.Event != "" {
		m, c = l.moment(it, boot)
	}
	l.mu.Lock()
	l.tally.add(it, m, c)
	l.mu.Unlock()
	return nil
}

// moment returns when a record that opens a report was written: now, if it is
// read live. A replayed one's time since boot is by the log's clock, which is not
// the wall clock's: it may be ahead of it, or of now.
func (l *Log) moment(it *source.Item, boot time.Time) (m moment, c cadence) {
	now := time.Now()
	m = moment{at: it.Record.Time}
	switch {
	case it.Live:
		m.wall, m.read = now.Round(0), now
	case !boot.IsZero() && m.at != record.UnknownTime:
		m.wall = notAfter(boot.Add(m.at), now)
	}
	if it.Finding.Event != event.NetdevLeak {
		return m, c
	}
	c = l.cadence()
	if !it.Live {
		return m, c
	}
	if uptime, err := l.cfg.Kernel.Uptime(); err == nil {
		m.uptime = min(max(uptime, 0), source.MaxTime)
		if m.at == record.UnknownTime {
			m.at = m.uptime
		}
	}
	return m, c
}
