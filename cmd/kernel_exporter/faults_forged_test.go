package main

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/kmsg/event"
)

// reportsOfAll returns a line of every event, as kernels print it. The formats
// and the kernels that have them stand in collector/kmsg, in its patterns and
// their tests.
func reportsOfAll() map[event.Event]string {
	return map[event.Event]string{
		event.NetdevLeak:                "unregister_netdevice: waiting for eth0.100 to become free. Usage count = 1",
		"slub_alloc_failure":            "SLUB: Unable to allocate memory on node -1 (gfp=0x8020)",
		"wrong_slab_cache":              "cache_from_obj: Wrong slab cache. kmalloc-64 but object is from dentry",
		"slab_objects_remaining":        "BUG bio-0 (Tainted: G    B   W        ): Objects remaining in bio-0 on __kmem_cache_shutdown()",
		"page_alloc_failure":            "swapper/0: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)",
		"oom_kill":                      "Out of memory: Killed process 812 (node) total-vm:612000kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:380kB oom_score_adj:0",
		"memcg_oom_kill":                "Memory cgroup out of memory: Killed process 93 (worker) total-vm:66796kB, anon-rss:8124kB, file-rss:4kB, shmem-rss:648kB, UID:0 pgtables:52kB oom_score_adj:0",
		"pids_fork_rejected":            "cgroup: fork rejected by pids controller in /kubepods/pod3c5d7e9f",
		"bad_page":                      "BUG: Bad page state in process java  pfn:1a85fc",
		"hung_task":                     "INFO: task jbd2/vda1-8:311 blocked for more than 122 seconds.",
		"soft_lockup":                   "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [runc:[1:CHILD]:185318]",
		"hard_lockup":                   "NMI watchdog: Watchdog detected hard LOCKUP on cpu 2",
		"workqueue_lockup":              "BUG: workqueue lockup - pool cpus=3 node=0 flags=0x0 nice=-20 stuck for 31s!",
		"rcu_stall":                     "rcu: INFO: rcu_preempt self-detected stall on CPU",
		"oops":                          "BUG: kernel NULL pointer dereference, address: 0000000000000008",
		"kernel_bug":                    "kernel BUG at fs/buffer.c:1917!",
		"panic":                         "Kernel panic - not syncing: Fatal exception",
		"conntrack_table_full":          "nf_conntrack: nf_conntrack: table full, dropping packet",
		"neighbour_overflow":            "neighbour: arp_cache: neighbor table overflow!",
		"tcp_memory":                    "TCP: out of memory -- consider tuning tcp_mem",
		"tcp_orphans":                   "TCP: too many orphaned sockets",
		event.OverlayfsTechPreview:      "TECH PREVIEW: Overlay filesystem may not be fully supported.",
		event.OverlayfsUpperUnsupported: "overlayfs: upper fs needs to support d_type.",
		event.OverlayfsInUse:            "overlayfs: lowerdir is in-use as upperdir/workdir",
		"netdev_tx_timeout":             "NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out",
		"ext4_error":                    "EXT4-fs error (device dm-1): ext4_lookup:1455: inode #2: comm ls: deleted inode referenced: 10426462",
		"filesystem_readonly":           "EXT4-fs (dm-1): Remounting filesystem read-only",
		"xfs_corruption":                "XFS (vda4): Metadata corruption detected at xfs_iformat+0x2d/0xa0 [xfs], inode 0x183c42 xfs_iformat_extents(2)",
		"xfs_shutdown":                  "XFS (sdb6): Filesystem has been shut down due to log error (0x2).",
		"xfs_metadata_io_error":         `XFS (vda4): metadata I/O error in "xfs_dquot_disk_read+0x14a/0x220 [xfs]" at daddr 0x1478 len 8 error 74`,
		"xfs_alloc_deadlock":            "XFS: possible memory allocation deadlock in kmem_alloc (mode:0x250)",
		"block_io_error":                "blk_update_request: I/O error, dev sda, sector 1811939592 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0",
		"buffer_io_error":               "Buffer I/O error on dev loop0, logical block 6, async page read",
		"mce":                           "mce: [Hardware Error]: Machine check events logged",
		"edac":                          `EDAC MC0: CE page 0x3e2a1, offset 0x0, grain 8, syndrome 0x1a, row 1, channel 0, label "DIMM_A1": i7core`,
	}
}

