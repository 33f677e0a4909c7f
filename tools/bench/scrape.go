package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// measured is what came of one program's scrapes.
type measured struct {
	*server
	start         time.Duration
	cpu           []time.Duration // a scrape's, by round
	took          []time.Duration // of each scrape
	bytes, series int
	rest, after   memory
}

// scrapes measures what a scrape costs.
func scrapes(ctx context.Context, s settings, w *strings.Builder) error {
	ours := func(more ...string) func(string) []string {
		return func(address string) []string {
			return append([]string{"serve", "--web.listen-address=" + address}, more...)
		}
	}
	node := func(more ...string) func(string) []string {
		return func(address string) []string { return append([]string{"--web.listen-address=" + address}, more...) }
	}
	all := []*measured{
		{server: &server{name: "kernel_exporter", path: s.exporter, args: ours("--web.disable-exporter-metrics")}},
		{server: &server{name: "kernel_exporter, own metrics too", path: s.exporter, args: ours()}},
	}
	if s.nodeExporter != "" {
		slab := []string{"--collector.disable-defaults", "--collector.slabinfo"}
		all = append(all,
			&measured{server: &server{name: "node_exporter, slabinfo alone", path: s.nodeExporter, args: node(append(slab, "--web.disable-exporter-metrics")...)}},
			&measured{server: &server{name: "node_exporter, slabinfo alone, own metrics too", path: s.nodeExporter, args: node(slab...)}},
			&measured{server: &server{name: "node_exporter, defaults", path: s.nodeExporter, args: node()}})
	}
	for _, m := range all {
		var err error
		if m.start, err = m.server.start(ctx); err != nil {
			return err
		}
		defer m.stop()
	}
	for _, m := range all {
		var err error
		if m.rest, err = m.memory(); err != nil {
			return err
		}
	}
	var raw []time.Duration
	for range s.rounds {
		cost, err := slabinfo(s.scrapes / s.rounds)
		if err == nil {
			raw = append(raw, cost)
		}
		for _, m := range all {
			if err := m.round(ctx, s.scrapes/s.rounds); err != nil {
				return err
			}
		}
	}
	for _, m := range all {
		var err error
		if m.after, err = m.memory(); err != nil {
			return err
		}
	}
	writeScrapes(w, s, all, raw)
	return nil
}

// round makes scrapes over one connection, as Prometheus does.
func (m *measured) round(ctx context.Context, n int) error {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	begin, err := m.server.cpu()
	if err != nil {
		return err
	}
	for range n {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		start := time.Now()
		body, err := get(ctx, client, m.url)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		m.took = append(m.took, time.Since(start))
		m.bytes = len(body)
		if m.series == 0 {
			if m.series, err = series(body); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	end, err := m.server.cpu()
	m.cpu = append(m.cpu, (end-begin)/time.Duration(n))
	return err
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Accept", "text/plain;version=0.0.4")
	r, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", r.Status)
	}
	return io.ReadAll(r.Body)
}

// series counts the samples of a compressed answer in the text format.
func series(body []byte) (int, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(z)
	n := 0
	for line := range bytes.Lines(text) {
		if line[0] != '#' {
			n++
		}
	}
	return n, err
}

// slabinfo returns the CPU that one read of /proc/slabinfo takes and nothing else, in
// the kernel above all: nobody who reads it can be cheaper. It is root's to read.
func slabinfo(n int) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	file, err := os.Open("/proc/slabinfo")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var begin, end unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &begin); err != nil {
		return 0, err
	}
	buffer := make([]byte, 64<<10)
	for range n {
		for offset := int64(0); ; {
			size, err := file.ReadAt(buffer, offset)
			offset += int64(size)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return 0, err
			}
		}
	}
	err = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &end)
	return time.Duration(end.Nano()-begin.Nano()) / time.Duration(n), err
}

func writeScrapes(w *strings.Builder, s settings, all []*measured, raw []time.Duration) {
	fmt.Fprintf(w, "**A scrape** over HTTP with gzip, %d in %d rounds in turns. CPU is that of the process, the median of the rounds, with the least and the most.\n\n", s.scrapes, s.rounds)
	w.WriteString("| program | series | bytes | CPU a scrape | p50 | p99 | private memory at rest, after | resident at rest, after | start to first answer |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range all {
		fmt.Fprintf(w, "| %s | %d | %d | %s (%s to %s) | %s | %s | %.1f MB, %.1f MB | %.1f MB, %.1f MB | %s |\n",
			m.name, m.series, m.bytes, ms(quantile(m.cpu, 0.5)), ms(slices.Min(m.cpu)), ms(slices.Max(m.cpu)),
			ms(quantile(m.took, 0.5)), ms(quantile(m.took, 0.99)),
			m.rest.private, m.after.private, m.rest.resident, m.after.resident, ms(m.start))
	}
	var floor time.Duration
	if len(raw) > 0 {
		floor = quantile(raw, 0.5)
		fmt.Fprintf(w, "| *one read of /proc/slabinfo, and nothing else* | | | %s (%s to %s) | | | | | |\n", ms(floor), ms(slices.Min(raw)), ms(slices.Max(raw)))
	}
	w.WriteString("\n")
	if len(all) < 5 {
		return
	}
	for i, name := range []string{"without own metrics", "with own metrics"} {
		ours, theirs := quantile(all[i].cpu, 0.5), quantile(all[i+2].cpu, 0.5)
		fmt.Fprintf(w, "%s: 1/%.1f of node_exporter's slabinfo alone in CPU, 1/%.1f without the kernel's part for slabinfo in both, %.2f of its private memory, %.2f of its resident memory.\n\n",
			strings.ToUpper(name[:1])+name[1:], ratio(theirs, ours), ratio(theirs-floor, ours-floor),
			all[i].after.private/all[i+2].after.private, all[i].after.resident/all[i+2].after.resident)
	}
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// quantile returns the value below which the share q of the values lies.
func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }
