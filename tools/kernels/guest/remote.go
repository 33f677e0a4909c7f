package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// remote are scenarios of storage at the other end of a network.
func remote() []scenario {
	return []scenario{
		{
			name: "nfs_silent", event: "remote_storage_unresponsive", how: "an NFS server answers who mounts, and then nothing, timeo 1 s",
			pattern: `nfs: server 127\.0\.0\.1 not responding, (still trying|timed out)`, run: nfsSilent, wait: 60 * time.Second,
		},
		{
			name: "nbd_silent", event: "remote_storage_unresponsive", how: "a disk of nbd is read whose server does not answer, time-out 2 s",
			pattern: `block nbd0: (Connection timed out|Possible stuck request |Receive control failed )`, run: nbdSilent, wait: 60 * time.Second,
		},
	}
}

// nfsSilent mounts from a server in this process.
func nfsSilent(*guest) error {
	for _, m := range []string{"nfs", "nfsv3"} {
		if err := load(m, ""); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { // as long as the guest lives: a mount tries on
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveNFS(c)
		}
	}()
	return as("nfs", fmt.Sprint(l.Addr().(*net.TCPAddr).Port)).Start() // it hangs
}

func mountNFS(port string) error {
	const at = "/run/mnt-nfs"
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	options := "vers=3,proto=tcp,mountproto=tcp,mountvers=3,nolock,timeo=10,retrans=1,addr=127.0.0.1,mountaddr=127.0.0.1,port=" + port + ",mountport=" + port
	return unix.Mount("127.0.0.1:/export", at, "nfs", 0, options)
}

// serveNFS answers calls of RPC (RFC 5531): those that do nothing, and the one that mounts
// (RFC 1813, appendix I). It is silent to all others.
func serveNFS(c net.Conn) {
	defer c.Close()
	const mountProgram, mountProcedure = 100005, 1
	for {
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		message := make([]byte, binary.BigEndian.Uint32(head[:])&^(1<<31)) // one fragment
		if _, err := io.ReadFull(c, message); err != nil || len(message) < 24 {
			return
		}
		program, procedure := binary.BigEndian.Uint32(message[12:]), binary.BigEndian.Uint32(message[20:])
		words := []uint32{1, 0, 0, 0, 0} // a reply, accepted, no verifier of no length, success
		switch {
		case procedure == 0:
		case program == mountProgram && procedure == mountProcedure:
			words = append(words, 0, 8, 1, 2, 1, 1) // OK, a handle of 8 bytes, one way to sign in: AUTH_UNIX
		default:
			continue
		}
		reply := binary.BigEndian.AppendUint32(nil, uint32(4+4*len(words))|1<<31)
		reply = append(reply, message[:4]...) // of which call
		for _, w := range words {
			reply = binary.BigEndian.AppendUint32(reply, w)
		}
		if _, err := c.Write(reply); err != nil {
			return
		}
	}
}

// nbdSilent connects a disk to a server that only listens.
func nbdSilent(*guest) error {
	if err := load("nbd", "nbds_max=1"); err != nil {
		return err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	}()
	return as("nbd", l.Addr().String()).Start() // it hangs
}

// readNBD gives a device its connection, by the ioctls of include/uapi/linux/nbd.h, and
// reads from it.
func readNBD(address string) error {
	const setSocket, setSize, doIt, setTimeout = 0xab00, 0xab07, 0xab03, 0xab09
	c, err := net.Dial("tcp4", address)
	if err != nil {
		return err
	}
	socket, err := c.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	var device *os.File
	for range 50 {
		if device, err = os.OpenFile("/dev/nbd0", os.O_RDWR, 0); err == nil {
			break
		}
		pause(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	for _, step := range [][2]int{{setSize, 1024}, {setTimeout, 2}, {setSocket, int(socket.Fd())}} {
		if err := unix.IoctlSetInt(int(device.Fd()), uint(step[0]), step[1]); err != nil {
			return fmt.Errorf("nbd, ioctl %#x: %w", step[0], err)
		}
	}
	go func() {
		pause(time.Second)
		_ = readBlock("/dev/nbd0") // it fails when the time is over
	}()
	return unix.IoctlSetInt(int(device.Fd()), doIt, 0)
}
