package collector_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files instead of comparing with them")

// today is when the golden files are of: what is supported changes with time.
var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// permissionRoot shows something only to a user who may not read all of it; the
// test of the whole program has its golden file.
const permissionRoot = "unreadable"

// nodes returns the recorded and composed roots in testdata.
func nodes(t testing.TB) []string {
	t.Helper()
	sources, err := filepath.Glob("testdata/*/SOURCE.md")
	if err != nil || len(sources) < 10 {
		t.Fatalf("testdata has %d roots with a SOURCE.md, want at least 10 (%v)", len(sources), err)
	}
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = filepath.Base(filepath.Dir(s))
	}
	return names
}

// start builds an exporter over a root, runs its background work until the test
// ends and waits for its first answers.
func start(t testing.TB, root string, change ...func(*collector.Options)) *collector.Exporter {
	t.Helper()
	fs, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	o := collector.Options{
		Host: fs, Policy: rules, Logger: log.NewNopLogger(),
		Now:        func() time.Time { return today },
		Collectors: collector.All(), Timeout: 5 * time.Second, SlabTop: 5,
	}
	for _, c := range change {
		c(&o)
	}
	e := collector.NewExporter(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case <-e.Settled():
	case <-time.After(30 * time.Second):
		t.Fatal("the exporter has no first answers after 30 s")
	}
	return e
}

// gather scrapes as Prometheus would, through a registry that checks each
// sample against its description.
func gather(t testing.TB, c prometheus.Collector) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// text renders metric families, without what differs from run to run.
func text(t testing.TB, families []*dto.MetricFamily) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range families {
		if f.GetName() == "kernel_scrape_collector_duration_seconds" {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// compare compares with a golden file, or writes it.
func compare(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (make golden rewrites it):\n%s", path, lineDiff(want, got))
	}
}

// lineDiff lists the lines that only one of the two has.
func lineDiff(want, got []byte) string {
	var b strings.Builder
	only := func(sign string, a, other []byte) {
		has := map[string]bool{}
		for l := range strings.Lines(string(other)) {
			has[l] = true
		}
		for l := range strings.Lines(string(a)) {
			if !has[l] {
				b.WriteString(sign + l)
			}
		}
	}
	only("-", want, got)
	only("+", got, want)
	return b.String()
}

func TestGoldenMetrics(t *testing.T) {
	t.Parallel()
	for _, node := range nodes(t) {
		golden := filepath.Join("testdata", node, "metrics.prom")
		if node == permissionRoot { // here all can be read, and is garbage
			golden = filepath.Join("testdata", node, "metrics-readable.prom")
		}
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			families := gather(t, start(t, filepath.Join("testdata", node)))
			compare(t, golden, text(t, families))
		})
	}
}

func TestMetricsPassPromlint(t *testing.T) {
	t.Parallel()
	for _, node := range nodes(t) {
		f, err := os.Open(filepath.Join("testdata", node, "metrics.prom"))
		if err != nil {
			t.Fatal(err)
		}
		problems, err := promlint.New(io.Reader(f)).Lint()
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", node, err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s: %s", node, p.Metric, p.Text)
		}
	}
}

// TestSeriesBudget holds the number of series of a node: 20,000 nodes make
// millions of them.
func TestSeriesBudget(t *testing.T) {
	t.Parallel()
	const healthy, worst = 160, 220
	sick := map[string]bool{"centos-7.6-3.10": true, "centos-7.9-3.10-leaking": true}
	for _, node := range nodes(t) {
		golden, err := os.ReadFile(filepath.Join("testdata", node, "metrics.prom"))
		if err != nil {
			t.Fatal(err)
		}
		series := len(collector.All()) // the durations, which a golden file leaves out
		for l := range strings.Lines(string(golden)) {
			if !strings.HasPrefix(l, "#") {
				series++
			}
		}
		limit := healthy
		if sick[node] {
			limit = worst
		}
		if series > limit {
			t.Errorf("%s has %d series, more than %d", node, series, limit)
		}
	}
}
