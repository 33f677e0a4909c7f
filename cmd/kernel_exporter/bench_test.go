package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/go-kit/log"
)

// BenchmarkScrape compares a whole scrape of this machine, as Prometheus makes
// it, with what no exporter can avoid: the kernel's own work for /proc/slabinfo.
func BenchmarkScrape(b *testing.B) {
	b.Run("floor: read slabinfo", func(b *testing.B) {
		buf := make([]byte, 1<<20)
		b.ReportAllocs()
		for b.Loop() {
			f, err := os.Open("/proc/slabinfo")
			if err != nil {
				b.Skip(err)
			}
			for {
				if _, err := f.Read(buf); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
			f.Close()
		}
	})

	c := newCommandLine(io.Discard, io.Discard)
	if _, err := c.parse([]string{"--web.disable-exporter-metrics"}); err != nil {
		b.Fatal(err)
	}
	built, err := c.serve.build(log.NewNopLogger(), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		built.exporter.Run(ctx)
	}()
	b.Cleanup(func() {
		cancel()
		<-ended
	})
	<-built.exporter.Ready()

	handler, err := c.serve.handler(built, program{now: time.Now}, log.NewNopLogger())
	if err != nil {
		b.Fatal(err)
	}
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run("scrape: "+encoding, func(b *testing.B) {
			request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			request.Header.Set("Accept-Encoding", encoding)
			b.ReportAllocs()
			for b.Loop() {
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, request)
				if answer.Code != 200 {
					b.Fatal(answer.Body)
				}
				b.ReportMetric(float64(answer.Body.Len()), "bytes")
			}
		})
	}
}
