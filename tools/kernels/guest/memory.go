package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/wire"
)

// Bits of include/linux/gfp_types.h that all these kernels have.
const (
	gfpNoWait = 0x800 // of __GFP_KSWAPD_RECLAIM
	gfpKernel = 0xcc0
)

// memory are scenarios of the kernel's memory.
func memory() []scenario {
	return []scenario{
		{
			name: "vmalloc_failure", event: "vmalloc_failure", how: "a process asks for a ring of packets that is larger than memory",
			pattern: `exe: vmalloc(: allocation failure: \d+ bytes| error: size \d+, exceeds total pages), mode:0x`, run: hugeRing,
		},
		{
			name: "page_alloc_failure", event: "page_alloc_failure", how: "a function of the kernel takes blocks of 4 MiB without waiting until there is none",
			pattern: `exe: page allocation failure: order:10, mode:0x`, run: exhausted("__get_free_pages", gfpNoWait, 10, "free_pages", 10),
		},
		{
			name: "slub_alloc_failure", event: "slub_alloc_failure", how: "a function of the kernel takes objects of 8 KiB without waiting until there is no memory",
			pattern: `SLUB: Unable to allocate memory on (node|CPU) `, run: exhausted("__kmalloc", 8192, gfpNoWait, "kfree", 0),
		},
		{
			name: "slab_objects_remaining", event: "slab_objects_remaining", how: "a module is unloaded of which one object was never given back",
			pattern: `BUG ovl_inode \([^)]*\): Objects remaining (in|on) |kmem_cache_destroy ovl_inode: Slab cache still has objects`, run: leakedObject,
		},
		{
			name: "wrong_slab_cache", event: "wrong_slab_cache", how: "a function of the kernel gives an object back to another cache than it is from",
			pattern: `cache_from_obj: Wrong slab cache\. ovl_inode but object is from |kmem_cache_free\(ovl_inode, [0-9a-f]+\): object belongs to different cache `, run: wrongCache,
		},
		{
			name: "kernel_corruption", event: "kernel_corruption", how: "a function of the kernel writes 72 bytes to an object of 64, with slub_debug",
			pattern: `BUG kmalloc-\S+ \([^)]*\): ((Right |kmalloc )?Redzone overwritten|Object corrupt)`, run: redzone,
		},
		{
			name: "bad_page", event: "bad_page", how: "a word in the description of a page is changed before the page is given back, with page_poison",
			pattern: `BUG: Bad page state in process \S+ +pfn:`, run: badPage,
		},
		{
			name: "memory_failure", event: "memory_failure", how: "a process has a page of its own poisoned, by madvise(2)",
			pattern: `Memory failure: 0x[0-9a-f]+: recovery action for `, run: func(*guest) error { return inProcess(as("poison"), 20*time.Second) },
		},
		{
			name: "swap_error", event: "swap_error", how: "a process reads memory that is on a swap whose device fails meanwhile",
			pattern: `Read-error on swap-device \(\d+:\d+:\d+\)`, run: swapFails,
		},
	}
}

