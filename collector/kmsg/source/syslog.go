package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// The actions of syslog(2) that are asked for. READ_ALL leaves the log as it is;
// READ would take it away from others.
const (
	SyslogReadAll    = 3
	SyslogSizeBuffer = 10
)

const (
	// maxPrinted is how long a record may be as syslog(2) prints it: 1024 bytes of
	// newlines (LOG_LINE_MAX), each of which repeats a prefix of up to 40 bytes. An
	// answer that leaves as much of the buffer free has all there is.
	maxPrinted = 64 << 10
	// maxGrowth bounds the buffer, in sizes of the kernel's.
	maxGrowth = 64
	// keptBuffer is how large a buffer is kept while nothing is asked.
	keptBuffer = 256 << 10
	// minTail is how much of the log's end is asked for at least.
	minTail = 16 << 10
	// shortAnswer is the part of the kernel's buffer below which a whole answer is
	// not that of a full one: every record takes 16 bytes or more beside its text,
	// or is one of as many as the buffer has times 32 bytes, and is printed with 4
	// bytes or more beside it.
	shortAnswer = 8
)

// Syslog says how the log is read by syslog(2).
type Syslog struct {
	Matcher *event.Matcher
	// After is the last line that was counted, if any: the source goes on from it.
	After record.Fingerprint
	// Bell is the path of proc/kmsg, which becomes ready when something is logged.
	Bell string
	// Call is syslog(2); nil for the system call.
	Call func(action int, buf []byte) (int, error)
}

// A syslog reads the log by syslog(2). Each answer is the end of all that the
// kernel holds since the log was last cleared, as lines without numbers. What is
// new in it is found by where it overlaps with the lines before.
type syslog struct {
	call func(action int, buf []byte) (int, error)
	ctx  context.Context //nolint:containedctx // it ends all waiting of the source that was opened with it
	size int             // of the kernel's buffer
	buf  []byte
	pace pace
	// watch calls look until it returns true, as [bell.watch] does.
	watch func(ctx context.Context, p *pace, look func() bool) error

	begun    bool // the log was asked for
	dry      bool // all that was answered was given, and End after it
	live     bool
	past     past
	prefixes prefixes
	rest     answer // what of the last answer is new and not yet given
	news     Kind   // to be given before it; Record if there is none
}

// OpenSyslog opens the log by syslog(2), which reads that of the running kernel.
func OpenSyslog(ctx context.Context, o Syslog) (Source, error) {
	call := o.Call
	if call == nil {
		call = unix.Klogctl
	}
	size, err := call(SyslogSizeBuffer, nil)
	if err != nil {
		return nil, fmt.Errorf("syslog(2): %w", err)
	}
	refused := func() bool {
		_, err := call(SyslogSizeBuffer, nil)
		return err != nil
	}
	s := &syslog{
		call: call, ctx: ctx, size: size, prefixes: newPrefixes(o.Matcher),
		watch: bell{path: o.Bell, refused: refused}.watch, pace: pace{size: size},
	}
	s.past.after = o.After
	s.prefixes.start(o.After)
	return s, nil
}

func (s *syslog) Close() error { return nil }

func (s *syslog) Next(it *Item) error {
	for !s.give(it) {
		switch {
		case !s.begun:
			if err := s.ask(); err != nil {
				return err
			}
			s.begun = true
		case !s.dry:
			s.dry, s.live = true, true
			if len(s.buf) > keptBuffer {
				s.buf, s.rest = nil, answer{}
			}
			it.Kind = End
			return nil
		default:
			if err := s.wait(); err != nil {
				return err
			}
			s.dry = false
		}
	}
	return nil
}

// give gives what is left of the last answer.
func (s *syslog) give(it *Item) bool {
	if s.news != Record {
		it.Kind, s.news = s.news, Record
		return true
	}
	if !s.rest.next(&it.Record) {
		return false
	}
	s.past.add(&it.Record)
	it.Kind, it.Numbered, it.Live = Record, false, s.live
	if it.Record.Time > MaxTime {
		it.Kind = Malformed
		return true
	}
	if s.prefixes.add(it, s.rest) {
		s.news = Unsure
	}
	return true
}

