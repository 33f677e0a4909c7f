package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"kernel_exporter/collector/kmsg/record"
)

// An input is where lines are read from: a [stream] or a [recording].
type input interface {
	// read reads into b, which is not empty. It returns 0 and no error, once,
	// at the end of what is there; then, and where there is nothing yet, it
	// returns errEmpty, or waits if wait is set.
	read(b []byte, wait bool) (int, error)
	Close() error
}

// lines reads the records of a file or a FIFO that was filled from /dev/kmsg:
// one record a line, and after it the lines of its dictionary, which begin with a
// space.
type lines struct {
	input
	buf        []byte
	start, end int  // what was read and not yet given: buf[start:end]
	cut        bool // inside a line whose beginning was given already
}

func newLines(in input) *lines {
	return &lines{input: in, buf: make([]byte, bufferSize)}
}

func (s *lines) Read(r *record.Record, wait bool) (Kind, error) {
	for {
		line, ok := s.line()
		if !ok {
			var kind Kind
			var err error
			if line, kind, err = s.more(wait); kind == End || err != nil {
				return kind, err
			}
		}
		if line == nil || bytes.HasPrefix(line, []byte{' '}) {
			continue
		}
		if r.Parse(line) == nil {
			return Record, nil
		}
		return Malformed, nil
	}
}

// line takes the next line out of the buffer. A line longer than the buffer,
// which no kernel wrote, ends where the buffer does; the rest is dropped.
func (s *lines) line() (line []byte, ok bool) {
	for {
		pending := s.buf[s.start:s.end]
		newline := bytes.IndexByte(pending, '\n')
		switch {
		case newline >= 0 && s.cut:
			s.cut = false
			s.start += newline + 1
		case newline >= 0:
			s.start += newline + 1
			return pending[:newline], true
		case s.cut:
			s.start = s.end
			return nil, false
		case len(pending) == len(s.buf):
			s.cut = true
			s.start = s.end
			return pending, true
		default:
			return nil, false
		}
	}
}

// more fills the buffer as fill does. It returns End where there is nothing yet.
func (s *lines) more(wait bool) (last []byte, kind Kind, err error) {
	last, err = s.fill(wait)
	if errors.Is(err, errEmpty) {
		return nil, End, nil
	}
	return last, Record, err
}

// fill reads more into the buffer. At the end of the input it returns the last
// line, if it has no newline: the one in a file may be complete, and the one
// in a FIFO must not be joined with the next writer's first.
func (s *lines) fill(wait bool) (last []byte, err error) {
	s.end = copy(s.buf, s.buf[s.start:s.end])
	s.start = 0
	n, err := s.read(s.buf[s.end:], wait)
	s.end += n
	if n > 0 || err != nil {
		return nil, err
	}
	if s.end > 0 && !s.cut {
		last = s.buf[:s.end]
	}
	s.end, s.cut = 0, false
	return last, nil
}

// A recording is a regular file. It is read once: its end is the log's, and
// what is appended later is no part of it.
type recording struct {
	file  *os.File
	done  <-chan struct{}
	ended bool
}

func (f *recording) read(b []byte, wait bool) (int, error) {
	if !f.ended {
		n, err := f.file.Read(b)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		f.ended = true
		return 0, nil
	}
	if wait {
		<-f.done
		return 0, context.Canceled
	}
	return 0, errEmpty
}

func (f *recording) Close() error { return f.file.Close() }
