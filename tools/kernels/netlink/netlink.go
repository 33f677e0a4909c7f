// Package netlink makes and removes network devices, for the tools that need them.
package netlink

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// A Message is built from its parts, as Documentation/userspace-api/netlink/intro.rst
// of the kernel describes them.
type Message []byte

func (m Message) attribute(kind uint16, value []byte) Message {
	m = binary.NativeEndian.AppendUint16(m, uint16(4+len(value)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = append(m, value...)
	return append(m, make([]byte, (4-len(value)%4)%4)...)
}

// request sends one request of rtnetlink and waits for its answer.
func request(kind, flags uint16, body []byte) error {
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	m := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = binary.NativeEndian.AppendUint16(m, flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	m = binary.NativeEndian.AppendUint32(m, 1)
	m = binary.NativeEndian.AppendUint32(m, 0)
	if err := unix.Sendto(s, append(m, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 8192)
	n, _, err := unix.Recvfrom(s, answer, 0)
	if err != nil {
		return err
	}
	if n < unix.SizeofNlMsghdr+4 {
		return fmt.Errorf("rtnetlink answers with %d bytes", n)
	}
	if code := int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}

func linkHeader(index int32) Message {
	m := make(Message, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(m[4:], uint32(index))
	return m
}

// Add makes a network device of a kind.
func Add(name, kind string, more ...func(Message) Message) error {
	info := Message{}.attribute(unix.IFLA_INFO_KIND, []byte(kind))
	for _, add := range more {
		info = add(info)
	}
	m := linkHeader(0).attribute(unix.IFLA_IFNAME, append([]byte(name), 0)).attribute(unix.IFLA_LINKINFO, info)
	if err := request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, m); err != nil {
		return fmt.Errorf("new link %s of kind %s: %w", name, kind, err)
	}
	return nil
}

// Peer names the other end of a veth.
func Peer(name string) func(Message) Message {
	const vethInfoPeer = 1 // include/uapi/linux/veth.h
	return func(m Message) Message {
		end := linkHeader(0).attribute(unix.IFLA_IFNAME, append([]byte(name), 0))
		return m.attribute(unix.IFLA_INFO_DATA, Message{}.attribute(vethInfoPeer, end))
	}
}

// Remove removes a network device.
func Remove(name string) error {
	m := linkHeader(0).attribute(unix.IFLA_IFNAME, append([]byte(name), 0))
	return request(unix.RTM_DELLINK, 0, m)
}

// Up switches a network device on.
func Up(name string) error { return setFlags(name, unix.IFF_UP) }

// Down switches a network device off.
func Down(name string) error { return setFlags(name, 0) }

func setFlags(name string, flags uint16) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	r, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	r.SetUint16(flags)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, r)
}