// wait waits until there is something to give.
func (s *syslog) wait() error {
	if err := pause(s.ctx, time.Until(s.pace.last.Add(s.pace.gap))); err != nil {
		return err
	}
	var failed error
	err := s.watch(s.ctx, &s.pace, func() (done bool) {
		failed = s.ask()
		return failed != nil || s.news != Record || len(s.rest.text) > 0
	})
	if failed != nil {
		return failed
	}
	return err
}

// ask asks for the end of the log, and for more of it until that shows what is
// new.
func (s *syslog) ask() error {
	start := time.Now()
	for size := s.tail(); ; size *= 8 {
		s.grow(size)
		n, err := s.call(SyslogReadAll, s.buf[:size])
		for errors.Is(err, unix.EINTR) {
			n, err = s.call(SyslogReadAll, s.buf[:size])
		}
		if err != nil {
			return fmt.Errorf("syslog(2): %w", err)
		}
		a := answer{text: s.buf[:n], timed: record.IsTimed(s.buf[:n])}
		whole := n+maxPrinted <= size || size >= maxGrowth*s.size
		done, err := s.take(a, whole)
		if err != nil {
			return fmt.Errorf("syslog(2): %w", err)
		}
		if done {
			break
		}
	}
	if !s.begun {
		s.pace.asked(start, 0) // what was there is no news
		return nil
	}
	s.pace.asked(start, len(s.rest.text))
	return nil
}

// take finds what is new in an answer, and whether anything is missing before it.
// It is not done if that needs more of the log.
func (s *syslog) take(a answer, whole bool) (done bool, err error) {
	p := &s.past
	timed := a.timed && p.after.Time != record.UnknownTime
	if rest, ok := p.overlap(a, whole); ok && p.some {
		news := Record
		if !timed && len(rest.text) > 0 {
			news = Unsure // text that comes again proves nothing
		}
		s.rest, s.news, p.timed = rest, news, a.timed
		return true, nil
	}
	if !whole {
		return false, nil
	}
	missing := Gap
	if len(a.text) < s.size/shortAnswer {
		missing = Unsure // an answer as short is that of a log that was cleared, and lost none
	}
	var r record.Record
	first := a
	switch empty := !first.next(&r); {
	case empty && p.some && len(p.lines) == 0:
	case !p.after.Known && a.timed && a.beginsAtBoot():
		s.begin(a, a, Record)
	case empty, !p.after.Known, p.some && !timed:
		s.begin(a, a, missing)
	default:
		rest, ok, err := a.after(p.after)
		switch {
		case err != nil:
			return false, err
		case ok && timed:
			s.begin(a, rest, Record)
		case ok:
			s.begin(a, rest, Unsure)
		case timed:
			s.begin(a, a, missing)
		default: // none may count twice, so none counts
			s.begin(a, answer{timed: a.timed}, Gap)
		}
	}
	return true, nil
}

// begin goes on with what is new in a whole answer, and remembers what stands
// before it and nothing else.
func (s *syslog) begin(a, rest answer, news Kind) {
	s.past.some, s.past.timed = true, a.timed
	s.past.replace(a.without(rest))
	s.rest, s.news = rest, news
}

// tail returns how much is asked for first: what is likely to be new and some of
// what is known. Lines without times need all.
func (s *syslog) tail() int {
	if !s.past.some || !s.past.timed {
		return max(4*s.size, 2*maxPrinted)
	}
	return minTail + 2*s.pace.fresh
}

// grow makes the buffer so large, and not much larger: the first answer is as
// large as the kernel's log, and those that follow are not.
func (s *syslog) grow(size int) {
	if len(s.buf) < size || len(s.buf) > 4*size {
		s.buf = make([]byte, size)
	}
}
