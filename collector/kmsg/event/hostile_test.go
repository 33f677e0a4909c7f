package event_test

import (
	"strings"
	"testing"

	"kernel_exporter/collector/kmsg/event"
)

// What others than the kernel put at the start of its lines is bounded: a
// process name by TASK_COMM_LEN, and the prefix of a firewall rule, which
// iptables takes up to 29 bytes of, by NF_LOG_PREFIXLEN, both with a zero.
const (
	maxComm   = 15
	maxPrefix = 127
)

// userWords returns records in which the kernel prints a user's words: COMM is a
// process, PATH a file, an option or a string of any length, CGROUP a path without
// a newline (cgroup_mkdir() takes none), and NAME a network interface.
func userWords() []string {
	return []string{
		// arch/x86/mm/fault.c: show_signal_msg(); kernel/traps.c.
		"COMM[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4 in PATH[401000+1000]",
		"COMM[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4 in PATH[116a,401000+1000] likely on CPU 3 (core 3, socket 0)",
		"COMM[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4",
		"COMM[4242] general protection ip:401136 sp:7ffc10 error:0 in PATH[401000+1000]",
		"traps: COMM[4242] trap divide error ip:401136 sp:7ffc10 error:0 in PATH[401000+1000]",
		"traps: COMM[4242] general protection fault ip:401136 sp:7ffc10 error:0 in PATH[401000+1000]",
		"COMM[4242]: undefined instruction: pc=0000000000401136",
		"COMM[4242]: unhandled level 2 translation fault (11) at 0x00000000, esr 0x92000006, in PATH[401000+1000]",
		"COMM[4242]: bad frame in rt_sigreturn frame:0 ip:1 sp:2 orax:f in PATH[401000+1000]",
		// fs/exec.c; arch/x86/kernel/ptrace.c; kernel/signal.c.
		"process 'PATH' started with executable stack",
		"process 'COMM' launched 'PATH' with NULL argv: empty string added",
		"COMM/4242: potentially unexpected fatal signal 11.",
		// mm/oom_kill.c, fs/drop_caches.c, and others.
		"COMM invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
		"COMM cpuset=CGROUP mems_allowed=0",
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=CGROUP,mems_allowed=0,oom_memcg=CGROUP,task_memcg=CGROUP,task=COMM,pid=4242,uid=0",
		"Memory cgroup stats for CGROUP:",
		"COMM (4242): drop_caches: 3",
		"COMM (4242) used greatest stack depth: 10936 bytes left",
		"COMM (4242): Uses obsolete PR_SET_MM",
		"CPU: 0 PID: 4242 Comm: COMM Not tainted PATH",
		"task:COMM           state:D stack:    0 pid: 4242 ppid:     1 flags:0x00000000",
		"warning: `COMM' uses 32-bit capabilities (legacy support in use)",
		"process `COMM' is using obsolete setsockopt SO_BSDCOMPAT",
		"COMM uses obsolete (PF_INET,SOCK_PACKET)",
		"request_module: runaway loop modprobe PATH",
		// The options and sources of mounts: fs/fs_parser.c, fs/overlayfs/super.c,
		// kernel/cgroup/cgroup-v1.c.
		"tmpfs: Unknown parameter 'PATH'",
		"tmpfs: Bad value for 'PATH'",
		"tmpfs: Bad mount option PATH",
		"overlay: Unknown parameter 'PATH'",
		"overlayfs: unrecognized mount option \"PATH\" or missing value",
		"overlayfs: failed to resolve 'PATH': -2",
		"overlayfs: lowerdir 'PATH' is in use",
		"overlayfs: filesystem on 'PATH' not supported",
		"overlay: filesystem on PATH not supported",
		"cgroup: Unknown subsys name 'PATH'",
		"fuse: Unknown parameter 'PATH'",
		// kernel/audit.c: audit_log_untrustedstring().
		`audit: type=1400 audit(1500000000.123:4): apparmor="DENIED" operation="open" name="PATH" pid=4242 comm="COMM"`,
		`audit: type=1326 audit(1500000000.123:4): auid=0 uid=0 pid=4242 comm="COMM" exe="PATH" sig=31`,
		// drivers/usb/core/hub.c, drivers/scsi/scsi_scan.c, drivers/hid.
		"usb 1-1: Product: PATH",
		"usb 1-1: SerialNumber: PATH",
		"scsi 6:0:0:0: Direct-Access     PATH      PATH     1.00 PQ: 0 ANSI: 6",
		"hid-generic 0003:046D:C31C.0001: input,hidraw0: USB HID v1.10 Keyboard [PATH] on usb-0000:00:14.0-1/input0",
		// net/core/dev.c, net/bridge.
		"NAME: renamed from eth0", "NAME: entered promiscuous mode", "device NAME entered promiscuous mode",
		"br0: port 1(NAME) entered blocking state", "IPv6: ADDRCONF(NETDEV_CHANGE): NAME: link becomes ready",
	}
}

