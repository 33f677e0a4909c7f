package source

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

func is[T any](t *testing.T, v any) T {
	t.Helper()
	typed, ok := v.(T)
	if !ok {
		t.Fatalf("%T is not %T", v, typed)
	}
	return typed
}

// A FIFO whose writer left is at its end for as long as nobody else comes,
// and select(2) would call it ready all the time. It must not be read again
// and again.
func TestFIFOWithoutWriterDoesNotSpin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kmsg")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	src, _, err := OpenRaw(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var reads atomic.Int64
	s := is[*stream](t, is[*lines](t, src).input)
	s.attempt = func(fd uintptr) bool {
		reads.Add(1)
		return s.tryRead(fd)
	}
	seqs := make(chan uint64)
	go func() {
		var r record.Record
		for kind := Record; err == nil; kind, err = src.Read(&r, true) {
			if kind == Record && r.Text != nil {
				seqs <- r.Seq
			}
		}
		close(seqs)
	}()
	for _, line := range []string{"6,0,0,-;a\n", "6,1,0,-;b\n"} {
		before := reads.Load()
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil { // opens, writes, leaves
			t.Fatal(err)
		}
		if seq := <-seqs; seq != uint64(line[2]-'0') {
			t.Errorf("record %d, want %c", seq, line[2])
		}
		<-time.After(50 * time.Millisecond) // time to spin in
		if n := reads.Load() - before; n > 8 {
			t.Errorf("%d reads for a record and the end", n)
		}
	}
}

func TestStreamEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kmsg")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	src, _, err := OpenRaw(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	var r record.Record
	if kind, err := src.Read(&r, false); kind != End || err != nil {
		t.Errorf("an empty FIFO: kind %d, %v", kind, err)
	}
	done := make(chan error)
	go func() {
		_, err := src.Read(&r, true)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the end of its context: %v", err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

// A record that does not fit is consumed all the same: it is lost, and what
// follows is not.
func TestDeviceRecordDoesNotFit(t *testing.T) {
	t.Parallel()
	src, _, err := OpenRaw(t.Context(), "/dev/kmsg")
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("NOT TESTED: needs the kernel's log: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	d := is[*device](t, src)
	var r record.Record
	for range 1000 { // while someone else's flood overwrites it
		whole := d.buf
		if kind, err := d.Read(&r, false); kind != Record || err != nil {
			continue
		}
		first := r.Seq
		d.buf = whole[:1]
		lost, _ := d.Read(&r, false)
		d.buf = whole
		if kind, err := d.Read(&r, false); kind == Record && err == nil {
			if lost != Lost || r.Seq < first+2 {
				t.Errorf("after record %d: kind %d, then record %d", first, lost, r.Seq)
			}
			return
		}
	}
	t.Fatal("no three records in a row")
}

// A source that is closed leaves no descriptor and no goroutine, however often
// it is opened.
//
//nolint:paralleltest // what others have open would be counted
func TestOpeningLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("6,0,0,-;a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{pipe, file, "/dev/null", dir, filepath.Join(dir, "missing")}
	if f, err := os.Open("/dev/kmsg"); err == nil {
		paths = append(paths, "/dev/kmsg")
		_ = f.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	matcher, before := event.NewMatcher(), descriptors(t)
	for range 200 {
		for _, path := range paths {
			src, err := Open(ctx, path, Reading{Matcher: matcher})
			if err != nil {
				continue
			}
			var it Item
			_ = src.Next(&it) // whatever it gives
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	cancel()
	if after := descriptors(t); after > before+4 { // the poller's own, at its first use
		t.Errorf("%d descriptors are open, and %d were before", after, before)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; bytes.Contains(stacks, []byte("source.newStream")) {
		t.Errorf("a goroutine is left:\n%s", stacks)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(links)
}
