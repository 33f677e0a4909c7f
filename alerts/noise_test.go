package alerts_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/testkit"
)

// The week of a healthy fleet of 5,000 nodes is that of 50 nodes to each of which
// happens what happens to 100: troubles coincide on a node more often than in the large
// fleet, so what is measured is no less than what that would have. A node reboots at
// most once in two hours all the same: one that reboots more often is not healthy.
const (
	noiseNodes    = 50
	noiseClusters = 4
	noiseDensity  = 100
	noiseBoots    = 2 * time.Hour
	noiseStep     = 2 * time.Minute
	noiseWeek     = 7 * 24 * time.Hour
)

// What happens to a healthy node, in a year.
const (
	rebootsAYear    = 12.0 // each of 3 to 8 minutes
	scaledAYear     = 20.0 // an autoscaler takes the node away
	correctedAYear  = 0.3  // a burst of corrected memory errors, of 1 to 40
	allocationAYear = 6.0  // one allocation of pages that fails
	scrapesAYear    = 52.0 // one scrape that fails
	upgradesAYear   = 6.0  // the exporter is replaced
)

// TestNoiseOfAHealthyFleet evaluates all rules over a week, which takes minutes:
// NOISE=1 runs it. It counts how often an alert begins; a notification of
// Alertmanager has several of them.
func TestNoiseOfAHealthyFleet(t *testing.T) {
	t.Parallel()
	if os.Getenv("NOISE") == "" {
		t.Skip("it takes minutes: NOISE=1 runs it")
	}
	tool := testkit.Tool(t, "promtool", "../.tools/bin/promtool")
	dir := t.TempDir()
	// promtool loads no more than 10,000 samples for a query, so what begins is recorded.
	const begins = `groups:
  - name: noise
    rules:
      - record: noise:begun:count
        expr: count by (alertname, severity) (ALERTS{alertstate="firing"} unless ALERTS{alertstate="firing"} offset 2m)
`
	input := noiseSeries(rand.New(rand.NewPCG(1, 1)))
	var names []string
	for _, m := range regexp.MustCompile(`- series: (.*)`).FindAllStringSubmatch(input, -1) {
		names = append(names, m[1])
	}
	live := sourceRules(t).only(fed(kernelRules(t), names))
	rules, err := yaml.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	test := `rule_files: [kernel.yaml, begins.yaml]
evaluation_interval: 2m
group_eval_order: [` + strings.Join(live.names(), ", ") + `, noise] # it must see what has just begun
tests:
  - interval: 2m
    input_series:
` + input + `    promql_expr_test:
      - eval_time: 7d
        expr: 'sum_over_time(noise:begun:count[8d])'
        exp_samples: [{labels: none, value: 0}]
`
	for name, content := range map[string][]byte{"kernel.yaml": rules, "noise.yaml": []byte(test), "begins.yaml": []byte(begins)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), tool, "test", "rules", filepath.Join(dir, "noise.yaml"))
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // it fails, and prints what it got
	_, got, found := strings.Cut(out.String(), "got: ")
	if !found {
		t.Fatalf("%.2000s", out.String())
	}
	total := 0.0
	sample := regexp.MustCompile(`\{alertname="(\w+)", severity="(\w+)"\} (\S+?),?(?:\s|$)`)
	var lines []string
	for _, m := range sample.FindAllStringSubmatch(got, -1) {
		n, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%-32s %-8s %6.1f a day", m[1], m[2], n/7))
		if m[2] == "critical" {
			t.Errorf("%s is critical", m[1])
		}
		if m[2] != "info" { // info goes to dashboards
			total += n / 7
		}
	}
	if !strings.Contains(got, `{alertname="KernelAlertsWatchdog", severity="info"} 1E+00`) {
		t.Errorf("the watchdog did not begin once: nothing was measured: %.2000s", got)
	}
	sort.Strings(lines)
	t.Logf("alerts that began:\n%s\nwarning and critical: %.1f a day", strings.Join(lines, "\n"), total)
	if total >= 5 {
		t.Errorf("%.1f alerts a day that tell somebody, want fewer than 5", total)
	}
}

// noiseSeries returns the series of the fleet.
func noiseSeries(r *rand.Rand) string {
	var b strings.Builder
	for i := range noiseNodes {
		noiseNode(&b, r, fmt.Sprintf("n%d", i), fmt.Sprintf("c%d", i%noiseClusters))
	}
	return b.String()
}

