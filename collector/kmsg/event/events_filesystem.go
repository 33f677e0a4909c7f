package event

func filesystemEvents() []entry {
	return []entry{
		{
			// fs/ext4/super.c: __ext4_error(), __ext4_error_inode(),
			// __ext4_error_file(), __ext4_grp_locked_error(), __ext4_std_error();
			// no line number in 2.6.32 and el6. The name of a process or a file
			// stands in what follows.
			event: "ext4_error",
			doc:   "ext4 found an inconsistency or could not write.",
			formats: []string{
				"EXT4-fs error (device %b): %w{|:%d}:{| %+}",
				"EXT4-fs error (device %b) in %w{|:%d}:{| %+}",
				// fs/ext4/inode.c: mpage_map_and_submit_extent(), up to 3.8
				// mpage_da_map_and_submit(); page-io.c: ext4_end_io_end(), up to
				// 4.x ext4_end_io().
				"EXT4-fs (%b): Delayed block allocation failed for inode %d at logical offset %d with max blocks %d with error %d",
				"EXT4-fs (%b): failed to convert unwritten extents to written extents -- potential data loss! {| }(inode %d, %k)",
				"EXT4-fs (%b): failed to convert unwritten extents to written extents -- potential data loss! {| }(inode %d, offset %d, size %d, error %d)",
			},
			follows: []string{"EXT4-fs (%b): This should not happen!! {| }Data will be lost"},
			after:   []Event{"ext4_error"},
		},
		{
			// fs/ext4/super.c: ext4_handle_error(), __ext4_abort();
			// fs/ext3/super.c: el6 to el7; fs/ext2/super.c: ext2_error(), from
			// 3.10, and bare before, as fs/ext3/super.c of 2.6.32 and
			// fs/nilfs2/super.c, __nilfs_error(); fs/btrfs/super.c:
			// btrfs_handle_error(), from el8 __btrfs_handle_fs_error(), in
			// messages.c from 6.6, bare in el6, with the state from 6.1 on, in
			// 7.1 without a colon; fs/f2fs/super.c: f2fs_handle_critical_error(),
			// from 6.6; fs/reiserfs/prints.c: __reiserfs_error();
			// fs/jfs/super.c: jfs_handle_error(); fs/ocfs2/super.c:
			// ocfs2_handle_error(); fs/fat/misc.c: __fat_fs_error(), from 3.10;
			// fs/exfat/misc.c: __exfat_fs_error().
			event: "filesystem_readonly",
			doc:   "A file system turned itself read-only.",
			formats: []string{
				"{|EXT4-fs (%b): |F2FS-fs (%b): |REISERFS (device %b): }Remounting filesystem read-only",
				"EXT3-fs (%b): error: remounting filesystem read-only",
				"EXT2-fs (%b): error: remounting filesystem read-only",
				"BTRFS info (device %b{|: state %w| state %w}): forced readonly",
				"btrfs is forced readonly",
				"ERROR: (device %b): remounting filesystem as read-only",
				"OCFS2: File system is now read-only.",
				"File system is now read-only due to the potential of on-disk corruption.%*",
				"FAT-fs (%b): Filesystem has been set read-only",
				"exFAT-fs (%b): Filesystem has been set read-only",
				// fs/bcachefs/error.c: bch2_inconsistent_error(),
				// bch2_fatal_error(), 6.7 to 6.17.
				"bcachefs ({%b|%a}{| inum %k}): {|%k - |%k: }emergency read only{| at %*| %k}",
				"bcachefs ({%b|%a}{| inum %k}): %p\n{|  }emergency read only%+", // from 6.14
			},
		},
		{
			// fs/xfs/xfs_error.c: xfs_error_report(), xfs_buf_verifier_error(),
			// xfs_inode_verifier_error(), xfs_buf_corruption_error(). "Corruption
			// detected. Unmount and run xfs_repair" and "Unmount and run
			// xfs_repair" close such a report.
			event: "xfs_corruption",
			doc:   "XFS found an inconsistency.",
			formats: []string{
				"XFS{| (%b)}: Internal error %p at line %d of file %s. {| }Caller %*",
				`Filesystem "%b": XFS internal error %p at line %d of file %s. {| }Caller %*`, // 2.6.32
				"XFS (%b): Metadata {corruption|CRC error} detected at %*",
				// fs/xfs/xfs_log.c: xfs_log_check_lsn(), from 4.4.
				"XFS (%b): Corruption warning: Metadata has LSN (%d:%d) ahead of current LSN (%d:%d). Please unmount and run xfs_repair%*",
			},
		},
		{
			// fs/xfs/xfs_fsops.c: xfs_do_force_shutdown(), up to el6 xfs_rw.c,
			// which ends in the same sentence up to 5.10 and from 5.15 in
			// another; fs/xfs/xfs_log.c: xlog_force_shutdown(), from 6.1.
			// "xfs_do_force_shutdown(0x%x) called from" goes before it.
			event: "xfs_shutdown",
			doc:   "XFS gave a file system up.",
			formats: []string{
				"XFS (%b): {Corruption of in-memory data|Log I/O Error|I/O Error} {D|d}etected. {| }Shutting down filesystem{|.}",
				"XFS (%b): {Corruption of in-memory data|Corruption of on-disk metadata|Log I/O Error|Metadata I/O Error|Block device removal} (%x) detected at %p {| }Shutting down filesystem{|.}",
				"XFS (%b): All device paths lost. {| }Shutting down filesystem{|.}",
				"XFS (%b): User initiated shutdown received.{| {| }Shutting down filesystem}",
				"XFS (%b): Filesystem has been shut down due to log error (%x){|.}",
				`Filesystem "%b": {Corruption of in-memory data detected|Log I/O Error Detected|I/O Error Detected|All device paths lost}. {| }Shutting down filesystem: %b`, // 2.6.32
			},
		},
		{
			// fs/xfs/xfs_buf.c: xfs_buf_ioerror_alert(): with a block up to 4.4,
			// with daddr from el7 on. fs/xfs/xfs_rw.c: xfs_ioerror_alert(), 2.6.32.
			event: "xfs_metadata_io_error",
			doc:   "XFS could not read or write metadata.",
			formats: []string{
				`XFS{| (%b)}: metadata I/O error in "%p" at daddr %x len %d error %d`,
				`XFS{| (%b)}: metadata I/O error: block %x ("%p") error %d {numblks|buf count} %d`,
				`I/O error in filesystem ("%b") meta-data dev %b block %x %p("%p") error %d buf count %d`,
			},
		},
		{
			// fs/xfs/kmem.c: kmem_alloc(), kmem_realloc(), kmem_zone_alloc(), and
			// xfs_buf.c: xfs_buf_allocate_memory(); el6 to 6.6, the process from
			// el7 and 4.4 on.
			event:   "xfs_alloc_deadlock",
			doc:     "XFS has waited for memory for a long time.",
			formats: []string{"XFS: {|%c(%d) }possible memory allocation deadlock {|size %d }in %w (mode:%x)"},
		},
		{
			// fs/btrfs/messages.c, up to 6.1 super.c: btrfs_printk(), at the
			// levels error and critical; __btrfs_handle_fs_error(), as "BTRFS:
			// error". One failure prints several. The state of the file system
			// stands after the device from 6.1 on.
			event: "btrfs_error",
			doc:   "btrfs found an inconsistency or could not read or write.",
			follows: []string{
				"BTRFS {error|critical} (device %b{|: state %w| state %w}): %*",
				"BTRFS{|:} error (device %b{|: state %w| state %w}) in %w:%d: errno=%d %*",
				"BTRFS: Transaction aborted (error %d)",
			},
			after: []Event{"btrfs_error"},
			// What is wrong with a mount and not with the file system.
			belongs: []string{
				"BTRFS error (device %b): unrecognized mount option '%p'",
				"BTRFS error (device %b): open_ctree failed{|: %d}",
			},
		},
		{
			// OpenZFS: module/os/linux/spl/spl-err.c: spl_panic(), vcmn_err(),
			// before 0.8 spl's spl-err.c and spl-debug.c; module/zfs: spa.c and
			// zio.c: zio_suspend(), range_tree.c, zfs_blkptr_verify().
			event: "zfs_error",
			doc:   "ZFS panicked, or suspended a pool because it could not read or write.",
			formats: []string{
				"PANIC at %s:%d:%w()",
				"SPLError: %d:%d:(%s) SPL PANIC",
				"{|SPLError: %d:%d:(%s) }WARNING: Pool '%p' has encountered an uncorrectable I/O failure and has been suspended.",
				"{PANIC|WARNING}: zfs: {allocating allocated segment|freeing free segment|adding existent segment|removing nonexistent segment|attempting to increase fill}%*",
				"{PANIC|WARNING}: blkptr at %x {has invalid|DVA %d has}%*",
			},
		},
		{
			// fs/jbd2/journal.c: __jbd2_journal_force..., jbd2_write_superblock();
			// fs/f2fs/super.c: f2fs_handle_critical_error(), f2fs_record_errors();
			// fs/squashfs: ERROR(); fs/fat/misc.c: __fat_fs_error();
			// fs/exfat/misc.c: __exfat_fs_error(); fs/ext2/super.c: ext2_error();
			// fs/ext3/super.c: ext3_error(); fs/jfs/super.c: jfs_error();
			// fs/reiserfs/prints.c: __reiserfs_error(); fs/ocfs2/super.c:
			// __ocfs2_error(); fs/gfs2/util.c: gfs2_lm(), gfs2_withdraw();
			// fs/nilfs2/super.c: __nilfs_error(); fs/udf/super.c: _udf_err();
			// fs/ntfs3/super.c: ntfs_set_state(); fs/erofs; fs/ubifs/misc.c:
			// ubifs_err(); fs/bcachefs; fs/overlayfs/namei.c, inode.c.
			event: "filesystem_error",
			doc:   "A file system other than ext4, XFS, btrfs and ZFS found itself broken or lost data.",
			formats: []string{
				"JBD2: {Error %d detected when|I/O error when} updating journal superblock for %s",
				"JBD2: Detected IO errors while flushing file data on %s",
				"JBD2: {journal checksum error|recovery failed|corrupted journal superblock|error %d scanning journal|IO error %d recovering block %d in log}",
				"JBD2: {Failed to read block at offset %d|Invalid checksum recovering %*|journal transaction %d on %s is corrupt.|previous I/O error detected for journal superblock update for %s}",
				"F2FS-fs (%b): {Stopped filesystem due to reason: %d|access invalid {blkaddr:%*|cluster, %*}|Invalid block %x|checksum invalid, %*|invalid crc value|" +
					"inconsistent node block, %*|Inconsistent %*|%w: corrupted %*|%w: inode {(ino=%x)|ino=%x} has {corrupted|inconsistent} %*|%w: inode %*|" +
					"{list|set|lookup} inode (%d) has corrupted xattr|inode (%d) has invalid last xattr entry, %*|Corrupted max_depth of %*|" +
					"NAT is corrupt, run fsck to fix it|SIT is corrupted %*|Found FS corruption, run fsck to fix.|quota {file|sysfile} may be corrupted, %*}",
				"FAT-fs (%b): error, %+",
				"exFAT-fs (%b): error, %+",
				"EXT2-fs (%b): error: %w: %+",
				"EXT2-fs error (device %b): %w: %+",
				"EXT3-fs error (device %b)%+",
				"ERROR: (device %b): %s: %+",
				"REISERFS error (device %b): %+",
				"OCFS2: ERROR (device %b): %+",
				"{gfs2|GFS2}: fsid=%s fatal: %+",
				"NILFS error (device %b): %+",
				"UDF-fs: error (device %b): %s:%d:%w: %+",
				"ntfs3{: %b|(%b)}: Mark volume as dirty due to NTFS errors",
				"NTFS-fs error (device %b): %+",
				"erofs{|:} (device %b): %w: {failed to decompress|bogus|corrupted} %*",
				"UBIFS error (ubi%d:%d pid %d): %w: %+",
			},
			follows: []string{
				"SQUASHFS error: {Failed to read block %x: %d|Unable to read %*|unable to read %k|squashfs_read_data failed to read block %x|" +
					"%l decompression failed, data probably corrupt|xz_dec_run error, data probably corrupt|zstd decompression error: %d|" +
					"Corrupted symlink|read_indexes: reading block %*}",
				"bcachefs ({%b|%a}{| inum %k}): {checksum error%+|btree node read error%+|data read error%+|data checksum error%+|error validating %+|metadata %k error%+}",
				"overlayfs: {invalid origin (%p, ftype=%x, origin ftype=%x).|failed to look up (%p) for ino (%d)|invalid redirect (%p)|failed to get redirect (%d)|failed to get origin (%d)}",
			},
			after: []Event{"filesystem_error", "filesystem_readonly"},
			belongs: []string{
				"SQUASHFS error: Can't find a SQUASHFS superblock on %s",
				"SQUASHFS error: unable to read {squashfs_super_block|superblock}",
			},
		},
	}
}
