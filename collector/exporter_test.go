package collector_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	dto "github.com/prometheus/client_model/go"

	"kernel_exporter/collector"
)

// fake is a collector that does what a test wants.
type fake struct {
	metrics []*collector.Metric
	update  func(*collector.Samples) error
}

func (f *fake) Metrics() []*collector.Metric      { return f.metrics }
func (f *fake) Update(s *collector.Samples) error { return f.update(s) }

func define(name string, update func(*collector.Samples) error) collector.Definition {
	return collector.Definition{Name: name, New: func(*collector.Env) collector.Collector { return &fake{update: update} }}
}

// only runs these collectors and no others.
func only(definitions ...collector.Definition) func(*collector.Options) {
	return func(o *collector.Options) { o.Collectors = definitions }
}

// success returns the value of kernel_scrape_collector_success by collector.
func success(families []*dto.MetricFamily) map[string]float64 {
	values := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "kernel_scrape_collector_success" {
			for _, m := range f.GetMetric() {
				values[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	return values
}

func TestOneBrokenCollectorLeavesTheOthers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	e := start(t, t.TempDir(),
		only(
			define("good", func(*collector.Samples) error { return nil }),
			define("bad", func(*collector.Samples) error { return errors.New("no such luck") }),
			define("panics", func(*collector.Samples) error { panic("index out of range") }),
			define("hangs", func(*collector.Samples) error { <-release; return nil }),
		),
		func(o *collector.Options) { o.Timeout = 50 * time.Millisecond },
	)
	for range 2 { // the second scrape meets the update that hangs
		got := success(gather(t, e))
		want := map[string]float64{"good": 1, "bad": 0, "panics": 0, "hangs": 0}
		for name, v := range want {
			if got[name] != v {
				t.Errorf("success of %q is %v, want %v", name, got[name], v)
			}
		}
	}
}

func TestHungCollectorIsNotStartedAgainUntilItReturns(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var mu sync.Mutex
	runs := 0
	e := start(t, t.TempDir(),
		only(define("slow", func(*collector.Samples) error {
			mu.Lock()
			runs++
			mu.Unlock()
			<-release
			return nil
		})),
		func(o *collector.Options) { o.Timeout = 20 * time.Millisecond },
	)
	for range 5 {
		if got := success(gather(t, e))["slow"]; got != 0 {
			t.Errorf("success of a collector that hangs is %v, want 0", got)
		}
	}
	mu.Lock()
	if runs != 1 {
		t.Errorf("a collector that hangs was started %d times, want once", runs)
	}
	mu.Unlock()

	close(release)
	deadline := time.Now().Add(10 * time.Second)
	for success(gather(t, e))["slow"] != 1 {
		if time.Now().After(deadline) {
			t.Fatal("the collector does not come back after its hang has ended")
		}
	}
}

func TestErrorIsLoggedOnceAndItsEndToo(t *testing.T) {
	t.Parallel()
	var (
		mu     sync.Mutex
		out    bytes.Buffer
		broken = true
	)
	e := start(t, t.TempDir(),
		only(define("sometimes", func(*collector.Samples) error {
			if broken {
				return errors.New("proc/slabinfo: permission denied")
			}
			return nil
		})),
		func(o *collector.Options) { o.Logger = log.NewLogfmtLogger(log.NewSyncWriter(writer{&mu, &out})) },
	)
	for range 3 {
		gather(t, e)
	}
	broken = false
	for range 3 {
		gather(t, e)
	}
	mu.Lock()
	defer mu.Unlock()
	logged := out.String()
	if n := strings.Count(logged, "permission denied"); n != 1 {
		t.Errorf("the error was logged %d times in three scrapes, want once:\n%s", n, logged)
	}
	if n := strings.Count(logged, "reads all again"); n != 1 {
		t.Errorf("the end of the error was logged %d times, want once:\n%s", n, logged)
	}
}

type writer struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// TestConcurrentScrapes is for the race detector: Prometheus servers in a pair
// scrape at the same time.
func TestConcurrentScrapes(t *testing.T) {
	t.Parallel()
	e := start(t, "testdata/centos-7.9-3.10-leaking")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				for name, ok := range success(gather(t, e)) {
					if ok != 1 {
						t.Errorf("collector %s failed", name)
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestBootTimeIsNotReadOnEveryScrape: for it the kernel goes through all
// interrupts of all processors.
func TestBootTimeIsNotReadOnEveryScrape(t *testing.T) {
	t.Parallel()
	root, write := logRoot(t, "6,0,0,-;a\n")
	e := start(t, root)
	for _, btime := range []string{"btime 1700000000\n", "btime 1800000000\n", ""} {
		write("proc/stat", btime)
		if got := value(t, gather(t, e), "kernel_boot_time_seconds"); got != 1_700_000_000 {
			t.Errorf("booted at %v, want what was first read", got)
		}
	}
}
