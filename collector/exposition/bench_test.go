package exposition_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-kit/log"

	"kernel_exporter/collector/exposition"
)

// discard is a client that reads nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkScrape is a scrape without HTTP around it: of a recorded node, whose files
// cost the same on every machine, and of this one.
func BenchmarkScrape(b *testing.B) {
	for name, root := range map[string]string{"recorded": node, "live": "/"} {
		h := newHandler(b, exposition.Options{Exporter: start(b, root), Logger: log.NewNopLogger()})
		for _, coding := range []string{"identity", "gzip", "zstd"} {
			b.Run(name+"/"+coding, func(b *testing.B) {
				r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
				r.Header.Set("Accept-Encoding", coding)
				r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8")
				w := discard{http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					h.ServeHTTP(w, r)
				}
			})
		}
	}
}
