package dashboards_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/testkit"
)

// start runs a server until the test ends, and returns its address, which it
// must log.
func start(t *testing.T, path string, args ...string) string {
	t.Helper()
	return strings.TrimPrefix(testkit.Start(t, exec.Command(path, args...)).MustURL(), "http://")
}

// prometheus is a real one that scrapes a simulated fleet and runs the rules.
type prometheus struct {
	address string
	at      time.Time // when it is asked for; zero: now
}

// now is the time that is asked for.
func (p prometheus) now() time.Time {
	if p.at.IsZero() {
		return time.Now()
	}
	return p.at
}

// startFleet starts a fleet and a Prometheus that scrapes it. Rules with an
// interval of their own run as often as the others.
func startFleet(t *testing.T, interval time.Duration, flags ...string) prometheus {
	t.Helper()
	path := testkit.Tool(t, "prometheus", "../.tools/bin/prometheus")
	dir := t.TempDir()
	address := start(t, testkit.Build(t, "../cmd/kernel_fleet"), append(flags, "--path.roots=../collector/testdata", "--web.listen-address=127.0.0.1:0")...)

	rules, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	rules = regexp.MustCompile(`(?m)^    interval: .*\n`).ReplaceAll(rules, nil)
	config := fmt.Sprintf(`
global: {scrape_interval: %s, scrape_timeout: %s, evaluation_interval: %s}
rule_files: [%q]
scrape_configs: [{job_name: kernel_exporter, http_sd_configs: [{url: "http://%s/sd", refresh_interval: 5s}]}]
`, interval, interval, interval, filepath.Join(dir, "kernel.yaml"), address)
	for name, content := range map[string][]byte{"kernel.yaml": rules, "prometheus.yaml": []byte(config)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := prometheus{address: start(t, path, "--config.file="+filepath.Join(dir, "prometheus.yaml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")}
	eventually(t, "Prometheus is ready", func() bool { return ready(t.Context(), "http://"+p.address+"/-/ready") })
	return p
}

// ready says whether a server answers a request with what is no error.
func ready(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// eventually waits until something is the case.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	testkit.Eventually(t, 2*time.Minute, testkit.Unless(what, is))
}

// series is one in the answer to a query.
type series struct {
	Metric map[string]string
	Value  [2]any   // of an instant query
	Values [][2]any // of a range query
}

// get asks Prometheus's HTTP API.
func (p prometheus) get(ctx context.Context, path string, params url.Values, data any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.address+path, strings.NewReader(params.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer := struct {
		Error    string
		Warnings []string
		Data     any
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Error != "" || len(answer.Warnings) > 0 {
		return fmt.Errorf("%s %v", answer.Error, answer.Warnings)
	}
	return nil
}

// query runs an instant query.
func (p prometheus) query(ctx context.Context, promql string) ([]series, error) {
	var data struct{ Result []series }
	err := p.get(ctx, "/api/v1/query", url.Values{"query": {promql}, "time": {p.now().Format(time.RFC3339Nano)}}, &data)
	return data.Result, err
}

// queryRange runs a query over the last minutes, in steps of some seconds.
func (p prometheus) queryRange(ctx context.Context, promql string, length, step time.Duration) ([]series, error) {
	now := p.now()
	var data struct{ Result []series }
	err := p.get(ctx, "/api/v1/query_range", url.Values{
		"query": {promql}, "step": {step.String()},
		"start": {now.Add(-length).Format(time.RFC3339)}, "end": {now.Format(time.RFC3339)},
	}, &data)
	return data.Result, err
}

// eventually waits until a query finds something.
func (p prometheus) eventually(t *testing.T, promql string) []series {
	t.Helper()
	var found []series
	eventually(t, promql, func() bool {
		var err error
		if found, err = p.query(t.Context(), promql); err != nil {
			t.Fatalf("%s: %v", promql, err)
		}
		return len(found) > 0
	})
	return found
}
