package host_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/host"
)

func TestMountWatcherFollowsTheKernel(t *testing.T) {
	t.Parallel()
	ownMounts(t)
	f := rootOf(t, tree{"proc/1/mountinfo@": fmt.Sprintf("/proc/self/task/%d/mountinfo", unix.Gettid())})
	w := host.NewMountWatcher(f)
	first, at, err := w.Snapshot()
	if err != nil || at.IsZero() {
		t.Fatalf("%+v, %v, %v", first, at, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	wake, waker, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer wake.Close()
	news, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(done)
		w.Watch(ctx, int(wake.Fd()), news)
	}()
	awaitOverlays := func(want int) {
		t.Helper()
		for {
			select {
			case <-news:
			case <-t.Context().Done():
				t.Fatal("the test ran out of time")
			}
			if m, _, err := w.Snapshot(); err == nil && m.Overlays == want {
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
			skipUnlessCI(t, err)
		}
		awaitOverlays(first.Overlays + 1)
		if err := unix.Unmount(merged, 0); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		awaitOverlays(first.Overlays)
	}

	cancel()
	if err := waker.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

func TestMountWatcherRun(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		root   *host.FS
		mounts host.Mounts
		err    error
		stores []host.Store
	}{
		"live": {
			root:   liveRootOf(t, tree{"proc/1/mountinfo@": "/proc/self/mountinfo", "var/lib/docker/x": ""}),
			stores: []host.Store{{Path: "/var/lib/docker", DType: host.Yes}},
		},
		"live, regular file": {
			root:   liveRootOf(t, tree{"proc/1/mountinfo": mountRoot + mountOverlay, "var/lib/docker/x": ""}),
			mounts: host.Mounts{Overlays: 1},
			stores: []host.Store{{Path: "/var/lib/docker", DType: host.Yes}},
		},
		"live, no table": {
			root:   liveRootOf(t, tree{"var/lib/docker/x": ""}),
			err:    fs.ErrNotExist,
			stores: []host.Store{{Path: "/var/lib/docker", DType: host.Yes}},
		},
		"recorded": {
			root:   rootOf(t, tree{"proc/1/mountinfo": mountRoot + mountOverlay, "var/lib/docker/x": ""}),
			mounts: host.Mounts{Overlays: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := host.NewMountWatcher(tt.root)
			if stores := w.Stores(); stores != nil {
				t.Errorf("before: %+v", stores)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- w.Run(ctx) }()
			select {
			case <-w.Ready():
			case <-t.Context().Done():
				t.Fatal("the test ran out of time")
			}
			mounts, at, err := w.Snapshot()
			if !errors.Is(err, tt.err) || at.IsZero() {
				t.Errorf("at %v: %v, want %v", at, err, tt.err)
			}
			if name != "live" && mounts != tt.mounts {
				t.Errorf("%+v, want %+v", mounts, tt.mounts)
			}
			if stores := w.Stores(); len(stores) != len(tt.stores) || len(stores) > 0 && stores[0] != tt.stores[0] {
				t.Errorf("%+v, want %+v", stores, tt.stores)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// What has gone wrong since the first reading is told, not the old table.
func TestMountWatcherForgets(t *testing.T) {
	t.Parallel()
	f := liveRootOf(t, tree{"proc/1/mountinfo": mountRoot + mountOverlay})
	w := host.NewMountWatcher(f)
	if m, _, err := w.Snapshot(); err != nil || m.Overlays != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	if err := os.Remove(f.Path("proc/1/mountinfo")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	<-w.Ready()
	if m, _, err := w.Snapshot(); !errors.Is(err, fs.ErrNotExist) || m != (host.Mounts{}) {
		t.Errorf("%+v, %v", m, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
