package collector_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/collectortest"
)

// openings tells how often each file below a directory is opened.
type openings struct {
	fd    int
	paths map[int32]string // of the watched directories
}

func watchOpenings(t *testing.T, root string) *openings {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	o := &openings{fd: fd, paths: map[int32]string{}}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		wd, err := unix.InotifyAddWatch(fd, path, unix.IN_OPEN)
		o.paths[int32(wd)] = path //nolint:gosec // small
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// count returns how often each file was opened since it was last called.
func (o *openings) count(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(o.fd, buf)
		if err == unix.EAGAIN {
			return counts
		}
		if err != nil {
			t.Fatal(err)
		}
		for rest := buf[:n]; len(rest) >= unix.SizeofInotifyEvent; {
			e := (*unix.InotifyEvent)(unsafe.Pointer(&rest[0])) //nolint:gosec // the kernel's own layout
			name := rest[unix.SizeofInotifyEvent : unix.SizeofInotifyEvent+int(e.Len)]
			if e.Mask&unix.IN_ISDIR == 0 {
				counts[filepath.Join(o.paths[e.Wd], string(bytes.TrimRight(name, "\x00")))]++
			}
			rest = rest[unix.SizeofInotifyEvent+int(e.Len):]
		}
	}
}

// TestScrapeOpensNoFileTwice holds that each fact is read in one place, once a scrape,
// and what is constant for a boot not at all.
func TestScrapeOpensNoFileTwice(t *testing.T) {
	t.Parallel()
	for node, source := range collectortest.Nodes(t, "testdata") {
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			if err := os.CopyFS(root, os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			e := start(t, root)
			gather(t, e)
			opened := watchOpenings(t, root)
			gather(t, e)
			counts := opened.count(t)
			if len(counts) < 5 {
				t.Errorf("a scrape opens %d files: they are not seen", len(counts))
			}
			for path, n := range counts {
				if n > 1 {
					t.Errorf("%s is opened %d times", path, n)
				}
			}
			for _, constant := range []string{"proc/sys/kernel/osrelease", "proc/stat", "proc/cmdline", "proc/config.gz", "proc/1/mountinfo"} {
				if n := counts[filepath.Join(root, constant)]; n > 0 {
					t.Errorf("a scrape opens %s, which is constant for a boot or read when it changes", constant)
				}
			}
		})
	}
}
