package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/kernels/netlink"
)

// A day is what happens to one exporter.
type day struct {
	settings
	ctx                      context.Context //nolint:containedctx // the day is one run
	dir, stateDir, policyDir string
	exporter                 *server
	n                        number
	first, last, most        resources
	faults                   []string
	sums, seen, lost         float64
}

// wait waits, or until the day is cut short.
func (d *day) wait(t time.Duration) {
	select {
	case <-time.After(t):
	case <-d.ctx.Done():
	}
}

// inner lives through the day, as the first process of its namespaces.
func inner(ctx context.Context, s settings, dir string) error {
	d := &day{settings: s, ctx: ctx, dir: dir, stateDir: filepath.Join(dir, "state"), policyDir: filepath.Join(dir, "policy")}
	if err := d.prepare(); err != nil {
		return err
	}
	if err := d.startExporter(); err != nil {
		return err
	}
	prometheis, err := d.startPrometheis()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := d.live(began.Add(d.length)); err != nil {
		d.fault("the day ended early: %s", err) // and is reported as far as it went
	}
	lived := time.Since(began)
	ctx = context.WithoutCancel(ctx) // of a day that was cut short there is a report too
	fired, err := firedAlerts(ctx, prometheis[0].url, lived)
	if err != nil {
		return err
	}
	scrapes, err := count(ctx, prometheis[0].url, fmt.Sprintf("sum(count_over_time(up[%ds]))", int(lived.Seconds())+1))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "report"), []byte(d.report(lived, fired, scrapes)), 0o644); err != nil {
		return err
	}
	if len(d.faults) > 0 {
		return errors.New(strings.Join(d.faults, "\n"))
	}
	return nil
}

func (d *day) prepare() error {
	// Mounts of this namespace are not to be seen outside.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	if err := netlink.Up("lo"); err != nil {
		return err
	}
	for _, path := range []string{d.stateDir, filepath.Join(d.policyDir, "kernel-4.d"), filepath.Join(d.dir, "mounts"), filepath.Join(d.dir, "overlay"), ours()} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	// An overlay that is always there: without any the exporter refuses the directory.
	if err := os.WriteFile(filepath.Join(d.policyDir, "kernel-4.d", "always.yaml"), []byte(overlay("day_always", 4)), 0o644); err != nil {
		return err
	}
	if err := unix.Mount("day", filepath.Join(d.dir, "overlay"), "tmpfs", 0, ""); err != nil {
		return err
	}
	return unix.Mount("day", d.stateDir, "tmpfs", 0, "size=512k")
}

const exporterAddress = "127.0.0.1:10044"

func (d *day) startExporter() (err error) {
	d.exporter, err = start(d.ctx, exporterAddress, d.settings.exporter, "--web.listen-address="+exporterAddress,
		"--state.file="+filepath.Join(d.stateDir, "state"), "--policy.dir="+d.policyDir)
	return err
}

// live has trouble come, round by round, until the end or until it is cut short.
func (d *day) live(end time.Time) error {
	for round := 0; time.Now().Before(end); round++ {
		for _, step := range d.round(round) {
			err := step()
			if d.ctx.Err() != nil {
				return nil //nolint:nilerr // the step failed because the day was cut short
			}
			if err != nil {
				return fmt.Errorf("round %d: %w", round, err)
			}
		}
	}
	return nil
}

// round returns what happens in a round.
func (d *day) round(round int) []func() error {
	steps := []func() error{
		func() error { return d.comeAndGo(10 * d.rate) },
		func() error { return d.flood(500 * d.rate) },
		func() error { return d.policy(round) },
	}
	switch {
	case round%20 == 10:
		steps = append(steps, d.restart)
	case round%20 == 15:
		steps = append(steps, d.killExporter)
	case round%10 == 7:
		steps = append(steps, d.fullDisk)
	}
	return append(steps, func() error { d.wait(10 * time.Second); return nil }, d.account, func() error { return d.measure(round) })
}

func (d *day) restart() error {
	d.n.restarts++
	if err := d.exporter.stop(unix.SIGTERM); err != nil {
		return fmt.Errorf("the exporter ended with %w", err)
	}
	return d.startExporter()
}

func (d *day) killExporter() error {
	d.n.kills++
	_ = d.exporter.stop(unix.SIGKILL) // it was killed
	return d.startExporter()
}

// account fails the day unless each number of the log up to now was seen or lost.
func (d *day) account() error {
	first, err := mark()
	if err != nil {
		return err
	}
	for end := time.Now().Add(30 * time.Second); ; d.wait(200 * time.Millisecond) {
		m, err := d.exporter.metrics(d.ctx)
		if err != nil {
			return err
		}
		sum := m.sum("kernel_log_records_total") + m.sum("kernel_log_untrusted_records_total") + m.sum("kernel_log_lost_records_total")
		last, err := mark()
		if err != nil {
			return err
		}
		late := time.Now().After(end) || d.ctx.Err() != nil
		if sum > float64(first) && sum <= float64(last)+1 {
			d.sums, d.lost = sum, m.sum("kernel_log_lost_records_total")
			d.seen = sum - d.lost
			return nil
		}
		if late {
			d.fault("%g records are seen or lost; the log is between number %d and %d", sum, first, last)
			return nil
		}
	}
}

