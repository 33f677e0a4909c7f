package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"kernel_exporter/tools/kernels/wire"
)

// These scenarios overwrite a function of the kernel by qemu's debugger, as no
// kernel of Debian has lkdtm. What is printed about it is the kernel's own. The
// function is the one that shows /proc/execdomains, which nobody reads.
const (
	victim     = "/proc/execdomains"
	victimCode = "execdomains_proc_show"
)

// symbols returns the addresses of symbols of the kernel.
func symbols(names ...string) ([]uint64, error) {
	f, err := os.Open("/proc/kallsyms")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found := make(map[string]uint64)
	for s := bufio.NewScanner(f); s.Scan(); {
		if fields := strings.Fields(s.Text()); len(fields) >= 3 { // and the module
			if found[fields[2]], err = strconv.ParseUint(fields[0], 16, 64); err != nil {
				return nil, err
			}
		}
	}
	var addresses []uint64
	for _, name := range names {
		if found[name] == 0 {
			return nil, fmt.Errorf("this kernel has no symbol %s", name)
		}
		addresses = append(addresses, found[name])
	}
	return addresses, nil
}

// patch overwrites the victim's code and returns what puts it back.
func (g *guest) patch(code []byte) (undo func(), err error) {
	at, err := symbols(victimCode)
	if err != nil {
		return nil, err
	}
	old, err := g.ask(wire.Ask{Address: at[0], Bytes: code})
	if err != nil {
		return nil, err
	}
	return func() {
		if _, err := g.ask(wire.Ask{Address: at[0], Bytes: old}); err != nil {
			g.say("the function is not put back: %v", err)
		}
	}, nil
}

// runCode has a process of its own run code in the kernel.
func runCode(code ...byte) func(*guest) error {
	return func(g *guest) error {
		undo, err := g.patch(code)
		if err != nil {
			return err
		}
		defer undo()
		return inProcess(as("cat", victim), 20*time.Second)
	}
}

// inProcess runs a process that may die or hang, and kills it after a time.
func inProcess(cmd *exec.Cmd, limit time.Duration) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done: // how it ends is the kernel's to say
	case <-time.After(limit):
		_ = cmd.Process.Kill() // it may hang for good
	}
	return nil
}

// loop has the processor loop in the kernel for so many seconds. Where the kernel can be
// preempted it holds a lock meanwhile.
// Nothing else runs on it, so the machine outside has to end it.
func (g *guest) loop(seconds int) error {
	at, err := symbols("_raw_spin_lock", "_raw_spin_unlock")
	if err != nil { // its source has them inline, as it cannot be preempted
		return g.loopIn(bareLoop(), seconds)
	}
	return g.loopIn(lockedLoop(at[0], at[1]), seconds)
}

// loopIn runs code that loops until its last four bytes are not 0.
func (g *guest) loopIn(code []byte, seconds int) error {
	at, err := symbols(victimCode)
	if err != nil {
		return err
	}
	old, err := g.ask(wire.Ask{Address: at[0], Bytes: code})
	if err != nil {
		return err
	}
	if _, err := g.ask(wire.Ask{Address: at[0] + uint64(len(code)-4), Bytes: []byte{1}, Seconds: seconds}); err != nil {
		return err
	}
	if err := inProcess(as("cat", victim), time.Minute); err != nil {
		return err
	}
	_, err = g.ask(wire.Ask{Address: at[0], Bytes: old})
	return err
}

func bareLoop() []byte {
	return []byte{0xf3, 0x90, 0x83, 0x3d, 5, 0, 0, 0, 0, 0x74, 0xf5, 0x31, 0xc0, 0xc3, 0, 0, 0, 0} // pause; cmpl $0,flag; je to pause; xor %eax,%eax; ret
}

