package kmsg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
	src, err := openSource(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.close() //nolint:errcheck // of a test
	var reads atomic.Int64
	s := is[*stream](t, is[*lineSource](t, src).input)
	s.attempt = func(fd uintptr) bool {
		reads.Add(1)
		return s.tryRead(fd)
	}
	seqs := make(chan uint64)
	go func() {
		var r record.Record
		for src.next(&r, true) == nil {
			seqs <- r.Seq
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
	src, err := openSource(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	var r record.Record
	if err := src.next(&r, false); !errors.Is(err, errEmpty) {
		t.Errorf("an empty FIFO: %v", err)
	}
	done := make(chan error)
	go func() { done <- src.next(&r, true) }()
	cancel()
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the end of its context: %v", err)
	}
	if err := src.close(); err != nil {
		t.Error(err)
	}
}

// A record that does not fit is consumed all the same: it is lost, and what
// follows is not.
func TestDeviceRecordDoesNotFit(t *testing.T) {
	t.Parallel()
	src, err := openSource(t.Context(), "/dev/kmsg")
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("NOT TESTED: needs the kernel's log: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer src.close() //nolint:errcheck // of a test
	d := is[*device](t, src)
	var r record.Record
	for range 1000 { // while someone else's flood overwrites it
		whole := d.buf
		if err := d.next(&r, false); err != nil {
			continue
		}
		first := r.Seq
		d.buf = whole[:1]
		lost := d.next(&r, false)
		d.buf = whole
		if err := d.next(&r, false); err == nil {
			if !errors.Is(lost, errLost) || r.Seq < first+2 {
				t.Errorf("behind record %d: %v, then record %d", first, lost, r.Seq)
			}
			return
		}
	}
	t.Fatal("no three records in a row")
}
