// Package e2e_test proves the alerts with the real parts: what a kernel writes
// to its log arrives at a pager. The exporter is the built program, on a copy of
// a recorded node whose kernel log is a FIFO; Prometheus and Alertmanager are
// real, and so are their configurations, [alerts.Rules] and
// deploy/alertmanager.yaml, but for the receivers' URLs and for the times, which
// go sixty times as fast.
//
// That takes minutes and runs by make e2e only. What is checked of the same
// files without a fleet is a part of make test.
package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/testkit"
)

var (
	enabled = flag.Bool("e2e", false, "run the end-to-end test, which takes minutes")
	// Another version can be tried than the one in .ci/tools.mk.
	prometheusPath = flag.String("prometheus", "", "program to use as Prometheus")
)

// A stack is everything between a kernel and a pager.
type stack struct {
	*fleet
	pagers       *pagers
	alertmanager *alertmanager
	prometheus   *prometheus

	mu          sync.Mutex
	mutedAlerts []map[string]string // what has been asked for by muted
}

// newStack starts it with no nodes. All is stopped when the test ends.
func newStack(t *testing.T) *stack {
	t.Helper()
	path := *prometheusPath
	if path == "" {
		path = testkit.Tool(t, "prometheus", "../../.tools/bin/prometheus")
	}
	p := &processes{t: t}
	s := &stack{pagers: startPagers(t)}
	s.fleet = &fleet{processes: p, program: build(t), policy: currentPolicy(t), targets: testkit.File(t, "targets.json", "[]"), began: time.Now()}
	_, config, _ := fasterConfiguration(t, s.pagers.url)
	s.alertmanager = startAlertmanager(t, p, testkit.File(t, "alertmanager.yaml", config))
	s.prometheus = startPrometheus(t, p, path, s.targets, s.alertmanager.url)
	return s
}

// TestEndToEnd has one fleet of three clusters for all scenarios: blue has 12
// nodes, so that one of them is less than a tenth, green has three, and of two
// nodes Prometheus knows no cluster. The scenarios of its first part go on at
// the same time, each on nodes of its own, as troubles do.
func TestEndToEnd(t *testing.T) {
	if !*enabled {
		t.Skip("it takes minutes: make e2e runs it")
	}
	s := newStack(t)
	for i := range 12 {
		s.add(t, fmt.Sprintf("blue-%d", i+1), "blue")
	}
	for i := range 3 {
		s.add(t, fmt.Sprintf("green-%d", i+1), "green")
	}
	s.add(t, "plain-1", "")
	s.add(t, "plain-2", "")
	s.discover(t)
	s.waitUntilScraped(t)
	_, rules, _ := kernelRules(t)
	s.prometheus.load(t, rules)
	checkLoaded(t, s.prometheus.groups(t))

	watched(t, s)
	t.Run("troubles", func(t *testing.T) {
		for i, scenario := range []struct {
			name string
			run  func(*testing.T, *stack, *node)
		}{
			{"a device that cannot go", deviceLeak},
			{"an oops, and an exporter that forgets it", oopsAndRestart},
			{"slab beyond both thresholds", slabGrows},
			{"a kernel log that cannot be read", unreadableLog},
			{"one exporter killed", oneKilled},
			{"a flood and a restart", floodAndRestart},
			{"an exporter upgraded three times", upgraded},
			{"a node that reboots", rebooted},
		} {
			t.Run(scenario.name, func(t *testing.T) {
				t.Parallel()
				scenario.run(t, s, s.nodes[i])
			})
		}
		t.Run("a rolling reboot", func(t *testing.T) {
			t.Parallel()
			rollingReboot(t, s, s.nodes[8:11])
		})
		t.Run("all exporters of a cluster killed", func(t *testing.T) {
			t.Parallel()
			clusterKilled(t, s, s.nodes[12:15])
		})
		t.Run("two nodes without a cluster", func(t *testing.T) {
			t.Parallel()
			slabAllocation(t, s, s.nodes[15])
			bothKilledOneBack(t, s, s.nodes[15], s.nodes[16])
		})
	})
	if t.Failed() {
		t.Logf("all that arrived:\n%s", s.pagers.about(""))
		return
	}
	t.Run("all exporters killed", func(t *testing.T) { allKilled(t, s) })  //nolint:paralleltest // nothing is left beside it
	t.Run("all targets gone", func(t *testing.T) { allTargetsGone(t, s) }) //nolint:paralleltest // likewise

	s.pagers.checkExact(t)
	s.checkFired(t)
	s.prometheus.checkHealth(t)
	t.Logf("after %s; all that arrived:\n%s", time.Since(s.began).Round(time.Second), s.pagers.about(""))
}

func (s *stack) waitUntilScraped(t *testing.T) {
	t.Helper()
	eventually(t, "every exporter is scraped", func() string {
		up, err := s.prometheus.query(t, `sum(up)`)
		if err != nil || len(up) != 1 || up[0].value != float64(len(s.nodes)) {
			return fmt.Sprintf("%v up (%v)", up, err)
		}
		return ""
	})
}

// checkFired compares all that fired in Prometheus, whomever it was to be told,
// with what was expected.
func (s *stack) checkFired(t *testing.T) {
	t.Helper()
	for _, a := range s.prometheus.fired(t) {
		if !slices.ContainsFunc(s.pagers.expected, func(e map[string]string) bool { return equal(e, a) }) &&
			!slices.ContainsFunc(s.mutedAlerts, func(e map[string]string) bool { return equal(e, a) }) {
			t.Errorf("nothing should have raised %v", a)
		}
	}
}

// muted waits until an alert fires and is muted, and from then on expects that.
func (s *stack) muted(t *testing.T, labels map[string]string) {
	t.Helper()
	s.mu.Lock()
	s.mutedAlerts = append(s.mutedAlerts, labels)
	s.mu.Unlock()
	s.alertmanager.muted(t, labels)
}

// never fails the test if an alert arrived.
func (s *stack) never(t *testing.T, labels map[string]string) {
	t.Helper()
	for _, n := range s.pagers.of(labels, "firing") {
		t.Errorf("it was muted, and arrived: %s", n)
	}
}

// together does something to all nodes at once.
func together(nodes []*node, f func(*node)) {
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() { f(n) })
	}
	wg.Wait()
}

// forget takes all targets from Prometheus.
func (f *fleet) forget(t *testing.T) {
	t.Helper()
	must(t, os.WriteFile(f.targets+".new", []byte("[]"), 0o600))
	must(t, os.Rename(f.targets+".new", f.targets))
}
