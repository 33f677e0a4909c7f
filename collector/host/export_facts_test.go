package host

import (
	"context"
	"io"
	"os"
)

// ParseOSRelease lets the tests of the outside parse without a file.
func ParseOSRelease(text string) (OS, error) { return parseOSRelease(text) }

// ParseMounts lets the tests of the outside parse without a file.
func ParseMounts(r io.Reader) (Mounts, error) { return parseMounts(r) }

// DType lets the tests of the outside ask any directory.
func DType(path string) (Answer, error) {
	dir, err := os.Open(path)
	if err != nil {
		return Unknown, err
	}
	defer dir.Close() //nolint:errcheck // nothing was written
	return dtype(dir)
}

// Read lets the tests of the outside read any file below the root.
func (f *FS) Read(rel string) (string, error) {
	b, err := f.read(rel)
	return string(b), err
}

// Exists lets the tests of the outside look for any file below the root.
func (f *FS) Exists(rel string) (bool, error) { return f.exists(rel) }

// Walk makes the root open its files as on a kernel before 5.6.
func (f *FS) Walk() { f.walks.Store(true) }

// SetLive makes a root of plain files live.
func (f *FS) SetLive() { f.live = true }

// NewMountWatcherOf returns a watcher of another file than that of the first process.
func NewMountWatcherOf(f *FS, rel string) *MountWatcher {
	w := NewMountWatcher(f)
	w.table = rel
	w.readMounts()
	return w
}

// Watch is the part of Run that follows the mount table, without its pace and with
// ears for its news.
func (w *MountWatcher) Watch(ctx context.Context, wake int, news chan<- struct{}) {
	w.pace = 0
	w.watch(ctx, wake, news)
}

// Len returns how many options of a configuration are enabled.
func (c Config) Len() int { return len(c.set) }
