package source

import (
	"context"
	"errors"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// What the tests of syslog(2) look at.
const (
	MaxPrinted = maxPrinted
	MaxGrowth  = maxGrowth
	MaxGap     = maxGap
	MaxQuiet   = maxQuiet
	BellCheck  = bellCheck
	MaxContext = maxContext
)

// Ask makes a source of syslog(2) that has given all ask again without waiting.
func Ask(s Source) error {
	y, ok := s.(*syslog)
	if !ok {
		return errors.New("no source of syslog(2)")
	}
	y.dry = false
	return y.ask()
}

// SetBell makes a source of syslog(2) hear rings instead of proc/kmsg.
func SetBell(s Source, rings <-chan struct{}) {
	if y, ok := s.(*syslog); ok {
		y.watch = func(ctx context.Context, _ *pace, look func() bool) error {
			for !look() {
				select {
				case <-rings:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return ctx.Err()
		}
	}
}

// Remembered returns how many lines a source of syslog(2) remembers, and how large
// its buffer is.
func Remembered(s Source) (lines, buffer int) {
	y, ok := s.(*syslog)
	if !ok {
		return 0, 0
	}
	return len(y.past.lines), len(y.buf)
}

// NumLines counts the lines of an answer, and calls look with each.
func NumLines(text []byte, m *event.Matcher, look func(it *Item, timed bool)) (n int) {
	p := newPrefixes(m)
	a := answer{text: text, timed: record.IsTimed(text)}
	for it := (Item{}); a.next(&it.Record); n++ {
		p.add(&it, a)
		look(&it, a.timed)
	}
	return n
}
