package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// startPrometheis starts two, as a pair for availability: each scrapes every second,
// the first has the rules.
func (d *day) startPrometheis() (servers []*server, err error) {
	rules, err := exec.CommandContext(d.ctx, d.settings.exporter, "print", "alerts").Output()
	if err != nil {
		return nil, fmt.Errorf("print alerts: %w", err)
	}
	for i := range 2 {
		dir := filepath.Join(d.dir, fmt.Sprint("prometheus", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		config := "global: {scrape_interval: 1s, evaluation_interval: 15s}\nscrape_configs: [{job_name: kernel_exporter, static_configs: [{targets: ['" + exporterAddress + "']}]}]\n"
		if i == 0 {
			config += "rule_files: [rules.yaml]\n"
		}
		if err := errors.Join(os.WriteFile(filepath.Join(dir, "rules.yaml"), rules, 0o644), os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o644)); err != nil {
			return nil, err
		}
		address := fmt.Sprintf("127.0.0.1:%d", 9090+i)
		s, err := start(d.ctx, address, d.prometheus, "--config.file="+filepath.Join(dir, "config.yaml"),
			"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// get returns what a URL answers.
func get(ctx context.Context, address string) (string, error) {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return string(text), err
}

// An answer is what Prometheus's API says of an instant query.
type answer struct {
	Data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
}

func query(ctx context.Context, server, expr string) (a answer, err error) {
	text, err := get(ctx, server+"/api/v1/query?query="+url.QueryEscape(expr))
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(text), &a)
}

// count returns the one value of a query.
func count(ctx context.Context, server, expr string) (float64, error) {
	a, err := query(ctx, server, expr)
	if err != nil || len(a.Data.Result) != 1 {
		return 0, errors.Join(err, fmt.Errorf("%s: %d results", expr, len(a.Data.Result)))
	}
	text, ok := a.Data.Result[0].Value[1].(string)
	if !ok {
		return 0, fmt.Errorf("%s: no number", expr)
	}
	return strconv.ParseFloat(text, 64)
}

// firedAlerts are the alerts that fired during the day, with their kind.
func firedAlerts(ctx context.Context, server string, lived time.Duration) (fired []string, err error) {
	a, err := query(ctx, server, fmt.Sprintf(`count by (alertname, kind) (count_over_time(ALERTS{alertstate="firing"}[%ds]))`, int(lived.Seconds())+1))
	if err != nil {
		return nil, err
	}
	for _, r := range a.Data.Result {
		fired = append(fired, r.Metric["alertname"]+" ("+r.Metric["kind"]+")")
	}
	slices.Sort(fired)
	return fired, nil
}

// planned returns the alerts of trust that the day provokes on purpose.
func planned() []string {
	return []string{
		"KernelAlertsWatchdog (trust)",   // always fires
		"KernelLogLosingRecords (trust)", // a flood overwrites records while the exporter is stopped
	}
}

// report says what was seen.
func (d *day) report(lived time.Duration, fired []string, scrapes float64) string {
	for _, alert := range fired {
		if strings.HasSuffix(alert, "(trust)") && !slices.Contains(planned(), alert) {
			d.fault("%s fired, which was not planned", alert)
		}
	}
	var w strings.Builder
	n := d.n
	row := func(what, format string, args ...any) {
		fmt.Fprintf(&w, "| %s | %s |\n", what, fmt.Sprintf(format, args...))
	}
	w.WriteString("| of the day | |\n|---|---|\n")
	row("length", "%s until %s", lived.Round(time.Minute), time.Now().UTC().Format("2006-01-02 15:04 MST"))
	row("scrapes", "%.0f by each of two Prometheus, one with all rules", scrapes)
	row("came and went", "%d cgroups, %d mounts, %d namespaces, %d network devices", n.cgroups, n.mounts, n.namespaces, n.devices)
	row("lines written to the log", "%d", n.lines)
	row("records", "%.0f seen + %.0f lost = %.0f numbers of the log", d.seen, d.lost, d.sums)
	row("policy changed", "%d times, and %d times to a file that is none", n.policies, n.badPolicies)
	row("exporter", "stopped and started %d times, killed %d times; the state's disk full %d times", n.restarts, n.kills, n.fullDisks)
	row("resident memory", "%.1f MB at most in the first %d rounds, %.1f MB at most, %.1f MB at the end", d.first.memory/1e6, warm, d.most.memory/1e6, d.last.memory/1e6)
	row("goroutines", "%.0f at most in the first %d rounds, %.0f at most, %.0f at the end", d.first.goroutines, warm, d.most.goroutines, d.last.goroutines)
	row("descriptors", "%.0f at most in the first %d rounds, %.0f at most, %.0f at the end", d.first.descriptors, warm, d.most.descriptors, d.last.descriptors)
	row("alerts that fired", "%s", strings.Join(fired, ", "))
	row("faults", "%d", len(d.faults))
	return w.String()
}
