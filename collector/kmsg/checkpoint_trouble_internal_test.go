package kmsg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/source/sourcetest"
	"kernel_exporter/collector/kmsg/statefile"
)

// Whatever is wrong with a state, the log is counted, and that is said once.
func TestKeepBadState(t *testing.T) {
	t.Parallel()
	good := `{"version":1,"boot_id":"boot","records":[0,0,0,0,0,0,9,0],"next_seq":9,"last":{"time_us":0,"priority":6,"hash":"1"}}`
	for name, content := range map[string]string{
		"empty": "", "truncated": good[:40], "cut in its first word": good[:6], "of the future": strings.Replace(good, "1", "2", 1),
		"too large": good + strings.Repeat(" ", statefile.MaxSize), "zeros": strings.Repeat("\x00", 4096), "garbled": "\x80" + good[1:],
		"garbled inside": strings.Replace(good, "records", "\x00ecords", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "state")
				if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
					t.Fatal(err)
				}
				g := sourcetest.NewRing(1000)
				g.Prints("a")
				r, told := keeping(t, g, SourceKmsg, path)
				if s := r.run(); s.accounted() != 1 {
					t.Errorf("%s: %d records", name, s.accounted())
				}
				if len(told()) != 2 || !strings.Contains(told()[0].Error(), path+".bad-1") || told()[1] != nil {
					t.Errorf("%s: told %v", name, told())
				}
				if b, err := os.ReadFile(path + ".bad-1"); err != nil || string(b) != content {
					t.Errorf("%s: set aside is %q, %v", name, b, err)
				}
				if r, told = keeping(t, g, SourceKmsg, path); r.run().accounted() != 1 || len(told()) != 0 {
					t.Errorf("%s: at the next start, told %v", name, told())
				}
			})
		})
	}
}

// A file that is not ours is neither renamed nor written, and that is an error
// that names it.
func TestKeepForeignFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"notes": "# a file of notes\n", "hosts": "127.0.0.1 localhost\n", "binary": "\x7fELF\x00\x00", "a line": "\n\n x",
		"other JSON": `{"name":"x"}`, "other JSON with a version": `{"version":1,"boot":"x"}`, "a compose file": `{"version": "3.8"}`,
		"too large": strings.Repeat(" ", statefile.MaxSize+1) + `{"version":1,"boot_id":"boot"`, "an array": "[]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "state")
				if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
					t.Fatal(err)
				}
				if err := CheckStateFile(path); !errors.Is(err, ErrForeignState) || !strings.Contains(err.Error(), path) {
					t.Errorf("checked: %v", err)
				}
				g := sourcetest.NewRing(1000)
				g.Prints("a")
				r, told := keeping(t, g, SourceKmsg, path)
				r.start()
				r.sleep(time.Minute)
				r.stop()
				if r.counted() != 1 || len(told()) != 1 || !errors.Is(told()[0], ErrForeignState) || !strings.Contains(told()[0].Error(), path) {
					t.Errorf("%d records, told %v", r.counted(), told())
				}
				if b, err := os.ReadFile(path); err != nil || string(b) != content || files(t, dir) != "state" {
					t.Errorf("the file is %q, %v, beside %s", b, err, files(t, dir))
				}
			})
		})
	}
}