// hugeRing asks for a ring of one block of 1 GiB: net/packet/af_packet.c takes it by
// vmalloc() where it has no such block.
func hugeRing(*guest) error {
	out, err := as("ring").CombinedOutput()
	if err == nil {
		return errors.New("the kernel gave the memory")
	}
	if !strings.Contains(string(out), unix.ENOMEM.Error()) {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func ring() error {
	s, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	const block, frame = 1 << 30, 2048
	return unix.SetsockoptTpacketReq(s, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq{
		Block_size: block, Block_nr: 1, Frame_size: frame, Frame_nr: block / frame,
	})
}

// exhausted has a function of the kernel take memory until there is none.
func exhausted(take string, first, second uint64, giveBack string, order uint64) func(*guest) error {
	return func(g *guest) error {
		at, err := functions(take, giveBack)
		if err != nil {
			return err
		}
		return runCode(exhaust(at[0], first, second, at[1], order)...)(g)
	}
}

// leakedObject takes an object of a cache of overlayfs, and unloads the module.
func leakedObject(g *guest) error {
	if err := load("overlay", ""); err != nil {
		return err
	}
	cache, err := symbols("ovl_inode_cachep")
	if err != nil {
		return err
	}
	take, err := functions("kmem_cache_alloc")
	if err != nil {
		return err
	}
	err = runCode(callAll(call{take[0], []value{{stored, cache[0]}, number(gfpKernel)}})...)(g)
	if err != nil {
		return err
	}
	return unix.DeleteModule("overlay", unix.O_NONBLOCK)
}

// wrongCache gives an object of the general caches back to the one of overlayfs.
func wrongCache(g *guest) error {
	if err := load("overlay", ""); err != nil {
		return err
	}
	cache, err := symbols("ovl_inode_cachep")
	if err != nil {
		return err
	}
	at, err := functions("__kmalloc", "kmem_cache_free")
	if err != nil {
		return err
	}
	return runCode(callAll(
		call{at[0], []value{number(64), number(gfpKernel)}},
		call{at[1], []value{{stored, cache[0]}, {returned, 0}}},
	)...)(g)
}

func redzone(g *guest) error {
	at, err := functions("__kmalloc", "memset", "kfree")
	if err != nil {
		return err
	}
	return runCode(callAll(
		call{at[0], []value{number(64), number(gfpKernel)}},
		call{at[1], []value{{returned, 0}, number('x'), number(72)}},
		call{at[2], []value{{returned, 0}}},
	)...)(g)
}

// badPage has two pages, changes page->mapping of the first as a broken memory or a wild
// pointer would, and gives them back.
func badPage(g *guest) error {
	at, err := functions("__get_free_pages", "free_pages", "seq_printf")
	if err != nil {
		return err
	}
	bases, err := symbols("page_offset_base", "vmemmap_base", victimCode)
	if err != nil {
		return err
	}
	var start [2]uint64
	for i := range start {
		word, err := g.ask(wire.Ask{Address: bases[i], Length: 8})
		if err != nil {
			return err
		}
		start[i] = binary.LittleEndian.Uint64(word)
	}
	const room = 160 // after the code, for the format
	code := callAll(
		call{at[0], []value{number(gfpKernel), number(1)}},
		call{at[2], []value{{kind: seqFile}, number(bases[2] + room), {returned, 0}}},
	)
	code = append(append(code, make([]byte, room-len(code))...), "%lx\n\x00"...)
	undo, err := g.patch(code)
	if err != nil {
		return err
	}
	out, err := exec.Command("/proc/self/exe", "as", "show", victim).Output()
	undo()
	if err != nil {
		return err
	}
	address, err := strconv.ParseUint(strings.TrimSpace(string(out)), 16, 64)
	if err != nil {
		return err
	}
	const page, mapping = 64, 24 // struct page of include/linux/mm_types.h
	if _, err := g.ask(wire.Ask{Address: start[1] + (address-start[0])>>12*page + mapping, Bytes: []byte{8}}); err != nil {
		return err
	}
	return runCode(callAll(call{at[1], []value{number(address), number(1)}})...)(g)
}

// poison has the kernel treat a page of this process as broken memory.
func poison() error {
	memory, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	memory[0] = 1
	return unix.Madvise(memory, unix.MADV_HWPOISON)
}

// swapFails changes the table of the device below the swap while a process has pages there.
func swapFails(g *guest) error {
	dir, err := g.makeCgroup(g.cgroup, "swapped")
	if err != nil {
		return err
	}
	device, err := disk("swap", 32, "")
	if err != nil {
		return err
	}
	const sectors = 32 << 11
	mapped, err := mapper("swap", target{sectors: sectors, kind: "linear", params: device + " 0"}, false)
	if err != nil {
		return err
	}
	if err := swapOn(mapped, 32<<20/4096); err != nil {
		return err
	}
	_ = os.Remove(swapped) // it may not be there
	cmd := as("swap", dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return err
	}
	for range 300 {
		if _, err = os.Stat(swapped); err == nil {
			break
		}
		pause(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("nothing was swapped: %w", err)
	}
	// What was written is still in memory until that is short.
	if err := os.WriteFile(filepath.Join(dir, "memory.max"), []byte("6291456"), 0); err != nil {
		return err
	}
	if _, err := mapper("swap", target{sectors: sectors, kind: "error"}, true); err != nil {
		return err
	}
	if err := os.Remove(swapped); err != nil {
		return err
	}
	_ = cmd.Wait() // it dies of SIGBUS
	if strings.Contains(said.String(), allRead) {
		return errors.New(said.String())
	}
	return nil
}

// swapOn writes the header of include/linux/swap.h and makes the device a swap.
func swapOn(device string, pages uint32) error {
	header := make([]byte, 4096)
	binary.LittleEndian.PutUint32(header[1024:], 1)
	binary.LittleEndian.PutUint32(header[1028:], pages-1)
	copy(header[4086:], "SWAPSPACE2")
	f, err := os.OpenFile(device, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(header)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	path, err := unix.BytePtrFromString(device)
	if err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_SWAPON, uintptr(unsafe.Pointer(path)), 0, 0); errno != 0 {
		return fmt.Errorf("swapon %s: %w", device, errno)
	}
	return nil
}

// swapped is there while a process has memory on the swap.
const swapped = "/run/swapped"

const allRead = "all could be read"

// swap has memory put on the swap, and reads it when the file is gone.
func swap(cgroup string) error {
	if err := enter(cgroup); err != nil {
		return err
	}
	const size = 12 << 20
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	for i := range memory {
		memory[i] = byte(i >> 12)
	}
	if err := unix.Madvise(memory, unix.MADV_PAGEOUT); err != nil {
		return err
	}
	if err := os.WriteFile(swapped, nil, 0o600); err != nil {
		return err
	}
	for {
		if _, err := os.Stat(swapped); err != nil {
			break
		}
		pause(50 * time.Millisecond)
	}
	sum := 0
	for _, b := range memory {
		sum += int(b)
	}
	text, err := os.ReadFile("/proc/swaps")
	return errors.Join(fmt.Errorf("%s: %d, %s", allRead, sum, text), err)
}
