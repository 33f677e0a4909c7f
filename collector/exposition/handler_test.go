package exposition_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kernel_exporter/collector"
	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/exposition"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/policy"
)

// start runs an exporter over a root until the test ends.
func start(t testing.TB, root string) *collector.Exporter {
	t.Helper()
	fs, err := host.New(root)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	e := collector.NewExporter(collector.Options{
		Host: fs, Policy: rules, Logger: log.NewNopLogger(), Now: collectortest.Today,
		Collectors: collector.All(), Timeout: 5 * time.Second, SlabTop: 5,
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	<-e.Ready()
	return e
}

// node is a recorded root with many metrics.
const node = "../testdata/centos-7.9-3.10-leaking"

func newHandler(t testing.TB, o exposition.Options) http.Handler {
	t.Helper()
	h, err := exposition.NewHandler(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask sends a request to a handler.
func ask(t testing.TB, h http.Handler, method, query string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/metrics?"+query, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// unpacked returns the body of an answer without its coding.
func unpacked(t testing.TB, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var (
		in  io.Reader = w.Body
		err error
	)
	switch coding := w.Header().Get("Content-Encoding"); coding {
	case "":
	case "gzip":
		in, err = gzip.NewReader(w.Body)
	case "zstd":
		in, err = zstd.NewReader(w.Body)
	default:
		err = fmt.Errorf("coding %q", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestServesWhatARegistryServes compares each format, byte by byte, with what promhttp
// makes of the same metrics in a pedantic registry.
func TestServesWhatARegistryServes(t *testing.T) {
	t.Parallel()
	e := start(t, node)
	plain := prometheus.NewPedanticRegistry()
	plain.MustRegister(e)
	want := promhttp.HandlerFor(plain, promhttp.HandlerOpts{EnableOpenMetrics: true, DisableCompression: true})
	got := newHandler(t, exposition.Options{Exporter: e, Logger: log.NewNopLogger()})

	names := steady(t, plain)
	protobuf := "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding="
	for name, accept := range map[string]string{
		"nothing":               "",
		"anything":              "*/*",
		"nonsense":              ";;;,q=,/",
		"a browser":             "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		"text":                  "text/plain;version=0.0.4",
		"text 1.0.0":            "text/plain;version=1.0.0;escaping=allow-utf-8",
		"text, dots":            "text/plain;version=0.0.4;escaping=dots",
		"text, values":          "text/plain;version=0.0.4;escaping=values",
		"openmetrics":           "application/openmetrics-text",
		"openmetrics 0.0.1":     "application/openmetrics-text;version=0.0.1",
		"openmetrics 1.0.0":     "application/openmetrics-text;version=1.0.0;escaping=underscores",
		"openmetrics 1, utf-8":  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
		"openmetrics 2":         "application/openmetrics-text;version=2.0.0",
		"protobuf":              protobuf + "delimited",
		"protobuf, underscores": protobuf + "delimited;escaping=underscores",
		"Prometheus 2": "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
			"text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		"Prometheus 3": protobuf + "delimited;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
			"application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := ask(t, want, http.MethodGet, names.Encode(), map[string]string{"Accept": accept})
			if ref.Code != http.StatusOK || ref.Body.Len() < 10_000 {
				t.Fatalf("the registry serves %d, %d bytes", ref.Code, ref.Body.Len())
			}
			reference := ref.Body.Bytes()
			for _, coding := range []string{"identity", "gzip", "zstd"} {
				for range 2 { // from scrape to scrape
					w := ask(t, got, http.MethodGet, names.Encode(), map[string]string{"Accept": accept, "Accept-Encoding": coding})
					if w.Code != http.StatusOK || w.Header().Get("Content-Type") != ref.Header().Get("Content-Type") {
						t.Errorf("%s: %d, %s; want %s", coding, w.Code, w.Header().Get("Content-Type"), ref.Header().Get("Content-Type"))
					}
					if body := unpacked(t, w); !bytes.Equal(body, reference) {
						t.Errorf("%s: %d bytes that differ from the registry's %d", coding, len(body), len(reference))
					}
				}
			}
		})
	}
}

// steady selects all metrics but the durations, which differ from scrape to scrape.
func steady(t *testing.T, g prometheus.Gatherer) url.Values {
	t.Helper()
	names := url.Values{}
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "kernel_scrape_collector_duration_seconds" {
			names.Add("name[]", f.GetName())
		}
	}
	return names
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	h := newHandler(t, exposition.Options{Exporter: start(t, t.TempDir()), Logger: log.NewNopLogger()})
	for accept, want := range map[string]string{
		"":                            "",
		"identity":                    "",
		"gzip":                        "gzip",
		"GZIP":                        "gzip",
		"zstd":                        "zstd",
		"gzip, zstd":                  "gzip",
		"zstd;q=1, gzip;q=0.5":        "zstd",
		"zstd;q=0.5,gzip ; q = 0.6":   "gzip",
		"deflate, br":                 "",
		"deflate, gzip;q=1.0, *;q=.5": "gzip",
		"gzip;q=0":                    "",
		"gzip;q=0, *":                 "",
		"identity;q=0":                "",
		"identity;q=0, *;q=0.5":       "gzip",
		"*;q=0":                       "",
		"gzip;q=2":                    "",
		"gzip;q=x":                    "",
		"gzip;q=NaN":                  "",
		",;,=":                        "",
	} {
		t.Run(accept, func(t *testing.T) {
			t.Parallel()
			w := ask(t, h, http.MethodGet, "", map[string]string{"Accept-Encoding": accept})
			if got := w.Header().Get("Content-Encoding"); w.Code != http.StatusOK || got != want {
				t.Errorf("%d, coding %q, want %q", w.Code, got, want)
			}
			if !bytes.Contains(unpacked(t, w), []byte("kernel_scrape_collector_success")) {
				t.Error("the answer is not the metrics")
			}
		})
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	h := newHandler(t, exposition.Options{Exporter: start(t, node), Logger: log.NewNopLogger()})
	for _, tt := range []struct {
		query   string
		status  int
		has, no string
	}{
		{"", 200, "kernel_info", "no such thing"},
		{"collect[]=kernel", 200, "kernel_info", "kernel_slab_reclaimable_bytes"},
		{"collect[]=slab&collect[]=os", 200, "kernel_slab_reclaimable_bytes", "kernel_info"},
		{"collect[]=policy", 200, `kernel_policy_rule_violated{rule="kernel_4"`, "kernel_info"},
		{"exclude[]=kernel", 200, "kernel_slab_reclaimable_bytes", "kernel_info"},
		{"collect[]=kernel", 200, `kernel_scrape_collector_success{collector="kernel"} 1`, `collector="slab"`},
		{"", 200, "kernel_slab_reclaimable_bytes", "no such thing"},
		{"name[]=kernel_info", 200, "kernel_info", "kernel_tainted"},
		{"collect[]=nothing", 400, `"nothing" is not an enabled collector`, "kernel_info"},
		{"exclude[]=nothing", 400, `"nothing" is not an enabled collector`, "kernel_info"},
		{"collect[]=kernel&exclude[]=os", 400, "use one of them", "kernel_info"},
	} {
		w := ask(t, h, http.MethodGet, tt.query, nil)
		body := w.Body.String()
		if w.Code != tt.status || !strings.Contains(body, tt.has) || strings.Contains(body, tt.no) {
			t.Errorf("%q: %d, %.300s; want %d with %q and without %q", tt.query, w.Code, body, tt.status, tt.has, tt.no)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHandler(t, exposition.Options{Exporter: start(t, t.TempDir()), Logger: log.NewNopLogger()})
	for _, tt := range []struct {
		method, timeout string
		status          int
	}{
		{http.MethodGet, "", 200},
		{http.MethodHead, "", 200},
		{http.MethodGet, "10", 200},
		{http.MethodGet, "0.5", 200},
		{http.MethodGet, "1e300", 200},
		{http.MethodGet, "x", 400},
		{http.MethodGet, "-1", 400},
		{http.MethodGet, "NaN", 400},
		{http.MethodPut, "", 405},
		{http.MethodDelete, "", 405},
		{http.MethodPost, "", 405},
	} {
		header := map[string]string{}
		if tt.timeout != "" {
			header["X-Prometheus-Scrape-Timeout-Seconds"] = tt.timeout
		}
		if w := ask(t, h, tt.method, "", header); w.Code != tt.status {
			t.Errorf("%s with a timeout of %q: %d, want %d", tt.method, tt.timeout, w.Code, tt.status)
		}
	}
}

// TestConcurrentScrapes is for the race detector, and holds that no answer has parts of
// another.
func TestConcurrentScrapes(t *testing.T) {
	t.Parallel()
	h := newHandler(t, exposition.Options{Exporter: start(t, node), Self: true, Logger: log.NewNopLogger()})
	lines := func(query string) int {
		return bytes.Count(unpacked(t, ask(t, h, http.MethodGet, query, nil)), []byte("\n"))
	}
	queries := map[string]int{}
	for _, q := range []string{"", "collect[]=slab", "exclude[]=log"} {
		queries[q] = lines(q)
	}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			coding := []string{"gzip", "zstd", "identity"}[i%3]
			for q, want := range queries {
				w := ask(t, h, http.MethodGet, q, map[string]string{"Accept-Encoding": coding})
				if got := bytes.Count(unpacked(t, w), []byte("\n")); w.Code != http.StatusOK || got != want {
					t.Errorf("%q: %d, %d lines, want %d", q, w.Code, got, want)
				}
			}
		})
	}
	wg.Wait()
	if !strings.Contains(ask(t, h, http.MethodGet, "", nil).Body.String(), `promhttp_metric_handler_requests_total{code="200"} 183`) {
		t.Error("the scrapes are not counted")
	}
}

// stuck is a writer whose client does not read.
type stuck struct {
	*httptest.ResponseRecorder
	reached chan<- struct{}
	release <-chan struct{}
}

func (s stuck) Write(b []byte) (int, error) {
	s.reached <- struct{}{}
	<-s.release
	return s.ResponseRecorder.Write(b)
}

// TestSlowReadersHoldNothing: everybody else is served while clients do not read.
func TestSlowReadersHoldNothing(t *testing.T) {
	t.Parallel()
	h := newHandler(t, exposition.Options{Exporter: start(t, t.TempDir()), Logger: log.NewNopLogger()})
	reached, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			h.ServeHTTP(stuck{httptest.NewRecorder(), reached, release}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		})
		<-reached
	}
	if w := ask(t, h, http.MethodGet, "", nil); w.Code != http.StatusOK {
		t.Errorf("%d while others do not read", w.Code)
	}
	close(release)
	wg.Wait()
}

// TestSelf compares the metrics of the Go runtime and of the process with those that
// client_golang has: the same ones, and values that do not differ by much.
func TestSelf(t *testing.T) {
	t.Parallel()
	library := prometheus.NewRegistry()
	library.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h := newHandler(t, exposition.Options{
		Exporter: start(t, t.TempDir()), Self: true, Logger: log.NewNopLogger(),
		Own: []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kernel_exporter_build_info", Help: "x"}, func() float64 { return 1 })},
	})
	for range 3 { // what is kept from scrape to scrape is right too
		ask(t, h, http.MethodGet, "", nil)
	}
	body := ask(t, h, http.MethodGet, "", nil).Body
	parser := expfmt.NewTextParser(model.UTF8Validation)
	got, err := parser.TextToMetricFamilies(body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := library.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 35 {
		t.Fatalf("the library has %d metrics", len(want))
	}
	for _, w := range want {
		g := got[w.GetName()]
		if g == nil || g.GetHelp() != w.GetHelp() || g.GetType() != w.GetType() || len(g.GetMetric()) != len(w.GetMetric()) {
			t.Errorf("%s is %v, want %v", w.GetName(), g, w)
			continue
		}
		a, b := number(g.GetMetric()[0]), number(w.GetMetric()[0])
		if w.GetName() == "process_cpu_seconds_total" || w.GetName() == "go_gc_duration_seconds" {
			continue // too small to compare
		}
		if n := w.GetName(); strings.HasPrefix(n, "go_memstats_heap_") && strings.HasSuffix(n, "_bytes") && math.Abs(a-b) < 4<<20 {
			continue // as much is freed or returned from one moment to the next
		}
		if a < b/3 || a > 3*b {
			t.Errorf("%s is %v, the library says %v", w.GetName(), a, b)
		}
	}
	for _, name := range []string{"kernel_exporter_build_info", "promhttp_metric_handler_requests_total", "promhttp_metric_handler_requests_in_flight", "promhttp_metric_handler_errors_total"} {
		if got[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	if q := got["go_gc_duration_seconds"].GetMetric()[0].GetSummary().GetQuantile(); len(q) != 5 || q[4].GetValue() < q[0].GetValue() || q[4].GetValue() > 60 {
		t.Errorf("quantiles %v", q)
	}
}

func number(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetSummary().GetSampleSum()
}
