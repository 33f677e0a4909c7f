package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
)

// scenarios are all there are, in the order in which they do each other no harm.
func scenarios() []scenario {
	var all []scenario
	for _, some := range [][]scenario{limits(), storage(), filesystems(), remote(), hardware(), memory(), faults()} {
		all = append(all, some...)
	}
	return all
}

// limits are scenarios of a machine's memory, processes, files and connections.
func limits() []scenario {
	return []scenario{
		{
			name: "memcg_oom_kill", event: "memcg_oom_kill", how: "a process in a cgroup of 8 MiB writes to 64 MiB",
			pattern: `Memory cgroup out of memory: Kill`, run: memcgOOM,
		},
		{
			name: "oom_kill", event: "oom_kill", how: "a process writes to more memory than there is",
			pattern: `Out of memory: Kill`, run: globalOOM, wait: 90 * time.Second,
		},
		{
			name: "pids_fork_rejected", event: "pids_fork_rejected", how: "a process forks in a cgroup with pids.max 1",
			pattern: `cgroup: fork rejected by pids controller in `, run: pidsLimit,
		},
		{
			name: "file_table_full", event: "file_table_full", how: "a user opens files beyond fs.file-max",
			pattern: `VFS: file-max limit \d+ reached`, run: fileMax,
		},
		{
			name: "neighbour_overflow", event: "neighbour_overflow", how: "packets to 200 neighbours of a veth that do not answer, gc_thresh3 16",
			pattern: `neighbour: arp_cache: neighbor table overflow!`, run: neighbours,
		},
		{
			name: "syn_flood", event: "syn_flood", how: "60 machines that are not there ask a socket with a backlog of 1 for connections",
			pattern: `(request_sock_)?TCP: (request_sock_TCP: )?Possible SYN flooding on port `, run: synFlood,
		},
		{
			name: "conntrack_table_full", event: "conntrack_table_full", how: "datagrams to 200 ports through a filter on connections, nf_conntrack_max 16",
			pattern: `(nf_conntrack: )?nf_conntrack: table full, dropping packet`, run: conntrack,
		},
		{
			name: "tcp_memory", event: "tcp_memory", how: "20 connections are closed with data that nobody took, net.ipv4.tcp_mem 1 1 1",
			pattern: `TCP: out of memory -- consider tuning tcp_mem`, run: tcpMemory,
		},
		{
			name: "tcp_orphans", event: "tcp_orphans", how: "40 connections are closed with data that nobody took, tcp_max_orphans 1",
			pattern: `TCP: too many orphaned sockets`, run: tcpOrphans,
		},
	}
}

func memcgOOM(g *guest) error {
	dir, err := g.makeCgroup(g.cgroup, "oom")
	if err != nil {
		return err
	}
	limit := "memory.max"
	if !g.v2() {
		limit = "memory.limit_in_bytes"
	}
	if err := os.WriteFile(filepath.Join(dir, limit), []byte("8388608"), 0); err != nil {
		return err
	}
	return wasKilled(as("eat", dir, "64"))
}

// globalOOM takes most of the memory away first, by huge pages, as an emulated
// processor is slow to write to all of it.
func globalOOM(*guest) error {
	undo, err := sysctl("vm.nr_hugepages", "120")
	if err != nil {
		return err
	}
	defer undo()
	return wasKilled(as("eat", "-", "2048"))
}

// wasKilled runs a process that the kernel is to kill.
func wasKilled(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok && ended.ProcessState.Sys().(interface{ Signaled() bool }).Signaled() {
		return nil
	}
	return fmt.Errorf("the process was not killed: %w: %s", err, out)
}

func pidsLimit(g *guest) error { return g.forkIn("few") }

// forkIn forks in a cgroup that allows no more. The kernel reports it once for each cgroup.
func (g *guest) forkIn(name string) error {
	dir, err := g.makeCgroup(g.pids, name)
	if err != nil {
		return err
	}
	out, err := as("fork", dir).CombinedOutput()
	if err != nil {
		// Its own threads are many already: that it could not go on is what is wanted.
		g.say("fork: %v: %.200s", err, out)
	}
	return nil
}

func fileMax(*guest) error {
	undo, err := sysctl("fs.file-max", "64")
	if err != nil {
		return err
	}
	defer undo()
	out, err := as("openfiles", "/proc/version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func neighbours(*guest) error {
	if err := load("veth", ""); err != nil {
		return err
	}
	if err := netlink.Add("v0", "veth", netlink.Peer("v1")); err != nil {
		return err
	}
	if err := errors.Join(netlink.Up("v1"), setAddress("v0", [4]byte{10, 77, 0, 1})); err != nil {
		return err
	}
	for _, s := range [][2]string{{"gc_thresh1", "4"}, {"gc_thresh2", "8"}, {"gc_thresh3", "16"}} {
		undo, err := sysctl("net.ipv4.neigh.default."+s[0], s[1])
		if err != nil {
			return err
		}
		defer undo()
	}
	for i := range 200 {
		sendDatagram(fmt.Sprintf("10.77.1.%d:9", i+1))
	}
	pause(time.Second)
	return netlink.Remove("v0")
}

// sendDatagram sends to an address, from a port of its own. That nobody is there is
// no matter.
func sendDatagram(address string) {
	c, err := net.Dial("udp4", address)
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte("x"))
}

