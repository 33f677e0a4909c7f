package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
)

// memory is where memory cgroups are: of version 1, else of version 2.
func memory() string {
	const v1 = "/sys/fs/cgroup/memory"
	if _, err := os.Stat(v1); err == nil {
		return v1
	}
	return "/sys/fs/cgroup"
}

// ours is the cgroup below which all others are made.
func ours() string { return filepath.Join(memory(), "kernel_exporter-day") }

// removeCgroups removes what is left of the day's cgroups.
func removeCgroups() error {
	var dirs []string
	err := filepath.WalkDir(ours(), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	for _, dir := range slices.Backward(dirs) { // children first
		err = errors.Join(err, os.Remove(dir))
	}
	return err
}

// A number counts what came and went.
type number struct {
	cgroups, mounts, namespaces, devices, lines       int
	policies, badPolicies, restarts, kills, fullDisks int
}

// comeAndGo makes many cgroups, mounts, namespaces and devices, and removes them.
func (d *day) comeAndGo(many int) error {
	for i := range many {
		dir := filepath.Join(ours(), fmt.Sprintf("pod%d", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		at := filepath.Join(d.dir, "mounts", fmt.Sprint(i))
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		if err := d.mount(i, at); err != nil {
			return err
		}
		name := fmt.Sprintf("day%d", i)
		if err := netlink.Add(name, "veth", netlink.Peer(name+"p")); err != nil {
			return err
		}
		d.n.cgroups, d.n.mounts, d.n.devices = d.n.cgroups+1, d.n.mounts+1, d.n.devices+2
	}
	if err := namespaces(many); err != nil {
		return err
	}
	d.n.namespaces += many
	d.wait(2 * time.Second) // so that it is seen
	for i := range many {
		at := filepath.Join(d.dir, "mounts", fmt.Sprint(i))
		err := errors.Join(
			netlink.Remove(fmt.Sprintf("day%d", i)),
			unix.Unmount(at, unix.MNT_DETACH),
			os.Remove(at),
			os.Remove(filepath.Join(ours(), fmt.Sprintf("pod%d", i))),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// mount mounts a tmpfs or, each second time, an overlay.
func (d *day) mount(i int, at string) error {
	if i%2 == 0 {
		return unix.Mount("day", at, "tmpfs", 0, "size=64k")
	}
	o := filepath.Join(d.dir, "overlay")
	for _, dir := range []string{"lower", fmt.Sprint("upper", i), fmt.Sprint("work", i)} {
		if err := os.MkdirAll(filepath.Join(o, dir), 0o755); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("lowerdir=%s/lower,upperdir=%s/upper%d,workdir=%s/work%d", o, o, i, o, i)
	err := unix.Mount("day", at, "overlay", 0, options)
	if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) {
		return unix.Mount("day", at, "tmpfs", 0, "size=64k") // this kernel or this disk has no overlays
	}
	return err
}

// namespaces makes namespaces, each of which ends with the thread that was in it.
func namespaces(many int) error {
	done := make(chan error)
	for range many {
		go func() {
			runtime.LockOSThread() // and never unlocked, so the thread ends
			done <- unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC)
		}()
		if err := <-done; err != nil {
			return err
		}
	}
	return nil
}

// flood writes lines to the log, as a user may, in bursts with a pause after each.
func (d *day) flood(lines int) error {
	f, err := openLog(os.O_WRONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	const burst = 200
	for i := range lines {
		if _, err := fmt.Fprintf(f, "<12>kernel_exporter day: line %d of a flood\n", i); err != nil {
			return err
		}
		if i%burst == burst-1 {
			d.wait(time.Millisecond)
		}
	}
	d.n.lines += lines
	return nil
}

// overlay is a file of the policy with one rule more.
func overlay(name string, major int) string {
	return fmt.Sprintf("rules:\n  - {name: %s, severity: info, minimum_version: \"%d.0\", reason: A day., remedy: None., source: make day}\n", name, major)
}

// policy changes the overlay of the policy. A file that is none does not stay: the
// exporter rightly does not start with it.
func (d *day) policy(round int) error {
	path := filepath.Join(d.policyDir, "kernel-4.d", "day.yaml")
	major := 4 + round%100 // a version has at most 255
	if err := os.WriteFile(path, []byte(overlay("day_changes", major)), 0o644); err != nil {
		return err
	}
	d.n.policies++
	if round%3 > 0 {
		return nil
	}
	d.wait(5 * time.Second)
	if err := os.WriteFile(path, []byte("rules: [{name: \x01"), 0o644); err != nil {
		return err
	}
	d.n.badPolicies++
	d.wait(5 * time.Second)
	return os.Remove(path)
}

// fullDisk fills the file system of the state file, has records come, and makes
// room again.
func (d *day) fullDisk() error {
	filler := filepath.Join(d.stateDir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Repeat("x", 4<<20))
	f.Close()
	if !errors.Is(err, unix.ENOSPC) {
		return fmt.Errorf("the disk did not fill: %w", err)
	}
	if err := d.flood(1000); err != nil {
		return err
	}
	d.wait(15 * time.Second) // the exporter tries to write its state
	d.n.fullDisks++
	return os.Remove(filler)
}
