package e2e_test

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"kernel_exporter/collector/testkit"
)

// promDuration writes a duration as Prometheus and Alertmanager read it.
func promDuration(d time.Duration) string { return model.Duration(d).String() }

// fasterConfiguration returns deploy/alertmanager.yaml and a copy of it whose
// times are divided by haste and whose receivers are below a URL.
func fasterConfiguration(t *testing.T, receivers string) (original, fast string, times []scaled) {
	t.Helper()
	original = read(t, configuration)
	var s scaler
	host := regexp.MustCompile(`^http://(\w+)\.example/.*`)
	fast, err := s.yaml(original, []string{"group_wait", "group_interval", "repeat_interval"}, map[string]func(string) (string, error){
		"url": func(u string) (string, error) {
			if !host.MatchString(u) {
				return "", fmt.Errorf("%s is no receiver of an example", u)
			}
			return host.ReplaceAllString(u, receivers+"/$1"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return original, fast, s.times
}

// alertmanager is a real one.
type alertmanager struct{ *process }

func startAlertmanager(t *testing.T, p *processes, config string) *alertmanager {
	t.Helper()
	s, err := p.start(testkit.Tool(t, "alertmanager", "../../.tools/bin/alertmanager"),
		"--config.file="+config, "--storage.path="+t.TempDir(),
		"--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	if err != nil {
		t.Fatal(err)
	}
	return &alertmanager{s}
}

// managedAlert is an alert as Alertmanager has it.
type managedAlert struct {
	Labels    map[string]string
	Receivers []struct{ Name string }
	Status    struct{ InhibitedBy []string }
}

func (a *alertmanager) alerts(t *testing.T) []managedAlert {
	t.Helper()
	var all []managedAlert
	if err := fetch(t, a.url+"/api/v2/alerts", nil, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// post gives it alerts, as Prometheus would.
func (a *alertmanager) post(t *testing.T, alerts ...map[string]string) {
	t.Helper()
	var body []map[string]any
	for _, labels := range alerts {
		body = append(body, map[string]any{"labels": labels})
	}
	if err := fetch(t, a.url+"/api/v2/alerts", body, nil); err != nil {
		t.Fatal(err)
	}
}

// muted waits until an alert is there and muted by another.
func (a *alertmanager) muted(t *testing.T, labels map[string]string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%v is muted", labels), func() string { return a.notMuted(t, labels) })
}

// notMuted says why an alert is not a muted one.
func (a *alertmanager) notMuted(t *testing.T, labels map[string]string) string {
	t.Helper()
	for _, alert := range a.alerts(t) {
		if equal(alert.Labels, labels) {
			if len(alert.Status.InhibitedBy) == 0 {
				return "nothing mutes it"
			}
			return ""
		}
	}
	return "it is not there"
}

// equal says whether two sets of labels are the same.
func equal(a, b map[string]string) bool { return maps.Equal(a, b) }

// prometheus is a real one.
type prometheus struct {
	*process

	rules string // file
}

// startPrometheus starts one that scrapes the targets of a file each second
// and evaluates rules each second, of which it has none yet. For how long
// Prometheus takes a value for current, 5 minutes, is scaled like the times in
// the rules.
func startPrometheus(t *testing.T, p *processes, path, targets, alertmanager string) *prometheus {
	t.Helper()
	rules := filepath.Join(t.TempDir(), "kernel.yaml")
	config := testkit.File(t, "prometheus.yaml", fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%q] # not there yet
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs: [{job_name: kernel_exporter, file_sd_configs: [{files: [%q], refresh_interval: 1s}]}]
`, rules+"*", strings.TrimPrefix(alertmanager, "http://"), targets))
	s, err := p.start(path, "--config.file="+config, "--storage.tsdb.path="+t.TempDir(),
		"--web.listen-address=127.0.0.1:0", "--query.lookback-delta=5s", "--rules.alert.resend-delay=1s")
	if err != nil {
		t.Fatal(err)
	}
	return &prometheus{s, rules}
}

// load has it run rules. It takes Prometheus 5 s to find its first targets,
// which for the faster rules are five minutes without any: so the targets come
// first.
func (p *prometheus) load(t *testing.T, rules string) {
	t.Helper()
	must(t, os.WriteFile(p.rules, []byte(rules), 0o600))
	must(t, p.Cmd.Process.Signal(syscall.SIGHUP))
	eventually(t, "the rules run", func() string {
		groups := p.groups(t)
		for _, g := range groups {
			for _, r := range g.Rules {
				if r.Health != "ok" {
					return fmt.Sprintf("%s: health %s: %s", r.Name, r.Health, r.LastError)
				}
			}
		}
		if len(groups) == 0 {
			return "none is loaded"
		}
		return ""
	})
}

// A sample is one of an answer to a query.
type sample struct {
	labels map[string]string
	value  float64
}

func (p *prometheus) query(t *testing.T, promql string) ([]sample, error) {
	t.Helper()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := fetch(t, p.url+"/api/v1/query?query="+url.QueryEscape(promql), nil, &answer); err != nil {
		return nil, err
	}
	var all []sample
	for _, r := range answer.Data.Result {
		v, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			return nil, err
		}
		all = append(all, sample{r.Metric, v})
	}
	return all, nil
}

// A loadedGroup is a group of rules as Prometheus says that it runs it.
type loadedGroup struct {
	Name     string
	Interval float64
	Rules    []loadedRule
}

func (p *prometheus) groups(t *testing.T) []loadedGroup {
	t.Helper()
	var answer struct {
		Data struct{ Groups []loadedGroup }
	}
	if err := fetch(t, p.url+"/api/v1/rules", nil, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Groups
}

// fired returns every alert that fired since Prometheus was started, muted or not.
func (p *prometheus) fired(t *testing.T) []map[string]string {
	t.Helper()
	answer, err := p.query(t, `last_over_time(ALERTS{alertstate="firing"}[1h])`)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, s := range answer {
		delete(s.labels, "__name__")
		delete(s.labels, "alertstate")
		all = append(all, s.labels)
	}
	return all
}

// checkHealth fails the test if the evaluation of a rule failed at any time.
func (p *prometheus) checkHealth(t *testing.T) {
	t.Helper()
	for _, g := range p.groups(t) {
		for _, r := range g.Rules {
			if r.Health != "ok" || r.LastError != "" {
				t.Errorf("%s: health %s: %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	failures := regexp.MustCompile(`(?m)^prometheus_rule_evaluation_failures_total\{.*\} (\S+)$`).FindAllStringSubmatch(text(t, p.url+"/metrics"), -1)
	if len(failures) == 0 {
		t.Error("Prometheus does not say how many evaluations failed")
	}
	for _, f := range failures {
		if f[1] != "0" {
			t.Errorf("evaluations of rules failed: %s\n%s", f[0], last(p.Said.String(), 20))
		}
	}
}
