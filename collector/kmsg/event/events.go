// Package event says which of the kernel's log messages open a report of
// trouble, and of which kind. It is pure: it reads nothing but the text it is
// given.
package event

import "slices"

// An Event is a kind of report that the kernel makes in its log, by its metric
// label, such as "hung_task". One event is one record that opens such a report.
type Event string

// The events that other code treats differently from the rest. All are in the
// table below, which is where a new event is added.
const (
	NetdevLeak                Event = "netdev_leak"
	OverlayfsTechPreview      Event = "overlayfs_tech_preview"
	OverlayfsUpperUnsupported Event = "overlayfs_upper_unsupported"
	OverlayfsInUse            Event = "overlayfs_in_use"
)

// An entry describes one event.
type entry struct {
	event Event
	doc   string // one sentence, for the documentation
}

// table returns every event, in the order of the documentation.
func table() []entry {
	return []entry{
		{NetdevLeak, "The kernel waits for a network device that it cannot remove, because someone still uses it."},
		{"slub_alloc_failure", "There was no memory for a slab."},
		{"wrong_slab_cache", "An object was freed to another slab cache than its own."},
		{"slab_objects_remaining", "A slab cache was destroyed while it still had objects."},
		{"page_alloc_failure", "There were no free pages of the size that was asked for."},
		{"oom_kill", "The machine ran out of memory and a process was killed."},
		{"memcg_oom_kill", "A memory cgroup reached its limit and a process was killed."},
		{"pids_fork_rejected", "A cgroup is at its limit of processes; reported once for each cgroup."},
		{"bad_page", "A page or page table is not as it must be."},
		{"hung_task", "A task has waited without interruption for minutes."},
		{"soft_lockup", "A processor does not schedule."},
		{"hard_lockup", "A processor takes no interrupts."},
		{"workqueue_lockup", "A pool of kernel workers makes no progress."},
		{"rcu_stall", "An RCU grace period does not end."},
		{"oops", "A fault in the kernel."},
		{"kernel_bug", "An assertion of the kernel failed."},
		{"panic", "The kernel stops."},
		{"conntrack_table_full", "Packets are dropped because the connection tracking table is full."},
		{"neighbour_overflow", "The table of ARP or NDP neighbours is full."},
		{"tcp_memory", "TCP is over its limit of memory."},
		{"tcp_orphans", "TCP is over its limit of sockets that no process has."},
		{OverlayfsTechPreview, "overlayfs was mounted on a kernel that calls it a technology preview."},
		{OverlayfsUpperUnsupported, "The upper layer of an overlay lacks what overlayfs needs."},
		{OverlayfsInUse, "A layer of an overlay is used by two mounts."},
		{"netdev_tx_timeout", "A network device does not send."},
		{"ext4_error", "ext4 found an inconsistency or could not write."},
		{"filesystem_readonly", "A file system turned itself read-only."},
		{"xfs_corruption", "XFS found an inconsistency."},
		{"xfs_shutdown", "XFS gave a file system up."},
		{"xfs_metadata_io_error", "XFS could not read or write metadata."},
		{"xfs_alloc_deadlock", "XFS has waited for memory for a long time."},
		{"block_io_error", "A request to a block device failed."},
		{"buffer_io_error", "A block of a file system could not be read or written."},
		{"mce", "The processor reported hardware errors."},
		{"edac", "A memory or other controller reported hardware errors."},
		{"storage_transport_error", "A path to a disk hangs, was reset or is gone: NVMe, SCSI, ATA, iSCSI, Fibre Channel, multipath, USB."},
		{"raid_disk_failure", "A software RAID dropped a disk from an array."},
		{"btrfs_error", "btrfs found an inconsistency or could not read or write."},
		{"zfs_error", "ZFS panicked, or suspended a pool because it could not read or write."},
		{"filesystem_error", "A file system other than ext4, XFS, btrfs and ZFS found itself broken or lost data."},
		{"verity_error", "dm-verity or fs-verity read a block that does not match its hash."},
		{"nic_reset", "A network card hangs, or its driver reset it."},
		{"kernel_corruption", "The kernel found its own data wrong and went on."},
		{"kernel_warning", "A WARN of the kernel's code: what /sys/kernel/warn_count counts from Linux 6.2 on."},
		{"hardware_error", "The firmware reported a hardware error that was not corrected."},
		{"memory_failure", "The hardware poisoned a page of memory."},
		{"hardware_error_corrected", "The hardware or the firmware corrected an error."},
		{"pcie_error", "A PCI Express device reported an error that was not corrected (AER)."},
		{"iommu_fault", "A device accessed memory that the IOMMU does not let it."},
		{"gpu_error", "A GPU reported an error or was reset."},
		{"remote_storage_unresponsive", "A server of remote storage does not answer: NFS, CIFS, Ceph, NBD."},
		{"vmalloc_failure", "The kernel found no room for a virtually contiguous allocation."},
		{"swap_error", "A page could not be written to swap or read from it."},
		{"file_table_full", "The limit of open files of the machine is reached."},
		{"audit_lost", "The audit subsystem lost records."},
		{"syn_flood", "A listening TCP socket received more connections than it can hold."},
		{"page_pool_stalled", "A network device cannot be removed because pages of its pool are still in use."},
		{"workqueue_hogged", "A kernel worker kept a processor for too long."},
		{"clocksource_unstable", "The kernel gave a clock up because it was wrong."},
		{"thermal_throttle", "A processor was slowed down because of heat."},
	}
}

// All returns every event, in the order of the documentation.
func All() []Event {
	var all []Event
	for _, e := range table() {
		all = append(all, e.event)
	}
	return all
}

// Known says whether there is an event of this name.
func Known(name string) bool { return slices.Contains(All(), Event(name)) }

// Doc returns a sentence that says what the event is, or "" for a name that is
// no event's.
func (e Event) Doc() string {
	for _, t := range table() {
		if t.event == e {
			return t.doc
		}
	}
	return ""
}
