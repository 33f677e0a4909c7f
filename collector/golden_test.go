package collector_test

import (
	"bytes"
	"context"
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
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// start builds an exporter over a root, runs its background work until the test
// ends and waits for its first answers.
func start(t testing.TB, root string, change ...func(*collector.Options)) *collector.Exporter {
	t.Helper()
	e, _ := startAndStop(t, root, change...)
	return e
}

// startAndStop is start for a test that has to stop the exporter before its end.
func startAndStop(t testing.TB, root string, change ...func(*collector.Options)) (e *collector.Exporter, stop func()) {
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
		Now:        collectortest.Today,
		Collectors: collector.All(), Timeout: 5 * time.Second, SlabTop: 5,
	}
	for _, c := range change {
		c(&o)
	}
	e = collector.NewExporter(o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	select {
	case <-e.Ready():
	case <-time.After(30 * time.Second):
		t.Fatal("the exporter has no first answers after 30 s")
	}
	return e, stop
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

// text renders metric families.
func text(t testing.TB, families []*dto.MetricFamily) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestGoldenMetrics(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, "testdata") {
		golden := filepath.Join(root, "metrics.prom")
		if node == collectortest.Unreadable { // here all can be read, and is garbage
			golden = filepath.Join(root, "metrics-readable.prom")
		}
		t.Run(node, func(t *testing.T) {
			t.Parallel()
			collectortest.Compare(t, golden, collectortest.Stable(text(t, gather(t, start(t, root)))))
		})
	}
}

func TestMetricsPassPromlint(t *testing.T) {
	t.Parallel()
	for node, root := range collectortest.Nodes(t, "testdata") {
		golden := collectortest.Golden(t, filepath.Join(root, "metrics.prom"))
		problems, err := promlint.New(strings.NewReader(golden)).Lint()
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
	const healthy, worst = 190, 260
	sick := map[string]bool{"centos-7.6-3.10": true, "centos-7.9-3.10-leaking": true, "debian-13-6.12-sick": true}
	for node, root := range collectortest.Nodes(t, "testdata") {
		golden := collectortest.Golden(t, filepath.Join(root, "metrics.prom"))
		series := len(collector.All()) // the durations, which a golden file leaves out
		for l := range strings.Lines(golden) {
			if !strings.HasPrefix(l, "#") {
				series++
			}
		}
		limit := healthy
		if sick[node] || strings.Contains(golden, "\nkernel_known_bug{") {
			limit = worst
		}
		if series > limit {
			t.Errorf("%s has %d series, more than %d", node, series, limit)
		}
	}
}
