// Guest is the first process of a guest that `make kernels` boots. It runs the
// exporter there, has the kernel report trouble, and sends what it read to the
// machine outside.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
	"kernel_exporter/tools/kernels/wire"
)

// line is the serial line to the machine outside.
const line = "/dev/ttyS1"

func main() {
	if filepath.Base(os.Args[0]) == "modprobe" { // the kernel's own wish for a module
		if err := modprobe(os.Args[1:]); err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "as" { // a process that a scenario needs
		if err := actor(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: runs as the first process of a guest only")
		os.Exit(1)
	}
	err := run()
	if err != nil {
		fmt.Println("guest:", err)
	}
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF) // nothing is left that could report it
	select {}
}

// A guest is the kernel that runs, as its first process sees it.
type guest struct {
	out      *json.Encoder
	in       *bufio.Reader
	cgroup   string // where cgroups with a memory controller are
	pids     string // where those with a pids controller are
	log      *logReader
	exporter *exporter
}

func run() (err error) {
	debug.SetGCPercent(50)
	if err := mounts(); err != nil {
		return err
	}
	serial, err := openLine(line)
	if err != nil {
		return err
	}
	g := &guest{out: json.NewEncoder(serial), in: bufio.NewReader(serial)}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.send(wire.Message{Error: err.Error()}))
		} else {
			err = g.send(wire.Message{End: true})
		}
		g.understood()
	}()
	if err := g.cgroups(os.Getenv("KERNELS_CGROUP")); err != nil {
		return err
	}
	if err := netlink.Up("lo"); err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	g.log = readLog()
	switch mode := os.Getenv("KERNELS_MODE"); mode {
	case "facts":
		return g.facts()
	case "reports":
		return g.reports(strings.Split(os.Getenv("KERNELS_ONLY"), ","))
	case "clock":
		return g.clock()
	default:
		return fmt.Errorf("KERNELS_MODE=%q is unknown", mode)
	}
}

func (g *guest) send(m wire.Message) error { return g.out.Encode(m) }

func (g *guest) say(format string, args ...any) {
	_ = g.send(wire.Message{Say: fmt.Sprintf(format, args...)}) // the next message fails too
}

// ask has the machine outside do something and returns its answer.
func (g *guest) ask(a wire.Ask) ([]byte, error) {
	if err := g.send(wire.Message{Ask: &a}); err != nil {
		return nil, err
	}
	text, err := g.in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var answer wire.Answer
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, errors.New(answer.Error)
	}
	return answer.Bytes, nil
}

// understood waits until the last message was read outside: what the serial line still
// holds is lost when the power goes.
func (g *guest) understood() {
	answered := make(chan struct{})
	go func() {
		_, _ = g.in.ReadBytes('\n') // the power goes either way
		close(answered)
	}()
	select {
	case <-answered:
	case <-time.After(time.Minute):
	}
}

// openLine opens a serial line that changes no byte.
func openLine(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return nil, err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return f, unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t)
}

// A mount is an argument list of mount(2).
type mount struct{ kind, at, options string }

func mounts() error {
	for _, m := range []mount{
		{kind: "proc", at: "/proc"},
		{kind: "sysfs", at: "/sys"},
		{kind: "devtmpfs", at: "/dev"},
		{kind: "tmpfs", at: "/run"},
		{kind: "tmpfs", at: "/tmp"},
		{kind: "tmpfs", at: "/var"},
	} {
		if err := m.do(); err != nil {
			return err
		}
	}
	_ = mount{kind: "debugfs", at: "/sys/kernel/debug"}.do() // what needs it says so
	return nil
}

func (m mount) do() error {
	if err := os.MkdirAll(m.at, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(m.kind, m.at, m.kind, 0, m.options); err != nil {
		return fmt.Errorf("mount %s at %s: %w", m.kind, m.at, err)
	}
	return nil
}

// cgroups mounts the hierarchies, as a distribution with this version does.
func (g *guest) cgroups(version string) error {
	const top = "/sys/fs/cgroup"
	if version == "v2" {
		if err := (mount{kind: "cgroup2", at: top}).do(); err != nil {
			return err
		}
		g.cgroup, g.pids = top, top
		return delegate(top)
	}
	if err := (mount{kind: "tmpfs", at: top}).do(); err != nil {
		return err
	}
	for _, controller := range []string{"memory", "pids", "cpu", "cpuset", "devices", "freezer", "blkio"} {
		at := filepath.Join(top, controller)
		if err := (mount{kind: "cgroup", at: at, options: controller}).do(); err != nil {
			if controller == "memory" {
				return fmt.Errorf("this kernel has no memory controller of cgroup v1: %w", err)
			}
			_ = os.Remove(at) // a kernel need not have all controllers
		}
	}
	g.cgroup, g.pids = filepath.Join(top, "memory"), filepath.Join(top, "pids")
	return nil
}

// delegate gives the children of a cgroup v2 the controllers that are needed.
func delegate(dir string) error {
	return os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory +pids"), 0)
}

// makeCgroup makes a cgroup with its parents.
func (g *guest) makeCgroup(top, path string) (string, error) {
	dir := top
	for part := range strings.SplitSeq(path, "/") {
		if dir != top && g.v2() {
			if err := delegate(dir); err != nil {
				return "", err
			}
		}
		dir = filepath.Join(dir, part)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}
	return dir, nil
}

func (g *guest) v2() bool { return g.cgroup == g.pids }

// pause waits. Nothing else in the guest would tell when the time has come.
func pause(d time.Duration) { <-time.After(d) }
