package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Every file is opened here, below the root: symbolic links on the way are followed
// as if the root were /, absolute ones and those with too many ".." too.
// Distributions and administrators make such links (NixOS's etc/os-release,
// var/lib/docker on another disk), and a hostile image makes others; followed by
// open(2) they would lead to the files of this machine, or of the pod. Nothing that
// is opened blocks.

// errNotRegular is for a FIFO, a device, a directory and the like where a file is
// wanted.
var errNotRegular = errors.New("not a regular file")

// openFD opens a file for reading, with more flags of open(2).
func (f *FS) openFD(rel string, flags int) (int, error) {
	rel = strings.TrimLeft(rel, "/")
	if rel == "" {
		rel = "."
	}
	flags |= unix.O_CLOEXEC
	if flags&unix.O_PATH == 0 {
		flags |= unix.O_NONBLOCK | unix.O_NOCTTY
	}
	base := int(f.base(rel).Fd())
	fd, err := -1, error(unix.ENOSYS)
	if !f.walks.Load() {
		how := unix.OpenHow{Flags: uint64(flags), Resolve: unix.RESOLVE_IN_ROOT} //nolint:gosec // flags are positive
		fd, err = retry(func() (int, error) { return unix.Openat2(base, rel, &how) })
	}
	switch {
	case errors.Is(err, unix.ENOSYS): // before 5.6
		f.walks.Store(true)
		fd, err = walk(base, rel, flags)
	case errors.Is(err, unix.EPERM), // a seccomp profile that does not know it, or the file's own answer
		errors.Is(err, unix.EAGAIN): // a file was renamed or mounted somewhere meanwhile: openat2(2)
		fd, err = walk(base, rel, flags)
	}
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: f.Path(rel), Err: err}
	}
	return fd, nil
}

// openRegular opens a regular file of at most limit bytes; those of proc say that
// they have none. On a root that is not live it looks before it opens, for opening
// alone makes some devices do things: a watchdog begins to count.
func (f *FS) openRegular(rel string, limit int) (int, error) {
	if !f.live {
		fd, err := f.openFD(rel, unix.O_PATH)
		if err != nil {
			return -1, err
		}
		err = f.checkRegular(fd, rel, limit)
		unix.Close(fd) //nolint:errcheck // nothing was written
		if err != nil {
			return -1, err
		}
	}
	fd, err := f.openFD(rel, unix.O_RDONLY)
	if err != nil {
		return -1, err
	}
	if err := f.checkRegular(fd, rel, limit); err != nil {
		unix.Close(fd) //nolint:errcheck // nothing was written
		return -1, err
	}
	return fd, nil
}

func (f *FS) checkRegular(fd int, rel string, limit int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return &fs.PathError{Op: "fstat", Path: f.Path(rel), Err: err}
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return fmt.Errorf("%s: %w", f.Path(rel), errNotRegular)
	case st.Size > int64(limit):
		return f.errTooLarge(rel, limit)
	default:
		return nil
	}
}

func (f *FS) errTooLarge(rel string, limit int) error {
	return fmt.Errorf("%s: larger than %d bytes", f.Path(rel), limit)
}

// Open opens a file below the root for reading, without blocking and following
// links below the root only: see [FS.Live]. A live root's may be anything; that of
// another must be a regular file or a FIFO.
func (f *FS) Open(rel string) (*os.File, error) {
	if !f.live {
		fd, err := f.openFD(rel, unix.O_PATH)
		if err != nil {
			return nil, err
		}
		var st unix.Stat_t
		err = unix.Fstat(fd, &st)
		unix.Close(fd) //nolint:errcheck // nothing was written
		if kind := st.Mode & unix.S_IFMT; err == nil && kind != unix.S_IFREG && kind != unix.S_IFIFO {
			err = errNotRegular
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path(rel), err)
		}
	}
	fd, err := f.openFD(rel, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Path(rel)), nil
}

// openDir opens a directory.
func (f *FS) openDir(rel string) (*os.File, error) {
	fd, err := f.openFD(rel, unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Path(rel)), nil
}

// exists says whether there is a file; an error other than its absence is
// returned.
func (f *FS) exists(rel string) (bool, error) {
	fd, err := f.openFD(rel, unix.O_PATH)
	if err != nil {
		return false, optionalErr(err)
	}
	return true, unix.Close(fd)
}

// readDir returns at most limit entries of a directory, in no order; more are an
// error beside the first ones.
func (f *FS) readDir(rel string, limit int) ([]os.DirEntry, error) {
	dir, err := f.openDir(rel)
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // nothing was written
	var entries []os.DirEntry
	for len(entries) <= limit {
		some, err := dir.ReadDir(min(limit+1-len(entries), 1024))
		entries = append(entries, some...)
		if err != nil {
			return entries, endOfDir(err)
		}
	}
	return entries[:limit], fmt.Errorf("%s: more than %d entries", f.Path(rel), limit)
}

// retry makes a system call again that a signal interrupted.
func retry(call func() (int, error)) (n int, err error) {
	for {
		if n, err = call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
