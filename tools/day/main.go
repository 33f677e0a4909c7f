// Day has the exporter live through a long day: floods of the log, cgroups,
// mounts, namespaces and network devices that come and go, a policy that changes,
// restarts and a full disk, while two Prometheus scrape it each second. It fails
// if memory, goroutines or descriptors grow, if a record is neither seen nor
// lost, or if an alert of trust fires that was not planned. `make day` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kernel_exporter/tools/publish"
)

// settings say how long the day is and what runs.
type settings struct {
	exporter, prometheus string
	length               time.Duration
	rate                 int // how much happens, 1 to 100
	out                  string
}

func main() {
	var s settings
	var hours float64
	flag.StringVar(&s.exporter, "exporter", "./kernel_exporter", "kernel_exporter to run")
	flag.StringVar(&s.prometheus, "prometheus", "prometheus", "Prometheus to scrape it")
	flag.Float64Var(&hours, "hours", 3, "length of the day")
	flag.IntVar(&s.rate, "rate", 10, "how much happens, from 1 to 100")
	flag.StringVar(&s.out, "out", "", "file to write to, between its comments that begin with \"day\"; empty for standard output")
	flag.Parse()
	s.length = time.Duration(hours * float64(time.Hour))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	if err := run(ctx, s, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "day:", err)
		os.Exit(1)
	}
}

// run has three roles, each a process. The outer one starts the two others. The
// janitor waits until the day is over, however it ends, and puts the machine back
// as it was. The inner one lives through the day in namespaces of its own, in which
// mounts and network devices vanish with it.
func run(ctx context.Context, s settings, role, dir string) error {
	switch role {
	case "":
		return outer(ctx, s)
	case "janitor":
		return janitor(dir)
	case "inner":
		return inner(ctx, s, dir)
	}
	return fmt.Errorf("%q is no role", role)
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
}

// devkmsg says who may write to the log and how fast.
const devkmsg = "/proc/sys/kernel/printk_devkmsg"

func outer(ctx context.Context, s settings) error {
	if os.Getuid() != 0 {
		return errors.New("needs root: for the log, cgroups and namespaces")
	}
	if s.rate < 1 || s.rate > 100 {
		return errors.New("-rate: from 1 to 100")
	}
	var err error
	if s.exporter, err = filepath.Abs(s.exporter); err != nil {
		return err
	}
	if s.prometheus, err = exec.LookPath(s.prometheus); err != nil {
		return err
	}
	if s.prometheus, err = filepath.Abs(s.prometheus); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kernel_exporter-day-")
	if err != nil {
		return err
	}
	end, err := startJanitor(dir)
	if err != nil {
		return err
	}
	defer end()
	args := []string{
		"-exporter=" + s.exporter, "-prometheus=" + s.prometheus, fmt.Sprintf("-hours=%g", s.length.Hours()),
		fmt.Sprintf("-rate=%d", s.rate), "inner", dir,
	}
	runtime.LockOSThread() // Pdeathsig is sent when the thread ends that started the process
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
		Pdeathsig:  unix.SIGKILL,
	}
	err = cmd.Run()
	text, readErr := os.ReadFile(filepath.Join(dir, "report"))
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return errors.Join(err, publish.Report(s.out, "day", string(text)))
}

// startJanitor starts the janitor, which sees the end of this process by the end
// of a pipe. end waits until it has cleaned up.
func startJanitor(dir string) (end func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command("/proc/self/exe", "janitor", dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		w.Close()
		_ = cmd.Wait() // it says what it could not do
	}, nil
}

func janitor(dir string) error {
	old, err := os.ReadFile(devkmsg)
	if err != nil {
		return err
	}
	if err := os.WriteFile(devkmsg, []byte("on\n"), 0); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until everybody who has its other end is gone
	return errors.Join(os.WriteFile(devkmsg, old, 0), removeCgroups(), os.RemoveAll(dir))
}
