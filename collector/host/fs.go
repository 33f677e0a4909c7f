// Package host reads facts about a Linux host from the files its kernel shows
// under a root directory: the machine's own /, the host's file systems mounted
// below /host in a pod, or a directory recorded on another machine.
//
// Reading and parsing are separate, so that a parser is tested without files.
// The package knows no metric and writes no log. A file that this kernel does
// not have is an error that wraps [fs.ErrNotExist]; whether that is a fault is
// the caller's to say. Nothing is guessed: what cannot be known is [Unknown].
package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// FS is a root directory below which everything is read. It is safe for
// concurrent use.
type FS struct {
	root  string
	dir   *os.File // the root, opened
	live  bool
	walks atomic.Bool // the kernel does not know openat2(2)

	own      *os.File // /, opened, for what is borrowed; else nil
	borrowed []string // "proc", "sys/kernel" and the like: see borrow

	buffers sync.Pool // of *[]byte, for files that are read at each scrape
}

// New returns the facts below root. A root that is no directory is an error.
func New(root string) (*FS, error) {
	st, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", root)
	}
	dir, err := os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	f := &FS{root: root, dir: dir}
	f.live = f.isLive()
	return f, f.borrow()
}

// borrow has what a live root leaves out of proc, sys/kernel and sys/module be read from
// this process's own /proc and /sys. They show the same kernel in every container, except
// for proc/1, which is the container's own first process. So a pod needs only
// proc/1/mountinfo of the host. The host's whole /proc would also give the pod the
// environment and, by their links root, the files of other pods whose user is 0 and whose
// capabilities are no more than its own (ptrace_may_access, kernel/ptrace.c).
func (f *FS) borrow() error {
	if !f.live || filepath.Clean(f.root) == "/" {
		return nil
	}
	var missing []string
	for dir, sign := range map[string]string{"proc": bootIDFile, "sys/kernel": "sys/kernel", "sys/module": "sys/module"} {
		if there, err := f.exists(sign); err == nil && !there {
			missing = append(missing, dir)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	own, err := os.OpenFile("/", unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	f.own, f.borrowed = own, missing
	return nil
}

// borrows says whether a file is read from this process's own root.
func (f *FS) borrows(rel string) bool {
	for _, dir := range f.borrowed {
		if rest, ok := strings.CutPrefix(rel, dir); ok && (rest == "" || rest[0] == '/') {
			return rest != "/1" && !strings.HasPrefix(rest, "/1/")
		}
	}
	return false
}

// base returns the root below which a file is.
func (f *FS) base(rel string) *os.File {
	if f.borrows(rel) {
		return f.own
	}
	return f.dir
}

// Path returns where the file with the given path, relative to the root, is.
func (f *FS) Path(rel string) string {
	if f.borrows(rel) {
		return "/" + rel
	}
	return filepath.Join(f.root, rel)
}

// Live says whether the root shows the kernel that runs this program, and not a
// recorded or unpacked one: the boot ids are equal, and it is a kernel that says so
// and no file. Where the root has no boot id, proc/1/mountinfo serves, if it is not a
// file but a kernel's: no other kernel's can be mounted here. A root that is not live may
// be made by anyone: it is believed in nothing about this machine.
func (f *FS) Live() bool { return f.live }

const bootIDFile = "proc/sys/kernel/random/boot_id"

func (f *FS) isLive() bool {
	if filepath.Clean(f.root) == "/" {
		return true
	}
	if there, err := f.exists(bootIDFile); err == nil && !there {
		return f.isKernels(mountsFile)
	}
	if !f.isKernels(bootIDFile) {
		return false
	}
	here, err := os.ReadFile("/" + bootIDFile)
	if err != nil {
		return false
	}
	there, err := f.BootID()
	return err == nil && there == strings.TrimSpace(string(here))
}

// isKernels says whether a file is of procfs, and so of the kernel that runs.
func (f *FS) isKernels(rel string) bool {
	fd, err := f.openRegular(rel, maxFileSize)
	if err != nil {
		return false
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	var st unix.Statfs_t
	return unix.Fstatfs(fd, &st) == nil && st.Type == unix.PROC_SUPER_MAGIC
}

// BootID returns the kernel's random identity of this boot
// (Documentation/admin-guide/sysctl/kernel.rst, "random").
func (f *FS) BootID() (string, error) {
	id, err := f.readLine(bootIDFile, maxUname)
	if err == nil && id == "" {
		err = fmt.Errorf("%s: empty", f.Path(bootIDFile))
	}
	return id, err
}

// pageSize returns the size of a page in bytes: the machine's for a live root,
// and 4096 for a recorded one, which does not say.
func (f *FS) pageSize() uint64 {
	if f.live {
		return uint64(os.Getpagesize())
	}
	return 4096
}
