package alerts

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A Resource is what an object of Kubernetes has besides its contents.
type Resource struct {
	Name      string            // of the object; kernel-exporter where it is empty
	Namespace string            // left to whoever applies it where it is empty
	Labels    map[string]string // besides app.kubernetes.io/name; whoever reads the object selects it by labels
}

// Head returns the first lines of an object: its kind and its metadata.
func (r Resource) Head(apiVersion, kind string) ([]byte, error) {
	if r.Name == "" {
		r.Name = "kernel-exporter"
	}
	name := regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
	if !name.MatchString(r.Name) || r.Namespace != "" && !name.MatchString(r.Namespace) {
		return nil, fmt.Errorf("%q in %q is no name of an object in Kubernetes: that has lower case letters, digits, - and . alone", r.Name, r.Namespace)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", apiVersion, kind, r.Name)
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
	return b.Bytes(), nil
}

// PrometheusRule returns what [Rules] does as a PrometheusRule, the custom resource
// of the Prometheus Operator.
func PrometheusRule(c *Config, r Resource) ([]byte, error) {
	all, err := r.Head("monitoring.coreos.com/v1", "PrometheusRule")
	if err != nil {
		return nil, err
	}
	rules, err := Rules(c)
	if err != nil {
		return nil, err
	}
	all = append(all, "spec:\n"...)
	for line := range bytes.Lines(rules) {
		if len(line) > 1 { // not an empty one
			all = append(all, "  "...)
		}
		all = append(all, line...)
	}
	return all, nil
}
