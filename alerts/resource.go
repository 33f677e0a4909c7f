package alerts

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A Resource is what a PrometheusRule, the custom resource of the Prometheus
// Operator, has besides its rules.
type Resource struct {
	Name      string            // of the object; kernel-exporter where it is empty
	Namespace string            // left to whoever applies it where it is empty
	Labels    map[string]string // besides app.kubernetes.io/name; the Operator selects rules by labels
}

// PrometheusRule returns what [Rules] does as a PrometheusRule.
func PrometheusRule(c *Config, r Resource) ([]byte, error) {
	if r.Name == "" {
		r.Name = "kernel-exporter"
	}
	name := regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
	if !name.MatchString(r.Name) || r.Namespace != "" && !name.MatchString(r.Namespace) {
		return nil, fmt.Errorf("%q in %q is no name of an object in Kubernetes: that has lower case letters, digits, - and . alone", r.Name, r.Namespace)
	}
	rules, err := Rules(c)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: %s\n", r.Name)
	if r.Namespace != "" {
		fmt.Fprintf(&b, "  namespace: %s\n", r.Namespace)
	}
	labels := map[string]string{"app.kubernetes.io/name": "kernel-exporter"}
	maps.Copy(labels, r.Labels)
	b.WriteString("  labels:\n")
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		value, err := yaml.Marshal(labels[k])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "    %s: %s", k, value)
	}
	b.WriteString("spec:\n")
	for line := range bytes.Lines(rules) {
		if len(line) > 1 { // not an empty one
			b.WriteString("  ")
		}
		b.Write(line)
	}
	return b.Bytes(), nil
}
