package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// A group is scenarios that share a boot.
type group struct {
	name    string
	names   []string
	options string                                                                            // of the kernel's command line
	devices func(ctx context.Context, dir string) (arguments []string, end func(), err error) // of qemu
}

// quick are the scenarios of the short form, of which most kernels make each in seconds.
func quick() []string {
	return strings.Fields("memcg_oom_kill pids_fork_rejected file_table_full kernel_warning oops_null")
}

func groups() []group {
	return []group{
		{
			name: "limits",
			names: strings.Fields(`memcg_oom_kill oom_kill pids_fork_rejected file_table_full neighbour_overflow syn_flood
				conntrack_table_full tcp_memory tcp_orphans audit_lost`),
		},
		{
			name: "storage",
			names: strings.Fields(`block_io_error buffer_io_error storage_transport_error raid_disk_failure verity_error ext4_error
				filesystem_readonly hung_task overlayfs_in_use overlayfs_upper_unsupported swap_error`),
		},
		{
			name:    "filesystems",
			names:   strings.Fields("xfs_corruption xfs_metadata_io_error xfs_shutdown btrfs_error nbd_silent nfs_silent"),
			devices: formattedDisks,
		},
		{
			name: "nvme", names: []string{"nvme_timeout"}, options: "nvme_core.io_timeout=2",
			devices: slowDisk,
		},
		{
			name: "network", names: []string{"netdev_tx_timeout"}, devices: deafCard,
		},
		{
			name: "hardware", names: strings.Fields("pcie_corrected pcie_error iommu_fault firmware_corrected firmware_error"),
			options: "intel_iommu=on memmap=64K$0x10000000", devices: brokenHardware,
		},
		{
			name: "memory", options: "slub_debug=FZ page_poison=1",
			names: strings.Fields(`vmalloc_failure page_alloc_failure slub_alloc_failure memory_failure wrong_slab_cache kernel_corruption
				bad_page slab_objects_remaining`),
		},
		{
			name:  "faults",
			names: strings.Fields("kernel_warning oops_null oops_page oops_gpf oops_opcode kernel_bug soft_lockup hard_lockup mce netdev_leak"),
		},
		{
			name: "processors", names: []string{"rcu_stall"}, devices: twoProcessors,
		},
	}
}

// slowDisk is a disk of nvme that gives a sector in minutes.
func slowDisk(_ context.Context, dir string) (arguments []string, end func(), err error) {
	return []string{
		"-drive", "if=none,id=slow,format=raw,read-only=on,throttling.bps-total=64,file=" + filepath.Join(dir, "ext4"),
		"-device", "nvme,drive=slow,serial=slow",
	}, func() {}, nil
}

// deafCard is a network card at whose other end is a socket that nobody reads.
func deafCard(context.Context, string) (arguments []string, end func(), err error) {
	dir, err := os.MkdirTemp("", "kernels-card-")
	if err != nil {
		return nil, nil, err
	}
	near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: far})
	if err != nil {
		return nil, nil, err
	}
	arguments = []string{
		"-netdev", "dgram,id=deaf,local.type=unix,local.path=" + near + ",remote.type=unix,remote.path=" + far,
		"-device", "virtio-net-pci,netdev=deaf",
	}
	return arguments, func() {
		socket.Close()
		os.RemoveAll(dir)
	}, nil
}

func twoProcessors(context.Context, string) (arguments []string, end func(), err error) {
	return []string{"-smp", "2"}, func() {}, nil
}

// formattedDisks are two disks with XFS and one with btrfs, of which qemu forgets what is
// written to them.
func formattedDisks(ctx context.Context, dir string) (arguments []string, end func(), err error) {
	for i, d := range []struct {
		kind string
		size int64
	}{{"xfs", 300 << 20}, {"xfs", 300 << 20}, {"btrfs", 128 << 20}} {
		path := filepath.Join(dir, d.kind)
		if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, d.size)); err != nil {
			return nil, nil, err
		}
		if _, err := output(ctx, dir, "mkfs."+d.kind, "-q", "-f", path); err != nil {
			return nil, nil, err
		}
		arguments = append(arguments,
			"-drive", fmt.Sprintf("if=none,id=disk%d,format=raw,snapshot=on,file=%s", i, path), "-device", fmt.Sprintf("virtio-blk-pci,drive=disk%d", i))
	}
	return arguments, func() {}, nil
}

// firmwareMemory is where the firmware puts its records; the guest, which plays the firmware,
// and the kernel's command line know it too.
const firmwareMemory = 0x10000000

// brokenHardware is a machine with PCI Express, an IOMMU, and a firmware that says where it
// reports errors.
func brokenHardware(_ context.Context, dir string) (arguments []string, end func(), err error) {
	path := filepath.Join(dir, "hest")
	return []string{
		"-machine", "q35", "-device", "intel-iommu", "-device", "edu",
		"-device", "pcie-root-port,id=root,chassis=1", "-device", "e1000e,bus=root,id=card",
		"-acpitable", "sig=HEST,rev=1,data=" + path,
	}, func() {}, os.WriteFile(path, errorSources(), 0o644)
}

// errorSources is the table HEST of ACPI, 18.3.2 without its head: one source of errors, which
// is asked once a second.
func errorSources() []byte {
	half, word, quad := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32, binary.LittleEndian.AppendUint64
	const generic, none, polled = 9, 0xffff, 0
	table := word(nil, 1)
	table = half(half(half(table, generic), 0), none) // kind, number, related source
	table = append(table, 0, 1)                       // flags, enabled
	table = word(word(word(table, 1), 1), 4096)       // records, sections, length of raw data
	table = append(table, 0, 64, 0, 4)                // an address of 64 bits in memory
	table = quad(table, firmwareMemory)
	table = append(table, polled, 28)
	table = half(table, 0)
	table = word(table, 1000) // milliseconds
	table = append(table, make([]byte, 20)...)
	return word(table, 4096) // length of a record
}
