package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"kernel_exporter/alerts"
)

// alertFlags say how the rules are to be.
type alertFlags struct {
	config      string
	runbookBase string
	grafanaBase string
	resource    alerts.Resource
}

func addAlertFlags(c *kingpin.CmdClause) *alertFlags {
	f := &alertFlags{resource: alerts.Resource{Labels: map[string]string{}}}
	c.Flag("config", "alerts, prometheusrule: YAML file with selector, labels, severities and thresholds of your own; alerts-config prints the defaults.").
		StringVar(&f.config)
	c.Flag("runbook-base", "alerts, prometheusrule: URL below which the alerts' runbooks are, in place of the configuration's; an exporter serves them at /runbooks.").
		StringVar(&f.runbookBase)
	c.Flag("grafana-base", "alerts, prometheusrule: URL of the Grafana that has the dashboards, in place of the configuration's; with it every alert has a dashboard_url.").
		StringVar(&f.grafanaBase)
	c.Flag("namespace", "prometheusrule, dashboards --configmap: its namespace.").StringVar(&f.resource.Namespace)
	c.Flag("name", "prometheusrule, dashboards --configmap: its name, or how it begins.").Default("kernel-exporter").StringVar(&f.resource.Name)
	c.Flag("label", "prometheusrule, dashboards --configmap: a label, as key=value; can be repeated. The Operator takes only rules with the labels that it selects, such as release=kube-prometheus-stack.").
		StringMapVar(&f.resource.Labels)
	return f
}

// rules returns the rules, as a rule file or as a resource.
func (f *alertFlags) rules(as func(*alerts.Config) ([]byte, error)) ([]byte, error) {
	c, err := f.load()
	if err != nil {
		return nil, err
	}
	return as(c)
}

func (f *alertFlags) prometheusRule(c *alerts.Config) ([]byte, error) {
	content, err := alerts.PrometheusRule(c, f.resource)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return content, nil
}

// load reads the configuration and what flags set in its place.
func (f *alertFlags) load() (*alerts.Config, error) {
	var content []byte
	if f.config != "" {
		var err error
		content, err = within(fileTime, f.config, func() ([]byte, error) { return readUserFile(f.config) })
		if err != nil {
			return nil, usageError("--config: %w", err)
		}
	}
	c, err := alerts.NewConfig(content)
	if err != nil {
		return nil, usageError("--config: %w", in(f.config, err))
	}
	for _, base := range []struct {
		flag, value string
		set         func(string) error
	}{
		{"--runbook-base", f.runbookBase, c.SetRunbookBase},
		{"--grafana-base", f.grafanaBase, c.SetGrafanaBase},
	} {
		if base.value == "" {
			continue
		}
		if err := base.set(base.value); err != nil {
			return nil, usageError("%s: %w", base.flag, err)
		}
	}
	return c, nil
}

// in names the file before the line of an error: FILE:12: what.
func in(file string, err error) error {
	if line, ok := strings.CutPrefix(err.Error(), "line "); ok {
		return fmt.Errorf("%s:%s", file, line)
	}
	return fmt.Errorf("%s: %w", file, err)
}
