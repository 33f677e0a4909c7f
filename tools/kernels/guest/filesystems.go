package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The disks of the group of file systems, which the machine outside made.
const (
	xfsDisk   = "/dev/vda"
	xfsBroken = "/dev/vdb"
	btrfsDisk = "/dev/vdc"
)

// filesystems are scenarios of file systems on disks of qemu.
func filesystems() []scenario {
	return []scenario{
		{
			name: "xfs_corruption", event: "xfs_corruption", how: "a directory of an XFS that somebody wrote to is listed",
			pattern: `XFS \(vd[a-z]\): Metadata (corruption|CRC error) detected at `, run: xfsCorrupted,
		},
		{
			name: "xfs_metadata_io_error", event: "xfs_metadata_io_error", how: "a directory is listed after the disk below an XFS began to fail",
			pattern: `XFS \(dm-\d+\): metadata I/O error in `, run: xfsUnreadable,
		},
		{
			name: "xfs_shutdown", event: "xfs_shutdown", how: "a file is synced after the disk below an XFS began to fail",
			pattern: `XFS \(dm-\d+\): (Log I/O [Ee]rror (\(0x[0-9a-f]+\) )?[Dd]etected|Filesystem has been shut down due to log error)`, run: xfsUnwritable,
		},
		{
			name: "btrfs_error", event: "btrfs_error", how: "a file is synced after the disk below a btrfs began to fail",
			pattern: `BTRFS error \(device dm-\d+\): bdev /dev/dm-\d+ errs: wr 1, `, run: btrfsFails,
		},
	}
}

// mounted mounts a disk of qemu that is there within seconds.
func mounted(kind, device, at, options string) error {
	for _, m := range []string{"virtio_pci", "virtio_blk", kind} {
		if err := load(m, ""); err != nil {
			return err
		}
	}
	err := os.MkdirAll(at, 0o755)
	for range 50 {
		if _, err = os.Stat(device); err == nil {
			break
		}
		pause(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(device, at, kind, 0, options); err != nil {
		return fmt.Errorf("mount %s as %s: %w", device, kind, err)
	}
	return nil
}

// makeFiles makes so many files in a new directory, with names that need a block.
func makeFiles(dir string, count int) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range count {
		if err := os.WriteFile(filepath.Join(dir, strings.Repeat("n", 40)+fmt.Sprint(i)), nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// xfsCorrupted overwrites the block of a directory: fs/xfs/libxfs/xfs_da_format.h has what
// it begins with.
func xfsCorrupted(*guest) error {
	const at, magic = "/run/mnt-xfs-broken", "XDB3"
	if err := mounted("xfs", xfsBroken, at, "nouuid"); err != nil {
		return err
	}
	if err := errors.Join(makeFiles(at+"/dir", 30), unix.Unmount(at, 0)); err != nil {
		return err
	}
	disk, err := os.OpenFile(xfsBroken, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer disk.Close()
	block := make([]byte, 4096)
	for i := int64(0); ; i++ {
		if _, err := disk.ReadAt(block, i*int64(len(block))); err != nil {
			return fmt.Errorf("no directory of XFS: %w", err)
		}
		if bytes.HasPrefix(block, []byte(magic)) {
			if _, err := disk.WriteAt([]byte("somebody wrote here"), i*int64(len(block))+100); err != nil {
				return err
			}
			break
		}
	}
	if err := errors.Join(disk.Sync(), mounted("xfs", xfsBroken, at, "nouuid")); err != nil {
		return err
	}
	if _, err := os.ReadDir(at + "/dir"); err == nil {
		return errors.New("the directory could be listed")
	}
	return unix.Unmount(at, 0)
}

// failing mounts a disk through the device mapper, with a directory of its name, and returns
// what has each access to the disk fail from then on.
func failing(kind, disk, name, at, options string) (fail func() error, err error) {
	if err := mounted(kind, disk, at, options); err != nil {
		return nil, err
	}
	if err := errors.Join(makeFiles(at+"/"+name, 30), unix.Unmount(at, 0)); err != nil {
		return nil, err
	}
	size, err := os.ReadFile(filepath.Join("/sys/block", filepath.Base(disk), "size"))
	if err != nil {
		return nil, err
	}
	var sectors uint64
	if _, err := fmt.Sscan(string(size), &sectors); err != nil {
		return nil, err
	}
	mapped, err := mapper(name, target{sectors: sectors, kind: "linear", params: disk + " 0"}, false)
	if err != nil {
		return nil, err
	}
	if err := mounted(kind, mapped, at, options); err != nil {
		return nil, err
	}
	return func() error {
		_, err := mapper(name, target{sectors: sectors, kind: "error"}, true)
		return err
	}, nil
}

func xfsUnreadable(*guest) error {
	const at = "/run/mnt-xfs-unreadable"
	fail, err := failing("xfs", xfsDisk, "unreadable", at, "nouuid")
	if err != nil {
		return err
	}
	if err := fail(); err != nil {
		return err
	}
	if _, err := os.ReadDir(at + "/unreadable"); err == nil {
		return errors.New("the directory could be listed")
	}
	return nil
}

// syncAfter makes a file, has the disk fail, and syncs the file before and after something is
// written to it.
func syncAfter(fail func() error, at string) error {
	f, err := os.Create(at + "/file")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := fail(); err != nil {
		return err
	}
	empty := f.Sync()
	_, err = f.Write(make([]byte, 100_000))
	if empty == nil && err == nil && f.Sync() == nil {
		return errors.New("the file could be synced")
	}
	return nil
}

func xfsUnwritable(*guest) error {
	const at = "/run/mnt-xfs-unwritable"
	fail, err := failing("xfs", xfsBroken, "unwritable", at, "nouuid")
	if err != nil {
		return err
	}
	return syncAfter(fail, at)
}

func btrfsFails(*guest) error {
	const at = "/run/mnt-btrfs"
	fail, err := failing("btrfs", btrfsDisk, "btrfs", at, "")
	if err != nil {
		return err
	}
	return syncAfter(fail, at)
}