// lockedLoop returns code that takes a lock and loops until the four bytes at its
// end are not 0.
func lockedLoop(lock, unlock uint64) []byte {
	code := []byte{
		0x48, 0x83, 0xec, 0x18, // sub $24,%rsp
		0xc7, 0x04, 0x24, 0, 0, 0, 0, // movl $0,(%rsp): the lock
		0x48, 0x89, 0xe7, // mov %rsp,%rdi
		0x48, 0xb8, // movabs to rax
	}
	code = binary.LittleEndian.AppendUint64(code, lock)
	const rest = 2 + 3 + 10 + 2 + 4 + 2 + 1                                               // what is between the comparison and its four bytes
	code = append(code, 0xff, 0xd0, 0xf3, 0x90, 0x83, 0x3d, rest, 0, 0, 0, 0, 0x74, 0xf5) // call; pause; cmpl $0,flag; je to pause
	code = append(code, 0x48, 0x89, 0xe7, 0x48, 0xb8)
	code = binary.LittleEndian.AppendUint64(code, unlock)
	code = append(code, 0xff, 0xd0, 0x48, 0x83, 0xc4, 0x18, 0x31, 0xc0, 0xc3) // call; add $24,%rsp; xor %eax,%eax; ret
	return append(code, 0, 0, 0, 0)
}

// bug makes the victim a place at which the source has BUG() or WARN(): an entry of
// the table of such places is led there. include/linux/bug.h: bit 0 of the flags
// is set where it is a warning, bit 1 where it is reported once.
func bug(warning bool) func(*guest) error {
	return func(g *guest) error {
		at, err := symbols("__start___bug_table", "__stop___bug_table", victimCode)
		if err != nil {
			return err
		}
		table, err := g.ask(wire.Ask{Address: at[0], Length: 1200})
		if err != nil {
			return err
		}
		entry, size, err := bugEntry(table, warning)
		if err != nil {
			return err
		}
		where := at[0] + uint64(entry*size)
		old, err := g.ask(wire.Ask{Address: where, Bytes: binary.LittleEndian.AppendUint32(nil, uint32(at[2]-where))})
		if err != nil {
			return err
		}
		defer func() { _, _ = g.ask(wire.Ask{Address: where, Bytes: old}) }() // the guest ends soon
		return runCode(0x0f, 0x0b, 0x31, 0xc0, 0xc3)(g)                       // ud2; xor %eax,%eax; ret
	}
}

// bugEntry finds an entry: struct bug_entry has the place, the file and, in newer
// kernels, a format, each as a difference of 32 bits, then line and flags of 16.
func bugEntry(table []byte, warning bool) (entry, size int, err error) {
	const once, known = 1 << 1, 0x0f
	for _, size := range []int{12, 16} {
		flags := func(i int) uint16 { return binary.LittleEndian.Uint16(table[i*size+size-2:]) }
		plausible := 0
		for i := range 60 {
			if f := flags(i); f&^known == 0 || f>>8 != 0 && f>>8 < 32 { // the high byte is the taint
				plausible++
			}
		}
		if plausible < 60 {
			continue
		}
		for i := range 60 {
			f := flags(i)
			if warning && f&1 != 0 && f&once == 0 || !warning && f&1 == 0 {
				return i, size, nil
			}
		}
		return 0, 0, fmt.Errorf("no such entry among the first 60 of the table of BUG() and WARN()")
	}
	return 0, 0, fmt.Errorf("the table of BUG() and WARN() is not understood: % x", table[:48])
}

// blindLoop returns code that switches interrupts off, calls a function with two arguments
// twice, loops until the four bytes at its end are not 0, and calls it twice more. The first
// call may only note that the processor was at work.
func blindLoop(function, first, second uint64) []byte {
	put := binary.LittleEndian.AppendUint64
	check := put([]byte{0x48, 0xbf}, first)                       // movabs to rdi
	check = put(append(check, 0x48, 0xbe), second)                // movabs to rsi
	check = append(check, 0x31, 0xd2)                             // xor %edx,%edx
	check = put(append(check, 0x48, 0xb8), function)              // movabs to rax
	check = append(check, 0xff, 0xd0)                             // call *%rax
	out := []byte{0x48, 0x83, 0xc4, 0x10, 0x9d, 0x31, 0xc0, 0xc3} // add $16,%rsp; popf; xor %eax,%eax; ret
	rest := byte(2 + 2*len(check) + len(out))                     // what is between the comparison and its four bytes

	code := []byte{0x9c, 0xfa, 0x48, 0x83, 0xec, 0x10} // pushf; cli; sub $16,%rsp
	code = append(append(code, check...), check...)
	code = append(code, 0xf3, 0x90, 0x83, 0x3d, rest, 0, 0, 0, 0, 0x74, 0xf5) // pause; cmpl $0,flag; je to pause
	code = append(append(append(code, check...), check...), out...)
	return append(code, 0, 0, 0, 0)
}
