package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"kernel_exporter/tools/kernels/wire"
)

// poke reads or writes the guest's memory while it stands still, by the protocol
// of gdb (gdb's manual, appendix E), which qemu speaks. It returns what was there.
func poke(ctx context.Context, path string, a wire.Ask) ([]byte, error) {
	c, err := dial(ctx, path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	d := debugger{c: c, r: bufio.NewReader(c)}
	before, err := d.exchange(a)
	_, goesOn := d.command("D")
	return before, errors.Join(err, goesOn)
}

// exchange returns what was at an address, and writes there if there is something
// to write.
func (d debugger) exchange(a wire.Ask) ([]byte, error) {
	old, err := d.command(fmt.Sprintf("m%x,%x", a.Address, max(len(a.Bytes), a.Length)))
	if err != nil {
		return nil, err
	}
	before, err := hex.DecodeString(old)
	if err != nil {
		return nil, fmt.Errorf("memory at %#x: %q", a.Address, old)
	}
	if len(a.Bytes) > 0 {
		said, err := d.command(fmt.Sprintf("M%x,%x:%x", a.Address, len(a.Bytes), a.Bytes))
		if err != nil {
			return nil, err
		}
		if said != "OK" {
			return nil, fmt.Errorf("write to memory at %#x: %s", a.Address, said)
		}
	}
	return before, nil
}

type debugger struct {
	c net.Conn
	r *bufio.Reader
}

func (d debugger) command(text string) (string, error) {
	sum := byte(0)
	for _, b := range []byte(text) {
		sum += b
	}
	if _, err := fmt.Fprintf(d.c, "$%s#%02x", text, sum); err != nil {
		return "", err
	}
	answer, err := d.packet()
	if strings.HasPrefix(answer, "T") { // the guest stood still: that was not the answer
		answer, err = d.packet()
	}
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(answer, "E") && len(answer) == 3 {
		return "", fmt.Errorf("qemu answers %q to %.40q", answer, text)
	}
	return answer, nil
}

// packet reads what qemu sends next.
func (d debugger) packet() (string, error) {
	if _, err := d.r.ReadString('$'); err != nil { // and the acknowledgement before it
		return "", err
	}
	text, err := d.r.ReadString('#')
	if err != nil {
		return "", err
	}
	if _, err := io.CopyN(io.Discard, d.r, 2); err != nil { // the sum
		return "", err
	}
	_, err = io.WriteString(d.c, "+")
	return strings.TrimSuffix(text, "#"), err
}
