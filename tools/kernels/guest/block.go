package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// loopDevice makes a block device of a file.
func loopDevice(path string) (string, error) {
	if err := load("loop", ""); err != nil {
		return "", err
	}
	pause(300 * time.Millisecond)
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return "", err
	}
	device := fmt.Sprintf("/dev/loop%d", n)
	d, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer d.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return device, unix.IoctlSetInt(int(d.Fd()), unix.LOOP_SET_FD, int(f.Fd()))
}

// disk makes a loop device of a file with so many MiB of zeros, or of a copy of another
// file.
func disk(name string, mib int, from string) (string, error) {
	path := filepath.Join("/run", name)
	var text []byte
	if from != "" {
		var err error
		if text, err = os.ReadFile(from); err != nil {
			return "", err
		}
	} else {
		text = make([]byte, mib<<20)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", err
	}
	return loopDevice(path)
}

// A target is a line of a device mapper's table.
type target struct {
	sectors      uint64
	kind, params string
}

// mapper makes or changes a device of the device mapper, as include/uapi/linux/dm-ioctl.h
// has it, and returns its path.
func mapper(name string, t target, change bool) (string, error) {
	if err := load("dm_mod", ""); err != nil {
		return "", err
	}
	pause(300 * time.Millisecond)
	control, err := os.OpenFile("/dev/mapper/control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	const create, suspend, tableLoad = 3, 6, 9
	const suspendFlag, noFlush, noLockFS = 1 << 1, 1 << 11, 1 << 10
	if change {
		if _, err := dm(control, suspend, name, suspendFlag|noFlush|noLockFS, nil); err != nil {
			return "", err
		}
	} else if _, err := dm(control, create, name, 0, nil); err != nil {
		return "", err
	}
	spec := make([]byte, 40) // struct dm_target_spec
	binary.LittleEndian.PutUint64(spec[8:], t.sectors)
	copy(spec[24:], t.kind)
	spec = slices.Concat(spec, []byte(t.params), make([]byte, 8-len(t.params)%8))
	readOnly := uint32(0)
	if t.kind == "verity" { // the only kind it has
		readOnly = 1
	}
	if _, err := dm(control, tableLoad, name, readOnly, spec); err != nil {
		return "", err
	}
	device, err := dm(control, suspend, name, 0, nil) // without the flag it resumes
	if err != nil {
		return "", err
	}
	path := fmt.Sprintf("/dev/dm-%d", unix.Minor(device))
	for range 50 {
		if _, err = os.Stat(path); err == nil {
			break
		}
		pause(100 * time.Millisecond)
	}
	return path, err
}

func dm(control *os.File, command uintptr, name string, flags uint32, spec []byte) (device uint64, err error) {
	const head = 312 // of struct dm_ioctl
	b := make([]byte, head+len(spec)+512)
	put := func(at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	put(0, 4) // the version
	put(12, uint32(len(b)))
	put(16, head)
	if spec != nil {
		put(20, 1)
	}
	put(28, flags)
	copy(b[48:], name)
	copy(b[head:], spec)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, control.Fd(), 0xc138fd00|command, uintptr(unsafe.Pointer(&b[0]))) //nolint:gosec // the kernel's own layout
	if errno != 0 {
		return 0, fmt.Errorf("device mapper, command %d: %w", command, errno)
	}
	return binary.LittleEndian.Uint64(b[40:]), nil
}

// storage are scenarios of disks and file systems.
func storage() []scenario {
	return []scenario{
		{
			name: "block_io_error", event: "block_io_error", how: "a disk of scsi_debug that finds an error of its medium",
			pattern: `(blk_update_request: )?(critical medium|I/O) error, dev sd`, run: mediumError,
		},
		{
			name: "buffer_io_error", event: "buffer_io_error", how: "a read through the cache of a device whose table is dm-error",
			pattern: `Buffer I/O error on dev dm-\d+, logical block `, run: bufferError,
		},
		{
			name: "storage_transport_error", event: "storage_transport_error", how: "a disk of scsi_debug that does not answer, time-out 2 s",
			pattern: `scsi \d+:0:0:0: Device offlined - not ready after error recovery|sd \d+:0:0:0: Device offlined - not ready after error recovery`, run: diskTimeout, wait: 90 * time.Second,
		},
		{
			name: "nvme_timeout", event: "storage_transport_error", how: "a disk of qemu's nvme that is slower than its time-out of 2 s",
			pattern: `nvme nvme0: I/O .*QID \d+ timeout, `, run: nvmeTimeout, wait: 60 * time.Second,
		},
		{
			name: "raid_disk_failure", event: "raid_disk_failure", how: "one of two disks of a mirror of md is set faulty",
			pattern: `md/raid1:md\d+: Disk failure on loop\d+, disabling device\.`, run: raid,
		},
		{
			name: "verity_error", event: "verity_error", how: "a block of a device of dm-verity is changed and read",
			pattern: `device-mapper: verity: \d+:\d+: data block 0 is corrupted`, run: verity,
		},
		{
			name: "ext4_error", event: "ext4_error", how: "a directory of an ext4 that somebody wrote to is listed",
			pattern: `EXT4-fs error \(device loop\d+\): `, run: ext4Corrupted,
		},
		{
			name: "filesystem_readonly", event: "filesystem_readonly", how: "a disk below an ext4 begins to fail, errors=remount-ro",
			pattern: `EXT4-fs \(dm-\d+\): Remounting filesystem read-only`, run: ext4DiskFails,
		},
		{
			name: "hung_task", event: "hung_task", how: "a process writes to an ext4 that is frozen, hung_task_timeout_secs 3",
			pattern: `INFO: task \S+ blocked for more than \d+ seconds\.`, run: hungTask, wait: 30 * time.Second,
		},
		{
			name: "overlayfs_in_use", event: "overlayfs_in_use", how: "two overlays are mounted on one upper directory",
			pattern: `overlayfs: (upper|work)dir is in-use as upperdir/workdir of another mount`, run: overlayInUse,
		},
		{
			name: "overlayfs_upper_unsupported", event: "overlayfs_upper_unsupported", how: "the upper directory of an overlay is on a ramfs",
			pattern: `overlayfs: (upper fs does not support |upper fs missing |failed to set xattr on upper)`, run: overlayUpper, wait: 3 * time.Second,
		},
	}
}

// scsiDisk makes a disk of scsi_debug and returns its name.
func scsiDisk(parameters string) (string, error) {
	for _, m := range []string{"sd_mod"} {
		if err := load(m, ""); err != nil {
			return "", err
		}
	}
	if err := load("scsi_debug", "dev_size_mb=8 "+parameters); err != nil {
		return "", err
	}
	for range 100 {
		if found, err := filepath.Glob("/sys/block/sd*"); err == nil && len(found) > 0 {
			pause(2 * time.Second) // its partitions are read
			return filepath.Base(found[0]), nil
		}
		pause(100 * time.Millisecond)
	}
	return "", errors.New("scsi_debug made no disk")
}

// mediumError reads the sector that scsi_debug's option 2 has fail.
func mediumError(*guest) error {
	name, err := scsiDisk("")
	if err != nil {
		return err
	}
	if err := os.WriteFile("/sys/bus/pseudo/drivers/scsi_debug/opts", []byte("2"), 0); err != nil {
		return err
	}
	f, err := os.Open("/dev/" + name)
	if err != nil {
		return err
	}
	defer f.Close()
	const bad = 0x1234 // OPT_MEDIUM_ERR_ADDR
	if _, err := f.ReadAt(make([]byte, 512), bad*512); err == nil {
		return errors.New("the sector could be read")
	}
	return os.WriteFile("/sys/bus/pseudo/drivers/scsi_debug/opts", []byte("0"), 0)
}

// diskTimeout has commands not be answered: option 4 with every command.
func diskTimeout(g *guest) error {
	found, err := filepath.Glob("/sys/block/sd*")
	if err != nil {
		return err
	}
	name := ""
	if len(found) > 0 {
		name = filepath.Base(found[0])
	} else if name, err = scsiDisk(""); err != nil {
		return err
	}
	device := filepath.Join("/sys/block", name, "device")
	for path, value := range map[string]string{
		filepath.Join(device, "timeout"):               "2",
		filepath.Join(device, "eh_timeout"):            "2",
		"/sys/bus/pseudo/drivers/scsi_debug/every_nth": "1",
		"/sys/bus/pseudo/drivers/scsi_debug/opts":      "4",
		"/sys/module/scsi_mod/parameters/eh_deadline":  "5",
	} {
		if err := os.WriteFile(path, []byte(value), 0); err != nil {
			g.say("%s: %v", path, err)
		}
	}
	return as("read", "/dev/"+name).Start() // it returns when the kernel gives up
}

func nvmeTimeout(*guest) error {
	if err := load("nvme", ""); err != nil {
		return err
	}
	for range 100 {
		if _, err := os.Stat("/dev/nvme0n1"); err == nil {
			return as("read", "/dev/nvme0n1").Start()
		}
		pause(100 * time.Millisecond)
	}
	return errors.New("there is no disk of nvme")
}

func bufferError(*guest) error {
	device, err := mapper("error", target{sectors: 2048, kind: "error"}, false)
	if err != nil {
		return err
	}
	if _, err := os.ReadFile(device); err == nil {
		return errors.New("the device could be read")
	}
	return nil
}

// raid makes a mirror without superblocks, by the ioctls of include/uapi/linux/raid/md_u.h.
func raid(*guest) error {
	for _, m := range []string{"md_mod", "raid1"} {
		if err := load(m, ""); err != nil {
			return err
		}
	}
	if err := os.WriteFile("/sys/module/md_mod/parameters/new_array", []byte("md5"), 0); err != nil {
		return err
	}
	md, err := os.OpenFile("/dev/md5", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer md.Close()
	md5 := func(command uintptr, arg []int32) error {
		var p uintptr
		if arg != nil {
			p = uintptr(unsafe.Pointer(&arg[0])) //nolint:gosec // the kernel's own layout
		}
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, md.Fd(), command, p); errno != 0 {
			return fmt.Errorf("md, ioctl %#x: %w", command, errno)
		}
		return nil
	}
	info := make([]int32, 18) // mdu_array_info_t
	info[1], info[4], info[5], info[6], info[7] = 90, 1, 1024, 2, 2
	info[9] = 1 // not persistent
	if err := md5(0x40480923, info); err != nil {
		return err
	}
	var last int32
	for i := range int32(2) {
		device, err := disk(fmt.Sprint("mirror", i), 2, "")
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Stat(device, &st); err != nil {
			return err
		}
		last = int32(unix.Minor(st.Rdev))
		// mdu_disk_info_t: number, major, minor, place, state: active and in sync.
		if err := md5(0x40140921, []int32{i, int32(unix.Major(st.Rdev)), last, i, 1<<1 | 1<<2}); err != nil {
			return err
		}
	}
	if err := md5(0x400c0930, nil); err != nil { // RUN_ARRAY
		return err
	}
	pause(time.Second)
	return os.WriteFile(fmt.Sprintf("/sys/block/md5/md/dev-loop%d/state", last), []byte("faulty"), 0)
}

// verity makes a tree of one block of hashes over two of data, as
// Documentation/admin-guide/device-mapper/verity.rst has it, and changes the data.
func verity(*guest) error {
	if err := load("dm_verity", ""); err != nil {
		return err
	}
	const block = 4096
	data := make([]byte, 2*block)
	tree := make([]byte, block)
	for i := range 2 {
		sum := sha256.Sum256(data[i*block : (i+1)*block])
		copy(tree[i*sha256.Size:], sum[:])
	}
	root := sha256.Sum256(tree)
	data[100] = 'x'
	if err := os.WriteFile("/run/verity", slices.Concat(data, tree), 0o600); err != nil {
		return err
	}
	device, err := loopDevice("/run/verity")
	if err != nil {
		return err
	}
	params := fmt.Sprintf("1 %s %s %d %d 2 2 sha256 %x -", device, device, block, block, root)
	mapped, err := mapper("verity", target{sectors: 2 * block / 512, kind: "verity", params: params}, false)
	if err != nil {
		return err
	}
	if _, err := os.ReadFile(mapped); err == nil {
		return errors.New("the device could be read")
	}
	return nil
}

func ext4On(device, at, options string) error {
	if err := load("ext4", ""); err != nil {
		return err
	}
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	return unix.Mount(device, at, "ext4", 0, options)
}

// ext4Corrupted changes the length of an entry of a directory, on the disk.
func ext4Corrupted(*guest) error {
	device, err := disk("corrupted", 0, "/ext4")
	if err != nil {
		return err
	}
	const at, name = "/run/mnt-corrupted", "an-entry-that-is-broken"
	if err := ext4On(device, at, ""); err != nil {
		return err
	}
	err = errors.Join(os.Mkdir(at+"/dir", 0o755), os.WriteFile(at+"/dir/"+name, nil, 0o600), unix.Unmount(at, 0))
	if err != nil {
		return err
	}
	image, err := os.ReadFile("/run/corrupted")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for from := 0; ; {
		i := bytes.Index(image[from:], []byte(name))
		if i < 0 {
			break
		}
		// struct ext4_dir_entry_2: inode, rec_len, name_len, file_type, name.
		if _, err := f.WriteAt([]byte{3, 0}, int64(from+i-4)); err != nil {
			return err
		}
		from += i + 1
	}
	if err := errors.Join(f.Sync(), ext4On(device, at, "")); err != nil {
		return err
	}
	_, _ = os.ReadDir(at + "/dir") // an error is what is wanted
	return nil
}

// ext4DiskFails changes the table of the device below the file system.
func ext4DiskFails(*guest) error {
	device, err := disk("failing", 0, "/ext4")
	if err != nil {
		return err
	}
	mapped, err := mapper("failing", target{sectors: 8 << 11, kind: "linear", params: device + " 0"}, false)
	if err != nil {
		return err
	}
	const at = "/run/mnt-failing"
	if err := ext4On(mapped, at, "errors=remount-ro"); err != nil {
		return err
	}
	if _, err := mapper("failing", target{sectors: 8 << 11, kind: "error"}, true); err != nil {
		return err
	}
	_ = os.WriteFile(at+"/file", []byte(strings.Repeat("x", 100_000)), 0o600) // an error is what is wanted
	if f, err := os.Open(at); err == nil {
		_ = f.Sync()
		f.Close()
	}
	_ = os.Mkdir(at+"/dir", 0o755)
	return nil
}

// hungTask freezes a file system and has a process write there.
func hungTask(*guest) error {
	device, err := disk("frozen", 0, "/ext4")
	if err != nil {
		return err
	}
	const at, freeze, thaw = "/run/mnt-frozen", 0xc0045877, 0xc0045878
	if err := ext4On(device, at, ""); err != nil {
		return err
	}
	undo, err := sysctl("kernel.hung_task_timeout_secs", "3")
	if err != nil {
		return err
	}
	defer undo()
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.IoctlSetInt(int(f.Fd()), freeze, 0); err != nil {
		return err
	}
	cmd := as("write", at+"/file")
	if err := cmd.Start(); err != nil {
		return err
	}
	pause(7 * time.Second)
	if err := unix.IoctlSetInt(int(f.Fd()), thaw, 0); err != nil {
		return err
	}
	return cmd.Wait()
}

func overlay(at, upper string) error {
	if err := load("overlay", ""); err != nil {
		return err
	}
	for _, dir := range []string{at, "/run/low", upper + "/u", upper + "/w"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return unix.Mount("overlay", at, "overlay", 0, "lowerdir=/run/low,upperdir="+upper+"/u,workdir="+upper+"/w")
}

func overlayInUse(*guest) error {
	if err := overlay("/run/merged1", "/run/up"); err != nil {
		return err
	}
	return overlay("/run/merged2", "/run/up")
}

func overlayUpper(*guest) error {
	if err := (mount{kind: "ramfs", at: "/run/ram"}).do(); err != nil {
		return err
	}
	return overlay("/run/merged3", "/run/ram")
}
