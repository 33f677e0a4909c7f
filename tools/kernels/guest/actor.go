package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
)

// actor plays a part in a scenario, as a process of its own that may be killed or
// hang.
func actor(args []string) error {
	if len(args) == 0 {
		return errors.New("as what?")
	}
	role, args := args[0], args[1:]
	switch {
	case role == "charge" && len(args) == 2:
		return charge(args[0], args[1])
	case role == "eat" && len(args) == 2:
		return eat(args[0], args[1])
	case role == "fork" && len(args) == 1:
		return fork(args[0])
	case role == "openfiles" && len(args) == 1:
		return openFiles(args[0])
	case role == "write" && len(args) == 1:
		return os.WriteFile(args[0], []byte("written by a process that may hang"), 0o600)
	case role == "read" && len(args) == 1:
		return readBlock(args[0])
	case role == "list" && len(args) == 1:
		_, err := os.ReadDir(args[0])
		return err
	case role == "cat" && len(args) == 1:
		_, err := os.ReadFile(args[0])
		return err
	case role == "show" && len(args) == 1:
		text, err := os.ReadFile(args[0])
		fmt.Print(string(text))
		return err
	case role == "elsewhen" && len(args) == 1:
		return elsewhen(args[0])
	case role == "ring" && len(args) == 0:
		return ring()
	case role == "poison" && len(args) == 0:
		return poison()
	case role == "swap" && len(args) == 1:
		return swap(args[0])
	case role == "nfs" && len(args) == 1:
		return mountNFS(args[0])
	case role == "nbd" && len(args) == 1:
		return readNBD(args[0])
	case role == "removelink" && len(args) == 1:
		return netlink.Remove(args[0])
	}
	return fmt.Errorf("no role %s with %d arguments", role, len(args))
}

func enter(cgroup string) error {
	return os.WriteFile(filepath.Join(cgroup, "cgroup.procs"), []byte("0"), 0)
}

// charge has pages of a tmpfs charged to a cgroup, which live on after it.
func charge(cgroup, file string) error {
	if err := enter(cgroup); err != nil {
		return err
	}
	return os.WriteFile(file, make([]byte, 40<<12), 0o600)
}

// eat writes to so many MiB of memory and holds it, in a cgroup or, given "-", in none.
func eat(cgroup, mib string) error {
	if cgroup != "-" {
		if err := enter(cgroup); err != nil {
			return err
		}
	}
	n, err := strconv.Atoi(mib)
	if err != nil {
		return err
	}
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0); err != nil {
		return err
	}
	memory, err := unix.Mmap(-1, 0, n<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return err
	}
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	pause(time.Minute)
	return nil
}

// fork tries to start a process where the cgroup allows none more.
func fork(cgroup string) error {
	if err := enter(cgroup); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(cgroup, "pids.max"), []byte("1"), 0); err != nil {
		return err
	}
	if err := as("cat", "/proc/version").Run(); err == nil {
		return errors.New("a process was started in spite of pids.max")
	}
	return nil
}

// openFiles opens a file until the kernel has no more, as a user who is bound by
// fs.file-max.
func openFiles(path string) error {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 4096, Max: 4096}); err != nil {
		return err
	}
	if err := unix.Setuid(65534); err != nil {
		return err
	}
	for range 4000 {
		if _, err := unix.Open(path, unix.O_RDONLY, 0); errors.Is(err, unix.ENFILE) {
			return nil
		}
	}
	return errors.New("the kernel opened 4000 files")
}

// readBlock reads the start of a device past the cache.
func readBlock(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECT, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	memory, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	_, err = f.ReadAt(memory, 0)
	return err
}
