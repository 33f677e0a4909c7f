// Package exposition serves the metrics of an exporter over HTTP, in each format that
// Prometheus reads, and compressed.
package exposition

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"kernel_exporter/collector"
)

// Options say what a handler serves.
type Options struct {
	Exporter *collector.Exporter
	// Own are metrics of the program itself, each a collector of one.
	Own []prometheus.Collector
	// Self adds the metrics of the Go runtime, of the process and of the handler, with
	// the names that every program has for them: go_*, process_* and promhttp_*.
	Self   bool
	Logger log.Logger
}

// handler answers scrapes. A whole answer is rendered in memory before any of it is
// sent, so a client that reads slowly holds nothing that another scrape wants.
type handler struct {
	o       Options
	formats formats
	errors  *prometheus.CounterVec

	render sync.Mutex
	plain  bytes.Buffer // guarded by render, as is what follows
	texts  texts
	packed packer
	self   *self // nil for none
	ones   ones
	own    []*dto.MetricFamily
}

// NewHandler returns a handler of GET and HEAD requests.
func NewHandler(o Options) (http.Handler, error) {
	h := &handler{o: o, errors: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})}
	for _, c := range o.Own {
		if err := h.ones.Register(c); err != nil {
			return nil, err
		}
	}
	if !o.Self {
		return h, nil
	}
	h.errors.WithLabelValues(causeGathering)
	h.errors.WithLabelValues(causeEncoding)
	if err := h.ones.Register(h.errors); err != nil {
		return nil, err
	}
	var err error
	if h.self, err = newSelf(); err != nil {
		return nil, err
	}
	return promhttp.InstrumentMetricHandler(&h.ones, h), nil
}

// The causes of the handler's errors.
const (
	causeGathering = "gathering"
	causeEncoding  = "encoding"
)

// timeoutHeader is what Prometheus says of how long it waits, in seconds.
const timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// maxOffset is how much of that is left, at most, for the way of the answer.
const maxOffset = 500 * time.Millisecond

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	a, err := h.answer(r)
	if err != nil {
		http.Error(w, err.Error(), a.status)
		return
	}
	header := w.Header()
	header["Vary"] = append(header["Vary"], "Accept", "Accept-Encoding")
	header["Content-Type"] = []string{string(a.format)}
	if a.encoding != identity {
		header["Content-Encoding"] = []string{string(a.encoding)}
	}
	header["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	_, _ = w.Write(a.body) // the client may be gone
}

// an answer is a rendered scrape, or the status of an error.
type answer struct {
	status   int
	format   format
	encoding encoding
	body     []byte
}

// answer makes the answer to a scrape.
func (h *handler) answer(r *http.Request) (answer, error) {
	var (
		selection collector.Selection
		names     []string
	)
	if r.URL.RawQuery != "" {
		query := r.URL.Query()
		var err error
		if selection, err = h.o.Exporter.Select(query["collect[]"], query["exclude[]"]); err != nil {
			return answer{status: http.StatusBadRequest}, err
		}
		names = query["name[]"]
	}
	ctx, cancel, err := withLimit(r.Context(), r.Header.Get(timeoutHeader))
	if err != nil {
		return answer{status: http.StatusBadRequest}, err
	}
	defer cancel()

	a := answer{format: h.formats.negotiate(r.Header), encoding: negotiateEncoding(r.Header)}
	metrics, done := h.o.Exporter.Scrape(ctx, selection)
	h.render.Lock()
	defer h.render.Unlock()
	h.plain.Reset()
	err = a.format.encode(&h.plain, named(merged(metrics, h.gatherOwn()), names), &h.texts)
	done()
	if err == nil {
		a.body, err = h.packed.pack(a.encoding, h.plain.Bytes())
	}
	if err != nil {
		h.errors.WithLabelValues(causeEncoding).Inc()
		_ = level.Error(h.o.Logger).Log("msg", "cannot render the metrics", "err", err)
		return answer{status: http.StatusInternalServerError}, err
	}
	return a, nil
}

// withLimit returns a context that is done before the client stops waiting, where it
// says when that is.
func withLimit(ctx context.Context, seconds string) (context.Context, context.CancelFunc, error) {
	if seconds == "" {
		return ctx, func() {}, nil
	}
	s, err := strconv.ParseFloat(seconds, 64)
	if err != nil || !(s > 0) {
		return nil, nil, fmt.Errorf("%s: %q is not a number above 0", timeoutHeader, seconds)
	}
	limit := time.Duration(min(s, time.Hour.Seconds()) * float64(time.Second))
	ctx, cancel := context.WithTimeout(ctx, limit-min(limit/10, maxOffset))
	return ctx, cancel, nil
}

// gatherOwn returns the program's own metrics, sorted by name, as many as can be had.
func (h *handler) gatherOwn() []*dto.MetricFamily {
	h.own = h.own[:0]
	if h.self != nil {
		h.own = append(h.own, h.self.update()...)
	}
	var err error
	if h.own, err = h.ones.update(h.own); err != nil {
		h.errors.WithLabelValues(causeGathering).Inc()
		_ = level.Error(h.o.Logger).Log("msg", "cannot gather the exporter's own metrics", "err", err)
	}
	slices.SortFunc(h.own, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return h.own
}

// merged returns the metrics of two lists, both sorted by name, in one.
func merged(a, b []*dto.MetricFamily) []*dto.MetricFamily {
	if len(b) == 0 {
		return a
	}
	out := make([]*dto.MetricFamily, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].GetName() < b[0].GetName() {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// named returns the metrics with some names, or all if there are no names.
func named(metrics []*dto.MetricFamily, names []string) []*dto.MetricFamily {
	if len(names) == 0 {
		return metrics
	}
	wanted := make(map[string]bool, len(names))
	for _, n := range names {
		wanted[n] = true
	}
	var out []*dto.MetricFamily
	for _, f := range metrics {
		if wanted[f.GetName()] {
			out = append(out, f)
		}
	}
	return out
}
