package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/printable"
)

// What is read of one file is bounded, so that a damaged or hostile root cannot
// exhaust memory or time.
const (
	// maxFileSize is for the files of proc, of which stat is the largest: some 150
	// bytes a processor and two a number of an interrupt.
	maxFileSize = 4 << 20
	// maxLineSize is for files of one line.
	maxLineSize = 4 << 10
	// maxUname bounds a version string and the name of an architecture. The kernel's
	// own limit is 64 (__NEW_UTS_LEN, include/uapi/linux/utsname.h).
	maxUname = 128
)

// read returns the content of a file. Kernel files say nothing of their size,
// so it reads to the end, and is an error for what is larger than maxFileSize.
func (f *FS) read(rel string) ([]byte, error) {
	return f.readInto(rel, make([]byte, 0, 1024), maxFileSize)
}

// content calls use with what a file holds, in memory that is used again afterwards.
func (f *FS) content(rel string, limit int, use func([]byte) error) error {
	buf, ok := f.buffers.Get().(*[]byte)
	if !ok {
		buf = new(make([]byte, 0, 4096))
	}
	defer f.buffers.Put(buf)
	b, err := f.readInto(rel, *buf, limit)
	if cap(b) <= maxPooled {
		*buf = b
	}
	if err != nil {
		return err
	}
	return use(b)
}

// maxPooled bounds the memory that is kept for the next file.
const maxPooled = 64 << 10

// readInto is read with a buffer to reuse and a limit; it returns the buffer, grown
// if it had to be. It calls the kernel itself: a file of package os is made known
// to the runtime's poller, which for a small file of /proc costs more than to read
// it, a dozen times in a scrape.
func (f *FS) readInto(rel string, buf []byte, limit int) ([]byte, error) {
	buf = buf[:0]
	fd, err := f.openRegular(rel, limit)
	if err != nil {
		return buf, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := retry(func() (int, error) { return unix.Read(fd, buf[len(buf):cap(buf)]) })
		if err != nil {
			return buf[:0], &fs.PathError{Op: "read", Path: f.Path(rel), Err: err}
		}
		buf = buf[:len(buf)+n]
		switch {
		case n == 0:
			return buf, nil
		case len(buf) > limit:
			return buf[:0], f.errTooLarge(rel, limit)
		}
	}
}

// readString returns the content of a file without the white space around it.
func (f *FS) readString(rel string) (string, error) {
	b, err := f.read(rel)
	return strings.TrimSpace(string(b)), err
}

// readLine returns what a file says in one line of at most limit bytes, made
// printable. Other content is an error.
func (f *FS) readLine(rel string, limit int) (string, error) {
	b, err := f.readInto(rel, make([]byte, 0, 256), maxLineSize)
	if err != nil {
		return "", err
	}
	line := strings.TrimSpace(string(b))
	if len(line) > limit || strings.ContainsAny(line, "\n\r\x00") {
		return "", fmt.Errorf("%s: not one line of at most %d bytes", f.Path(rel), limit)
	}
	return printable.String(line), nil
}

// optionalLine is readLine of a file that a kernel may not have.
func (f *FS) optionalLine(rel string, limit int) (string, error) {
	s, err := f.readLine(rel, limit)
	return s, optionalErr(err)
}

// readUint returns the decimal number that is all of a file.
func (f *FS) readUint(rel string) (n uint64, err error) {
	err = f.content(rel, maxLineSize, func(b []byte) error {
		var ok bool
		if n, ok = parseDecimal(bytes.TrimSpace(b)); !ok {
			return fmt.Errorf("%s: %.40q is not a number", f.Path(rel), printable.String(string(bytes.TrimSpace(b))))
		}
		return nil
	})
	return n, err
}

// optionalUint is readUint, and nil where there is no such file.
func (f *FS) optionalUint(rel string) (*uint64, error) {
	n, err := f.readUint(rel)
	if err != nil {
		return nil, optionalErr(err)
	}
	return &n, nil
}

// optionalErr is err, unless it says that there is no such file.
func optionalErr(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// endOfDir is the error of reading a directory, none at its end.
func endOfDir(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// limited reads from a descriptor, and is an error beyond a limit.
type limited struct {
	f     *FS
	rel   string
	fd    int
	left  int
	limit int
}

func (r *limited) Read(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Read(r.fd, p) })
	switch {
	case err != nil:
		return 0, &fs.PathError{Op: "read", Path: r.f.Path(r.rel), Err: err}
	case n == 0:
		return 0, io.EOF
	case n > r.left:
		return 0, r.f.errTooLarge(r.rel, r.limit)
	}
	r.left -= n
	return n, nil
}
