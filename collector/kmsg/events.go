package kmsg

// Event is a kind of report the kernel makes in its log: one event is one
// record that opens such a report. Events are small consecutive numbers from 0,
// fit to index an array of [NumEvents].
type Event uint8

// The events. What each stands for is written where its formats are: the
// pattern tables of this package.
const (
	NetdevLeak Event = iota
	SlubAllocFailure
	WrongSlabCache
	SlabObjectsRemaining
	PageAllocFailure
	OOMKill
	MemcgOOMKill
	PidsForkRejected
	BadPage
	HungTask
	SoftLockup
	HardLockup
	WorkqueueLockup
	RCUStall
	Oops
	KernelBug
	Panic
	ConntrackTableFull
	NeighbourOverflow
	TCPMemory
	TCPOrphans
	OverlayfsTechPreview
	OverlayfsUpperUnsupported
	OverlayfsInUse
	NetdevTxTimeout
	Ext4Error
	FilesystemReadonly
	XFSCorruption
	XFSShutdown
	XFSMetadataIOError
	XFSAllocDeadlock
	BlockIOError
	BufferIOError
	MCE
	EDAC

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