// What CheckStateFile lets pass is no file yet, one of ours, or one that is
// reported later.
func TestCheckStateFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged")
	if err := os.WriteFile(damaged, []byte(`{"version":1,"boot_id":"x","rec`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{damaged, dir, filepath.Join(dir, "missing"), "/dev/null"} {
		if err := CheckStateFile(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Bad files are not destroyed, and do not fill the disk.
func TestKeepManyBadStates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	for i := range statefile.MaxAside + 2 {
		if err := os.WriteFile(path, fmt.Append(nil, `{"version":`, i), 0o600); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			g := sourcetest.NewRing(1000)
			g.Prints("a")
			r, told := keeping(t, g, SourceKmsg, path)
			r.start()
			r.sleep(time.Minute)
			r.stop()
			want := 2
			if i >= statefile.MaxAside {
				want = 1
			}
			if len(told()) != want || r.counted() != 1 {
				t.Errorf("bad file %d: told %v", i, told())
			}
		})
	}
	for i := range statefile.MaxAside {
		if b, err := os.ReadFile(fmt.Sprintf("%s.bad-%d", path, i+1)); err != nil || string(b) != fmt.Sprint(`{"version":`, i) {
			t.Errorf("bad file %d is %q, %v", i, b, err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != fmt.Sprint(`{"version":`, statefile.MaxAside+1) {
		t.Errorf("the last is %q, %v", b, err)
	}
}

// What cannot be a state file is left alone.
func TestKeepNotAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "null")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	t.Cleanup(func() {
		if after := files(t, dir); after != before {
			t.Errorf("%s, and before %s", after, before)
		}
	})
	for _, path := range []string{pipe, link, sub, "/dev/null", filepath.Join(dir, "missing", "state"), filepath.Join(link, "state")} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := sourcetest.NewRing(1000)
				g.Prints("a")
				r, told := keeping(t, g, SourceKmsg, path)
				r.start()
				r.sleep(time.Minute)
				r.stop()
				if len(told()) != 1 || r.counted() != 1 {
					t.Errorf("%s: told %v", path, told())
				}
			})
		})
	}
}

func TestKeepNeedsBootID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		g := sourcetest.NewRing(1000)
		g.Prints("a")
		r, told := keeping(t, g, SourceKmsg, filepath.Join(dir, "state"))
		r.cfg.Kernel.BootID = ""
		if s := r.run(); s.accounted() != 1 || len(told()) != 1 || !errors.Is(told()[0], errNoBootID) || files(t, dir) != "" {
			t.Errorf("%+v, told %v, files %q", s, told(), files(t, dir))
		}
	})
}

// Unfinished files of killed processes do not gather.
func TestKeepRemovesUnfinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{"state.tmp-1", "state.tmp-22", "state.bad-1", "other.tmp-1", "state2"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g := sourcetest.NewRing(1000)
		g.Prints("a")
		r, _ := keeping(t, g, SourceKmsg, filepath.Join(dir, "state"))
		r.run()
		if got := files(t, dir); got != "other.tmp-1 state state.bad-1 state2" {
			t.Errorf("files %q", got)
		}
	})
}

// A state is stored again when its file system lets it.
//
//nolint:paralleltest // mounts
func TestKeepOnBadFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("kmsg-test", dir, "tmpfs", 0, "size=4096"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("needs to mount: %v", err)
		}
		t.Skipf("NOT TESTED: needs to mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	remount := func(flags uintptr) error {
		return unix.Mount("kmsg-test", dir, "tmpfs", unix.MS_REMOUNT|flags, "")
	}
	for _, fault := range []struct {
		name        string
		spoil, mend func() error
		err         error
	}{
		{"full", func() error { return os.WriteFile(filler, make([]byte, 4096), 0o600) }, func() error { return os.Remove(filler) }, unix.ENOSPC},
		{"read-only", func() error { return remount(unix.MS_RDONLY) }, func() error { return remount(0) }, unix.EROFS},
	} {
		t.Run(fault.name, func(t *testing.T) { //nolint:paralleltest // one file system
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(dir, "state "+fault.name)
				g := sourcetest.NewRing(1000)
				g.Prints("a")
				if err := fault.spoil(); err != nil {
					t.Fatal(err)
				}
				r, told := keeping(t, g, SourceKmsg, path)
				r.start()
				r.sleep(time.Minute)
				if s := r.Snapshot(); s.accounted() != 1 || len(told()) != 1 || !errors.Is(told()[0], fault.err) {
					t.Errorf("%s: %d records, told %v", fault.name, s.accounted(), told())
				}
				if err := fault.mend(); err != nil {
					t.Fatal(err)
				}
				r.sleep(storeInterval)
				if _, err := os.Stat(path); err != nil || len(told()) != 2 || told()[1] != nil {
					t.Errorf("%s, mended: %v, told %v", fault.name, err, told())
				}
				r.stop()
				_ = os.Remove(path)
				if got := files(t, dir); got != "" {
					t.Errorf("%s: left %s", fault.name, got)
				}
			})
		})
	}
}
