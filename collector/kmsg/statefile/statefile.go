// Package statefile keeps bytes in a file that is replaced in whole, so that
// whenever the machine stops the file has the old content or the new. It does
// not know what the bytes mean.
//
// Each operation may take for ever, on a disk that does not answer.
package statefile

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
	// MaxSize is how many bytes of a file are read at most.
	MaxSize = 1 << 20
	// MaxAside is how many files are set aside at most. None is removed to make
	// room for another.
	MaxAside = 9
	// tmpInfix follows the file's name in the names of unfinished files.
	tmpInfix = ".tmp-"
)

var (
	// ErrNotRegular says that the path is that of a directory, a device or the
	// like.
	ErrNotRegular = errors.New("not a regular file")
	// ErrTooLarge says that the file has more than MaxSize bytes.
	ErrTooLarge = fmt.Errorf("more than %d bytes", MaxSize)
)

// A File is a file that is replaced in whole and never written in place.
type File string // its path

// Load returns the file's content. The error is fs.ErrNotExist where there is
// no file. With ErrTooLarge it returns the first MaxSize bytes.
func (f File) Load() ([]byte, error) {
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
		return nil, fmt.Errorf("%s: %w", string(f), ErrNotRegular)
	}
	b, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxSize {
		return b[:MaxSize], fmt.Errorf("%s: %w", string(f), ErrTooLarge)
	}
	return b, nil
}

// SetAside renames the file to <path>.bad-1 to -9 and returns the new name,
// which is empty if there is no file any more. What is no regular file stays
// where it is.
func (f File) SetAside() (name string, err error) {
	info, err := os.Stat(string(f))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: %w", string(f), ErrNotRegular)
	}
	for i := 1; i <= MaxAside; i++ {
		name = fmt.Sprintf("%s.bad-%d", string(f), i)
		if _, err = os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, os.Rename(string(f), name)
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: there are %d bad files beside it already; look at them and remove them", string(f), MaxAside)
}

// Store replaces the file. If the file was replaced and its directory cannot be
// synced, the content is stored and there is an error too: a crash of the
// machine may undo it. Errors do not name the unfinished file, because its name
// is another one each time.
func (f File) Store(b []byte) (stored bool, err error) {
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

func (f File) failed(what string, err error) error {
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		err = errno
	}
	return fmt.Errorf("%s %s: %w", what, string(f), err)
}

// syncDir makes a rename in a directory last. A file system that cannot sync a
// directory returns EINVAL, and a directory may be writable and not readable:
// the rename then lasts once the file system is synced for another reason.
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

// RemoveUnfinished removes the unfinished files of processes that were killed
// in Store. Another process that is in Store now fails once.
func (f File) RemoveUnfinished() {
	dir, prefix := filepath.Dir(string(f)), filepath.Base(string(f))+tmpInfix
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // Store returns the same error
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
