package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/testkit"
)

// The kernel prints names of processes, files, firewall rules and options in its
// own records. What users put there opens no event, by whichever way the log is
// read, and a newline in the name of a process hides no report.
//
//nolint:paralleltest // the machine's own log
func TestUserWords(t *testing.T) {
	l := newKernelLog(t)
	for name, attack := range map[string]func(*kernelLog){
		"segmentation faults": faultAsReports,
		"firewall":            logPacketsAsReports,
		"mounts":              mountAsReports,
	} {
		t.Run(name, func(t *testing.T) {
			log := &kernelLog{t: t, out: l.out, pids: l.pids}
			log.undisturbed(func(l *kernelLog) { nothingForged(l, attack) })
		})
	}
	t.Run("hung task", hungTaskIsSeen)
}

// nothingForged holds that an attack changes no count of the program's.
func nothingForged(l *kernelLog, attack func(*kernelLog)) {
	t := l.t
	t.Helper()
	l.report()
	for _, source := range []string{"kmsg", "syslog"} {
		c := start(t, launch{}, "--kmsg.source="+source)
		before := c.waitUp(true)
		attack(l)
		l.report() // which is read after what the attack wrote
		after := c.within("the kernel's own report", func(m metrics) bool { return m.event(reported) > before.event(reported) })
		for _, e := range event.All() {
			if got, was := after.event(e), before.event(e); got != was && e != reported {
				t.Errorf("by %s %d events %s are counted, %d before", source, got, e, was)
			}
		}
		if after["kernel_netdev_leaks"] > before["kernel_netdev_leaks"] {
			t.Errorf("by %s a network device is waited for", source)
		}
	}
}

// faultAsReports runs programs that fault, as nobody and without a capability.
// Each is named like the beginning of a report, and its file like the rest of it.
func faultAsReports(l *kernelLog) {
	t := l.t
	t.Helper()
	setting(t, "/proc/sys/debug/exception-trace", "1")
	setting(t, "/proc/sys/kernel/printk_ratelimit", "0")
	dir := publicDir(t)
	for _, words := range [][2]string{
		{"INFO: task ", "x:1 blocked for more than 120 seconds.\nq"},
		{"BUG ", "x: Objects remaining on __kmem_cache_shutdown()\nq"},
		{"SLUB ", "x: kmem_cache_destroy called for cache that still has objects.\nq"},
		{"XFS: ", "x(1) possible memory allocation deadlock in a (mode:0x0)\nq"},
		{"int3: 0000 [#1]", "q\nunregister_netdevice: waiting for eth0 to become free. Usage count = 1"},
		{"a\nb", "x\nEXT4-fs (sda1): Remounting filesystem read-only"},
		{"UBSAN: a in \n", "Oops: general protection fault: 0000 [#1]"},
	} {
		path := filepath.Join(dir, words[1])
		// prctl(PR_SET_NAME, argv[1]) and a write to address 0.
		writeProgram(t, path, "\xbf\x0f\x00\x00\x00\x48\x8b\x74\x24\x10\xb8\x9d\x00\x00\x00\x0f\x05\x31\xc0\x89\x00")
		cmd := exec.Command(path, words[0])
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGSEGV { //nolint:errcheck,forcetypeassert // on Linux
			t.Fatalf("%q ended with %v", path, err)
		}
	}
}

// publicDir returns a directory that other users may run programs in.
func publicDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kernel_exporter-test-") //nolint:usetesting // which nobody may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // others are to enter
		t.Fatal(err)
	}
	return dir
}

// writeProgram writes a program of these instructions for x86-64.
func writeProgram(t testing.TB, path, code string) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		testkit.Missing(t, "the program is for x86-64")
	}
	const address, header, program = 0x400000, 64, 56
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	size := uint64(header + program + len(code))
	for _, v := range []any{
		uint16(2), uint16(62), uint32(1), uint64(address + header + program), uint64(header), uint64(0), uint32(0), // Ehdr
		uint16(header), uint16(program), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), uint64(0), uint64(address), uint64(address), size, size, uint64(0x1000), // a Phdr that is read and run
	} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString(code)
	if err := os.WriteFile(path, b.Bytes(), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
}

