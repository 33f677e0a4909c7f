package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A server is a program that answers scrapes.
type server struct {
	name   string
	path   string
	args   func(address string) []string
	url    string
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

// start starts it and waits for its first answer. It returns how long that took.
func (s *server) start(ctx context.Context) (time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	s.url = "http://" + address + "/metrics"
	s.stderr.Reset()
	s.cmd = exec.CommandContext(ctx, s.path, s.args(address)...)
	s.cmd.Stderr = &s.stderr
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, fmt.Errorf("%s: %w", s.name, err)
	}
	for time.Since(begin) < 20*time.Second {
		if r, err := http.Get(s.url); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return time.Since(begin), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.stop()
	return 0, fmt.Errorf("%s does not answer within 20 s: %s", s.name, lastLine(s.stderr.String()))
}

func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(unix.SIGTERM)
	_ = s.cmd.Wait() // how it ends is not what is measured
	s.cmd = nil
}

// cpu returns the processor time of the process so far, user and system.
func (s *server) cpu() (time.Duration, error) {
	// The clock of a process, as the C library's clock_getcpuclockid makes it (kernel: CPUCLOCK_SCHED of make_process_cpuclock).
	clock := int32(^s.cmd.Process.Pid<<3 | 2)
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}

// memory is what a process holds, in MB of 10^6 bytes.
type memory struct{ private, resident float64 }

func (s *server) memory() (memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kB, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		if err != nil {
			continue // another kind of line
		}
		switch name {
		case "RssAnon":
			m.private = kB * 1024 / 1e6
		case "VmRSS":
			m.resident = kB * 1024 / 1e6
		}
	}
	if m.resident == 0 {
		return memory{}, errors.New("no VmRSS in the status of " + s.name)
	}
	return m, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
