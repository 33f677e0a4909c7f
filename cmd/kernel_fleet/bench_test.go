package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// BenchmarkMetrics renders one node after the other, as Prometheus asks for
// them.
func BenchmarkMetrics(b *testing.B) {
	f := testFleet(b)
	var e exposition
	i, bytes := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		f.render(&e, &f.nodes[i%len(f.nodes)], f.plan.Begin.Add(time.Duration(i)*time.Second))
		bytes += len(e.text)
		i++
	}
	b.ReportMetric(float64(bytes)/float64(i), "bytes/exposition")
}

// BenchmarkRequest does the same through the handler, without a network.
func BenchmarkRequest(b *testing.B) {
	f := testFleet(b)
	now := f.plan.Begin
	handler := f.handler(func() time.Time { return now })
	requests := make([]*http.Request, len(f.nodes))
	for i := range requests {
		requests[i] = httptest.NewRequest(http.MethodGet, "/nodes/"+f.nodes[i].name+"/metrics", nil)
	}
	w := discard{http.Header{}}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, requests[i%len(requests)])
		i++
	}
}

// BenchmarkDiscovery lists the largest fleet.
func BenchmarkDiscovery(b *testing.B) {
	f := testFleet(b, func(p *Plan) { p.Nodes = maxNodes })
	handler := f.handler(time.Now)
	request := httptest.NewRequest(http.MethodGet, "/sd", nil)
	for b.Loop() {
		handler.ServeHTTP(discard{http.Header{}}, request)
	}
}

// TestRenderDoesNotAllocate: the cost of a scrape is that of HTTP.
func TestRenderDoesNotAllocate(t *testing.T) { //nolint:paralleltest // others' allocations would be counted
	f := testFleet(t)
	var e exposition
	f.render(&e, &f.nodes[0], f.plan.Begin)
	e.text = append(e.text, make([]byte, 1<<16)...) // room for any node
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		f.render(&e, &f.nodes[i%len(f.nodes)], f.plan.Begin)
		i++
	}); n > 0 {
		t.Errorf("%g allocations an exposition, want none", n)
	}
}
