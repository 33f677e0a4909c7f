package host

import (
	"context"
	"io"
)

// ParseOSRelease lets the tests of the outside parse without a file.
func ParseOSRelease(text string) (OS, error) { return parseOSRelease(text) }

// ParseMounts lets the tests of the outside parse without a file.
func ParseMounts(r io.Reader) (Mounts, error) { return parseMounts(r) }

// DType lets the tests of the outside ask any directory.
func DType(path string) (Answer, error) { return dtype(path) }

// Resolve lets the tests of the outside follow symbolic links.
func (f *FS) Resolve(rel string) (string, error) { return f.resolve(rel) }

// Watch is the part of Run that follows the mount table, without its pace and with
// ears for its news.
func (w *MountWatcher) Watch(ctx context.Context, wake int, news chan<- struct{}) {
	w.pace = 0
	w.watch(ctx, wake, news)
}
