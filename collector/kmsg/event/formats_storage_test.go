package event_test

// filesystemFormats is made from the files of fs/ that the patterns name.
func filesystemFormats() []formatted {
	return []formatted{
		{"ext4_error", "2.6.32", "EXT4-fs error (device dm-1): ext4_lookup: deleted inode referenced: 10426462"},
		{"ext4_error", "el6", "EXT4-fs error (device sda1) in ext4_orphan_add: IO failure"},
		{"ext4_error", "el6", "EXT4-fs error (device sda1): ext4_ext_check_inode: inode #2: (comm ls) bad header/extent"},
		{"ext4_error", "3.10", "EXT4-fs error (device sdf) in ext4_reserve_inode_write:5795: Journal has aborted"},
		{"ext4_error", "3.10, the first fragment", "EXT4-fs error (device dm-4): ext4_journal_check_start:56: "},
		{"ext4_error", "4.4", "EXT4-fs error (device rbd0): ext4_mb_generate_buddy:757: group 0, block bitmap and bg descriptor inconsistent: 1 vs 2 free clusters"},
		{"ext4_error", "7.1", "EXT4-fs error (device nvme0n1p1): ext4_find_entry:1455: inode #2: block 12: comm a: b: reading directory lblock 0"},

		{"filesystem_readonly", "2.6.32 ext3", "Remounting filesystem read-only"},
		{"filesystem_readonly", "7.1 ext4", "EXT4-fs (nvme0n1p1): Remounting filesystem read-only"},
		{"filesystem_readonly", "el7 ext3", "EXT3-fs (sda1): error: remounting filesystem read-only"},
		{"filesystem_readonly", "6.18 ext2", "EXT2-fs (sda1): error: remounting filesystem read-only"},
		{"filesystem_readonly", "el6 btrfs", "btrfs is forced readonly"},
		{"filesystem_readonly", "4.4 btrfs", "BTRFS info (device sdb1): forced readonly"},
		{"filesystem_readonly", "6.1 btrfs", "BTRFS info (device dm-0: state EA): forced readonly"},
		{"filesystem_readonly", "7.1 btrfs", "BTRFS info (device dm-0 state EA): forced readonly"},
		{"filesystem_readonly", "6.6 f2fs", "F2FS-fs (mmcblk0p3): Remounting filesystem read-only"},
		{"filesystem_readonly", "5.4 reiserfs", "REISERFS (device sda3): Remounting filesystem read-only"},
		{"filesystem_readonly", "5.4 jfs", "ERROR: (device sda3): remounting filesystem as read-only"},
		{"filesystem_readonly", "4.4 ocfs2", "OCFS2: File system is now read-only."},
		{"filesystem_readonly", "el7 ocfs2", "File system is now read-only due to the potential of on-disk corruption. Please run fsck.ocfs2 once the file system is unmounted."},
		{"filesystem_readonly", "5.4 fat", "FAT-fs (sda1): Filesystem has been set read-only"},
		{"filesystem_readonly", "6.1 exfat", "exFAT-fs (sda1): Filesystem has been set read-only"},

		{"xfs_corruption", "2.6.32", `Filesystem "dm-0": XFS internal error XFS_WANT_CORRUPTED_GOTO at line 1590 of file fs/xfs/xfs_alloc.c.  Caller 0xffffffff8121d4c5`},
		{"xfs_corruption", "el6", "XFS (dm-0): Internal error XFS_WANT_CORRUPTED_GOTO at line 1590 of file fs/xfs/xfs_alloc.c.  Caller 0xffffffffa01e76c2"},
		{"xfs_corruption", "el6", "XFS: Internal error XFS_WANT_CORRUPTED_RETURN at line 342 of file fs/xfs/xfs_alloc.c.  Caller 0xffffffffa01e76c2"},
		{"xfs_corruption", "4.4", "XFS (sda1): Internal error i != 1 at line 1599 of file fs/xfs/libxfs/xfs_alloc.c.  Caller xfs_free_extent+0xfc/0x130 [xfs]"},
		{"xfs_corruption", "7.1", "XFS (vdb): Internal error xfs_iunlink_remove at line 2038 of file fs/xfs/xfs_inode.c.  Caller xfs_ifree+0x33/0x130 [xfs]"},
		{"xfs_corruption", "4.4", "XFS (vda4): Metadata CRC error detected at xfs_agf_read_verify+0x70/0x110, xfs_agf block 0x1"},
		{"xfs_corruption", "7.1", "XFS (vda4): Metadata corruption detected at xfs_buf_ioend+0x162/0x570 [xfs], xfs_inode block 0x2fc4e0 xfs_inode_buf_verify"},
		{"xfs_corruption", "7.1", "XFS (vda4): Metadata corruption detected at xfs_iformat+0x2d/0xa0 [xfs], inode 0x183c42 xfs_iformat_extents(2)"},

		{"xfs_shutdown", "2.6.32", `Filesystem "dm-0": Corruption of in-memory data detected.  Shutting down filesystem: dm-0`},
		{"xfs_shutdown", "2.6.32", `Filesystem "dm-0": I/O Error Detected.  Shutting down filesystem: dm-0`},
		{"xfs_shutdown", "3.10", "XFS (dm-4): Corruption of in-memory data detected.  Shutting down filesystem"},
		{"xfs_shutdown", "el7", "XFS (dm-4): Log I/O Error Detected.  Shutting down filesystem"},
		{"xfs_shutdown", "4.4", "XFS (dm-4): I/O Error Detected. Shutting down filesystem"},
		{"xfs_shutdown", "5.10", "XFS (dm-4): All device paths lost.  Shutting down filesystem"},
		{"xfs_shutdown", "5.10", "XFS (dm-4): User initiated shutdown received. Shutting down filesystem"},
		{"xfs_shutdown", "5.15", "XFS (dm-4): User initiated shutdown received."},
		{"xfs_shutdown", "5.15", "XFS (dm-4): Metadata I/O Error (0x1) detected at xfs_trans_read_buf_map+0x1b2/0x2c0 [xfs] (fs/xfs/xfs_trans_buf.c:296).  Shutting down filesystem."},
		{"xfs_shutdown", "5.15", "XFS (dm-4): Corruption of in-memory data (0x8) detected at xfs_defer_finish+0x1/0x2 (fs/xfs/xfs_defer.c:533).  Shutting down filesystem."},
		{"xfs_shutdown", "6.1", "XFS (dm-4): Corruption of on-disk metadata (0x10) detected at xfs_x+0x1/0x2 (fs/xfs/xfs_x.c:5).  Shutting down filesystem."},
		{"xfs_shutdown", "6.6", "XFS (dm-4): Block device removal (0x20) detected at fs_bdev_mark_dead+0x54/0xb0 (fs/xfs/xfs_super.c:1177).  Shutting down filesystem."},
		{"xfs_shutdown", "6.6", "XFS (dm-4): Log I/O Error (0x2) detected at xlog_ioend_work+0x1/0x2 [xfs] (fs/xfs/xfs_log.c:1378).  Shutting down filesystem."},
		{"xfs_shutdown", "6.1", "XFS (sdb6): Filesystem has been shut down due to log error (0x2)."},

		{"xfs_metadata_io_error", "2.6.32", `I/O error in filesystem ("dm-0") meta-data dev dm-0 block 0x280000010       ("xfs_trans_read_buf") error 5 buf count 4096`},
		{"xfs_metadata_io_error", "el6", `XFS (dm-0): metadata I/O error: block 0x2 ("xfs_trans_read_buf") error 5 buf count 512`},
		{"xfs_metadata_io_error", "4.4", `XFS (dm-7): metadata I/O error: block 0x280000010 ("xlog_bread_noalign") error 5 numblks 8`},
		{"xfs_metadata_io_error", "el7", `XFS (dm-7): metadata I/O error in "xfs_imap_to_bp" at daddr 0x280 len 8 error 5`},
		{"xfs_metadata_io_error", "7.1", `XFS (vda4): metadata I/O error in "xfs_dquot_disk_read+0x14a/0x220 [xfs]" at daddr 0x1478 len 8 error 74`},
		{"xfs_metadata_io_error", "4.4, no mount", `XFS: metadata I/O error: block 0x1 ("x") error 5 numblks 8`},

		{"xfs_alloc_deadlock", "3.10", "XFS: possible memory allocation deadlock in kmem_alloc (mode:0x250)"},
		{"xfs_alloc_deadlock", "el7", "XFS: runc:[1:CHILD](3580) possible memory allocation deadlock in kmem_zone_alloc (mode:0x82d0)"},
		{"xfs_alloc_deadlock", "6.6", "XFS: a (b)(12) possible memory allocation deadlock size 65552 in kmem_alloc (mode:0x2400240)"},
	}
}

