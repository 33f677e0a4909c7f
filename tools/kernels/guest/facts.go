package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/wire"
)

// dying is how many removed cgroups live on, because pages of a tmpfs are still
// charged to them.
const dying = 7

// Seen is what the kernel says by system calls, not by the files that the
// exporter reads.
type seen struct {
	Release, Version, Machine string
	TotalMemory               uint64 // of sysinfo(2), in bytes
	Boot                      float64
	Now                       float64
	Cgroup2                   bool // statfs(2) of the cgroups' mount
	Cgroups                   int  // directories of memory cgroups, the root included
	Dying                     int  // cgroups that were removed with pages charged
	Overlays                  int  // lines of /proc/self/mounts
	Syslog                    string
	CheckCode                 int
}

// facts prepares the machine, runs the exporter, and sends what both say.
func (g *guest) facts() error {
	if err := g.prepare(); err != nil {
		return err
	}
	e, err := startExporter(10044, "--state.file=/run/state")
	if err != nil {
		return err
	}
	g.exporter = e
	pause(7 * time.Second) // what is read off the scrape path is at most 5 s old
	for range 20 {
		if said, err := e.scrape(); err != nil || inTime(said) {
			break
		}
		pause(3 * time.Second)
	}
	if err := g.sendFiles("before"); err != nil {
		return err
	}
	metrics, err := e.scrape()
	if err != nil {
		return err
	}
	if err := g.sendFiles("after"); err != nil {
		return err
	}
	if err := g.sendFile("metrics", []byte(metrics)); err != nil {
		return err
	}
	if err := g.sendSyslog(); err != nil {
		return err
	}
	if err := g.sendLog(); err != nil {
		return err
	}
	if err := g.sendVerdict(); err != nil {
		return err
	}
	return g.sendRoot()
}

// prepare makes what a node has: an overlay, cgroups, and some that die.
func (g *guest) prepare() error {
	for _, name := range []string{"overlay"} {
		if err := load(name, ""); err != nil {
			g.say("%v", err)
		}
	}
	for _, dir := range []string{"lower", "upper", "work"} {
		if err := os.MkdirAll("/run/o/"+dir, 0o755); err != nil {
			return err
		}
	}
	if err := os.MkdirAll("/var/lib/containerd/merged", 0o755); err != nil {
		return err
	}
	options := "lowerdir=/run/o/lower,upperdir=/run/o/upper,workdir=/run/o/work"
	if err := unix.Mount("overlay", "/var/lib/containerd/merged", "overlay", 0, options); err != nil {
		g.say("overlay: %v", err)
	}
	for _, path := range []string{"kubepods/pod1/a", "kubepods/pod1/b", "kubepods/pod2/a", "system/service"} {
		if _, err := g.makeCgroup(g.cgroup, path); err != nil {
			return err
		}
	}
	for i := range dying {
		dir, err := g.makeCgroup(g.cgroup, fmt.Sprintf("kubepods/gone%d", i))
		if err != nil {
			return err
		}
		if out, err := as("charge", dir, fmt.Sprintf("/run/charged%d", i)).CombinedOutput(); err != nil {
			return fmt.Errorf("a process in a cgroup: %w: %s", err, out)
		}
		if err := os.Remove(dir); err != nil {
			return err
		}
	}
	return nil
}

// as returns a command that runs this program in another role.
func as(args ...string) *exec.Cmd {
	return exec.Command("/proc/self/exe", append([]string{"as"}, args...)...)
}

func (g *guest) sendFile(name string, data []byte) error {
	return g.send(wire.Message{File: &wire.File{Name: name, Data: data}})
}

// sendFiles sends what the kernel says now.
func (g *guest) sendFiles(when string) error {
	for _, path := range []string{
		"/proc/meminfo", "/proc/slabinfo", "/proc/filesystems", "/proc/cmdline", "/proc/version",
		"/proc/sys/kernel/tainted", "/sys/kernel/oops_count", "/sys/kernel/warn_count",
		"/proc/sys/kernel/hung_task_detect_count", "/etc/os-release",
		filepath.Join(g.cgroup, "memory.stat"), filepath.Join(g.cgroup, "memory.kmem.usage_in_bytes"),
	} {
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		name := path
		if dir, base := filepath.Split(path); dir == g.cgroup+"/" {
			name = "/cgroup/" + base
		}
		if err := g.sendFile(when+name, text); err != nil {
			return err
		}
	}
	s, err := g.look()
	if err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return g.sendFile(when+"/seen", text)
}

// look asks the kernel by system calls.
func (g *guest) look() (s seen, err error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return s, err
	}
	s.Release, s.Version = unix.ByteSliceToString(name.Release[:]), unix.ByteSliceToString(name.Version[:])
	s.Machine = unix.ByteSliceToString(name.Machine[:])
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return s, err
	}
	s.TotalMemory = info.Totalram * uint64(info.Unit)
	var boot, now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
		return s, err
	}
	if err := unix.ClockGettime(unix.CLOCK_REALTIME, &now); err != nil {
		return s, err
	}
	s.Now = float64(now.Nano()) / 1e9
	s.Boot = s.Now - float64(boot.Nano())/1e9
	var st unix.Statfs_t
	if err := unix.Statfs(g.cgroup, &st); err != nil {
		return s, err
	}
	s.Cgroup2, s.Dying = st.Type == unix.CGROUP2_SUPER_MAGIC, dying
	err = filepath.WalkDir(g.cgroup, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			s.Cgroups++
		}
		return err
	})
	if err != nil {
		return s, err
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return s, err
	}
	for m := range strings.Lines(string(mounts)) {
		if f := strings.Fields(m); len(f) > 2 && f[2] == "overlay" {
			s.Overlays++
		}
	}
	return s, nil
}

// sendLog sends the log as a reader of /dev/kmsg saw it, and as syslog(2) has it.
func (g *guest) sendLog() error {
	records, err := g.log.all()
	if err != nil {
		return err
	}
	var ring strings.Builder
	for _, r := range records {
		ring.WriteString(r.raw)
	}
	if err := g.sendFile("kmsg", []byte(ring.String())); err != nil {
		return err
	}
	const readAll = 3 // SYSLOG_ACTION_READ_ALL
	buf := make([]byte, 4<<20)
	n, err := unix.Klogctl(readAll, buf)
	if err != nil {
		return fmt.Errorf("syslog(2): %w", err)
	}
	return g.sendFile("syslog", buf[:n])
}

// sendSyslog sends the metrics of an exporter that reads the log by syslog(2).
func (g *guest) sendSyslog() error {
	e, err := startExporter(10045, "--kmsg.source=syslog")
	if err != nil {
		return err
	}
	pause(2 * time.Second)
	metrics, err := e.scrape()
	if err != nil {
		return err
	}
	if err := g.sendFile("metrics-syslog", []byte(metrics)); err != nil {
		return err
	}
	return e.stop()
}

// sendVerdict sends what check says.
func (g *guest) sendVerdict() error {
	for _, format := range []string{"json", "table"} {
		out, code, err := judged("--format=" + format)
		if err != nil {
			return err
		}
		if err := g.sendFile("check."+format, out); err != nil {
			return err
		}
		if err := g.sendFile("code", fmt.Append(nil, code)); err != nil {
			return err
		}
	}
	return nil
}