// noiseTimes returns the steps at which something happens that happens so often a
// year to a node.
func noiseTimes(r *rand.Rand, aYear float64) map[int]bool {
	steps := int(noiseWeek / noiseStep)
	chance := aYear * noiseDensity / (365 * 24 * float64(time.Hour/noiseStep))
	all := map[int]bool{}
	for s := range steps {
		if r.Float64() < chance {
			all[s] = true
		}
	}
	return all
}

// noiseNode writes the series of a node.
func noiseNode(b *strings.Builder, r *rand.Rand, name, cluster string) {
	reboots, scaled, corrected := noiseTimes(r, rebootsAYear), noiseTimes(r, scaledAYear), noiseTimes(r, correctedAYear)
	failed, missed, upgrades := noiseTimes(r, allocationAYear), noiseTimes(r, scrapesAYear), noiseTimes(r, upgradesAYear)
	values := map[string]*strings.Builder{}
	step := 0
	put := func(series, value string) {
		if values[series] == nil {
			values[series] = &strings.Builder{}
			values[series].WriteString(strings.Repeat("_ ", step))
		}
		values[series].WriteString(value + " ")
	}
	var down, gone int // how many steps yet
	boot, started := -864000, -864000
	events := map[string]int{"page_alloc_failure": 0, "hardware_error_corrected": 0}
	seen := map[string]int{}
	for s := range int(noiseWeek / noiseStep) {
		step = s
		now := s * int(noiseStep/time.Second)
		switch {
		case scaled[s] && gone == 0:
			gone = 7 + r.IntN(15) // minutes, as it comes so often
		case reboots[s] && down == 0 && now-boot > int(noiseBoots/time.Second):
			down = 2 + r.IntN(3)
		}
		if gone > 0 || down > 0 {
			if down > 0 && gone == 0 {
				put("up", "0")
			} else {
				put("up", "stale")
			}
			if gone--; gone == 0 {
				boot, started = now, now+20
			}
			if down--; down == 0 {
				boot, started = now, now+20
			}
			gone, down = max(gone, 0), max(down, 0)
			if boot == now {
				events, seen = map[string]int{"page_alloc_failure": 0, "hardware_error_corrected": 0}, map[string]int{}
			}
			for series := range values {
				if series != "up" {
					put(series, "stale")
				}
			}
			continue
		}
		if upgrades[s] {
			started = now
		}
		if failed[s] {
			events["page_alloc_failure"]++
			seen["page_alloc_failure"] = now
		}
		if corrected[s] {
			events["hardware_error_corrected"] += 1 + r.IntN(40)
			seen["hardware_error_corrected"] = now
		}
		noiseScrape(put, s, missed[s], now, boot, started, events, seen)
	}
	for series, v := range values {
		metric, labels, _ := strings.Cut(series, "|")
		fmt.Fprintf(b, "      - series: %s{job=\"kernel_exporter\", instance=%q, cluster=%q%s}\n        values: %s\n", metric, name, cluster, labels, strings.TrimSpace(v.String()))
	}
}

// noiseScrape writes what a scrape brings.
func noiseScrape(put func(series, value string), step int, missed bool, now, boot, started int, events, seen map[string]int) {
	const info = `|, release="6.12.48", version="#1 SMP", machine="x86_64", vendor="", upstream="6.12.48"`
	up := map[bool]string{true: "0", false: "1"}[missed]
	put("up", up)
	number := func(series string, value int) {
		if missed {
			put(series, "stale")
		} else {
			put(series, strconv.Itoa(value))
		}
	}
	number("kernel_info"+info, 1)
	number("kernel_time_seconds", now)
	number("kernel_boot_time_seconds", boot)
	number("process_start_time_seconds", started)
	number("kernel_log_up", 1)
	number("kernel_memory_total_bytes", 64<<30)
	number("kernel_slab_unreclaimable_bytes", 1<<30+step%30*1000)
	number("kernel_netdev_leak_longest_seconds", 0)
	for _, event := range []string{"page_alloc_failure", "hardware_error_corrected"} {
		number(`kernel_log_events_total|, event="`+event+`"`, events[event])
		if at, ok := seen[event]; ok {
			number(`kernel_log_event_last_seen_timestamp_seconds|, event="`+event+`"`, at)
		} else {
			put(`kernel_log_event_last_seen_timestamp_seconds|, event="`+event+`"`, "_")
		}
	}
}
