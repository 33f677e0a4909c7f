package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// hardware are scenarios of devices that qemu emulates, and of a firmware.
func hardware() []scenario {
	return []scenario{
		{
			name: "pcie_corrected", event: "hardware_error_corrected", how: "a card of PCI Express has a corrected error, by aer_inject",
			pattern: `\w+ \S+: (AER: )?PCIe Bus Error: severity=(Corrected|Correctable)(, |$)`, run: injectAER(0, 1),
		},
		{
			name: "pcie_error", event: "pcie_error", how: "a card of PCI Express has an error that is not corrected, by aer_inject",
			pattern: `\w+ \S+: (AER: )?PCIe Bus Error: severity=Uncorrect`, run: injectAER(1<<12, 0),
		},
		{
			name: "iommu_fault", event: "iommu_fault", how: "a device of qemu reads memory that the IOMMU does not let it",
			pattern: `DMAR: \[DMA Read[^\]]*\] Request device \[`, run: wildDevice,
		},
		{
			name: "firmware_corrected", event: "hardware_error_corrected", how: "the firmware's record has a corrected error of memory",
			pattern: `\{\d+\}\[Hardware Error\]: event severity: corrected`, run: firmware(severityCorrected), wait: 30 * time.Second,
		},
		{
			name: "firmware_error", event: "hardware_error", how: "the firmware's record has an error of memory that is not corrected",
			pattern: `\{\d+\}\[Hardware Error\]: event severity: recoverable`, run: firmware(severityRecoverable), wait: 30 * time.Second,
		},
		{
			name: "audit_lost", event: "audit_lost", how: "20 messages to the audit log with a limit of one a second",
			pattern: `audit: audit_lost=\d+ `, run: auditLost,
		},
	}
}

// injectAER has the kernel's module aer_inject, as its struct aer_error_inj has it, play a
// card of PCI Express with an error.
func injectAER(uncorrected, corrected uint32) func(*guest) error {
	return func(*guest) error {
		if err := load("aer_inject", ""); err != nil {
			return err
		}
		card, err := findDevice("0x8086", "0x10d3")
		if err != nil {
			return err
		}
		var domain, bus, device, function uint32
		if _, err := fmt.Sscanf(filepath.Base(card), "%x:%x:%x.%x", &domain, &bus, &device, &function); err != nil {
			return fmt.Errorf("%s: %w", card, err)
		}
		put := binary.NativeEndian.AppendUint32
		e := put(put([]byte{byte(bus), byte(device), byte(function), 0}, uncorrected), corrected)
		e = put(append(e, make([]byte, 16)...), domain) // after an empty log of the header
		pause(300 * time.Millisecond)
		return os.WriteFile("/dev/aer_inject", e, 0)
	}
}

// findDevice returns the directory of a device of PCI.
func findDevice(vendor, device string) (string, error) {
	dirs, err := filepath.Glob("/sys/bus/pci/devices/*")
	if err != nil {
		return "", err
	}
	for _, dir := range dirs {
		v, err := os.ReadFile(filepath.Join(dir, "vendor"))
		d, err2 := os.ReadFile(filepath.Join(dir, "device"))
		if err := errors.Join(err, err2); err != nil {
			return "", err
		}
		if strings.TrimSpace(string(v)) == vendor && strings.TrimSpace(string(d)) == device {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no device %s:%s", vendor, device)
}

// wildDevice has qemu's educational device (docs/specs/edu.rst of qemu) copy from memory that
// no driver gave it.
func wildDevice(*guest) error {
	dir, err := findDevice("0x1234", "0x11e8")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "enable"), []byte("1"), 0); err != nil {
		return err
	}
	config, err := os.OpenFile(filepath.Join(dir, "config"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer config.Close()
	const command, memoryAndMaster = 4, 6
	if _, err := config.WriteAt([]byte{memoryAndMaster, 0}, command); err != nil {
		return err
	}
	bar, err := os.OpenFile(filepath.Join(dir, "resource0"), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer bar.Close()
	registers, err := unix.Mmap(int(bar.Fd()), 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	const from, to, count, start, buffer = 0x80, 0x88, 0x90, 0x98, 0x40000
	for _, w := range [][2]uint64{{from, 0x5000000}, {to, buffer}, {count, 64}, {start, 1}} {
		binary.LittleEndian.PutUint64(registers[w[0]:], w[1])
	}
	pause(time.Second)
	return nil
}

// Where the tables that the machine outside gives to the guest say that the firmware puts its
// records; the kernel's command line keeps it free.
const firmwareMemory = 0x10000000

const (
	severityRecoverable = 0
	severityCorrected   = 2
)

// firmware plays the firmware: it writes a record of an error (UEFI, appendix N) of memory, for
// which the kernel looks once a second.
func firmware(severity uint32) func(*guest) error {
	return func(*guest) error {
		const blockAt, oneEntry, uncorrected, corrected = 64, 1 << 4, 1, 2
		status := uint32(oneEntry | uncorrected)
		if severity == severityCorrected {
			status = oneEntry | corrected
		}
		put := binary.LittleEndian.AppendUint32
		memorySection := []byte{0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f, 0xde, 0x4e, 0xb8, 0x63, 0x3e, 0x83, 0xed, 0x7c, 0x83, 0xb1}
		section := make([]byte, 80)
		entry := put(append([]byte{}, memorySection...), severity)
		entry = append(entry, 0x00, 0x02, 0, 0) // revision, nothing else is valid, no flags
		entry = append(put(entry, uint32(len(section))), make([]byte, 16+20)...)
		entry = append(entry, section...)
		block := put(put(put(nil, 0), 0), 0) // status; no raw data
		block = put(put(block, uint32(len(entry))), severity)
		block = append(block, entry...)

		f, err := os.OpenFile("/dev/mem", os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		page, err := unix.Mmap(int(f.Fd()), firmwareMemory, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return err
		}
		defer func() { _ = unix.Munmap(page) }()
		copy(page[blockAt:], block)
		binary.LittleEndian.PutUint64(page, firmwareMemory+blockAt)
		binary.LittleEndian.PutUint32(page[blockAt:], status) // last: now it is there
		return nil
	}
}

// auditLost sets a limit of messages a second, by the messages of include/uapi/linux/audit.h.
func auditLost(*guest) error {
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_AUDIT)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	send := func(kind uint16, body []byte) error {
		m := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
		m = binary.NativeEndian.AppendUint16(m, kind)
		m = binary.NativeEndian.AppendUint16(m, unix.NLM_F_REQUEST)
		m = append(binary.NativeEndian.AppendUint64(m, 1), body...)
		return unix.Sendto(s, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	}
	const setStatus, userMessage, enabled, rateLimit = 1001, 1107, 1, 8
	status := make([]byte, 32) // struct audit_status: mask, enabled, failure, pid, rate_limit
	binary.NativeEndian.PutUint32(status, enabled|rateLimit)
	binary.NativeEndian.PutUint32(status[4:], 1)
	binary.NativeEndian.PutUint32(status[16:], 1)
	if err := send(setStatus, status); err != nil {
		return err
	}
	for range 20 {
		if err := send(userMessage, []byte("op=nothing\x00")); err != nil {
			return err
		}
	}
	return nil
}
