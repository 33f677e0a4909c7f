package testkit

import (
	"fmt"
	"os"
	"os/exec" //nolint:depguard // this package is a tool of tests
	"path/filepath"
	"strings"
	"syscall"
	"testing" //nolint:depguard // likewise
	"time"
)

// Build builds the program of a package, which go build may be given, and returns its
// path.
func Build(t testing.TB, pkg string) string {
	t.Helper()
	path, err := BuildIn(t.TempDir(), pkg)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// BuildIn builds the programs of some packages into a directory, and returns the path
// of the program if there is one package.
func BuildIn(dir, pkg string) (string, error) {
	abs, err := filepath.Abs(pkg)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, filepath.Base(abs))
	if strings.HasSuffix(pkg, "...") {
		path = dir
	}
	if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil { //nolint:noctx,gosec // it ends by itself
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

const (
	// listenTime is how long a server may take until it says where it listens.
	listenTime = 90 * time.Second
	// stopTime is how long a program may take to end after a signal.
	stopTime = 20 * time.Second
)

// A Process is a program that a test has started. Where it still runs at the test's end
// it is stopped.
type Process struct {
	t     testing.TB
	Cmd   *exec.Cmd
	Said  *Output // on stdout and stderr, unless Cmd had others
	Ended chan struct{}
	err   error // once Ended is closed
}

// Start starts a program.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p, err := TryStart(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TryStart is Start for a goroutine that must not end the test.
func TryStart(t testing.TB, cmd *exec.Cmd) (*Process, error) {
	t.Helper()
	p := &Process{t: t, Cmd: cmd, Said: &Output{}, Ended: make(chan struct{})}
	if cmd.Stderr == nil {
		cmd.Stderr = p.Said
	}
	if cmd.Stdout == nil {
		cmd.Stdout = p.Said
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = cmd.Wait()
		close(p.Ended)
	}()
	t.Cleanup(func() { _ = p.Stop(syscall.SIGTERM) }) // how it ends is no longer of interest
	return p, nil
}

// URL waits until a server says where it listens, and returns its address.
func (p *Process) URL() (string, error) {
	tick, end := time.NewTicker(poll), time.After(listenTime)
	defer tick.Stop()
	for {
		if url := p.Said.Address(); url != "" {
			return url, nil
		}
		select {
		case <-p.Ended:
			if url := p.Said.Address(); url != "" {
				return url, nil
			}
			return "", fmt.Errorf("%s ended before it listened:\n%s", filepath.Base(p.Cmd.Path), p.Said)
		case <-end:
			return "", fmt.Errorf("%s does not listen after %s:\n%s", filepath.Base(p.Cmd.Path), listenTime, p.Said)
		case <-tick.C:
		}
	}
}

// MustURL is URL, and fails the test without one.
func (p *Process) MustURL() string {
	p.t.Helper()
	url, err := p.URL()
	if err != nil {
		p.t.Fatal(err)
	}
	return url
}

// Stop ends the program by a signal, by SIGKILL where that does not help in 20 s, and
// returns how it ended.
func (p *Process) Stop(signal os.Signal) error {
	_ = p.Cmd.Process.Signal(signal) // it may have ended
	select {
	case <-p.Ended:
		return p.err
	case <-time.After(stopTime):
		p.Kill()
		return fmt.Errorf("%s did not stop within %s of %s:\n%s", filepath.Base(p.Cmd.Path), stopTime, signal, p.Said)
	}
}

// Err returns how the program ended, once Ended is closed.
func (p *Process) Err() error { return p.err }

// Kill ends the program with SIGKILL, unless it has ended.
func (p *Process) Kill() {
	_ = p.Cmd.Process.Kill() // it may have ended
	<-p.Ended
}
