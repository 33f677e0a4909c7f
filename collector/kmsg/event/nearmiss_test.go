package event_test

import (
	"maps"

	"kernel_exporter/collector/kmsg/event"
)

// nearMisses returns, by the event they look like, lines that open no report:
// what goes on with one or closes it, other messages of the same code, and the
// same words elsewhere or in another order.
func nearMisses() map[event.Event][]string {
	all := map[event.Event][]string{}
	maps.Copy(all, classicNearMisses())
	maps.Copy(all, deviceNearMisses())
	return all
}

func classicNearMisses() map[event.Event][]string {
	return map[event.Event][]string{
		event.NetdevLeak: {
			"ref_tracker: veth0@00000000a1b2c3d4 has 1/1 users at",
			"leaked reference.",
			"unregister_netdevice: waiting for eth0 to become free.",
			"unregister_netdevice: waiting for eth0 to become free. Usage count = 2,",
			"ACPI: bus type PNP unregistered",
		},
		"slub_alloc_failure": {
			"SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=4, Nodes=1",
			"SLUB: Unable to allocate memory from node 1",
			"SLUB: Unable to add boot slab kmalloc-8 to sysfs",
			"  cache: kmalloc-64, object size: 64, buffer size: 64, default order: 0, min order: 0",
			"  node 0: slabs: 31, objs: 930, free: 0",
			"slab_out_of_memory: 72 callbacks suppressed",
			"SLUB: Unable to allocate memory on node -1 ",
		},
		"wrong_slab_cache": {
			"cache_from_obj: Wrong slab cache. dentry",
			"kmem_cache_free(filp, 00000000d3a1c0de): object is not in a slab page",
			"virt_to_cache: Object is not a Slab page!",
		},
		"slab_objects_remaining": {
			"INFO: Object 0x00000000a @offset=64",
			"SLUB kmalloc-64: 1 partial slabs counted but counter=0",
			"kmem_cache_destroy x: Slab cache still has objects, hopefully",
			"BUG x[1]: segfault: Objects remaining",
		},
		"page_alloc_failure": {
			"java: page allocation stalls for 10004ms, order:0, mode:0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD)",
			"java: page allocation failure: mode:0x20",
			"1234567890123456: page allocation failure: order:0, mode:0x20",
			"warn_alloc: 1 callbacks suppressed",
			"systemd: kernel said java: page allocation failure: order:0, mode:0x20",
		},
		"oom_kill": {
			"Killed process 71 (worker), UID 0, total-vm:66780kB, anon-rss:8184kB, file-rss:4kB, shmem-rss:252kB",
			"Killed process 1234 (java)",
			"Kill process 812 (node) sharing same memory",
			"Out of memory and no killable processes...",
			"Out of memory: system-wide panic_on_oom is enabled",
			"Out of memory: OOM victim 812 (node) is already exiting. Skip killing the task",
			"oom_reaper: reaped process 15784 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
			"java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=1,uid=0",
			"OOM killer enabled.",
		},
		"memcg_oom_kill": {
			"Memory cgroup stats for /kubepods/burstable: cache:32KB rss:524188KB",
			"Memory cgroup out of memory: OOM victim 812 (node) is already exiting. Skip killing the task",
			"Task in /docker/a killed as a result of limit of /docker/a",
			"Tasks in /kubepods/a are going to be killed due to memory.oom.group set",
			"memory: usage 4194304kB, limit 4194304kB, failcnt 2084326",
			"oom_kill_process: 70 callbacks suppressed",
		},
		"pids_fork_rejected": {
			"cgroup: fork rejected by pids controller in/kubepods",
			"cgroup: cgroup: disabling cgroup2 socket matching due to net_prio or net_cls activation",
			"cgroup: fork rejected",
		},
		"bad_page": {
			"BUG: Bad page state: 12 messages suppressed",
			"BUG: Bad page map: 12 messages suppressed",
			"page:fffffdeec998ffc0 count:0 mapcount:1 mapping:          (null) index:0x7fbd75fff",
			"page dumped because: nonzero mapcount",
			"BUG: Bad page state in process java  pfn:",
		},
		"hung_task": {
			"INFO: task a:1 is blocked on a mutex likely owned by task b:2.",
			"INFO: task a:1 is blocked on a mutex, but the owner is not found.",
			"INFO: task a:1 blocked on a semaphore likely last held by task b:2",
			"INFO: task a:1 <writer> blocked on an rw-semaphore likely owned by task b:2 <reader>",
			"INFO: task a:1 can't die for more than 143 seconds.",
			`"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.`,
			"      Not tainted 5.10.0-garden-cloud-amd64 #1 Debian 5.10.93-0gardenlinux1",
			"Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings",
			`"INFO: task docker:12345 blocked for more than 120 seconds."`,
			"INFO: task a:1 blocked for more than 120 seconds, now running",
			"INFO: task docker blocked for more than 120 seconds.",
			"INFO: lockdep is turned off.",
		},
		"soft_lockup": {
			"NMI watchdog: enabled on all CPUs, permanently consumes one hw-PMU counter.",
			"BUG: soft lockup - CPU#1 stuck for a while",
			"Kernel panic: softlockup: hung tasks",
			"watchdog: soft lockup - CPU#1 stuck for 23s! [a:1]",
		},
		"hard_lockup": {
			"NMI watchdog: Perf NMI watchdog permanently disabled",
			"watchdog: CPU 8 became unstuck TB:12345",
			"watchdog: CPU 8 TB:11223344, last heartbeat TB:1122 (12345ms ago)",
			"Watchdog detected hard LOCKUP on cpu x",
			"watchdog: CPU3: Watchdog detected hard LOCKUP on cpu",
			"advantechwdt: Unexpected close, not stopping watchdog!",
		},
		"workqueue_lockup": {
			"Showing busy workqueues and worker pools:",
			"BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/77",
			"BUG: workqueue lockup - poolside",
			"  pwq 4: cpus=0-1 flags=0x4 nice=0 active=1/256",
		},
		"rcu_stall": {
			"rcu: rcu_sched kthread starved for 38227 jiffies! g-1127 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=1",
			"rcu: \t1-...!: (0 ticks this GP) idle=cf8/0/0x0 softirq=20/20 fqs=0",
			"\t(detected by 0, t=38227 jiffies, g=-1127, q=10)",
			"rcu: INFO: Stall ended before state dump start",
			"INFO: Expedited stall ended before state dump start",
			"rcu: Hierarchical RCU implementation.",
			"rcu: RCU grace-period kthread stack dump:",
			"rcu_sched self-detected stall on CPU",
			"INFO: rcu_sched detected",
			"INFO: task rcu_sched:10 self-detected stall on CPU",
		},
		"oops": {
			"Oops: 0000 [#1] SMP",
			"Oops: 0002 [#1] PREEMPT SMP KASAN PTI",
			"Oops: Oops: 0000 [#1] PREEMPT SMP KASAN PTI",
			"double fault: 0000 [#1] SMP", "Oops: double fault: 0000 [#1] SMP NOPTI",
			"stack guard page: 0000 [#1] SMP",
			"kernel stack overflow (double-fault): 0000 [#1] SMP",
			"Internal error: Oops: 96000045 [#1] SMP",
			"Oops: Kernel access of bad area, sig: 11 [#1]",
			"Oops [#1]", "Oops[#1]:",
			"---[ end trace 0000000000000000 ]---",
			"general protection fault",
			"traps: a[12] general protection fault ip:401136 sp:7ffc10 error:0 in a[401000+1000]",
			"a[12]: segfault at ffffffffff600400 ip ffffffffff600400 sp 00007fffc5ff7228 error 15",
			"int3: 0000 [#1][12]: segfault at 0 ip 0 sp 0 error 4",
			"int3: 0000 [#1] invoked oom-killer: gfp_mask=0xd0, order=0",
			"BUG: unable to handle kernel IN=eth0 OUT= ",
			"BUG: scheduling while atomic: a/1/0x00000002",
			"kernel tried to execute NX-protected page - exploit attempt? (uid: 0)",
			"8<--- cut here ---", "Unhandled fault: alignment exception (0x001) at 0xb6f00001",
			"Fixing recursive fault but reboot is needed!",
			"RIP: 0010:__check_object_size+0x3a2/0x4f0",
			"CPU 3 is now offline",
		},
		"kernel_bug": {
			"kernel BUG at fs/buffer.c:1917", "kernel BUG at x:y!", "kernel BUG at fs/a b.c:1!",
			"kernel BUG at x[1]: segfault at 0 ip 0 sp 0 error 4 in a:1![401000+1000]",
			"kernel BUG at fs/buffer.c:1917!IN=eth0 OUT=",
			"------------[ cut here ]------------",
			"usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 0, size 65)!",
		},
		"panic": {
			"---[ end Kernel panic - not syncing: Fatal exception",
			"---[ end Kernel panic - not syncing: Fatal exception ]---",
			"Kernel panic - not syncing: ", "Kernel panic - not syncing",
			"Kernel panic - not syncing: IN=eth0 OUT= MAC=00:11 SRC=10.0.0.1 DST=10.0.0.2 LEN=40 ",
			"Rebooting in 86400 seconds..",
			"Command line: BOOT_IMAGE=/vmlinuz panic_on_warn=1 panic=86400",
			"Kernel Offset: disabled",
		},
		"conntrack_table_full": {
			"nf_conntrack: table full, dropping packets", "nf_conntrack: table full",
			"nf_conntrack: table full in netns , dropping packet",
			"nf_conntrack: nf_conntrack: table full, droIN=eth0 OUT= ",
			"nf_conntrack version 0.5.0 (16384 buckets, 65536 max)",
			"nf_conntrack: default automatic helper assignment has been turned off",
		},
		"neighbour_overflow": {
			"neighbour: arp_cache: neighbor table overflow", "neighbour: a b: neighbor table overflow!",
			"neighbour: : neighbor table overflow!", "neighbour: arp_cache: neighbor table overflow!x",
		},
		"tcp_memory": {
			"TCP: out of memory -- consider tuning tcp_mem.", "TCP: out of memory",
			"TCP: Hash tables configured (established 8192 bind 8192)",
			"Out of socket memory!",
		},
		"tcp_orphans": {
			"TCP: too many orphaned sockets!", "TCP: too many sockets", "net_ratelimit: 10606 callbacks suppressed",
		},
		event.OverlayfsTechPreview: {
			"TECH PREVIEW: kyber IO scheduler may not be fully supported.\nPlease review provided documentation for limitations.",
			"TECH PREVIEW: Overlay filesystem may not be fully supported",
			"TECH PREVIEW: Overlay filesystem may not be fully supported. Please review",
			"Please review provided documentation for limitations.",
			"TECH PREVIEW: nested virtualization may not be fully supported.\nTECH PREVIEW: Overlay filesystem may not be fully supported.",
		},
		event.OverlayfsUpperUnsupported: {
			"overlayfs: fs on '/lower1' does not support file handles, falling back to xino=off.",
			"overlayfs: fs on '/lower1' does not support file handles, falling back to index=off,nfs_export=off.",
			"overlayfs: filesystem on '/lower1' not supported",
			"overlayfs: ...falling back to uuid=null.", "overlayfs: try mounting with 'userxattr' option",
			"overlayfs: missing 'workdir'", "overlayfs: failed to resolve './file1': -2",
			"overlayfs: upper fs needs to",
			"aufs au_opts_verify:1541:docker[1919]: dirperm1 breaks the protection by the permission bits on the lower branch",
		},
		event.OverlayfsInUse: {
			"overlayfs: overlapping lowerdir path", "overlayfs: conflicting upperdir path",
			"overlayfs: upperdir is in-use", "overlayfs: workdir and upperdir must be separate subtrees",
			"overlayfs: failed to resolve 'upperdir is in-use by another mount': -2",
		},
		"netdev_tx_timeout": {
			"r8125 0000:22:04.0 eth4: transmit queue 0 timed out",
			"a b c d: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5010 ms",
			"e1000e 0000:01:00.0 eth1: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out",
			"NETDEV WATCHDOG: eth0 (e1000e): transmit timed out soon",
		},
		"ext4_error": {
			"EXT4-fs warning (device sdd): ext4_end_bio:309: I/O error 10 writing to inode 6031717",
			"EXT4-fs (sda1): error count since last fsck: 3",
			"EXT4-fs (sda1): initial error at time 1618000000: ext4_find_entry:1455: inode 2",
			"EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)",
			"EXT4-fs (sda1): I/O error while writing superblock",
			"EXT4-fs error: 12 callbacks suppressed", "EXT4-fs: error 12 creating inode table initialization thread",
			"EXT4-fs error (device a b): f:1: x", "EXT4-fs error (device sda1)", "EXT4-fs error (device ): f:1: x",
			"EXT4-fs error (device a): b: IN=eth0 OUT= MAC=00 SRC=10.0.0.1 DST=10.0.0.2 LEN=40 ",
		},
		"filesystem_readonly": {
			"EXT4-fs (dm-0): re-mounted. Opts: errors=remount-ro", "EXT4-fs (dm-0): re-mounted 1234-5678 ro. Quota mode: none.",
			"EXT4-fs (sda1): INFO: recovery required on readonly filesystem",
			"VFS: Mounted root (ext4 filesystem) readonly on device 8:1.",
			"EXT4-fs (a b): Remounting filesystem read-only", "EXT4-fs (a): Remounting filesystem read-only!",
			"BTRFS info (device sdb1): disk space caching is enabled",
			"BTRFS info (device sdb1): turning off forced readonly",
			"FAT-fs (sda1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.",
		},
		"xfs_corruption": {
			"XFS (vda4): Corruption detected. Unmount and run xfs_repair", "XFS (vda4): Unmount and run xfs_repair",
			"XFS (vda3): First 16 bytes of corrupted metadata buffer:", "XFS (vda3): Mounting V5 Filesystem",
			"XFS (a b): Internal error x at line 1 of file x.c.  Caller y",
			"XFS (vda3): WARNING: Reset corrupted AGFL on AG 0. 4 blocks leaked. Please unmount and run xfs_repair.",
			"XFS (vda3): Invalid inode number 0x1200060",
		},
		"xfs_shutdown": {
			"XFS (dm-4): xfs_do_force_shutdown(0x1) called from line 1788 of file fs/xfs/xfs_inode.c.  Return address = 000000009d022bf1",
			"XFS (dm-4): Please umount the filesystem and rectify the problem(s)",
			"XFS (dm-4): Please unmount the filesystem and rectify the problem(s)",
			"XFS (dm-4): xfs_log_force: error -5 returned.", "XFS (dm-4): log I/O error -5",
			"XFS (dm-4): Unmounting Filesystem", "XFS (dm-4): Log I/O Error 5",
		},
		"xfs_metadata_io_error": {
			"XFS (dm-4): log recovery read I/O error at daddr 0x1 len 8 error -5",
			"XFS (dm-4): metadata I/O error", `XFS (dm-4): metadata I/O error in "x" at daddr`,
			"XFS (dm-4): Failing async write on buffer block 0x1. Retrying async write.",
		},
		"xfs_alloc_deadlock": {
			"Possible memory allocation deadlock: size=1048576 lflags=0x42d0",
			"XFS: possible memory allocation deadlock", "XFS: a possible memory allocation deadlock in b (mode:0x1)",
			"XFS: [12]: segfault at 0 in z(1) possible memory allocation deadlock in q (mode:0x1)[400000+1000]",
		},
		"block_io_error": {
			"sd 7:0:0:1: [sdf] tag#2 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_SENSE",
			"I/O error, dev sda", "I/O error, dev sda, sector x", "strange error, dev sda, sector 1",
			"I/O error, dev a, sector 1 IN=eth0 OUT= ", "blk_update_request: I/O error",
		},
		"buffer_io_error": {
			"lost page write due to I/O error on sda1", "Buffer I/O error on dev sda1, logical block x",
			"Buffer I/O error on sda1, logical block 1", "buffer_io_error: 12 callbacks suppressed",
		},
		"mce": {
			"mce: Using 22 MCE banks", "mce: CPU supports 22 MCE banks", "mce: [Hardware Error]: TSC 0 ADDR 1 MISC 2",
			"mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: be00000000800400",
			"Machine check events logged!", "mce_notify_irq: 3 callbacks suppressed",
		},
		"edac": {
			"EDAC MC: Ver: 3.0.0", "EDAC MC0: Giving out device to module sb_edac.c controller Sandy Bridge Socket#0: DEV 0000:3f:0e.0 (INTERRUPT)",
			"EDAC MC: Removed device 0 for sb_edac.c", "EDAC sbridge MC1: HANDLING MCE MEMORY ERROR",
			"EDAC MC0: INTERNAL ERROR: csrow value is out of range (8 >= 8)", "EDAC DEVICE0: INTERNAL ERROR: 'instance' out of range (1 >= 1)",
			"EDAC MC0: CE xy[12]: segfault at 0 in a on b (page:0x1 offset:0x1 grain:1[4+1] likely on CPU 3 (core 3, socket 0)",
			"EDAC MC0: 1 CE [12]: segfault at 0 in a on b (page:0x1 offset:0x1 grain:1[4+1] likely on CPU 3 (core 3, socket 0)",
		},
	}
}
