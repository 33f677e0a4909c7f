// Bench measures kernel_exporter beside its peers in one run on one machine, and
// prints the result as Markdown. `make bench` runs it.
//
// Absolute times differ from machine to machine and from hour to hour. So the
// programs are measured in turns, round by round, and what counts are the ratios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/publish"
)

// settings say what is measured.
type settings struct {
	exporter, nodeExporter, problemDetector string // paths of the programs; empty for one that is not there
	scrapes, rounds                         int
	log                                     bool // write to this machine's kernel log
	growth                                  bool // make cgroups, mounts and namespaces by thousands
	out                                     string
}

func main() {
	var s settings
	flag.StringVar(&s.exporter, "exporter", "./kernel_exporter", "kernel_exporter to measure")
	flag.StringVar(&s.nodeExporter, "node-exporter", "", "node_exporter to compare with")
	flag.StringVar(&s.problemDetector, "problem-detector", "", "node-problem-detector to compare with; only with -log")
	flag.IntVar(&s.scrapes, "scrapes", 500, "scrapes of each program")
	flag.IntVar(&s.rounds, "rounds", 10, "rounds in which they are made, in turns")
	flag.BoolVar(&s.log, "log", false, "measure the kernel log too: needs root, and overwrites this machine's log with lines of user space")
	flag.BoolVar(&s.growth, "growth", false, "measure scrapes with up to 10,000 cgroups, 5,000 overlay mounts and 1,000 network namespaces: needs root, and takes minutes")
	flag.StringVar(&s.out, "out", "", "file to write to, between its two comments that begin with \"bench\"; empty for standard output")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	if s.rounds < 1 || s.scrapes < s.rounds {
		return errors.New("-scrapes: at least one in each of -rounds")
	}
	var report strings.Builder
	machine(&report)
	if err := scrapes(ctx, s, &report); err != nil {
		return err
	}
	if s.growth {
		if err := growth(ctx, s, &report); err != nil {
			return err
		}
	}
	if s.log {
		if err := logLines(ctx, s, &report); err != nil {
			return err
		}
	}
	return publish.Report(s.out, "bench", report.String())
}

// machine writes on what the figures were measured.
func machine(w *strings.Builder) {
	var u unix.Utsname
	_ = unix.Uname(&u) // without it the line is shorter
	fmt.Fprintf(w, "Measured on Linux %s, %s, %d processors, %s.\n\n", unix.ByteSliceToString(u.Release[:]), runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
