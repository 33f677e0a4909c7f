package main

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
	"kernel_exporter/tools/kernels/wire"
)

// faults are scenarios in which the kernel itself goes wrong.
func faults() []scenario {
	const oops = `BUG: kernel NULL pointer dereference, address: |BUG: unable to handle page fault for address: |(Oops: )?general protection fault|(Oops: )?invalid opcode: `
	return []scenario{
		{
			name: "kernel_warning", event: "kernel_warning", how: "a function of the kernel is made a WARN()",
			pattern: `WARNING: `, run: bug(true),
		},
		{
			name: "oops_null", event: "oops", how: "a function of the kernel is made to read address 0",
			pattern: oops, run: runCode(0x31, 0xc0, 0x48, 0x8b, 0x00), // xor %eax,%eax; mov (%rax),%rax
		},
		{
			name: "oops_page", event: "oops", how: "a function of the kernel is made to read where nothing is",
			pattern: oops, run: runCode(0x48, 0xb8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x48, 0x8b, 0x00), // movabs; mov (%rax),%rax
		},
		{
			name: "oops_gpf", event: "oops", how: "a function of the kernel is made to read an address that cannot be",
			pattern: oops, run: runCode(0x48, 0xb8, 0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 0x48, 0x8b, 0x00),
		},
		{
			name: "oops_opcode", event: "oops", how: "a function of the kernel is made an invalid instruction",
			pattern: oops, run: runCode(0x0f, 0x0b),
		},
		{
			name: "kernel_bug", event: "kernel_bug", how: "a function of the kernel is made a BUG()",
			pattern: `kernel BUG at `, run: bug(false),
		},
		{
			name: "soft_lockup", event: "soft_lockup", how: "a function of the kernel is made to loop, watchdog_thresh 2",
			pattern: `watchdog: BUG: soft lockup - CPU#`, run: softLockup, wait: 5 * time.Second,
		},
		{
			name: "rcu_stall", event: "rcu_stall", how: "a function of the kernel is made to loop on one of two processors, rcu_cpu_stall_timeout 3",
			pattern: `rcu: INFO: rcu_(sched|preempt) (self-detected stall on CPU|detected stalls on CPUs/tasks:)`, run: rcuStall, wait: 5 * time.Second,
		},
		{
			name: "hard_lockup", event: "hard_lockup", how: "a function of the kernel loops without interrupts for 12 s, and calls the check that a counter of cycles would call, which qemu has not",
			pattern: `(CPU\d+: |NMI watchdog: |watchdog: )*Watchdog detected hard LOCKUP on cpu \d+`, run: hardLockup, wait: 5 * time.Second,
		},
		{
			name: "netdev_leak", event: "netdev_leak", how: "the kernel is made to look up a device and never let go of it; the device is removed",
			pattern: `unregister_netdevice: waiting for d0 to become free\. Usage count = `, run: leak, again: 2, wait: 40 * time.Second,
		},
		{
			name: "netdev_tx_timeout", event: "netdev_tx_timeout", how: "packets through a card of qemu whose other end takes nothing",
			pattern: `(virtio_net virtio\d+ eth0: )?NETDEV WATCHDOG: `, run: stalled, wait: 20 * time.Second,
		},
		{
			name: "mce", event: "mce", how: "qemu raises a corrected machine check",
			pattern: `mce: \[Hardware Error\]: Machine check events logged`, run: machineCheck, wait: 30 * time.Second,
		},
	}
}

func softLockup(g *guest) error {
	undo, err := sysctl("kernel.watchdog_thresh", "2")
	if err != nil {
		return err
	}
	defer undo()
	return g.loop(12)
}

func rcuStall(g *guest) error {
	undo, err := set("/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "3")
	if err != nil {
		return err
	}
	defer undo()
	over := make(chan struct{})
	defer close(over)
	go func() { // what waits for all processors: without it nothing would stall
		for {
			select {
			case <-over:
				return
			default:
				const global = 1                                          // MEMBARRIER_CMD_GLOBAL
				_, _, _ = unix.Syscall(unix.SYS_MEMBARRIER, global, 0, 0) // it waits, that is all
				pause(10 * time.Millisecond)
			}
		}
	}()
	return g.loop(15)
}

// hardLockup calls what kernel/watchdog.c, up to 6.4 watchdog_hld.c, has called by the
// interrupt of a counter of cycles. Up to 6.4 its first argument is an event to which it
// writes a 0.
func hardLockup(g *guest) error {
	undo, err := sysctl("kernel.watchdog_thresh", "2")
	if err != nil {
		return err
	}
	defer undo()
	if at, err := symbols("watchdog_hardlockup_check"); err == nil {
		return g.loopIn(blindLoop(at[0], 0, 0), 12)
	}
	at, err := symbols("watchdog_overflow_callback", "empty_zero_page")
	if err != nil {
		return err
	}
	return g.loopIn(blindLoop(at[0], at[1], 0), 12)
}

// leak has dev_get_by_name() take a reference that nobody gives back.
func leak(g *guest) error {
	if err := load("dummy", "numdummies=0"); err != nil {
		return err
	}
	if err := netlink.Add("d0", "dummy"); err != nil {
		return err
	}
	at, err := symbols(victimCode, "dev_get_by_name", "init_net")
	if err != nil {
		return err
	}
	const room = 64 // after the code, for the name
	code := callAll(call{at[1], []value{number(at[2]), number(at[0] + room)}})
	code = append(code, make([]byte, room-len(code))...)
	undo, err := g.patch(append(code, "d0\x00"...))
	if err != nil {
		return err
	}
	defer undo()
	if err := inProcess(as("cat", victim), 10*time.Second); err != nil {
		return err
	}
	return as("removelink", "d0").Start() // it waits for good
}

// machineCheck raises a corrected error of bank 4: MCI_STATUS_VAL, _EN, _MISCV, _ADDRV.
func machineCheck(g *guest) error {
	undo, err := set("/sys/devices/system/machinecheck/machinecheck0/check_interval", "1")
	if err != nil {
		return err
	}
	defer undo()
	said, err := g.ask(wire.Ask{Monitor: "mce 0 4 0x9c00000000000000 0x0 0x1000 0x8c"})
	if err == nil && len(said) > 0 {
		err = errors.New(string(said))
	}
	pause(5 * time.Second)
	return err
}

const etherAll = 0x0300 // ETH_P_ALL in the order of the network

// stalled sends through a network card whose other end takes nothing.
func stalled(g *guest) error {
	for _, m := range []string{"virtio_pci", "virtio_net"} {
		if err := load(m, ""); err != nil {
			return err
		}
	}
	pause(time.Second)
	if err := setAddress("eth0", [4]byte{10, 99, 0, 1}); err != nil {
		return err
	}
	s, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, etherAll)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	index, err := index("eth0")
	if err != nil {
		return err
	}
	frame := make([]byte, 1500)
	copy(frame, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	frame[12], frame[13] = 0x88, 0xb5 // an EtherType for experiments
	for end := time.Now().Add(12 * time.Second); time.Now().Before(end); {
		if err := unix.Sendto(s, frame, unix.MSG_DONTWAIT, &unix.SockaddrLinklayer{Ifindex: index, Halen: 6}); err != nil {
			pause(50 * time.Millisecond)
		}
	}
	return netlink.Down("eth0") // or it would go on
}
