package kmsg

import (
	"bytes"
	"errors"
	"io"
	"os"

	"kernel_exporter/collector/kmsg/record"
)

// An input is where a lineSource reads from: a [stream] or a [recording].
type input interface {
	// read reads into b, which is not empty. It returns 0 and no error, once,
	// at the end of what is there; then, and where there is nothing yet, it
	// returns errEmpty, or waits if wait is set.
	read(b []byte, wait bool) (int, error)
	close() error
}

// A lineSource reads the records of a file or a FIFO that was filled from
// /dev/kmsg: one record a line, its dictionary in lines behind it that begin
// with a space.
type lineSource struct {
	input
	buf        []byte
	start, end int  // what was read and not yet given: buf[start:end]
	cut        bool // inside a line whose beginning was given already
}

func newLineSource(in input) *lineSource {
	return &lineSource{input: in, buf: make([]byte, bufferSize)}
}

func (s *lineSource) name() string { return SourceKmsg }

func (s *lineSource) next(r *record.Record, wait bool) error {
	for {
		line, ok := s.line()
		if !ok {
			var err error
			if line, err = s.fill(wait); err != nil {
				return err
			}
		}
		if line == nil || bytes.HasPrefix(line, []byte{' '}) {
			continue
		}
		if r.Parse(line) != nil {
			return errMalformed
		}
		return nil
	}
}

// line takes the next line out of the buffer. A line longer than the buffer,
// which no kernel wrote, ends where the buffer does; the rest is dropped.
func (s *lineSource) line() (line []byte, ok bool) {
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

// fill reads more into the buffer. At the end of the input it returns the last
// line, if it has no newline: the one in a file may be complete, and the one
// in a FIFO must not be joined with the next writer's first.
func (s *lineSource) fill(wait bool) (last []byte, err error) {
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
	}
	return 0, errEmpty
}

func (f *recording) close() error { return f.file.Close() }
