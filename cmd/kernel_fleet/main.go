// Command kernel_fleet is a simulated fleet: one process that serves the
// metrics of many nodes, for trying the rules and the dashboards before owning
// 20,000 nodes.
//
// Every node is one of the roots of collector/testdata as the collectors of
// kernel_exporter report it, so no name, label or verdict here is invented;
// only values vary, by node and by time: uptimes, slab, events, leaks that
// begin and end, a migration from 3.10 to newer kernels, nodes that go dark. A
// node's values are a function of the seed, the node, the begin of the
// simulation and the time, and of nothing else: the program keeps no state.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// stopTime is how long requests may take to end when the program stops.
const stopTime = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// usageError is what the person who started the program can mend.
type usageError struct{ error }

// exitCode says on one line what went wrong, and returns the exit code for it.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "kernel_fleet: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

// settings are what the flags set.
type settings struct {
	plan          Plan
	roots, listen string
}

// parse parses the flags. Of --help it says that the program has ended.
func parse(args []string, stdout, stderr io.Writer) (s settings, ended bool, err error) {
	app := kingpin.New("kernel_fleet", "A simulated fleet of nodes with kernel_exporter, for trying rules and dashboards: "+
		"point http_sd_configs of a Prometheus at /sd, with job_name kernel_exporter. Nothing is stored; the same flags make the same fleet.")
	app.UsageWriter(stdout).ErrorWriter(stderr)
	app.HelpFlag.Short('h')
	app.Terminate(func(int) { ended = true }) // kingpin would end the process after --help

	var begin string
	app.Flag("web.listen-address", "Address to serve on.").
		Default("127.0.0.1:10045").StringVar(&s.listen)
	app.Flag("path.roots", "Directory of recorded nodes: collector/testdata of kernel_exporter's sources.").
		Default("collector/testdata").StringVar(&s.roots)
	app.Flag("nodes", fmt.Sprintf("How many nodes the fleet has, at most %d.", maxNodes)).
		Default("200").IntVar(&s.plan.Nodes)
	app.Flag("clusters", "Over how many clusters they are spread.").
		Default("4").IntVar(&s.plan.Clusters)
	app.Flag("seed", "What chance rests on: another seed, another fleet.").
		Default("1").Uint64Var(&s.plan.Seed)
	app.Flag("begin", "When the simulation begins, such as 2026-01-31T12:00:00Z; now unless given. The same begin makes the same history.").
		StringVar(&begin)
	app.Flag("start", "How long the migration has been going on at the begin. It takes 2880h.").
		Default("720h").DurationVar(&s.plan.Start)
	app.Flag("speed", "How much faster than the clock migration and memory leaks go from the begin on; 1440 makes a day a minute. "+
		"What alerts measure in minutes keeps the clock's pace: kernel log, reboots, nodes that are dark.").
		Default("1").Float64Var(&s.plan.Speed)

	_, err = app.Parse(args)
	switch {
	case ended:
		return s, true, nil
	case err != nil:
		return s, false, usageError{fmt.Errorf("%w; see kernel_fleet --help", err)}
	}
	s.plan.Begin = time.Now().Truncate(time.Second) // as it is logged, so that it can be given again
	if begin != "" {
		if s.plan.Begin, err = time.Parse(time.RFC3339, begin); err != nil {
			return s, false, usageError{fmt.Errorf("--begin: %q is not a time like 2026-01-31T12:00:00Z", begin)}
		}
	}
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		return s, false, usageError{fmt.Errorf("--web.listen-address: %w", err)}
	}
	if err := s.plan.check(); err != nil {
		return s, false, usageError{err}
	}
	return s, false, nil
}

// run serves the fleet that args ask for until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, ended, err := parse(args, stdout, stderr)
	if err != nil || ended {
		return err
	}
	bases, err := loadBases(ctx, s.roots, s.plan.Begin)
	if errors.Is(err, context.Canceled) {
		return nil // stopped before it began
	}
	if err != nil {
		return usageError{fmt.Errorf("--path.roots: %w", err)}
	}
	fleet := newFleet(s.plan, bases)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("--web.listen-address: %w", err)
	}
	logger := log.With(log.NewLogfmtLogger(log.NewSyncWriter(stderr)), "ts", log.DefaultTimestampUTC)
	_ = level.Info(logger).Log("msg", "Listening on", "address", listener.Addr(), "nodes", s.plan.Nodes,
		"clusters", s.plan.Clusters, "seed", s.plan.Seed, "begin", s.plan.Begin.Format(time.RFC3339), "speed", s.plan.Speed)
	return serve(ctx, listener, fleet.handler(time.Now))
}

// serve serves HTTP until ctx is done, and then lets requests end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("web server: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return fmt.Errorf("web server: requests cut off: %w", err)
	}
	return nil
}
