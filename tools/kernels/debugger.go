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
	if _, err := d.command("?"); err != nil {
		return nil, err
	}
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
	_, err = d.command("D") // it goes on
	return before, err
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
	if _, err := d.r.ReadString('$'); err != nil { // the acknowledgement before it
		return "", err
	}
	answer, err := d.r.ReadString('#')
	if err != nil {
		return "", err
	}
	if _, err := io.CopyN(io.Discard, d.r, 2); err != nil {
		return "", err
	}
	if _, err := io.WriteString(d.c, "+"); err != nil {
		return "", err
	}
	answer = strings.TrimSuffix(answer, "#")
	if strings.HasPrefix(answer, "E") && len(answer) == 3 {
		return "", errors.New(answer)
	}
	return answer, nil
}
