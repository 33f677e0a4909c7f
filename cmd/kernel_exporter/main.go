// Command kernel_exporter is a Prometheus exporter that says whether a node's
// kernel is fit to run containers, whether it is sick right now, and how sure
// it is of both.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/collector/printable"
)

// The exit codes of every subcommand.
const (
	exitFailure = 1 // the work could not be done
	exitUsage   = 2 // a bad flag, file or setting
	exitWrite   = 4 // what was asked for could not be written
)

// maxProcs is on how many of a node's processors Go code runs at one time, unless
// GOMAXPROCS says otherwise: an exporter is a guest, and node_exporter takes one too.
// With two, waking the second for each short read costs a quarter of a scrape's CPU.
// A read that hangs keeps no processor: the runtime takes it away within 10 ms.
const maxProcs = 1

func main() {
	keepMainThread()
	saveMemory(os.Getenv)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(maxProcs)
	}
	// Whoever closes stderr or stdout gets a write error and not the process:
	// without this, the Go runtime ends it with SIGPIPE.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	stderr := newLineQueue(os.Stderr)
	p := program{
		stdout: os.Stdout, stderr: stderr, dropped: stderr.Dropped,
		now: time.Now, node: os.Getenv("NODE_NAME"), colour: wantsColour(os.Stdout, os.Getenv), width: terminalWidth(os.Stdout),
	}
	code := p.exitCode(p.run(ctx, os.Args[1:]))
	stderr.Flush(flushTime)
	os.Exit(code)
}

// keepMainThread keeps the process's first thread for main, which waits where a
// signal wakes it. The kernel gives a process's signal to the first thread if it
// can (complete_signal, kernel/signal.c), also to one that waits for a disk or a
// server that has gone, and then no other thread hears of it: SIGTERM would be lost.
func keepMainThread() { runtime.LockOSThread() }

// program is what a run of the program has of the world around it, except for
// the file system.
type program struct {
	stdout, stderr io.Writer
	dropped        func() uint64 // how many lines of stderr were lost; nil for none
	now            func() time.Time
	node           string // the node's name, where the one who starts the program knows it
	colour         bool   // stdout is a terminal whose user wants colours
	width          int    // of that terminal in columns; 0 where it is none
}

// wantsColour says whether a person looks at what is written to f, and wants
// colours (https://no-color.org).
func wantsColour(f *os.File, getenv func(string) string) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// terminalWidth returns how many columns the terminal has that f is, and 0 where
// it is none.
func terminalWidth(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// exitError ends the program with an exit code, and in silence if it has no
// error.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// usageError is what the person who started the program can mend.
func usageError(format string, args ...any) error {
	return exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode says what went wrong, on one line, and returns the exit code for it.
func (p program) exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit exitError
	if !errors.As(err, &exit) {
		exit = exitError{exitFailure, err}
	}
	if exit.err != nil {
		_, _ = fmt.Fprintf(p.stderr, "kernel_exporter: %s\n", oneLine(err.Error()))
	}
	return exit.code
}

// oneLine keeps a text on one line and from sending commands to a terminal: it
// may quote a file of a hostile image.
func oneLine(text string) string {
	text = strings.NewReplacer("errors:\n", "errors: ", "\n", "; ").Replace(text)
	return printable.String(strings.ReplaceAll(text, ";   ", "; "))
}

// run parses args, runs the subcommand and returns when that has ended or ctx
// is done.
func (p program) run(ctx context.Context, args []string) error {
	c := newCommandLine(p.stdout, p.stderr)
	command, err := c.parse(args)
	if err != nil {
		return err
	}
	switch command {
	case c.serve.name:
		return c.serve.run(ctx, p)
	case c.check.name:
		return c.check.run(ctx, p)
	case c.printer.name:
		return c.printer.run(ctx, p)
	default: // help or the version was printed
		return nil
	}
}

// write writes all of a text to stdout, and gives up when ctx is done: the
// reader may have stalled.
func (p program) write(ctx context.Context, text []byte) error {
	done := make(chan error, 1)
	go func() {
		_, err := p.stdout.Write(text)
		done <- err
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return exitError{exitWrite, fmt.Errorf("cannot write to standard output: %w", err)}
	}
	return nil
}
