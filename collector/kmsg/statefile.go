package kmsg

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// maxStateSize bounds what is read of a state file. A state of maxWaits
	// devices has a quarter of that.
	maxStateSize = 1 << 20
	// maxBad is how many bad files are kept. None is destroyed for another: when
	// there are as many, someone has to look at them.
	maxBad = 9
	// tmpInfix is what the names of unfinished files have behind the state
	// file's own.
	tmpInfix = ".tmp-"
)

// A stateFile is a file that is replaced in whole and never written in place.
type stateFile struct {
	path string
	// bad says that what stands at path is no state, and has to be set aside
	// before one is stored there.
	bad bool
}

// load returns the file's content. The error is fs.ErrNotExist where there is
// no file. Files that an earlier process left unfinished are removed.
func (f *stateFile) load() ([]byte, error) {
	f.removeUnfinished()
	// A FIFO must not block; what is no regular file is not read.
	file, err := os.OpenFile(f.path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		f.bad = !errors.Is(err, fs.ErrNotExist)
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	f.bad = true
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", f.path, errNotRegular)
	}
	b, err := io.ReadAll(io.LimitReader(file, maxStateSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxStateSize {
		return nil, fmt.Errorf("%s: more than %d bytes", f.path, maxStateSize)
	}
	f.bad = false
	return b, nil
}

var errNotRegular = errors.New("not a regular file")

// setAside moves a bad file out of the way, to <path>.bad-1 to -9, and returns
// the new name. It is empty if there is nothing any more. What is no regular
// file stays where it is.
func (f *stateFile) setAside() (name string, err error) {
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.bad = false
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: %w", f.path, errNotRegular)
	}
	for i := 1; i <= maxBad; i++ {
		name = fmt.Sprintf("%s.bad-%d", f.path, i)
		if _, err = os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(f.path, name)
			f.bad = err != nil
			return name, err
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: %d bad files beside it, none is removed", f.path, maxBad)
}

// store replaces the file, so that whenever the machine stops there is the old
// content or the new. Its errors do not name the unfinished file, whose name is
// another each time.
func (f *stateFile) store(b []byte) error {
	dir := filepath.Dir(f.path)
	tmp, err := os.CreateTemp(dir, filepath.Base(f.path)+tmpInfix+"*") // mode 0600
	if err != nil {
		return f.failed("create", err)
	}
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error says more
		return f.failed("write", err)
	}
	return syncDir(dir)
}

func (f *stateFile) failed(what string, err error) error {
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		err = errno
	}
	return fmt.Errorf("%s %s: %w", what, f.path, err)
}

// syncDir makes a rename in a directory last. A file system that cannot sync a
// directory says EINVAL.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // nothing was written
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}

// removeUnfinished removes what processes left that were killed while they
// stored. One that still does fails once, and tries again.
func (f *stateFile) removeUnfinished() {
	dir, prefix := filepath.Dir(f.path), filepath.Base(f.path)+tmpInfix
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // whatever is wrong there, store says it
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
