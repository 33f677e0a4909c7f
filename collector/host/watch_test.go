package host_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/testkit"
)

func TestWatchMountsFollowsTheKernel(t *testing.T) {
	t.Parallel()
	ownMounts(t)
	f, table := thisMachine(t), fmt.Sprintf("proc/%d/task/%d/mountinfo", os.Getpid(), unix.Gettid())
	first, err := f.MountsOf(table)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	news, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- f.WatchTable(ctx, table, 0, func() {
			select {
			case news <- struct{}{}:
			default: // the last ones have not been heard yet
			}
		})
	}()
	awaitOverlays := func(want int) {
		t.Helper()
		for {
			select {
			case <-news:
			case <-t.Context().Done():
				t.Fatal("the test ran out of time")
			}
			if m, err := f.MountsOf(table); err == nil && m.Overlays == want {
				return
			}
		}
	}
	awaitOverlays(first.Overlays)

	dir := t.TempDir()
	for _, name := range []string{"lower", "lowest", "merged"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	merged := filepath.Join(dir, "merged")
	for round := range 3 {
		if err := unix.Mount("overlay", merged, "overlay", 0, fmt.Sprintf("lowerdir=%[1]s/lower:%[1]s/lowest", dir)); err != nil {
			testkit.Missing(t, "%v", err)
		}
		awaitOverlays(first.Overlays + 1)
		if err := unix.Unmount(merged, 0); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		awaitOverlays(first.Overlays)
	}

	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWatchMountsOfARecordedRoot(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := rootOf(t, tree{"proc/1/mountinfo": mountRoot}).WatchMounts(ctx, func() { t.Error("a recorded table has changed") })
	if err != nil {
		t.Error(err)
	}
}