// forgeries returns what user space may write to pass a line for the kernel's.
// No level is below 4, as that would be shown on the console.
func forgeries(line string) []string {
	return []string{
		"<4>" + line,    // the kernel's facility, which devkmsg_write() replaces
		"<2052>" + line, // a facility of which the low 8 bits are the kernel's
		"<30>" + line,   // a daemon's
		line,
		"<12>\x014" + line,                 // KERN_WARNING, as the kernel's own code has it
		"<12>\x01c" + line,                 // KERN_CONT
		"<4>[    1.000000] " + line,        // as dmesg shows it
		"<12>x\n<4>" + line,                // a second line that looks like syslog(2)'s
		"<12>x\n<4>[    1.000000] " + line, // and with a time
		"<12>x\n4,1,1000000,-;" + line,     // a second line that looks like /dev/kmsg's
		"<12>x\n SUBSYSTEM=net\n" + line,   // behind a dictionary
	}
}

// What user space writes counts as untrusted and as no event, by whichever way
// the log is read.
//
//nolint:paralleltest // the machine's own log
func TestForged(t *testing.T) {
	l := newKernelLog(t)
	setting(t, "/sys/module/printk/parameters/time", "Y")
	matcher := event.NewMatcher()
	for e, line := range reportsOfAll() {
		if got, ok := matcher.Find([]byte(line)); !ok || got.Event != e {
			t.Errorf("%q would be %s from the kernel, want %s", line, got.Event, e)
		}
	}
	l.undisturbed(func(l *kernelLog) { forged(l, matcher) })
}

func forged(l *kernelLog, matcher *event.Matcher) {
	t := l.t
	t.Helper()
	l.report()
	device, lines := start(t, launch{}, "--kmsg.source=kmsg"), start(t, launch{}, "--kmsg.source=syslog")
	deviceBefore, linesBefore := device.scrape(), lines.scrape()
	began := l.tape(unix.SEEK_END)
	count := 0
	for _, line := range reportsOfAll() {
		for _, forgery := range forgeries(line) {
			l.write(forgery)
			count++
		}
	}
	l.report()
	end := l.counted(device)
	began.read()
	if end.lost() != deviceBefore.counts().lost() {
		t.Fatal("records were lost")
	}
	if end.untrusted < deviceBefore.counts().untrusted+uint64(count) {
		t.Errorf("%d untrusted records after %d were forged, %d before", end.untrusted, count, deviceBefore.counts().untrusted)
	}

	// The kernel may have reported something else meanwhile.
	reports := make(map[event.Event]uint64)
	for _, r := range began.records {
		if r.priority>>3 != 0 {
			continue
		}
		if f, ok := matcher.Find([]byte(r.text)); ok {
			reports[f.Event]++
		}
	}
	if reports[reported] == 0 {
		t.Error("the kernel's own report is not in the log")
	}
	compareEvents(t, "by the device", deviceBefore, device.scrape(), reports)
	m := lines.within("the kernel's report by syslog(2)", func(m metrics) bool {
		return m.event(reported) >= linesBefore.event(reported)+reports[reported]
	})
	compareEvents(t, "by syslog(2)", linesBefore, m, reports)
	if got := m.counts().untrusted - linesBefore.counts().untrusted; got < uint64(count) {
		t.Errorf("by syslog(2) %d untrusted lines, of %d or more", got, count)
	}
}

func compareEvents(t testing.TB, way string, before, after metrics, reports map[event.Event]uint64) {
	t.Helper()
	for _, e := range event.All() {
		n := reports[e]
		if got := after.event(e) - before.event(e); got != n {
			t.Errorf("%s %d events %s are counted, the kernel wrote %d", way, got, e, n)
		}
		series := `kernel_log_event_last_seen_timestamp_seconds{event="` + string(e) + `"}`
		if n == 0 && after[series] != before[series] {
			t.Errorf("%s %s is %v, was %v", way, series, after[series], before[series])
		}
	}
	for series, value := range after {
		if strings.HasPrefix(series, "kernel_netdev_leak") && reports[event.NetdevLeak] == 0 && value > before[series] {
			t.Errorf("%s %s is %v, was %v", way, series, value, before[series])
		}
	}
}
