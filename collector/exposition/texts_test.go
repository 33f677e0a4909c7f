package exposition_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kernel_exporter/collector/exposition"
)

// TestAnswersFollowTheNode changes what there is to read between the scrapes: no text
// that was kept may outlive its values.
func TestAnswersFollowTheNode(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(node)); err != nil {
		t.Fatal(err)
	}
	tainted, slabinfo := filepath.Join(root, "proc/sys/kernel/tainted"), filepath.Join(root, "proc/slabinfo")
	slabs, err := os.ReadFile(slabinfo)
	if err != nil {
		t.Fatal(err)
	}
	write := func(path, content string) func() error {
		return func() error { return os.WriteFile(path, []byte(content), 0o644) }
	}
	lines := strings.SplitAfter(string(slabs), "\n")
	reversed := slices.Clone(lines[2:])
	slices.Reverse(reversed)

	e := start(t, root)
	plain := prometheus.NewPedanticRegistry()
	plain.MustRegister(e)
	want := promhttp.HandlerFor(plain, promhttp.HandlerOpts{DisableCompression: true})
	got := newHandler(t, exposition.Options{Exporter: e, Logger: log.NewNopLogger()})
	before := ""
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"nothing", func() error { return nil }},
		{"a value", write(tainted, "1\n")},
		{"another value", write(tainted, "536870912\n")},
		{"no value", func() error { return os.Remove(tainted) }},
		{"fewer slab caches", write(slabinfo, strings.Join(lines[:20], ""))},
		{"the same ones in another order", write(slabinfo, lines[0]+lines[1]+strings.Join(reversed, ""))},
		{"a value again", write(tainted, "1\n")},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		names := steady(t, plain)
		reference := ask(t, want, http.MethodGet, names.Encode(), nil).Body.Bytes()
		for scrape := range 2 {
			if body := unpacked(t, ask(t, got, http.MethodGet, names.Encode(), nil)); !bytes.Equal(body, reference) {
				t.Errorf("%s, scrape %d: %d bytes that differ from the registry's %d", step.name, scrape, len(body), len(reference))
			}
		}
		if string(reference) == before {
			t.Errorf("%s: the node reads as before", step.name)
		}
		before = string(reference)
	}
}
