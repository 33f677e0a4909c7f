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
	"strings"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
)

// The exit codes of every subcommand.
const (
	exitFailure = 1 // the work could not be done
	exitUsage   = 2 // a bad flag, file or setting
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "kernel_exporter: %s\n", oneLine(err))
	var usage usageError
	if errors.As(err, &usage) {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailure)
}

// usageError is an error that the person who started the program can mend.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// oneLine keeps an error that joins several on one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// run is the program: it parses args, runs the subcommand and returns when
// that has ended or ctx is done. It reads nothing of the process but its
// environment of files.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	app := kingpin.New("kernel_exporter", "Prometheus exporter for the fitness and health of a Kubernetes node's kernel.")
	app.UsageWriter(stdout).ErrorWriter(stderr)
	app.HelpFlag.Short('h')
	app.Version(versionText())
	app.VersionFlag.Help("Show the version and exit.")

	shared := addSharedFlags(app)
	serve := addServeCommand(app, shared)

	command, ended, err := parse(app, args)
	switch {
	case ended:
		return nil
	case err != nil:
		return usageError{fmt.Errorf("%w; see kernel_exporter --help", err)}
	}
	logger, err := shared.logger(stderr)
	if err != nil {
		return usageError{err}
	}
	switch command {
	case serve.name:
		return serve.run(ctx, logger)
	default:
		return usageError{fmt.Errorf("unknown command %q", command)}
	}
}

// parse parses the arguments. Kingpin ends the process after --help and
// --version; here that becomes a result, so that run always returns.
func parse(app *kingpin.Application, args []string) (command string, ended bool, err error) {
	type terminated struct{}
	app.Terminate(func(int) { panic(terminated{}) })
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(terminated); !ok {
				panic(p)
			}
			ended = true
		}
	}()
	command, err = app.Parse(args)
	return command, false, err
}
