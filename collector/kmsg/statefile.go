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
type stateFile string // its path

// load returns the file's content. The error is fs.ErrNotExist where there is
// no file.
func (f stateFile) load() ([]byte, error) {
	// A FIFO must not block; what is no regular file is not read.
	file, err := os.OpenFile(string(f), os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", string(f), errNotRegular)
	}
	b, err := io.ReadAll(io.LimitReader(file, maxStateSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxStateSize {
		return nil, fmt.Errorf("%s: more than %d bytes", string(f), maxStateSize)
	}
	return b, nil
}

var errNotRegular = errors.New("not a regular file")

// setAside moves a bad file out of the way, to <path>.bad-1 to -9, and returns
// the new name. It is empty if there is nothing any more. What is no regular
// file stays where it is.
func (f stateFile) setAside() (name string, err error) {
	info, err := os.Stat(string(f))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: %w", string(f), errNotRegular)
	}
	for i := 1; i <= maxBad; i++ {
		name = fmt.Sprintf("%s.bad-%d", string(f), i)
		if _, err = os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, os.Rename(string(f), name)
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: %d bad files beside it, none is removed", string(f), maxBad)
}

// store replaces the file, so that whenever the machine stops there is the old
// content or the new. Where it is replaced and the directory cannot be synced, it
// is stored with an error. Errors do not name the unfinished file, whose name is
// another each time.
func (f stateFile) store(b []byte) (stored bool, err error) {
	dir := filepath.Dir(string(f))
	tmp, err := os.CreateTemp(dir, filepath.Base(string(f))+tmpInfix+"*") // mode 0600
	if err != nil {
		return false, f.failed("create", err)
	}
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), string(f))
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error says more
		return false, f.failed("write", err)
	}
	return true, syncDir(dir)
}

func (f stateFile) failed(what string, err error) error {
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		err = errno
	}
	return fmt.Errorf("%s %s: %w", what, string(f), err)
}

// syncDir makes a rename in a directory last, as far as it can be done: a file
// system that cannot sync a directory says EINVAL, and one may be written to and
// not be opened. The rename then lasts when the file system is next synced.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
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
func (f stateFile) removeUnfinished() {
	dir, prefix := filepath.Dir(string(f)), filepath.Base(string(f))+tmpInfix
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