// logPacketsAsReports has rules of a firewall log packets with prefixes that are
// whole reports.
func logPacketsAsReports(l *kernelLog) {
	t := l.t
	t.Helper()
	for _, tool := range []string{"nft", "unshare", "bash", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Missing(t, "needs %s", tool)
		}
	}
	setting(t, "/proc/sys/net/netfilter/nf_log_all_netns", "1")
	rules := "table ip t { chain o { type filter hook output priority 0;\n"
	for i, prefix := range []string{
		"unregister_netdevice: waiting for eth0 to become free. Usage count = 1\n",
		"Kernel panic - not syncing: x\n",
		"int3: 0000 [#1] ",
		"EXT4-fs (sda1): Remounting filesystem read-only\n",
		"INFO: task a\nb:1 blocked for more than 5 seconds.\n",
		"e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:\n",
	} {
		rules += "tcp dport " + string(rune('1'+i)) + " log prefix \"" + prefix + "\" level warn\n"
	}
	file := filepath.Join(t.TempDir(), "rules")
	if err := os.WriteFile(file, []byte(rules+"}\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `ip link set lo up && nft -f "$0" && for p in 1 2 3 4 5 6; do (echo > /dev/tcp/127.0.0.1/$p) 2>/dev/null || true; done`
	if out, err := exec.Command("unshare", "-n", "bash", "-c", script, file).CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
}

// mountAsReports mounts with options that are whole reports. It fails, and the
// kernel says which option it does not know.
func mountAsReports(l *kernelLog) {
	l.t.Helper()
	const report = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"
	for _, fs := range []string{"tmpfs", "overlay", "cgroup2"} {
		for _, option := range []string{"x\n" + report, report, "x' \n" + report + "=1"} {
			if err := unix.Mount("none", l.t.TempDir(), fs, 0, option); err == nil {
				l.t.Errorf("%s was mounted with %q", fs, option)
			}
		}
	}
}

// hungTaskIsSeen holds that a process with a newline in its name is counted when
// it hangs.
func hungTaskIsSeen(t *testing.T) {
	t.Helper()
	dir := frozen(t)
	program := filepath.Join(publicDir(t), "hang")
	// prctl(PR_SET_NAME, argv[1]), open(argv[2], O_WRONLY|O_CREAT) and exit(0).
	writeProgram(t, program, "\xbf\x0f\x00\x00\x00\x48\x8b\x74\x24\x10\xb8\x9d\x00\x00\x00\x0f\x05"+
		"\x48\x8b\x7c\x24\x18\xbe\x41\x00\x00\x00\xba\xa4\x01\x00\x00\xb8\x02\x00\x00\x00\x0f\x05\x31\xff\xb8\x3c\x00\x00\x00\x0f\x05")
	device, lines := start(t, launch{}, "--kmsg.source=kmsg"), start(t, launch{}, "--kmsg.source=syslog")
	before := [2]metrics{device.waitUp(true), lines.waitUp(true)}

	hang := exec.Command(program, "a\nb", filepath.Join(dir, "file"))
	if err := hang.Start(); err != nil {
		t.Fatal(err)
	}
	setting(t, "/proc/sys/kernel/hung_task_warnings", "10")
	setting(t, "/proc/sys/kernel/hung_task_timeout_secs", "2")
	for i, c := range []*child{device, lines} {
		m := c.within("a hung task", func(m metrics) bool { return m.event("hung_task") > before[i].event("hung_task") })
		const kernels = "kernel_hung_tasks_total" // from Linux 6.13 on
		if own, ok := m[kernels]; ok && uint64(own-before[i][kernels]) != m.event("hung_task")-before[i].event("hung_task") {
			t.Errorf("%d hung tasks were counted before and %d now; the kernel counts %v and %v",
				before[i].event("hung_task"), m.event("hung_task"), before[i][kernels], own)
		}
	}
	set(t, "/proc/sys/kernel/hung_task_timeout_secs", "0")
	thaw(t, dir)
	if err := hang.Wait(); err != nil {
		t.Error(err)
	}
}

// frozen returns a mounted file system that lets nobody write until it is thawed.
func frozen(t *testing.T) (dir string) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	dir = t.TempDir()
	for _, command := range []string{"truncate -s 8M " + image, "mkfs.ext4 -q " + image, "mount -o loop " + image + " " + dir} {
		words := strings.Fields(command)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			testkit.Missing(t, "needs a file system of its own: %s: %v\n%s", command, err, out)
		}
	}
	t.Cleanup(func() {
		thaw(t, dir)
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if err := freeze(dir, 0xc0045877); err != nil { // FIFREEZE
		t.Fatal(err)
	}
	return dir
}

// thaw ends what frozen began. It may be thawed already.
func thaw(t *testing.T, dir string) {
	t.Helper()
	if err := freeze(dir, 0xc0045878); err != nil && !errors.Is(err, unix.EINVAL) { // FITHAW
		t.Error(err)
	}
}

func freeze(dir string, request uint) error {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.IoctlSetInt(fd, request, 0)
}
