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

	"github.com/alecthomas/kingpin/v2"
)

// The exit codes of every subcommand.
const (
	exitFailure = 1 // the work could not be done
	exitUsage   = 2 // a bad flag, file or setting
)

// maxProcs is on how many of a node's processors Go code runs at one time, unless
// GOMAXPROCS says otherwise: an exporter is a guest. One can follow the kernel log
// while the other serves a scrape; more would only keep memory of their own.
const maxProcs = 2

func main() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(min(maxProcs, runtime.GOMAXPROCS(0)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{stdout: os.Stdout, stderr: os.Stderr, now: time.Now, colour: wantsColour(os.Stdout, os.Getenv)}
	err := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(p.exitCode(err))
}

// program is what a run of the program has of the world around it, but for the
// file system.
type program struct {
	stdout, stderr io.Writer
	now            func() time.Time
	colour         bool // stdout is a terminal whose user wants colours
}

// wantsColour says whether a person looks at what is written to f, and wants
// colours (https://no-color.org).
func wantsColour(f *os.File, getenv func(string) string) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
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
		_, _ = fmt.Fprintf(p.stderr, "kernel_exporter: %s\n", oneLine(err))
	}
	return exit.code
}

// oneLine keeps an error that joins several on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// run parses args, runs the subcommand and returns when that has ended or ctx
// is done.
func (p program) run(ctx context.Context, args []string) error {
	app := kingpin.New("kernel_exporter", "Prometheus exporter for the fitness and health of a Kubernetes node's kernel.")
	app.UsageWriter(p.stdout).ErrorWriter(p.stderr)
	app.HelpFlag.Short('h')
	app.Version(versionText())
	app.VersionFlag.Help("Show the version and exit.")

	shared := addSharedFlags(app)
	serve := addServeCommand(app, shared)
	check := addCheckCommand(app, shared)
	printer := addPrintCommand(app, shared)

	command, ended, err := parse(app, args)
	switch {
	case ended:
		return nil
	case err != nil:
		return usageError("%w; see kernel_exporter --help", err)
	}
	logger, err := shared.logger(p.stderr)
	if err != nil {
		return usageError("%w", err)
	}
	switch command {
	case check.name:
		return check.run(ctx, p)
	case printer.name:
		return printer.run(p)
	default:
		return serve.run(ctx, logger, p.now)
	}
}

// parse parses the arguments. Kingpin ends the process after --help and
// --version; here that becomes a result, so that run always returns.
func parse(app *kingpin.Application, args []string) (command string, ended bool, err error) {
	type terminated struct{}
	app.Terminate(func(int) { panic(terminated{}) }) //nolint:forbidigo // caught right below
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(terminated); !ok {
				panic(p) //nolint:forbidigo // not ours
			}
			ended = true
		}
	}()
	command, err = app.Parse(args)
	return command, false, named(app, args, err)
}

// named puts the flag in front of what kingpin says of a flag's value, which is
// all that it says.
func named(app *kingpin.Application, args []string, err error) error {
	if err == nil {
		return nil
	}
	parsed, unparsed := app.ParseContext(args)
	if unparsed != nil {
		return err // not about a value
	}
	for _, e := range parsed.Elements {
		flag, ok := e.Clause.(*kingpin.FlagClause)
		if ok && e.Value != nil && flag.Model().Value.Set(*e.Value) != nil {
			return fmt.Errorf("--%s: %q: %w", flag.Model().Name, *e.Value, err)
		}
	}
	return err
}
