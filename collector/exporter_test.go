package collector_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/go-kit/log"
	dto "github.com/prometheus/client_model/go"

	"kernel_exporter/collector"
	"kernel_exporter/collector/testkit"
)

// fake is a collector that does what a test wants.
type fake struct {
	metrics []*collector.Metric
	update  func() error
}

func (f *fake) Metrics() []*collector.Metric { return f.metrics }

func (f *fake) Update(*collector.Samples, *collector.Judgement) error { return f.update() }

func define(name string, update func() error) collector.Definition {
	return collector.Definition{Name: name, New: func() collector.Collector { return &fake{update: update} }}
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
	e := start(t, t.TempDir(), only(
		define("good", func() error { return nil }),
		define("bad", func() error { return errors.New("no such luck") }),
		define("panics", func() error { panic("index out of range") }),
	))
	got := success(gather(t, e))
	for name, want := range map[string]float64{"good": 1, "bad": 0, "panics": 0} {
		if got[name] != want {
			t.Errorf("success of %q is %v, want %v", name, got[name], want)
		}
	}
	failures := e.Judge(t.Context()).Failures
	if len(failures) != 2 || failures[0].Collector != "bad" || failures[0].Err.Error() != "no such luck" || failures[1].Collector != "panics" {
		t.Errorf("failures %v, want those of bad and panics", failures)
	}
}

func TestErrorIsLoggedOnceAndItsEndToo(t *testing.T) {
	t.Parallel()
	var out testkit.Output
	broken := true
	e := start(t, t.TempDir(),
		only(define("sometimes", func() error {
			if broken {
				return errors.New("proc/slabinfo: permission denied")
			}
			return nil
		})),
		func(o *collector.Options) { o.Logger = log.NewLogfmtLogger(&out) },
	)
	for range 3 {
		gather(t, e)
	}
	broken = false
	for range 3 {
		gather(t, e)
	}
	logged := out.String()
	if n := strings.Count(logged, "permission denied"); n != 1 {
		t.Errorf("the error was logged %d times in three scrapes, want once:\n%s", n, logged)
	}
	if n := strings.Count(logged, "collector recovered"); n != 1 {
		t.Errorf("the end of the error was logged %d times, want once:\n%s", n, logged)
	}
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
