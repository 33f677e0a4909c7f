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
)

// Whatever is wrong with a state, the log is counted, and that is said once.
func TestKeepBadState(t *testing.T) {
	t.Parallel()
	good := `{"version":1,"boot_id":"boot","records":[0,0,0,0,0,0,9,0],"next_seq":9,"last":{"time_us":0,"priority":6,"hash":"1"}}`
	for name, content := range map[string]string{
		"empty": "", "truncated": good[:40], "foreign": "# a file of notes\n", "of the future": strings.Replace(good, "1", "2", 1),
		"too large": strings.Repeat(" ", maxStateSize+1) + good, "binary": "\x7fELF\x00\x00",
	} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state")
			if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
				t.Fatal(err)
			}
			g := newRing(1000)
			g.prints("a")
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
	}
}

// Bad files are not destroyed, and do not fill the disk.
func TestKeepManyBadStates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	for i := range maxBad + 2 {
		if err := os.WriteFile(path, fmt.Append(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			g := newRing(1000)
			g.prints("a")
			r, told := keeping(t, g, SourceKmsg, path)
			r.start()
			r.sleep(time.Minute)
			r.stop()
			want := 2
			if i >= maxBad {
				want = 1
			}
			if len(told()) != want || r.counted() != 1 {
				t.Errorf("bad file %d: told %v", i, told())
			}
		})
	}
	for i := range maxBad {
		if b, err := os.ReadFile(fmt.Sprintf("%s.bad-%d", path, i+1)); err != nil || string(b) != fmt.Sprint(i) {
			t.Errorf("bad file %d is %q, %v", i, b, err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != fmt.Sprint(maxBad+1) {
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
	for _, path := range []string{pipe, link, sub, "/dev/null", filepath.Join(dir, "missing", "state"), filepath.Join(link, "state")} {
		synctest.Test(t, func(t *testing.T) {
			g := newRing(1000)
			g.prints("a")
			r, told := keeping(t, g, SourceKmsg, path)
			r.start()
			r.sleep(time.Minute)
			r.stop()
			if len(told()) != 1 || r.counted() != 1 {
				t.Errorf("%s: told %v", path, told())
			}
		})
	}
	if after := files(t, dir); after != before {
		t.Errorf("%s, and before %s", after, before)
	}
}

func TestKeepNeedsBootID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		g := newRing(1000)
		g.prints("a")
		r, told := keeping(t, g, SourceKmsg, filepath.Join(dir, "state"))
		r.cfg.BootID = ""
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
		g := newRing(1000)
		g.prints("a")
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
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(dir, "state "+fault.name)
			g := newRing(1000)
			g.prints("a")
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
	}
}