// listen returns a socket that nobody accepts from.
func listen(from [4]byte, backlog int) (socket int, address string, err error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, "", err
	}
	if err := unix.Bind(s, &unix.SockaddrInet4{Addr: from}); err != nil {
		return 0, "", err
	}
	if err := unix.Listen(s, backlog); err != nil {
		return 0, "", err
	}
	name, err := unix.Getsockname(s)
	if err != nil {
		return 0, "", err
	}
	return s, netip.AddrPortFrom(netip.AddrFrom4(from), uint16(name.(*unix.SockaddrInet4).Port)).String(), nil
}

// synFlood sends requests for connections in the name of machines that are not there.
func synFlood(*guest) error {
	if err := load("dummy", "numdummies=0"); err != nil {
		return err
	}
	if err := netlink.Add("flood", "dummy"); err != nil {
		return err
	}
	own := [4]byte{10, 88, 0, 1}
	if err := setAddress("flood", own); err != nil { // what is answered goes there
		return err
	}
	listener, address, err := listen(own, 1)
	if err != nil {
		return err
	}
	defer unix.Close(listener)
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	to := netip.MustParseAddrPort(address)
	for i := range 60 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 88, 1, byte(i + 1)}), 1024)
		if err := unix.Sendto(s, connectionRequest(from, to), 0, &unix.SockaddrInet4{Addr: to.Addr().As4()}); err != nil {
			return err
		}
	}
	return nil
}

// connectionRequest is a packet of IPv4, of which the kernel fills in length, number and sum,
// with the SYN of TCP.
func connectionRequest(from, to netip.AddrPort) []byte {
	source, destination := from.Addr().As4(), to.Addr().As4()
	tcp := binary.BigEndian.AppendUint16(nil, from.Port())
	tcp = binary.BigEndian.AppendUint16(tcp, to.Port())
	tcp = append(tcp, 0, 0, 0, 1, 0, 0, 0, 0, 5<<4, 2, 0xff, 0xff, 0, 0, 0, 0) // SYN
	sum := uint32(unix.IPPROTO_TCP + len(tcp))
	for _, part := range [][]byte{source[:], destination[:], tcp} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(tcp[16:], ^uint16(sum))
	ip := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, unix.IPPROTO_TCP, 0, 0}
	return slices.Concat(ip, source[:], destination[:], tcp)
}

func conntrack(*guest) error {
	for _, m := range []string{"nf_conntrack", "nf_tables", "nft_ct"} {
		if err := load(m, ""); err != nil {
			return err
		}
	}
	const rules = "add table ip t\nadd chain ip t c { type filter hook input priority 0; }\nadd rule ip t c ct state new accept\n"
	if err := os.WriteFile("/run/rules", []byte(rules), 0o600); err != nil {
		return err
	}
	if out, err := exec.Command("/nft", "-f", "/run/rules").CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	defer func() { _ = exec.Command("/nft", "delete", "table", "ip", "t").Run() }()
	undo, err := sysctl("net.netfilter.nf_conntrack_max", "16")
	if err != nil {
		return err
	}
	defer undo()
	for i := range 200 {
		sendDatagram("127.0.0.1:" + strconv.Itoa(20000+i))
	}
	return nil
}

// fill opens connections to a socket that nobody reads, and sends on each until it
// takes no more.
func fill(connections int, then func() error) error {
	s, address, err := listen([4]byte{127, 0, 0, 1}, connections)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	var open []net.Conn
	for range connections {
		c, err := net.Dial("tcp4", address)
		if err != nil {
			break
		}
		open = append(open, c)
	}
	data := make([]byte, 1<<20)
	for _, c := range open {
		_ = c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = c.Write(data)
	}
	if err := then(); err != nil {
		return err
	}
	for _, c := range open {
		_ = c.Close()
	}
	pause(500 * time.Millisecond)
	return nil
}

// tcpMemory takes the memory away that connections have, and closes them.
func tcpMemory(*guest) error {
	undo := func() {}
	err := fill(20, func() (err error) {
		undo, err = sysctl("net.ipv4.tcp_mem", "1 1 1")
		return err
	})
	if err == nil {
		undo()
	}
	return err
}

func tcpOrphans(*guest) error {
	undo, err := sysctl("net.ipv4.tcp_max_orphans", "1")
	if err != nil {
		return err
	}
	defer undo()
	return fill(40, func() error { return nil })
}
