package kmsg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/record"
)

// The values of [Config.Source] and [Status.Source].
const (
	SourceAuto   = "auto"   // the first that is not refused
	SourceKmsg   = "kmsg"   // /dev/kmsg, or a file or FIFO of its records
	SourceSyslog = "syslog" // syslog(2)
	SourceNone   = "none"   // none is open
)

// What a source's next may say besides giving a record or failing.
var (
	errEmpty     = errors.New("no kernel log record yet")
	errLost      = errors.New("kernel log records lost")
	errMalformed = errors.New("malformed kernel log record")
	errGap       = errors.New("kernel log lines lost")
	errUnsure    = errors.New("kernel log lines may be missing")
)

// errNotLog says that a file is something else than a kernel log.
var errNotLog = errors.New("not the kernel log")

// A source gives the records of a kernel log, the oldest that is kept first.
// It is opened with a context, and waits no longer than that lasts.
type source interface {
	// next reads the next record into r, whose bytes are valid until the
	// following call. Where there is none yet, it returns errEmpty, or waits
	// for one if wait is set. errLost says that records were lost here, as the
	// next sequence number shows, and errMalformed that one could not be read.
	// A source without numbers says errGap where lines were lost, and errUnsure
	// where some may be missing, as someone cleared the log or the lines have no
	// times. The source goes on behind all of these. After any other error it is
	// to be closed.
	next(r *record.Record, wait bool) error
	// name is the Status.Source of the source.
	name() string
	// close releases all that belongs to the source.
	close() error
}

// bufferSize holds the longest record: the kernel prints none above
// CONSOLE_EXT_LOG_MAX, 8192 bytes (include/linux/printk.h, to 6.5), or
// PRINTK_MESSAGE_MAX, 2048 bytes (kernel/printk/internal.h, from 6.6 on).
const bufferSize = 8192

// openSource opens the log at path. What the path names is asked of the opened
// file, so that it cannot change in between. Opening neither blocks on a FIFO
// nor takes a terminal as the controlling one: in kind and LXC, /dev/kmsg may
// be the console.
func openSource(ctx context.Context, path string) (source, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	src, err := newSource(ctx, file)
	if err != nil {
		_ = file.Close() // the first error says more
		return nil, err
	}
	return src, nil
}

func newSource(ctx context.Context, file *os.File) (source, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return newLineSource(&recording{file: file, done: ctx.Done()}), nil
	case mode.Type() == fs.ModeNamedPipe:
		s, err := newStream(ctx, file)
		if err != nil {
			return nil, err
		}
		return newLineSource(s), nil
	case isKernelLog(info):
		s, err := newStream(ctx, file)
		if err != nil {
			return nil, err
		}
		return &device{stream: s, buf: make([]byte, bufferSize)}, nil
	default:
		return nil, fmt.Errorf("%s: %w (%s)", file.Name(), errNotLog, describe(info))
	}
}

// refused says whether an error is that of a log that may not be read here, or
// is not here at all: device rules, permissions and security modules say EPERM
// or EACCES; a container may have no device, another one, or a node without a
// driver (ENXIO).
func refused(err error) bool {
	for _, refusal := range []error{unix.EPERM, unix.EACCES, unix.ENOENT, unix.ENXIO, errNotLog} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// isKernelLog says whether a file is the character device 1:11
// (Documentation/admin-guide/devices.txt), whatever its name.
func isKernelLog(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().Type() == fs.ModeDevice|fs.ModeCharDevice && st.Rdev == unix.Mkdev(1, 11)
}

// describe says what a file is that is not the kernel log.
func describe(info fs.FileInfo) string {
	number := ""
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		number = fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	switch info.Mode().Type() {
	case fs.ModeDevice | fs.ModeCharDevice:
		return "character device" + number
	case fs.ModeDevice:
		return "block device" + number
	case fs.ModeDir:
		return "directory"
	default:
		return "file mode " + info.Mode().String()
	}
}

// A device is /dev/kmsg: one read gives one record
// (Documentation/ABI/testing/dev-kmsg).
type device struct {
	*stream
	buf []byte
}

func (d *device) name() string { return SourceKmsg }

// holds returns how many records the kernel's ring can hold: 32 MiB, the most
// that CONFIG_LOG_BUF_SHIFT allows, and at least 16 bytes for each (struct
// printk_log; a descriptor for every 32 since Linux 5.10). A ring that
// log_buf_len= made larger than that holds more.
func (d *device) holds() uint64 { return 32 << 20 / 16 }

func (d *device) next(r *record.Record, wait bool) error {
	n, err := d.read(d.buf, wait)
	switch {
	// devkmsg_read() returns EPIPE once when records were overwritten before
	// they were read, and EINVAL when one does not fit; it has moved on behind
	// them both times.
	case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINVAL):
		return errLost
	case err != nil:
		return err
	case r.Parse(d.buf[:n]) != nil:
		return errMalformed
	default:
		return nil
	}
}

// A stream is an open file that the runtime's poller can wait for: the device
// or a FIFO.
type stream struct {
	file *os.File
	conn syscall.RawConn
	stop func() // ends the watch over the context

	// The read under way, kept here so that it needs no closure.
	buf  []byte
	wait bool
	n    int
	err  error

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

	// A deadline in the past ends the read under way and every later one.
	woken := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(woken)
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
// errEmpty, or waits if wait is set.
func (s *stream) read(b []byte, wait bool) (int, error) {
	s.buf, s.wait = b, wait
	if err := s.conn.Read(s.attempt); err != nil {
		return 0, &fs.PathError{Op: "read", Path: s.file.Name(), Err: err}
	}
	if s.err == nil || errors.Is(s.err, errEmpty) {
		return s.n, s.err
	}
	return 0, &fs.PathError{Op: "read", Path: s.file.Name(), Err: s.err}
}

// tryRead says whether the read under way is done; if not, the poller calls it
// again when the file becomes ready. Readiness is told once a change, so that
// a FIFO without a writer, which always is at its end, wakes nobody.
func (s *stream) tryRead(fd uintptr) bool {
	s.n, s.err = unix.Read(int(fd), s.buf)
	for errors.Is(s.err, unix.EINTR) {
		s.n, s.err = unix.Read(int(fd), s.buf)
	}
	switch {
	case s.n > 0:
		s.ended = false
		return true
	case s.err == nil && !s.ended:
		s.ended = true
		return true
	case s.err == nil, errors.Is(s.err, unix.EAGAIN):
		s.n, s.err = 0, errEmpty
		return !s.wait
	default:
		s.n = 0
		return true
	}
}

func (s *stream) close() error {
	s.stop()
	return s.file.Close()
}
