package host

import (
	"context"
	"io"
	"time"
)

// ParseOSRelease lets the tests of the outside parse without a file.
func ParseOSRelease(text string) (OS, error) { return parseOSRelease(text) }

// ParseMounts lets the tests of the outside parse without a file.
func ParseMounts(r io.Reader) (Mounts, error) { return parseMounts(r) }

// DType lets the tests of the outside ask any directory.
func DType(path string) (Answer, error) { return dtype(path) }

// Resolve lets the tests of the outside follow symbolic links.
func (f *FS) Resolve(rel string) (string, error) { return f.resolve(rel) }

// WatchMountsEvery is WatchMounts with another pace.
func (f *FS) WatchMountsEvery(ctx context.Context, pace time.Duration, changed func()) error {
	return f.watchMounts(ctx, pace, changed)
}
