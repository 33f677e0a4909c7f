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

// TestProcessNames lets a process be named like the beginning of a report and
// have the rest of it in the name of its program, which the kernel prints too.
func TestProcessNames(t *testing.T) {
	t.Parallel()
	m := event.NewMatcher()
	for _, f := range formats() {
		line, _, _ := strings.Cut(f.line, "\n")
		for n := range min(len(line), maxComm) + 1 {
			comm, rest := line[:n], line[n:]
			for _, text := range []string{
				// arch/x86/mm/fault.c: show_signal_msg(); kernel/traps.c.
				comm + "[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4 in " + rest + "[401000+1000]",
				comm + "[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4 in " + rest + "[401000+1000] likely on CPU 3 (core 3, socket 0)",
				comm + "[4242]: segfault at 0 ip 0000000000401136 sp 00007ffc10 error 4",
				comm + "[4242] general protection ip:401136 sp:7ffc10 error:0 in " + rest + "[401000+1000]",
				"traps: " + comm + "[4242] trap divide error ip:401136 sp:7ffc10 error:0 in " + rest + "[401000+1000]",
				comm + "[4242]: undefined instruction: pc=0000000000401136",
				comm + "[4242]: bad frame in rt_sigreturn frame:0 ip:1 sp:2 orax:f in " + rest + "[401000+1000]",
				// mm/oom_kill.c, fs/drop_caches.c, and others.
				comm + " invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
				comm + " (4242): drop_caches: 3",
				comm + "/4242: potentially unexpected fatal signal 11.",
				comm + " (4242) used greatest stack depth: 10936 bytes left",
				"CPU: 0 PID: 4242 Comm: " + comm + " Not tainted " + rest,
				"Modules linked in: " + line,
			} {
				if e, ok := match(m, []byte(text)); ok {
					t.Fatalf("%q is %s", text, e)
				}
			}
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
