package event

func filesystemPatterns() []pattern {
	const (
		ext4 = `\w+(?::\d+)?:(?: .*)?`
		// The sentence that ends every shutdown: up to 5.10; from 5.15.
		detected = `[Dd]etected\. +Shutting down filesystem\.?`
		why      = `\(0x[0-9a-f]+\) detected at .+ +Shutting down filesystem\.?`
		ioError  = ` in ".*" at daddr 0x[0-9a-f]+ len \d+ error -?\d+|` +
			`: block 0x[0-9a-f]+ \(".*"\) error -?\d+ (?:numblks|buf count) \d+`
		deadlock = ` memory allocation deadlock (?:size \d+ )?in \S+ \(mode:0x[0-9a-f]+\)`
	)
	return []pattern{
		// fs/ext4/super.c: __ext4_error(), __ext4_error_inode(),
		// __ext4_error_file(), __ext4_grp_locked_error(), __ext4_std_error();
		// no line number in 2.6.32 and el6.
		{event: "ext4_error", head: "EXT4-fs error (device %s): ", tail: ext4},
		{event: "ext4_error", head: "EXT4-fs error (device %s) in ", tail: ext4},

		// A file system that turned itself read-only. fs/ext4/super.c:
		// ext4_handle_error(), __ext4_abort(); fs/ext3/super.c: el6 to el7;
		// fs/ext2/super.c: ext2_error(), from 3.10, and bare before, as
		// fs/ext3/super.c of 2.6.32 and fs/nilfs2/super.c, __nilfs_error().
		{event: "filesystem_readonly", head: "EXT4-fs (%s): Remounting filesystem read-only"},
		{event: "filesystem_readonly", head: "EXT3-fs (%s): error: remounting filesystem read-only"},
		{event: "filesystem_readonly", head: "EXT2-fs (%s): error: remounting filesystem read-only"},
		{event: "filesystem_readonly", head: "Remounting filesystem read-only"},
		// fs/btrfs/super.c: btrfs_handle_error(), from el8
		// __btrfs_handle_fs_error(), in messages.c from 6.6; bare in el6. The
		// state of the file system is told from 6.1 on, in 7.1 without a colon.
		{event: "filesystem_readonly", head: "BTRFS info (device %s): forced readonly"},
		{event: "filesystem_readonly", head: "BTRFS info (device %s: state ", tail: `[A-Z]+\): forced readonly`},
		{event: "filesystem_readonly", head: "BTRFS info (device %s state ", tail: `[A-Z]+\): forced readonly`},
		{event: "filesystem_readonly", head: "btrfs is forced readonly"},
		// fs/f2fs/super.c: f2fs_handle_critical_error(), from 6.6;
		// fs/reiserfs/prints.c: __reiserfs_error(); fs/jfs/super.c:
		// jfs_handle_error(); fs/ocfs2/super.c: ocfs2_handle_error();
		// fs/fat/misc.c: __fat_fs_error(), from 3.10; fs/exfat/misc.c:
		// __exfat_fs_error().
		{event: "filesystem_readonly", head: "F2FS-fs (%s): Remounting filesystem read-only"},
		{event: "filesystem_readonly", head: "REISERFS (device %s): Remounting filesystem read-only"},
		{event: "filesystem_readonly", head: "ERROR: (device %s): remounting filesystem as read-only"},
		{event: "filesystem_readonly", head: "OCFS2: File system is now read-only."},
		{event: "filesystem_readonly", head: "File system is now read-only due to the potential of on-disk corruption.", tail: `.*`},
		{event: "filesystem_readonly", head: "FAT-fs (%s): Filesystem has been set read-only"},
		{event: "filesystem_readonly", head: "exFAT-fs (%s): Filesystem has been set read-only"},

		// fs/xfs/xfs_error.c: xfs_error_report(), xfs_buf_verifier_error(),
		// xfs_inode_verifier_error(), xfs_buf_corruption_error(). "Corruption
		// detected. Unmount and run xfs_repair" and "Unmount and run
		// xfs_repair" close such a report.
		{event: "xfs_corruption", head: "XFS (%s): Internal error ", tail: xfsInternal},
		{event: "xfs_corruption", head: "XFS: Internal error ", tail: xfsInternal},
		{event: "xfs_corruption", head: `Filesystem "%s": XFS internal error `, tail: xfsInternal}, // 2.6.32
		{event: "xfs_corruption", head: "XFS (%s): Metadata ", tail: `(?:corruption|CRC error) detected at .*`},

		// fs/xfs/xfs_fsops.c: xfs_do_force_shutdown(), up to el6 xfs_rw.c;
		// fs/xfs/xfs_log.c: xlog_force_shutdown(), from 6.1.
		// "xfs_do_force_shutdown(0x%x) called from" goes before it.
		{event: "xfs_shutdown", head: "XFS (%s): Corruption of in-memory data ", tail: detected + `|` + why},
		{event: "xfs_shutdown", head: "XFS (%s): Corruption of on-disk metadata ", tail: why},
		{event: "xfs_shutdown", head: "XFS (%s): Log I/O Error ", tail: detected + `|` + why},
		{event: "xfs_shutdown", head: "XFS (%s): Metadata I/O Error ", tail: why},
		{event: "xfs_shutdown", head: "XFS (%s): Block device removal ", tail: why},
		{event: "xfs_shutdown", head: "XFS (%s): I/O Error ", tail: detected},
		{event: "xfs_shutdown", head: "XFS (%s): All device paths lost.", tail: ` +Shutting down filesystem\.?`},
		{event: "xfs_shutdown", head: "XFS (%s): User initiated shutdown received.", tail: `(?: +Shutting down filesystem)?`},
		{event: "xfs_shutdown", head: "XFS (%s): Filesystem has been shut down due to log error (0x", tail: `[0-9a-f]+\)\.?`},
		{
			event: "xfs_shutdown", head: `Filesystem "%s": `, // 2.6.32
			tail: `(?:Corruption of in-memory data detected|Log I/O Error Detected|I/O Error Detected|All device paths lost)\. +Shutting down filesystem: .*`,
		},

		// fs/xfs/xfs_buf.c: xfs_buf_ioerror_alert(): with a block up to 4.4,
		// with daddr from el7 on. fs/xfs/xfs_rw.c: xfs_ioerror_alert(), 2.6.32.
		{event: "xfs_metadata_io_error", head: "XFS (%s): metadata I/O error", tail: ioError},
		{event: "xfs_metadata_io_error", head: "XFS: metadata I/O error", tail: ioError},
		{event: "xfs_metadata_io_error", head: `I/O error in filesystem ("`, tail: `.*"\) meta-data dev \S+ block 0x[0-9a-f]+ +\(".*"\) error -?\d+ buf count \d+`},

		// fs/xfs/kmem.c: kmem_alloc(), kmem_realloc(), kmem_zone_alloc(), and
		// xfs_buf.c: xfs_buf_allocate_memory(); el6 to 6.6, the process from
		// el7 and 4.4 on.
		{event: "xfs_alloc_deadlock", head: "XFS: possible", tail: deadlock},
		{event: "xfs_alloc_deadlock", head: "XFS: ", tail: `.*\(\d+\) possible` + deadlock},
	}
}

// xfsInternal is what follows the words "internal error" of XFS.
const xfsInternal = `.+ at line \d+ of file \S+\. +Caller .*`
