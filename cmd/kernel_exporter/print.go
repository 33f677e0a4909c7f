package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/alecthomas/kingpin/v2"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/policy"
	"kernel_exporter/dashboards"
)

// printCommand writes what is built into the program and used elsewhere.
type printCommand struct {
	name string

	what      string
	configMap bool
	alerts    *alertFlags
	policyDir policyDir
}

func addPrintCommand(app *kingpin.Application) *printCommand {
	c := app.Command("print", "Print built-in alert rules, dashboards, runbooks or the policy.")
	k := &printCommand{name: c.FullCommand()}
	c.Arg("what", "alerts: a rule file for Prometheus; prometheusrule: the same for the Prometheus Operator; alerts-config: what can be configured of them, with the defaults; runbooks: a page for each alert, in Markdown; "+
		"dashboard.fleet, dashboard.node: dashboards for Grafana; dashboards: both in a list; policy: the files of the policy, with those of --policy.dir in place of the built-in ones.").
		Required().EnumVar(&k.what, "alerts", "prometheusrule", "alerts-config", "runbooks", "dashboard.fleet", "dashboard.node", "dashboards", "policy")
	c.Flag("configmap", "dashboards: as ConfigMaps of Kubernetes, for the sidecar of Grafana's chart.").BoolVar(&k.configMap)
	k.alerts = addAlertFlags(c)
	addPolicyFlag(c, &k.policyDir)
	return k
}

func (k *printCommand) run(ctx context.Context, p program) error {
	content, err := k.content()
	if err != nil {
		return err
	}
	return p.write(ctx, content)
}

func (k *printCommand) content() ([]byte, error) {
	if k.configMap && k.what != "dashboards" {
		return nil, usageError("--configmap is for print dashboards, not for print %s", k.what)
	}
	switch k.what {
	case "alerts":
		return k.alerts.rules(alerts.Rules)
	case "prometheusrule":
		return k.alerts.rules(k.alerts.prometheusRule)
	case "alerts-config":
		return alerts.DefaultConfig()
	case "runbooks":
		return allRunbooks()
	case "dashboard.fleet":
		return dashboards.Fleet(), nil
	case "dashboard.node":
		return dashboards.Node(), nil
	case "dashboards":
		return k.dashboards()
	default:
		return k.policy()
	}
}

// allRunbooks returns all runbooks as one text. Each begins with a heading that
// is the name of its alert.
func allRunbooks() ([]byte, error) {
	var all []byte
	for i, name := range alerts.Names() {
		page, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, '\n')
		}
		all = append(all, page...)
	}
	return all, nil
}

// dashboards returns both dashboards, as a list in JSON or as ConfigMaps.
func (k *printCommand) dashboards() ([]byte, error) {
	if !k.configMap {
		return slices.Concat([]byte("["), dashboards.Fleet(), []byte(","), dashboards.Node(), []byte("]\n")), nil
	}
	var all []byte
	for _, d := range []struct {
		name    string
		content []byte
	}{{"fleet", dashboards.Fleet()}, {"node", dashboards.Node()}} {
		r := k.alerts.resource
		r.Name += "-dashboard-" + d.name
		// The label that the sidecar looks for by default; --label replaces it.
		r.Labels = map[string]string{"grafana_dashboard": "1"}
		maps.Copy(r.Labels, k.alerts.resource.Labels)
		head, err := r.Head("v1", "ConfigMap")
		if err != nil {
			return nil, usageError("%w", err)
		}
		all = fmt.Appendf(all, "---\n%sdata:\n  kernel-exporter-%s.json: |\n", head, d.name)
		for line := range bytes.Lines(d.content) {
			all = append(append(all, "    "...), line...)
		}
	}
	return all, nil
}

// policy returns the files of the policy as the documents of one YAML text.
func (k *printCommand) policy() ([]byte, error) {
	_, own, err := k.policyDir.load()
	if err != nil {
		return nil, err
	}
	sets, err := policy.Sets(own)
	if err != nil {
		return nil, err
	}
	var all []byte
	for _, name := range policy.Files() {
		for _, file := range sets[name] {
			all = fmt.Appendf(all, "---\n# Source: %s\n%s", file.Name, file.Data)
		}
	}
	return all, nil
}
