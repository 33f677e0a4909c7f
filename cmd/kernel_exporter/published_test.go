package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector"
	"kernel_exporter/collector/host"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
	"kernel_exporter/collector/testkit"
)

// TestPublishedNames holds docs/compatibility.md: what was published stays. To publish
// what is new, UPDATE_GOLDEN=1 adds it; nothing takes a name away but a hand.
func TestPublishedNames(t *testing.T) {
	t.Parallel()
	const file = "testdata/published.txt"
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var published []string
	for line := range strings.Lines(string(content)) {
		published = append(published, strings.TrimSpace(line))
	}
	now := namesNow(t)
	for _, name := range published {
		if !slices.Contains(now, name) {
			t.Errorf("published, and gone: %s", name)
		}
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		all := slices.Compact(slices.Sorted(slices.Values(append(published, now...))))
		if err := os.WriteFile(file, []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(published) == 0 {
		t.Errorf("%s is empty", file)
	}
}

// namesNow returns everything that has a name outside of the program.
func namesNow(t *testing.T) []string {
	t.Helper()
	var all []string
	add := func(kind string, name ...string) { all = append(all, kind+" "+strings.Join(name, " ")) }

	root, err := host.New(filepath.Join(testdata, "debian-12-6.1"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	exporter := collector.NewExporter(collector.Options{Host: root, Policy: rules, Logger: log.NewNopLogger(), Collectors: collector.All()})
	for _, metrics := range exporter.Metrics() {
		for _, m := range metrics {
			add("metric", append([]string{m.Name}, m.Labels...)...)
		}
	}
	for _, e := range event.All() {
		add("event", string(e))
	}
	for _, r := range rules.Rules {
		add("rule", r.Name)
	}
	for _, name := range alerts.Names() {
		add("alert", name)
	}
	var discard testkit.Output
	for _, c := range newCommandLine(&discard, &discard).app.Model().Commands {
		for _, f := range c.Flags {
			add("flag", c.Name, "--"+f.Name)
		}
	}
	for name, code := range map[string]int{"unfit": exitUnfit, "usage": exitUsage, "unsure": exitUnsure, "write": exitWrite} {
		add("exit", name, string(rune('0'+code)))
	}
	schema, err := os.ReadFile("check.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var properties any
	if err := json.Unmarshal(schema, &properties); err != nil {
		t.Fatal(err)
	}
	for _, path := range schemaPaths(properties, "") {
		add("json", path)
	}
	values, err := os.ReadFile("../../deploy/helm/kernel-exporter/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var chart map[string]any
	if err := yaml.Unmarshal(values, &chart); err != nil {
		t.Fatal(err)
	}
	for _, path := range valuePaths(chart, "") {
		add("value", path)
	}
	return all
}

// schemaPaths returns the paths of the properties that a schema has.
func schemaPaths(node any, at string) []string {
	m, ok := node.(map[string]any)
	if !ok {
		return nil
	}
	var all []string
	if items, ok := m["items"]; ok {
		all = append(all, schemaPaths(items, at+"[]")...)
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		for name, property := range properties {
			all = append(append(all, at+"."+name), schemaPaths(property, at+"."+name)...)
		}
	}
	return all
}

// valuePaths returns the paths of all values of a chart.
func valuePaths(m map[string]any, at string) []string {
	var all []string
	for name, value := range m {
		path := strings.TrimPrefix(at+"."+name, ".")
		all = append(all, path)
		if below, ok := value.(map[string]any); ok {
			all = append(all, valuePaths(below, path)...)
		}
	}
	return all
}
