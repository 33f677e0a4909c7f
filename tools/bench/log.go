package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// marker is a line that node-problem-detector is told to look for. User space writes
	// it here, so it is forged: the right count is 0.
	marker      = "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"
	markerEvery = 200
	devkmsg     = "/proc/sys/kernel/printk_devkmsg"
)

// logLines measures what a line of the kernel log costs a reader, at several rates.
func logLines(ctx context.Context, s settings, w *strings.Builder) error {
	restore, err := unlimited()
	if err != nil {
		return fmt.Errorf("-log needs root: %w", err)
	}
	defer restore()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	readers := []*server{{name: "kernel_exporter, /dev/kmsg", path: s.exporter, args: func(a string) []string {
		return []string{"serve", "--web.listen-address=" + a, "--kmsg.source=kmsg"}
	}}, {name: "kernel_exporter, syslog(2)", path: s.exporter, args: func(a string) []string {
		return []string{"serve", "--web.listen-address=" + a, "--kmsg.source=syslog"}
	}}}
	if s.problemDetector != "" {
		d, err := detector(s.problemDetector, dir)
		if err != nil {
			return err
		}
		readers = append(readers, d)
	}
	w.WriteString("**A line of the kernel log**, written by user space at a steady rate; each reader runs alone. Lost is what the reader says it lost. ")
	fmt.Fprintf(w, "One line in %d looks like a netdevice leak and is forged, so the right number of events is 0.\n\n", markerEvery)
	w.WriteString("| reader | lines/s | lines | CPU a line | at rest | seen | said lost | forged events counted |\n|---|---|---|---|---|---|---|---|\n")
	for _, reader := range readers {
		for _, rate := range []int{1000, 10000, 40000} {
			if err := logRow(ctx, reader, rate, w); err != nil {
				return err
			}
		}
	}
	w.WriteString("\n")
	return nil
}

// logRow measures one reader at one rate.
func logRow(ctx context.Context, reader *server, rate int, w *strings.Builder) error {
	if _, err := reader.start(ctx); err != nil {
		return err
	}
	defer reader.stop()
	time.Sleep(2 * time.Second) // what was in the ring before has been read
	rest, err := costOf(reader, func() error { time.Sleep(5 * time.Second); return nil })
	if err != nil {
		return err
	}
	before, err := logCounts(reader)
	if err != nil {
		return err
	}
	lines := rate * 5
	cost, err := costOf(reader, func() error {
		err := writeLines(ctx, lines, rate)
		time.Sleep(2 * time.Second) // the last lines are read
		return err
	})
	if err != nil {
		return err
	}
	after, err := logCounts(reader)
	if err != nil {
		return err
	}
	seen := "not said"
	if after.seen > 0 {
		seen = strconv.FormatFloat(after.seen-before.seen, 'f', -1, 64)
	}
	fmt.Fprintf(w, "| %s | %d | %d | %.2f us | %.3f ms/s | %s | %.0f | %.0f |\n", reader.name, rate, lines,
		float64(cost-rest*7/5)/float64(time.Microsecond)/float64(lines), float64(rest)/5/float64(time.Millisecond),
		seen, after.lost-before.lost, after.events-before.events)
	return nil
}

// costOf returns the processor time that a program spends meanwhile.
func costOf(s *server, meanwhile func() error) (time.Duration, error) {
	begin, err := s.cpu()
	if err != nil {
		return 0, err
	}
	if err := meanwhile(); err != nil {
		return 0, err
	}
	end, err := s.cpu()
	return end - begin, err
}

// writeLines writes lines of user space to the kernel log at a steady rate.
func writeLines(ctx context.Context, n, rate int) error {
	f, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := time.Now()
	for i := range n {
		line := fmt.Sprintf("<6>bench: line %d of a benchmark, as long as lines of the kernel are, with some words", i)
		if i%markerEvery == 0 {
			line = "<6>" + marker
		}
		if _, err := f.WriteString(line); err != nil {
			return err
		}
		if i%100 == 99 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(rate)))):
			}
		}
	}
	return nil
}

// counts are what a reader says of the log.
type counts struct{ seen, lost, events float64 }

func logCounts(s *server) (counts, error) {
	r, err := http.Get(s.url)
	if err != nil {
		return counts{}, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return counts{}, err
	}
	var c counts
	for line := range bytes.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue // a comment
		}
		switch {
		case strings.HasPrefix(name, "kernel_log_records_total"), strings.HasPrefix(name, "kernel_log_untrusted_records_total"):
			c.seen += v
		case strings.HasPrefix(name, "kernel_log_lost_records_total"):
			c.lost += v
		case name == `kernel_log_events_total{event="netdev_leak"}`, strings.HasPrefix(name, `problem_counter{reason="NetdevLeak"`):
			c.events += v
		}
	}
	return c, nil
}

// detector returns node-problem-detector, told to look for the marker.
func detector(path, dir string) (*server, error) {
	config := filepath.Join(dir, "monitor.json")
	err := os.WriteFile(config, []byte(`{"plugin": "kmsg", "logPath": "/dev/kmsg", "lookback": "5m", "bufferSize": 10, "source": "kernel-monitor",
 "metricsReporting": true, "conditions": [], "rules": [{"type": "temporary", "reason": "NetdevLeak", "pattern": "unregister_netdevice: waiting for \\w+ to become free.*"}]}`), 0o600)
	return &server{name: "node-problem-detector", path: path, args: func(address string) []string {
		host, port, _ := strings.Cut(address, ":")
		return []string{
			"--config.system-log-monitor=" + config, "--enable-k8s-exporter=false", "--port=0",
			"--prometheus-address=" + host, "--prometheus-port=" + port, "--logtostderr",
		}
	}}, err
}

// unlimited lifts the kernel's rate limit of writers of /dev/kmsg, and returns what
// puts it back.
func unlimited() (func(), error) {
	old, err := os.ReadFile(devkmsg)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(devkmsg, []byte("on\n"), 0); err != nil {
		return nil, err
	}
	return func() {
		if err := os.WriteFile(devkmsg, old, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			fmt.Fprintln(os.Stderr, "bench: put back by hand:", devkmsg, strings.TrimSpace(string(old)))
		}
	}, nil
}
