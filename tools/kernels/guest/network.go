package main

import (
	"net"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
)

// setAddress gives a device its address of IPv4, with a mask of 16 bits.
func setAddress(name string, address [4]byte) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	r, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := r.SetInet4Addr(address[:]); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(s, unix.SIOCSIFADDR, r); err != nil {
		return err
	}
	if err := r.SetInet4Addr([]byte{255, 255, 0, 0}); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(s, unix.SIOCSIFNETMASK, r); err != nil {
		return err
	}
	return netlink.Up(name)
}

// index is the number of a network device.
func index(name string) (int, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	return i.Index, nil
}
