// Kernels boots the kernels that Debian's archive offers in qemu, runs the
// exporter there, and compares what it says with what each kernel itself says.
// `make kernels` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/publish"
)

// settings say what is booted and where the results go.
type settings struct {
	dir      string // for downloads, consoles and what guests sent
	mirror   string
	suites   string
	flavors  string
	reports  string // series of which reports are made
	series   string // only these; empty for all
	only     string // only these scenarios; empty for all
	short    bool
	facts    bool
	publish  bool
	out      string
	record   string
	exporter string
}

func main() {
	var s settings
	flag.StringVar(&s.exporter, "exporter", "./kernel_exporter", "static kernel_exporter to run")
	flag.StringVar(&s.dir, "dir", ".kernels", "directory for downloads and results; kept")
	flag.StringVar(&s.mirror, "mirror", "http://deb.debian.org/debian", "mirror of Debian; security updates are at the same address with -security after it")
	flag.StringVar(&s.suites, "suites", "bullseye,bullseye-security,bookworm,bookworm-security,bookworm-backports,trixie,trixie-security,trixie-backports,sid", "suites of the archive")
	flag.StringVar(&s.flavors, "flavors", "cloud-amd64,amd64", "flavours of the kernels; reports are made by the last one, which has most drivers")
	flag.StringVar(&s.reports, "reports", "5.10,6.1,6.12,7.3", "series of kernels that make reports")
	flag.StringVar(&s.series, "series", "", "series of kernels, as 6.1,6.12; empty for the newest of each there is")
	flag.StringVar(&s.only, "only", "", "reports to provoke, by name; empty for all")
	flag.BoolVar(&s.short, "short", false, "the oldest and the newest kernel, and the reports that take no time")
	flag.BoolVar(&s.facts, "facts", false, "compare the metrics, provoke no reports")
	flag.BoolVar(&s.publish, "publish", false, "write what runs before have seen, boot nothing")
	flag.StringVar(&s.out, "out", "", "file to write to, between its comments that begin with \"kernels\"; empty for standard output")
	flag.StringVar(&s.record, "record", "", "file to write the records of the reports to, for the tests of the events")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

func run(ctx context.Context, s settings) error {
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	l := laboratory{settings: s, dir: dir, guest: filepath.Join(dir, "guest")}
	var failed error
	if !s.publish {
		if failed, err = l.tryAll(ctx); err != nil {
			return err
		}
	}
	seen, err := l.stored()
	if err != nil {
		return err
	}
	return errors.Join(failed, publish.Report(s.out, "kernels", tables(seen)), record(s.record, seen))
}

// tryAll tries each kernel that was asked for. failed has what the exporter or a
// kernel did wrong; after err nothing more could be done.
func (l laboratory) tryAll(ctx context.Context) (failed, err error) {
	if err := prerequisites(l.short || l.settings.facts); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(l.dir, "kernels"), 0o755); err != nil {
		return nil, err
	}
	flavors := strings.Split(l.flavors, ",")
	if l.short { // two small lists have an old kernel and a new one
		l.suites, flavors = "bookworm-security,trixie-backports", flavors[:1]
	}
	l.archive = archive{dir: l.dir, mirror: l.mirror, suites: strings.Split(l.suites, ",")}
	if err := l.archive.update(ctx); err != nil {
		return nil, err
	}
	kernels, err := l.kernels(ctx, flavors)
	if err != nil {
		return nil, err
	}
	if err := build(ctx, l.guest, "./tools/kernels/guest"); err != nil {
		return nil, err
	}
	for _, k := range kernels {
		t, err := l.try(ctx, k)
		if err := errors.Join(err, l.store(t)); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", k.Release, err))
			say("%s: %v", k.Release, err)
		}
		if ctx.Err() != nil {
			return failed, ctx.Err()
		}
		failed = errors.Join(failed, errors.Join(t.faults()...))
	}
	return failed, nil
}

// kernels returns those that are tried: of the first flavour all series, of the others those
// that make reports.
func (l laboratory) kernels(ctx context.Context, flavors []string) (all []kernel, err error) {
	var series []string
	if l.series != "" {
		series = strings.Split(l.series, ",")
	}
	reporting := strings.Split(l.settings.reports, ",")
	for i, flavor := range flavors {
		found, err := l.archive.kernels(ctx, flavor, series)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			reports := slices.Contains(reporting, k.Series)
			k.reports = l.short || i == len(flavors)-1 && reports
			if i == 0 && (l.only == "" || k.reports) || k.reports {
				all = append(all, k)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the archive has no such kernel")
	}
	if l.short {
		all = slices.CompactFunc([]kernel{all[0], all[len(all)-1]}, func(a, b kernel) bool { return a.Release == b.Release })
	}
	return all, nil
}

func build(ctx context.Context, path, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// prerequisites says what is not installed, and how to get it. A run that makes few reports
// needs fewer programs.
func prerequisites(few bool) error {
	var missing []string
	needs := [][2]string{
		{"qemu-system-x86_64", "qemu-system-x86"},
		{"apt-get", "apt"},
		{"dpkg-deb", "dpkg"},
		{"xz", "xz-utils"},
		{"mkfs.ext4", "e2fsprogs"},
		{"nft", "nftables"},
		{"nice", "coreutils"},
	}
	if !few {
		needs = append(needs, [2]string{"mkfs.xfs", "xfsprogs"}, [2]string{"mkfs.btrfs", "btrfs-progs"})
	}
	for _, need := range needs {
		if _, err := exec.LookPath(need[0]); err != nil {
			missing = append(missing, need[1])
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("needs a Debian machine with %s: apt-get install --no-install-recommends %s", strings.Join(missing, ", "), strings.Join(missing, " "))
	}
	return nil
}
