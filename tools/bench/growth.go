package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// A load is what a node has more of when it has more pods.
type load struct {
	name   string
	counts []int // how many there are at each measurement
	// add makes number i and returns how it is taken away.
	add func(i int) (undo func() error, err error)
}

// growth measures what a scrape costs on a machine that has more and more of what
// pods bring. All is made in a mount namespace and a thread of its own, and taken
// away at the end.
func growth(ctx context.Context, s settings, w *strings.Builder) error {
	dir, err := os.MkdirTemp("", "bench-growth-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	loads, err := loadsOf(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "**Growth**: the same exporter, without own metrics, on a machine that has more and more of what pods bring. At rest is the CPU that it takes in a second in which nobody asks.\n\n")
	w.WriteString("| of | number | CPU a scrape | of it, the kernel's for /proc/slabinfo | CPU a second at rest | resident |\n|---|---|---|---|---|---|\n")
	for _, l := range loads {
		failed := make(chan error, 1)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread and its namespaces end with the goroutine
			failed <- grow(ctx, s, l, w)
		}()
		if err := <-failed; err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	w.WriteString("\n")
	return nil
}

func grow(ctx context.Context, s settings, l load, w *strings.Builder) (err error) {
	if err := ownMounts(); err != nil {
		return err
	}
	var undo []func() error
	defer func() {
		for _, u := range slices.Backward(undo) {
			err = errors.Join(err, u())
		}
	}()
	m := measured{server: &server{name: "kernel_exporter", path: s.exporter, args: func(address string) []string {
		return []string{"serve", "--web.disable-exporter-metrics", "--web.listen-address=" + address}
	}}}
	if _, err := m.server.start(ctx); err != nil {
		return err
	}
	defer m.stop()
	for _, n := range l.counts {
		for len(undo) < n {
			u, err := l.add(len(undo))
			if err != nil {
				return err
			}
			undo = append(undo, u)
		}
		if err := m.row(ctx, s, l.name, n, w); err != nil {
			return err
		}
	}
	return nil
}

// row measures once and writes a row.
func (m *measured) row(ctx context.Context, s settings, name string, n int, w *strings.Builder) error {
	const settle, rest = 2 * time.Second, 5 * time.Second
	if err := sleep(ctx, settle); err != nil {
		return err
	}
	begin, err := m.server.cpu()
	if err != nil {
		return err
	}
	if err := sleep(ctx, rest); err != nil {
		return err
	}
	end, err := m.server.cpu()
	if err != nil {
		return err
	}
	m.cpu = nil
	for range s.rounds {
		if err := m.round(ctx, max(s.scrapes/s.rounds/2, 1)); err != nil {
			return err
		}
	}
	held, err := m.memory()
	if err != nil {
		return err
	}
	floor := "unknown"
	if raw, err := slabinfo(s.scrapes / s.rounds); err == nil {
		floor = ms(raw)
	}
	fmt.Fprintf(w, "| %s | %d | %s | %s | %s | %.1f MB |\n", name, n, ms(quantile(m.cpu, 0.5)), floor, ms((end-begin)/time.Duration(rest.Seconds())), held.resident)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// loadsOf returns what this machine can have more of. The files are made in dir.
func loadsOf(dir string) ([]load, error) {
	mounts, err := procfs.GetMounts()
	if err != nil {
		return nil, err
	}
	var loads []load
	for _, m := range mounts {
		_, memory := m.SuperOptions["memory"]
		switch {
		case m.FSType == "cgroup" && memory:
			loads = append(loads, cgroups("memory cgroups, version 1", m.MountPoint))
		case m.FSType == "cgroup2":
			loads = append(loads, cgroups("cgroups, version 2", m.MountPoint))
		}
	}
	return append(loads,
		load{"overlay mounts", []int{0, 500, 5000}, func(i int) (func() error, error) { return overlay(filepath.Join(dir, fmt.Sprint(i))) }},
		load{"network namespaces", []int{0, 100, 1000}, func(int) (func() error, error) { return networkNamespace() }},
	), nil
}

func cgroups(name, mount string) load {
	return load{name, []int{0, 10, 1000, 10000}, func(i int) (func() error, error) {
		dir := filepath.Join(mount, fmt.Sprintf("kernel_exporter-bench-%d-%d", os.Getpid(), i))
		return func() error { return os.Remove(dir) }, os.Mkdir(dir, 0o755)
	}}
}

// ownMounts gives the thread a mount namespace whose mounts nobody else sees.
func ownMounts() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("a mount namespace needs root: %w", err)
	}
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
}

func overlay(dir string) (undo func() error, err error) {
	for _, sub := range []string{"lower", "upper", "work", "merged"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	merged := filepath.Join(dir, "merged")
	options := fmt.Sprintf("lowerdir=%[1]s/lower,upperdir=%[1]s/upper,workdir=%[1]s/work", dir)
	if err := unix.Mount("overlay", merged, "overlay", 0, options); err != nil {
		return nil, fmt.Errorf("overlay on %s: %w", merged, err)
	}
	return func() error { return unix.Unmount(merged, unix.MNT_DETACH) }, nil
}

// networkNamespace makes one that lives as long as its descriptor is open.
func networkNamespace() (undo func() error, err error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("a network namespace: %w", err)
	}
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	return func() error { return unix.Close(fd) }, err
}