// TestUserWords fills what is a user's in the kernel's records with every report
// that there is: its beginning in the name of a process, the rest of it in a path
// after or before a newline, or all of it in either. None opens an event, neither
// as a record nor by the first of the lines that syslog(2) makes of it.
func TestUserWords(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for _, f := range formats() {
		line, _, _ := strings.Cut(f.line, "\n")
		for n := range min(len(line), maxComm) + 1 {
			if n > 0 && n < min(len(line), maxComm) && isLetter(line[n]) && isLetter(line[n-1]) {
				continue // within a word: cut between them
			}
			paths := []string{line[n:], line[n:] + "\nq"}
			if n == 0 {
				paths = append(paths, "q\n"+line)
			}
			for _, path := range paths {
				fill := strings.NewReplacer("COMM", line[:n], "PATH", path, "CGROUP", "/"+strings.ReplaceAll(path, "\n", ""), "NAME", strings.Map(notWhite, line[:n]))
				for _, words := range userWords() {
					checkNoEvent(t, m, fill.Replace(words))
				}
			}
			if n == maxComm || n == len(line) {
				break
			}
			fill := strings.NewReplacer("COMM", line[:n]+"\n", "PATH", line, "CGROUP", "/"+line, "NAME", "eth0")
			for _, words := range userWords() {
				checkNoEvent(t, m, fill.Replace(words))
			}
		}
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func notWhite(c rune) rune {
	if c == ' ' || c == '/' {
		return '_'
	}
	return c
}

func checkNoEvent(t *testing.T, m *event.Matcher, text string) {
	t.Helper()
	if e, ok := match(m, []byte(text)); ok {
		t.Fatalf("%q is %s", text, e)
	}
	lines := strings.Split(text, "\n")
	for _, line := range lines[1:] {
		if m.AfterUserWords([]byte(line)) {
			return
		}
	}
	if e, ok := match(m, []byte(lines[0])); ok {
		t.Fatalf("%q, the first line of %q, is %s", lines[0], text, e)
	}
}

// TestTemplatesAreLongerThanNames holds that no process can be named like a whole
// report and a newline after it.
func TestTemplatesAreLongerThanNames(t *testing.T) {
	t.Parallel()
	for _, m := range event.TemplateMatchers() {
		if n := m.Shortest(); n < maxComm {
			t.Errorf("%q can be %d bytes long", m.Text, n)
		}
	}
}

// TestLoggedPackets lets a firewall rule have a prefix like the beginning of a
// report, as long as iptables and nft take it.
func TestLoggedPackets(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	packets := []string{
		"IN=eth0 OUT= MAC=52:54:00:12:34:56:52:54:00:ab:cd:ef:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=1 DF PROTO=TCP SPT=1 DPT=2 ",
		"IN= OUT=eth0 SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=72 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=1 DPT=2 LEN=32 ",
		"IN=br0 OUT=br0 PHYSIN=veth1 PHYSOUT=veth2 MACSRC=52:54:00:12:34:56 MACDST=52:54:00:ab:cd:ef MACPROTO=0800 SRC=10.0.0.1 DST=10.0.0.2 LEN=60 ",
		"IN=eth0 OUT= ARP HTYPE=1 PTYPE=0x0800 OPCODE=1",
		"IN=eth0 OUT= MAC=52:54:00:12:34:56:52:54:00:ab:cd:ef:86:dd ",
		"IN=eth0 OUT= ",
	}
	for _, f := range formats() {
		line, _, _ := strings.Cut(f.line, "\n")
		for n := 1; n <= min(len(line), maxPrefix); n++ {
			for _, packet := range packets {
				for _, prefix := range []string{line[:n], line[:n] + " "} {
					if e, ok := match(m, []byte(prefix+packet)); ok {
						t.Fatalf("%q is %s", prefix+packet, e)
					}
				}
			}
		}
	}
}

// TestHidingReports holds that a process cannot hide its reports behind a name
// that looks like a logged packet.
func TestHidingReports(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for _, comm := range []string{"IN= OUT= SRC=1 ", "IN= OUT= MAC=1 ", "IN= OUT= MACSRC", "]: b (c) [#1]", "seconds.", ""} {
		for _, text := range []string{
			"INFO: task " + comm + ":4242 blocked for more than 120 seconds.",
			"watchdog: BUG: soft lockup - CPU#1 stuck for 134s! [" + comm + ":4242]",
			"Memory cgroup out of memory: Killed process 4242 (" + comm + ") total-vm:66796kB, anon-rss:8124kB, file-rss:4kB, shmem-rss:648kB",
			"BUG: Bad page state in process " + comm + "  pfn:1a85fc",
			comm + ": page allocation failure: order:0, mode:0x0(), nodemask=(null)",
			"XFS: " + comm + "(3580) possible memory allocation deadlock in kmem_zone_alloc (mode:0x82d0)",
			"EXT4-fs error (device sda): ext4_find_entry:1455: inode #2: comm " + comm + ": reading directory lblock 0",
		} {
			if _, ok := match(m, []byte(text)); !ok {
				t.Errorf("%q is nothing", text)
			}
		}
	}
}

// TestNearMisses is what kernels print that looks like a report and opens none.
func TestNearMisses(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for like, texts := range nearMisses() {
		for _, text := range texts {
			if e, ok := match(m, []byte(text)); ok {
				t.Errorf("%q, like %s, is %s", text, like, e)
			}
		}
	}
	for _, e := range event.All() {
		if len(nearMisses()[e]) == 0 {
			t.Errorf("nothing looks like %s", e)
		}
	}
}

// TestLongLines holds that a bounded part of a line is not let grow, and that
// text of a report's own choice is.
func TestLongLines(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	filler := strings.Repeat("IN= ", 2000)
	for _, text := range []string{
		filler + ": page allocation failure: order:0, mode:0x20",
		"INFO: task a:1 " + filler + "blocked for more than 1 seconds.",
		"e1000e 0000:01:00.0 " + strings.Repeat("x", 8000) + ": NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5010 ms",
	} {
		if e, ok := match(m, []byte(text)); ok {
			t.Errorf("%.40q... is %s", text, e)
		}
	}
	if e, ok := match(m, []byte("Kernel panic - not syncing: "+filler)); !ok || e != "panic" {
		t.Errorf("a long panic is %s, %t", e, ok)
	}
}
