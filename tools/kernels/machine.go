package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kernel_exporter/tools/kernels/wire"
)

// A boot is one run of a guest.
type boot struct {
	name    string // of its files in the directory
	dir     string // where console and sockets are
	kernel  string // path of the image
	initrd  string
	options string // of the kernel's command line
	devices []string
	limit   time.Duration
	say     func(format string, args ...any)
}

// heard is what a guest sent.
type heard struct {
	files   map[string][]byte
	results []wire.Result
	clocks  []wire.Clock
	took    time.Duration
	began   bool // the first process ran
}

// run boots the guest, and once more if its kernel did not come as far as the first
// process: on a machine that is busy an emulated timer may miss its time.
func (b boot) run(ctx context.Context) (heard, error) {
	h, err := b.once(ctx)
	if err != nil && ctx.Err() == nil && !h.began {
		b.say("%s: once more after %v", b.name, err)
		return b.once(ctx)
	}
	return h, err
}

// once boots the guest under qemu, which emulates the processor, and returns what
// it sent until its end.
func (b boot) once(ctx context.Context) (heard, error) {
	ctx, stop := context.WithTimeoutCause(ctx, b.limit, fmt.Errorf("the guest did not end within %s", b.limit))
	defer stop()
	sockets, err := os.MkdirTemp("", "kernels-")
	if err != nil {
		return heard{}, err
	}
	defer os.RemoveAll(sockets)
	console := filepath.Join(b.dir, b.name+".console")
	_ = os.Remove(console) // qemu appends
	args := []string{
		"-n", "5", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", "512", "-nographic", "-no-reboot", "-nodefaults",
		"-kernel", b.kernel, "-initrd", b.initrd,
		"-append", "console=ttyS0 panic=-1 quiet nokaslr nopti tsc=reliable no_timer_check " + b.options,
		"-serial", "file:" + console,
		"-chardev", "socket,id=line,server=on,wait=on,path=" + sockets + "/line", "-serial", "chardev:line",
		"-chardev", "socket,id=monitor,server=on,wait=off,path=" + sockets + "/monitor", "-mon", "chardev=monitor,mode=readline",
		"-chardev", "socket,id=gdb,server=on,wait=off,path=" + sockets + "/gdb", "-gdb", "chardev:gdb",
	}
	cmd := exec.CommandContext(ctx, "nice", append(args, b.devices...)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return heard{}, err
	}
	h, err := b.talk(ctx, sockets)
	if err != nil {
		stop()
	}
	ended := cmd.Wait()
	h.took = time.Since(began)
	if err == nil {
		err = ended
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		return h, fmt.Errorf("%s: %w\n%s\nits console ends with\n%s", b.name, err, said.String(), tail(console))
	}
	return h, nil
}

func tail(path string) string {
	text, _ := os.ReadFile(path) // it may not be there
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// dial connects to a socket of qemu, which may not be there yet.
func dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); ; {
		c, err := d.DialContext(ctx, "unix", path)
		if err == nil || time.Now().After(end) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// talk reads what the guest sends, and answers it.
func (b boot) talk(ctx context.Context, sockets string) (heard, error) {
	h := heard{files: make(map[string][]byte)}
	c, err := dial(ctx, sockets+"/line")
	if err != nil {
		return h, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	out, in := json.NewEncoder(c), bufio.NewReader(c)
	for {
		text, err := in.ReadBytes('\n')
		if err != nil {
			return h, fmt.Errorf("the guest went away: %w", err)
		}
		var m wire.Message
		start := bytes.IndexByte(text, '{')
		if start < 0 || json.Unmarshal(text[start:], &m) != nil {
			b.say("%s: not understood: %.200q", b.name, text)
			continue
		}
		h.began = true
		switch {
		case m.End:
			return h, out.Encode(wire.Answer{})
		case m.Error != "":
			return h, errors.Join(errors.New(m.Error), out.Encode(wire.Answer{}))
		case m.Say != "":
			b.say("%s: %s", b.name, m.Say)
		case m.File != nil:
			h.files[m.File.Name] = m.File.Data
		case m.Result != nil:
			b.result(*m.Result)
			h.results = append(h.results, *m.Result)
		case m.Clock != nil:
			b.say("%s: %+v", b.name, *m.Clock)
			h.clocks = append(h.clocks, *m.Clock)
		case m.Ask != nil:
			if err := out.Encode(fulfil(ctx, sockets, *m.Ask)); err != nil {
				return h, err
			}
		}
	}
}

func (b boot) result(r wire.Result) {
	if r.Skipped != "" {
		b.say("%s: %s not made: %s", b.name, r.Event, r.Skipped)
		return
	}
	b.say("%s: %s: %d in the log, %d counted, sick %q, others %v", b.name, r.Event, len(r.Lines), r.Counted, r.Sick, r.Others)
}

// fulfil does what the guest asks for.
func fulfil(ctx context.Context, sockets string, a wire.Ask) (answer wire.Answer) {
	var err error
	switch {
	case a.Monitor != "" && a.Seconds > 0:
		time.AfterFunc(time.Duration(a.Seconds)*time.Second, func() {
			if _, err := monitor(ctx, sockets+"/monitor", a.Monitor); err != nil {
				say("%v", err)
			}
		})
	case a.Monitor != "":
		answer.Bytes, err = monitor(ctx, sockets+"/monitor", a.Monitor)
	case a.Seconds > 0:
		time.AfterFunc(time.Duration(a.Seconds)*time.Second, func() {
			if _, err := poke(ctx, sockets+"/gdb", a); err != nil {
				say("%v", err)
			}
		})
	default:
		answer.Bytes, err = poke(ctx, sockets+"/gdb", a)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// monitor has qemu obey a command and returns what it says.
func monitor(ctx context.Context, path, command string) ([]byte, error) {
	c, err := dial(ctx, path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	const prompt = "(qemu) "
	r := bufio.NewReader(c)
	if _, err := readUntil(r, prompt); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, command+"\n"); err != nil {
		return nil, err
	}
	said, err := readUntil(r, "\n"+prompt)
	if i := strings.IndexByte(said, '\n'); i >= 0 { // the echo
		said = said[i+1:]
	}
	said = strings.TrimSpace(strings.TrimSuffix(said, prompt))
	if len(said) > 200 {
		said = said[:200]
	}
	return []byte(said), err
}

func readUntil(r *bufio.Reader, end string) (string, error) {
	var said strings.Builder
	for !strings.HasSuffix(said.String(), end) {
		b, err := r.ReadByte()
		if err != nil {
			return said.String(), err
		}
		said.WriteByte(b)
	}
	return said.String(), nil
}
