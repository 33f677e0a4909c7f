package kmsg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
)

// The actions of syslog(2) that are asked for. READ_ALL leaves the log as it is;
// READ would take it away from others.
const (
	syslogReadAll    = 3
	syslogSizeBuffer = 10
)

const (
	// pollInterval is how often syslog(2) is asked: there is no waiting for news
	// without taking them from others. An answer costs as much as the log is long,
	// so where that is more than a hundredth of the time it is asked less often.
	pollInterval    = time.Second
	maxPollInterval = 5 * time.Second
	// answerSlack is how near to the size of the buffer an answer is for which
	// the buffer may have been too small: the oldest records that do not fit are
	// left out, and one is printed in at most 2048 bytes (PRINTK_MESSAGE_MAX).
	answerSlack = 4096
	// maxGrowth bounds the buffer, in sizes of the kernel's. A text of newlines
	// alone, the worst there is, is printed in twenty times as many bytes.
	maxGrowth = 64
	// shortAnswer is the part of the kernel's buffer below which an answer is
	// not that of a full one: every record takes 16 bytes or more beside its
	// text, or is one of as many as the buffer has times 32 bytes, and is
	// printed with 4 bytes or more beside it.
	shortAnswer = 8
)

// A syslogSource reads the log by syslog(2). Each answer is all that the kernel
// holds since the log was last cleared, as lines without numbers. What is new in
// it is found by where it overlaps with the answer before.
type syslogSource struct {
	klog func(action int, buf []byte) (int, error)
	done <-chan struct{}
	size int // of the kernel's buffer
	buf  []byte

	asked bool
	pause time.Duration // until it is asked again
	seen  history
	rest  answer // what of the last answer is new and not yet given
	news  error  // to be told before it
}

// openSyslog opens a source that goes on behind the mark.
func openSyslog(ctx context.Context, after record.Fingerprint) (source, error) {
	return newSyslogSource(ctx, after, unix.Klogctl)
}

func newSyslogSource(ctx context.Context, after record.Fingerprint, klog func(int, []byte) (int, error)) (source, error) {
	size, err := klog(syslogSizeBuffer, nil)
	if err != nil {
		return nil, fmt.Errorf("syslog(2): %w", err)
	}
	return &syslogSource{
		klog: klog, done: ctx.Done(), size: size,
		buf:  make([]byte, max(4*size, 2*answerSlack)),
		seen: history{after: after},
	}, nil
}

func (s *syslogSource) name() string { return SourceSyslog }

func (s *syslogSource) close() error { return nil }

func (s *syslogSource) next(r *record.Record, wait bool) error {
	for {
		if err := s.news; err != nil {
			s.news = nil
			return err
		}
		if s.rest.next(r) {
			return nil
		}
		if s.asked && !wait {
			return errEmpty
		}
		if s.asked {
			select {
			case <-s.done:
				return errEmpty
			case <-time.After(s.pause):
			}
		}
		if err := s.ask(); err != nil {
			return fmt.Errorf("syslog(2): %w", err)
		}
		s.asked = true
	}
}

// ask asks for all that the kernel holds and keeps what of it is new.
func (s *syslogSource) ask() error {
	start := time.Now()
	defer func() { s.pause = min(max(pollInterval, 100*time.Since(start)), maxPollInterval) }()
	text, err := s.read()
	if err != nil {
		return err
	}
	a := answer{text: text, timed: record.IsTimed(text)}
	known, err := s.seen.update(a, len(text) < s.size/shortAnswer)
	if err != nil && !isNews(err) {
		return err
	}
	s.rest, s.news = answer{text: text[known:], timed: a.timed}, err
	return nil
}

// read returns an answer that did not need all of the buffer.
func (s *syslogSource) read() ([]byte, error) {
	for {
		n, err := s.klog(syslogReadAll, s.buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n > len(s.buf)-answerSlack && len(s.buf) < maxGrowth*s.size:
			s.buf = make([]byte, 2*len(s.buf))
		default:
			return s.buf[:n], nil
		}
	}
}