// hardwareFormats is made from block/, fs/buffer.c, fs/ext4/page-io.c, the
// machine check code of arch/x86/kernel/cpu and drivers/edac.
func hardwareFormats() []formatted {
	lines := []formatted{
		{"block_io_error", "2.6.32", "end_request: I/O error, dev sda, sector 1811939592"},
		{"block_io_error", "3.10", "end_request: critical target error, dev sdb, sector 0"},
		{"block_io_error", "el7", "blk_update_request: critical medium error, dev sdf, sector 960"},
		{"block_io_error", "4.19", "print_req_error: I/O error, dev ?, sector 18446744073709551615"},
		{"block_io_error", "el8", "print_req_error: protection error, dev nvme0n1, sector 8 flags 84700"},
		{"block_io_error", "5.4", "blk_update_request: operation not supported error, dev loop11, sector 0 op 0x9:(WRITE_ZEROES) flags 0x800 phys_seg 0 prio class 0"},

		{"buffer_io_error", "2.6.32", "Buffer I/O error on device dm-0, logical block 2477053"},
		{"buffer_io_error", "el7", "Buffer I/O error on dev sdd, logical block 1039, lost async page write"},
		{"buffer_io_error", "4.4", "Buffer I/O error on dev sdd1, logical block 0, lost sync page write"},
		{"buffer_io_error", "7.1", "Buffer I/O error on dev loop0, logical block 6, async page read"},
		{"buffer_io_error", "7.1", "Buffer I/O error on dev loop0, logical block 6"},

		{"mce", "2.6.32", "Machine check events logged"},
		{"mce", "el6", "[Hardware Error]: Machine check events logged"},
		{"mce", "7.1", "mce: [Hardware Error]: Machine check events logged"},

		{"edac", "el6", `EDAC MC0: CE page 0x3e2a1, offset 0x0, grain 8, syndrome 0x1a, row 1, channel 0, label "DIMM_A1": i7core`},
		{"edac", "el6", `EDAC MC0: UE row 1, channel-a= 0 channel-b= 1 labels "-": i5000`},
		{"edac", "el6", "EDAC MC0: CE - no information available: INTERNAL ERROR"},
		{"edac", "3.5", "EDAC MC0: CE memory read error on CPU_SrcID#0_Channel#1_DIMM#0 (channel 1 slot 0 page 0x43d2f5 offset 0x7c0 grain 32 syndrome 0x0 area:DRAM)"},
		{"edac", "3.6", "EDAC MC0: UE memory read error on CPU_SrcID#0_Channel#1_DIMM#0 (channel:1 slot:0 page:0x43d2f5 offset:0x7c0 grain:32 - area:DRAM)"},
		{"edac", "3.10", "EDAC MC1: 128 CE memory read error on CPU_SrcID#1_Ha#0_Chan#1_DIMM#1 (channel:1 slot:1 page:0x2b67afa offset:0xb40 grain:32 syndrome:0x0 -  area:DRAM err_code:0001:0092)"},
		{"edac", "3.10", "EDAC MC1: 3 UE memory scrubbing error on any memory ( page:0x0 offset:0x0 grain:8)"},
		{"edac", "4.4", "EDAC MC0: 1 UE ie31200 UE on mc#0csrow#1channel#0 (csrow:1 channel:0 page:0x1 offset:0x0 grain:8)"},
		{"edac", "7.1", "EDAC MC0: 1 UE on mc#0csrow#0channel#0 (csrow:0 channel:0 page:0x0 offset:0x0 grain:0)"},
		{"edac", "5.4", "EDAC DEVICE0: CE: cpu0 instance: cpu0 block: L2 'a71 L2'"},
		{"edac", "6.1", "EDAC DEVICE0: UE: cpu0 instance: cpu0 block: N/A count: 2 'L2'"},
	}
	// blk_errors[] of block/blk-core.c, 6.18 and, for "critical nexus", 5.4.
	for _, e := range []string{
		"operation not supported", "timeout", "critical space allocation", "recoverable transport",
		"critical target", "critical nexus", "reservation conflict", "critical medium", "protection",
		"kernel resource", "device resource", "nonblocking retry", "dm internal retry", "open zones exceeded",
		"active zones exceeded", "device offline", "duration limit exceeded", "invalid", "I/O",
	} {
		lines = append(lines, formatted{
			"block_io_error", "6.1",
			e + " error, dev sda, sector 2466368 op 0x1:(WRITE) flags 0x4000 phys_seg 273 prio class 2",
		})
	}
	return lines
}
