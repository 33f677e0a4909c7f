package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errEmpty says that there is nothing to read yet.
var errEmpty = errors.New("nothing to read yet")

// A stream is an open file that the runtime's poller can wait for: the device
// or a FIFO.
type stream struct {
	file *os.File
	conn syscall.RawConn
	fd   int
	stop func()      // ends the watch over the context
	over atomic.Bool // the context is done

	// The read under way, kept here so that it needs no closure.
	buf   []byte
	wait  bool
	n     int
	err   error      // errEmpty, or nil
	errno unix.Errno // of a read that failed

	attempt func(fd uintptr) bool
	ended   bool // the end of the input was reported, and nothing came since
}

func newStream(ctx context.Context, file *os.File) (*stream, error) {
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &stream{file: file, conn: conn, ended: true}
	s.attempt = s.tryRead
	if err := conn.Control(func(fd uintptr) { s.fd = int(fd) }); err != nil {
		return nil, err
	}

	// A deadline in the past ends the read under way and every later one.
	woken := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(woken)
		s.over.Store(true)
		_ = file.SetReadDeadline(time.Unix(1, 0)) // a closed file needs no waking
	})
	s.stop = func() {
		if !cancel() {
			<-woken
		}
	}
	return s, nil
}

// read reads once into b. It returns 0 and no error where the last writer of a
// FIFO has left, once; then, and where there is nothing yet, it returns
// errEmpty, or waits if wait is set. Where errno is set, it is why the read
// failed.
//
// The descriptor is read without asking the runtime for as long as there is
// something: only the goroutine that reads closes it.
func (s *stream) read(b []byte, wait bool) (int, error) {
	if s.over.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	s.buf, s.wait, s.errno = b, false, 0
	if !s.tryRead(uintptr(s.fd)) {
		return 0, os.ErrInvalid // it waits for nothing, so that it cannot be
	}
	if wait && s.err == errEmpty { //nolint:errorlint // a fixed value that is never wrapped
		s.wait = true
		if err := s.conn.Read(s.attempt); err != nil {
			return 0, &fs.PathError{Op: "read", Path: s.file.Name(), Err: err}
		}
	}
	if s.errno != 0 {
		return 0, &fs.PathError{Op: "read", Path: s.file.Name(), Err: s.errno}
	}
	return s.n, s.err
}

// tryRead says whether the read under way is done; if not, the poller calls it
// again when the file becomes ready. The poller reports readiness once for each
// change, so a FIFO without a writer, which always is at its end, wakes nobody.
func (s *stream) tryRead(fd uintptr) bool {
	s.n, s.err = 0, nil
	n, errno := readNow(fd, s.buf)
	for errno == unix.EINTR {
		n, errno = readNow(fd, s.buf)
	}
	switch {
	case n > 0:
		s.n, s.ended = n, false
		return true
	case errno == 0 && !s.ended:
		s.ended = true
		return true
	case errno == 0, errno == unix.EAGAIN:
		s.err = errEmpty
		return !s.wait
	default:
		s.errno = errno
		return true
	}
}

// readNow is read(2) of a file that does not block. The scheduler does not
// learn of the call, as it need not find other work meanwhile. That saves an eighth
// of what a record costs to read.
func readNow(fd uintptr, b []byte) (n int, errno unix.Errno) {
	r, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b))) //nolint:gosec // the buffer outlives the call
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}

func (s *stream) Close() error {
	s.stop()
	return s.file.Close()
}
