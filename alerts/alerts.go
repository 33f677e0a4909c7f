// Package alerts carries the project's recording rules and alerts for
// Prometheus, and a runbook for each alert. They are files, which promtool and
// people read as they are, and are built into the program, so that the rules
// always fit the metrics that it serves.
package alerts

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
)

// RunbookBase is where the runbook_url of every alert in kernel.yaml begins: an
// exporter, which serves the runbooks itself.
const RunbookBase = "http://kernel-exporter:10044/runbooks"

//go:embed kernel.yaml
var rules []byte

//go:embed runbooks/*.md
var runbooks embed.FS

// Rules returns kernel.yaml, a rule file for Prometheus, in which the runbook
// of an alert stands at base/<alert>. An empty base leaves [RunbookBase]. Any
// other must be an absolute http or https URL without a query or a fragment.
func Rules(base string) ([]byte, error) {
	if base == "" {
		return bytes.Clone(rules), nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("not a URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#") {
		return nil, fmt.Errorf("%q is not an absolute http or https URL without a query or a fragment", base)
	}
	// The URL stands in YAML and in a template of Prometheus: String escapes
	// what would end either, such as spaces and braces.
	return bytes.ReplaceAll(rules, []byte(RunbookBase+"/"), []byte(strings.TrimRight(u.String(), "/")+"/")), nil
}

// ruleResource is a PrometheusRule up to its spec, which is a rule file.
const ruleResource = `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: kernel-exporter
  labels:
    app.kubernetes.io/name: kernel-exporter
spec:
`

// PrometheusRule returns what [Rules] does as a PrometheusRule, the custom
// resource of the Prometheus Operator.
func PrometheusRule(base string) ([]byte, error) {
	rules, err := Rules(base)
	if err != nil {
		return nil, err
	}
	resource := []byte(ruleResource)
	for line := range bytes.Lines(rules) {
		if len(line) > 1 { // not an empty one
			resource = append(resource, "  "...)
		}
		resource = append(resource, line...)
	}
	return resource, nil
}

// Runbooks returns the runbooks: a file <alert>.md for each alert, in Markdown.
func Runbooks() fs.FS {
	pages, err := fs.Sub(runbooks, "runbooks")
	if err != nil {
		return runbooks // not reached: the directory is embedded
	}
	return pages
}

// Names returns the names of all alerts, sorted, each once.
func Names() []string {
	pages, err := fs.Glob(Runbooks(), "*.md")
	if err != nil {
		return nil // not reached: the pattern is well-formed
	}
	for i, page := range pages {
		pages[i] = strings.TrimSuffix(page, ".md")
	}
	return pages
}
