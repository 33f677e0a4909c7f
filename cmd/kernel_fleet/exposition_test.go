package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/collectortest"
	"kernel_exporter/collector/testkit"
)

var loadedOnce = sync.OnceValues(func() (map[string]*base, error) {
	return loadBases(context.Background(), testdata, collectortest.Today())
})

// TestSameSeedSameTimeSameBytes: the program can be stopped and started again,
// and two of them show the same fleet.
func TestSameSeedSameTimeSameBytes(t *testing.T) {
	t.Parallel()
	again, err := loadBases(t.Context(), testdata, collectortest.Today())
	if err != nil {
		t.Fatal(err)
	}
	f := testFleet(t)
	g := newFleet(f.plan, again)
	other := testFleet(t, func(p *Plan) { p.Seed = 2 })
	differ := 0
	for i := range f.nodes {
		for _, since := range []time.Duration{0, time.Minute, 26*time.Hour + 123*time.Millisecond} {
			a, b := text(f, &f.nodes[i], since), text(g, &g.nodes[i], since)
			if a != b {
				t.Fatalf("%s after %s differs between two fleets of one seed:\n%s", f.nodes[i].name, since, onlyIn(a, b))
			}
			if a != text(other, &other.nodes[i], since) {
				differ++
			}
		}
	}
	if differ < len(f.nodes) {
		t.Errorf("only %d expositions differ from those of another seed", differ)
	}
}

// onlyIn lists the lines of a that b does not have.
func onlyIn(a, b string) string {
	has := map[string]bool{}
	for l := range strings.Lines(b) {
		has[l] = true
	}
	var only strings.Builder
	for l := range strings.Lines(a) {
		if !has[l] {
			only.WriteString(l)
		}
	}
	return only.String()
}

// TestWhatDoesNotVaryIsWhatTheExporterSays compares every base with the golden
// file of its root: the same series, and the same values but where they vary.
func TestWhatDoesNotVaryIsWhatTheExporterSays(t *testing.T) {
	t.Parallel()
	for name, b := range recorded(t) {
		golden, varies := "metrics.prom", mayVary()
		if name == brokenRoot {
			golden, varies = "metrics-readable.prom", nil
		}
		want := constant(collectortest.Golden(t, filepath.Join(testdata, name, golden)), varies)
		got := constant(string(b.render(nil, &state{begin: collectortest.Today()})), varies)
		if got != want {
			t.Errorf("%s differs from %s:\nonly in golden:\n%sonly here:\n%s", name, golden, onlyIn(want, got), onlyIn(got, want))
		}
		if lines := strings.Count(want, "\n"); lines < 100 {
			t.Errorf("%s: only %d lines were compared", name, lines)
		}
	}
}

// mayVary lists the metrics whose values are not the recorded ones. None says
// what kernel a node has, or what the policy makes of it.
func mayVary() map[string]bool {
	return map[string]bool{
		"kernel_boot_time_seconds": true, "kernel_tainted": true,
		"kernel_oops_total": true, "kernel_hung_tasks_total": true,
		"kernel_log_events_total": true, "kernel_log_event_last_seen_timestamp_seconds": true,
		"kernel_log_records_total": true,
		"kernel_netdev_leaks":      true, "kernel_netdev_leak_longest_seconds": true,
		"kernel_memory_total_bytes": true, "kernel_kmem_usage_bytes": true,
		"kernel_slab_reclaimable_bytes": true, "kernel_slab_unreclaimable_bytes": true,
		"kernel_slab_cache_bytes": true, "kernel_slab_cache_objects": true,
		"kernel_overlayfs_mounts": true,
		"kernel_memory_cgroups":   true, "kernel_memory_cgroups_dying": true,
	}
}

// constant returns an exposition without the values of what varies, and without
// the metric of which even the series vary.
func constant(text string, varies map[string]bool) string {
	var b strings.Builder
	for l := range strings.Lines(collectortest.Stable([]byte(text))) {
		name := l[:strings.IndexAny(l, "{ ")]
		switch {
		case varies[lastSeenMetric] && strings.Contains(l, lastSeenMetric):
		case varies[name]:
			b.WriteString(l[:strings.LastIndexByte(l, ' ')] + "\n")
		default:
			b.WriteString(l)
		}
	}
	return b.String()
}

// TestEveryMetricIsDocumented: the names of the fleet are those of the exporter.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../../collector/README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(kernel_[a-z_]+)` \\|").FindAllSubmatch(documentation, -1) {
		documented[string(m[1])] = true
	}
	f := testFleet(t)
	seen := map[string]bool{}
	for i := range 2 * len(f.nodes) { // in the middle of the migration, and at its end
		n := &f.nodes[i/2]
		for l := range strings.Lines(text(f, n, time.Duration(i%2)*time.Hour)) {
			if l[0] == '#' {
				continue
			}
			name := l[:strings.IndexAny(l, "{ ")]
			if !documented[name] && name != "kernel_exporter_build_info" { // the program's, not a collector's
				t.Fatalf("%s of %s is not in collector/README.md", name, n.name)
			}
			seen[name] = true
		}
	}
	for name := range documented {
		if !seen[name] && name != "kernel_overlayfs_dtype_supported" { // never on a recorded root
			t.Errorf("%s is on no node of the fleet", name)
		}
	}
}

// TestPromtoolHasNothingToSay runs the linter of Prometheus itself over a node
// of every base.
func TestPromtoolHasNothingToSay(t *testing.T) {
	t.Parallel()
	promtool := testkit.Tool(t, "promtool", "../../.tools/bin/promtool")
	f := testFleet(t)
	done := map[*base]bool{}
	for i := range f.nodes {
		n := &f.nodes[i]
		b, _ := n.at(0)
		if done[b] {
			continue
		}
		done[b] = true
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text(f, n, 0))
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: promtool check metrics: %v\n%s", n.name, err, out)
		}
	}
	if len(done) < 10 {
		t.Errorf("only %d kinds of nodes were looked at", len(done))
	}
}
