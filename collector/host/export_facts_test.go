package host

import (
	"context"
	"io"
	"os"
	"strings"
	"time"
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
	defer dir.Close()
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

// MountsOf reads another mount table than that of the first process.
func (f *FS) MountsOf(rel string) (Mounts, error) { return f.mountsOf(rel) }

// WatchTable is WatchMounts with another table and pace.
func (f *FS) WatchTable(ctx context.Context, rel string, pace time.Duration, changed func()) error {
	return f.watchTable(ctx, rel, pace, changed)
}

// Len returns how many options of a configuration are enabled.
func (c Config) Len() int { return strings.Count(c.enabled, "\n") - 1 }

// CompareReleases lets the tests of the outside order releases.
func CompareReleases(a, b string) int { return compareReleases(a, b) }

// PageSize lets the tests of the outside ask for it.
func (f *FS) PageSize() uint64 { return f.pageSize() }