func (d *day) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	say("FAULT: %s", text)
	if len(d.faults) < 50 {
		d.faults = append(d.faults, text)
	}
}

// openLog opens the log. Somebody else's test may have closed it to all for a while.
func openLog(flags int) (*os.File, error) {
	for end := time.Now().Add(3 * time.Minute); ; {
		f, err := os.OpenFile("/dev/kmsg", flags, 0)
		if err == nil || !errors.Is(err, os.ErrPermission) || time.Now().After(end) {
			return f, err
		}
		<-time.After(time.Second)
	}
}

// mark writes a line to the log and returns its number.
func mark() (uint64, error) {
	f, err := openLog(os.O_RDWR | unix.O_NONBLOCK)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	fd := int(f.Fd())
	if _, err := unix.Seek(fd, 0, unix.SEEK_END); err != nil {
		return 0, err
	}
	if _, err := unix.Write(fd, []byte("<12>kernel_exporter day: mark\n")); err != nil {
		return 0, err
	}
	buf := make([]byte, 16<<10)
	for range 100 {
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EPIPE) {
			continue
		}
		if err != nil {
			return 0, err
		}
		fields := strings.SplitN(string(buf[:n]), ",", 3)
		return strconv.ParseUint(fields[1], 10, 64)
	}
	return 0, errors.New("/dev/kmsg: overwritten all the time")
}

// resources are what the exporter uses.
type resources struct{ memory, goroutines, descriptors float64 }

// warm is the round from which on resources are compared: by then everything has
// happened once.
const warm = 21

// measure takes the least of some scrapes, as a scrape itself takes a goroutine and
// a descriptor.
func (d *day) measure(round int) error {
	var r resources
	for i := range 5 {
		m, err := d.exporter.metrics(d.ctx)
		if err != nil {
			return err
		}
		now := resources{memory: m["process_resident_memory_bytes"], goroutines: m["go_goroutines"], descriptors: m["process_open_fds"]}
		if i == 0 {
			r = now
		}
		r = resources{memory: min(r.memory, now.memory), goroutines: min(r.goroutines, now.goroutines), descriptors: min(r.descriptors, now.descriptors)}
	}
	if round <= warm {
		d.first = resources{memory: max(d.first.memory, r.memory), goroutines: max(d.first.goroutines, r.goroutines), descriptors: max(d.first.descriptors, r.descriptors)}
	}
	d.last = r
	d.most = resources{memory: max(d.most.memory, r.memory), goroutines: max(d.most.goroutines, r.goroutines), descriptors: max(d.most.descriptors, r.descriptors)}
	if round%10 == 0 {
		say("round %d: %.1f MB, %g goroutines, %g descriptors; %g seen, %g lost", round, r.memory/1e6, r.goroutines, r.descriptors, d.seen, d.lost)
	}
	const more = 8 << 20
	if round > warm && (r.memory > d.first.memory+more || r.goroutines > d.first.goroutines+5 || r.descriptors > d.first.descriptors+5) {
		d.fault("round %d: the exporter uses %+v; in the first %d rounds it used %+v at most", round, r, warm, d.first)
	}
	return nil
}

// A server is a program that answers at an address.
type server struct {
	cmd   *exec.Cmd
	url   string
	ended chan struct{}
	err   error // once ended is closed
}

// start starts a program and waits until it answers. It ends with this process,
// which is the first of its namespace.
func start(ctx context.Context, address, path string, args ...string) (*server, error) {
	s := &server{cmd: exec.Command(path, args...), url: "http://" + address, ended: make(chan struct{})}
	log, err := os.CreateTemp("", "log-")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	defer os.Remove(log.Name())
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(2 * time.Minute)
	for {
		if _, err := get(ctx, s.url+"/-/ready"); err == nil {
			return s, nil
		}
		select {
		case <-tick.C:
			continue
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.ended:
		case <-late:
		}
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%s does not answer: %s", path, said)
	}
}

func (s *server) stop(signal unix.Signal) error {
	if err := s.cmd.Process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-s.ended:
		return s.err
	case <-time.After(time.Minute):
		return fmt.Errorf("%s did not end within a minute of %s", s.cmd.Path, signal)
	}
}

// metrics are samples by name and labels.
type metrics map[string]float64

func (m metrics) sum(name string) (sum float64) {
	for sample, v := range m {
		if sample == name || strings.HasPrefix(sample, name+"{") {
			sum += v
		}
	}
	return sum
}

func (s *server) metrics(ctx context.Context) (metrics, error) {
	text, err := get(ctx, s.url+"/metrics")
	if err != nil {
		return nil, err
	}
	m := metrics{}
	for sc := bufio.NewScanner(strings.NewReader(text)); sc.Scan(); {
		if i := strings.LastIndexByte(sc.Text(), ' '); i > 0 && !strings.HasPrefix(sc.Text(), "#") {
			if m[sc.Text()[:i]], err = strconv.ParseFloat(sc.Text()[i+1:], 64); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}
