package host_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
)

func TestNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := host.New(file); err == nil || f != nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file: %v, %v", f, err)
	}
	if f, err := host.New(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || f != nil {
		t.Errorf("nothing: %v, %v", f, err)
	}
	f, err := host.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	if f.Root() != dir || f.Path("proc/stat") != dir+"/proc/stat" {
		t.Errorf("root %q, path %q", f.Root(), f.Path("proc/stat"))
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	const rel = "proc/sys/kernel/random/boot_id"
	if f := thisMachine(t); !f.Live() || f.PageSize() != uint64(os.Getpagesize()) { //nolint:gosec // a size
		t.Errorf("this machine: live %v, pages of %d bytes", f.Live(), f.PageSize())
	}
	for name, files := range map[string]tree{
		"no boot id":    {},
		"empty boot id": {rel: ""},
		"another boot":  {rel: "0b7c5f2e-1a3d-4e5f-8a9b-1c2d3e4f5a6b\n"},
	} {
		if f := rootOf(t, files); f.Live() || f.PageSize() != 4096 {
			t.Errorf("%s: live %v, pages of %d bytes", name, f.Live(), f.PageSize())
		}
	}
	want, err := thisMachine(t).BootID()
	if err != nil || want == "" {
		t.Fatalf("%q, %v", want, err)
	}
	if got, err := liveRootOf(t, tree{}).BootID(); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	var zero host.Answer
	if zero != host.Unknown || zero.Known() || zero.String() != "unknown" {
		t.Errorf("zero: %v", zero)
	}
	for b, want := range map[bool]string{false: "no", true: "yes"} {
		if a := host.AnswerOf(b); !a.Known() || a.String() != want {
			t.Errorf("%v: %v", b, a)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	f := rootOf(t, tree{
		"a/b/file": "", "abs@": "/a/b/file", "rel@": "a/b/../b/file", "up@": "../../../a", "a/up@": "../../a/./b",
		"dir@": "/a//b/", "self@": "self", "ping@": "pong", "pong@": "/ping", "host@": "/proc/self/root/etc", "deep/link@": "../abs", "empty@": "/",
	})
	for rel, want := range map[string]string{
		"": "", "a/b/file": "a/b/file", "/a/b/file": "a/b/file", "a//b/./file": "a/b/file", "../../a": "a",
		"abs": "a/b/file", "rel": "a/b/file", "up/b/file": "a/b/file", "a/up/file": "a/b/file", "dir/file": "a/b/file",
		"deep/link": "a/b/file", "empty/a": "a", "empty": "",
	} {
		if got, err := f.Resolve(rel); err != nil || got != f.Path(want) {
			t.Errorf("%q: %q, %v; want %q", rel, got, err, f.Path(want))
		}
	}
	for rel, want := range map[string]error{
		"none": fs.ErrNotExist, "a/none/file": fs.ErrNotExist, "host": fs.ErrNotExist, "host/passwd": fs.ErrNotExist,
		"self": unix.ELOOP, "ping": unix.ELOOP, "a/b/file/x": unix.ENOTDIR,
	} {
		if got, err := f.Resolve(rel); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v; want %v", rel, got, err, want)
		}
	}
}

// A root that is itself a link is followed like any directory.
func TestResolveBelowLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "real/etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "root")); err != nil {
		t.Fatal(err)
	}
	f, err := host.New(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rel := range []string{"etc", "etc/../etc", "./etc"} {
		if got, err := f.Resolve(rel); err != nil || got != f.Path("etc") {
			t.Errorf("%q: %q, %v", rel, got, err)
		}
	}
}
