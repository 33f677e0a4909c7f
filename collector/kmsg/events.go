package kmsg

// Event is a kind of report the kernel makes in its log: one event is one
// record that opens such a report. Events are small consecutive numbers from 0,
// fit to index an array of [NumEvents].
type Event uint8

// The events, in the order of the documentation. The formats of each, and the
// kernel's functions that print them, are in the pattern tables of this
// package.
const (
	NetdevLeak                Event = iota // a network device is waited for that someone still uses
	SlubAllocFailure                       // no memory for a slab
	WrongSlabCache                         // an object was freed to another cache than its own
	SlabObjectsRemaining                   // a cache was destroyed that still had objects
	PageAllocFailure                       // no free pages
	OOMKill                                // the machine's memory is out and a process was killed
	MemcgOOMKill                           // a memory cgroup's is
	PidsForkRejected                       // a cgroup is at its limit of processes, told once for each
	BadPage                                // a page or page table is not as it must be
	HungTask                               // a task waits without interruption for minutes
	SoftLockup                             // a processor does not schedule
	HardLockup                             // a processor takes no interrupts
	WorkqueueLockup                        // a worker pool makes no progress
	RCUStall                               // a grace period does not end
	Oops                                   // a fault in the kernel
	KernelBug                              // an assertion of the kernel failed
	Panic                                  // the kernel stops
	ConntrackTableFull                     // packets are dropped for want of a connection's entry
	NeighbourOverflow                      // no more ARP or NDP entries
	TCPMemory                              // TCP is over its limit of memory
	TCPOrphans                             // or of sockets that no process has
	OverlayfsTechPreview                   // overlayfs was mounted where it is a preview
	OverlayfsUpperUnsupported              // an upper layer lacks what overlayfs needs
	OverlayfsInUse                         // a layer is used by two mounts
	NetdevTxTimeout                        // a network device does not send
	Ext4Error                              // ext4 found an inconsistency or could not write
	FilesystemReadonly                     // a file system turned itself read-only
	XFSCorruption                          // XFS found an inconsistency
	XFSShutdown                            // XFS gave a file system up
	XFSMetadataIOError                     // XFS could not read or write metadata
	XFSAllocDeadlock                       // XFS has waited for memory long
	BlockIOError                           // a request to a block device failed
	BufferIOError                          // a block could not be read or written
	MCE                                    // the processor reported hardware errors
	EDAC                                   // a memory or other controller did

	// NumEvents is how many events there are.
	NumEvents = iota
)

// eventNames returns the metric label of every event.
func eventNames() [NumEvents]string {
	return [NumEvents]string{
		NetdevLeak:                "netdev_leak",
		SlubAllocFailure:          "slub_alloc_failure",
		WrongSlabCache:            "wrong_slab_cache",
		SlabObjectsRemaining:      "slab_objects_remaining",
		PageAllocFailure:          "page_alloc_failure",
		OOMKill:                   "oom_kill",
		MemcgOOMKill:              "memcg_oom_kill",
		PidsForkRejected:          "pids_fork_rejected",
		BadPage:                   "bad_page",
		HungTask:                  "hung_task",
		SoftLockup:                "soft_lockup",
		HardLockup:                "hard_lockup",
		WorkqueueLockup:           "workqueue_lockup",
		RCUStall:                  "rcu_stall",
		Oops:                      "oops",
		KernelBug:                 "kernel_bug",
		Panic:                     "panic",
		ConntrackTableFull:        "conntrack_table_full",
		NeighbourOverflow:         "neighbour_overflow",
		TCPMemory:                 "tcp_memory",
		TCPOrphans:                "tcp_orphans",
		OverlayfsTechPreview:      "overlayfs_tech_preview",
		OverlayfsUpperUnsupported: "overlayfs_upper_unsupported",
		OverlayfsInUse:            "overlayfs_in_use",
		NetdevTxTimeout:           "netdev_tx_timeout",
		Ext4Error:                 "ext4_error",
		FilesystemReadonly:        "filesystem_readonly",
		XFSCorruption:             "xfs_corruption",
		XFSShutdown:               "xfs_shutdown",
		XFSMetadataIOError:        "xfs_metadata_io_error",
		XFSAllocDeadlock:          "xfs_alloc_deadlock",
		BlockIOError:              "block_io_error",
		BufferIOError:             "buffer_io_error",
		MCE:                       "mce",
		EDAC:                      "edac",
	}
}

// String returns the event's metric label, such as "netdev_leak", and
// "unknown" for a number that is no event.
func (e Event) String() string {
	if e >= NumEvents {
		return "unknown"
	}
	return eventNames()[e]
}

// EventByName returns the event with the given metric label, and whether there
// is one.
func EventByName(name string) (Event, bool) {
	for e, n := range eventNames() {
		if n == name {
			return Event(e), true
		}
	}
	return 0, false
}
