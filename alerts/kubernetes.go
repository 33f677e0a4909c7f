package alerts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// versionCode writes a kernel version as a product that can be read: 5.4 is
// 5 * 65536 + 4 * 256.
func versionCode(code int64) string {
	return fmt.Sprintf("%d * 65536 + %d * 256", code>>16, code>>8&255)
}

// ofNodes returns an expression of the exporter's nodes, with the label node as
// kube-state-metrics has it, from one by job, cluster and instance. An instance is
// the name of its node, maybe with a port.
func ofNodes(expr string) string {
	return `label_replace(` + expr + `, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")`
}

// answering returns an expression: the nodes of which an exporter has answered
// within 15 minutes, by a label of kube-state-metrics that names them.
func (c *Config) answering(label string) string {
	return fmt.Sprintf(`label_replace(max by (%s) (max_over_time(up{%s}[15m])) == 1, "%s", "$1", "instance", "([^:]+)(:[0-9]+)?")`, c.node(), c.scraped(), label)
}

// kubelets returns an expression: the nodes whose kubelet is of some minors.
func (c *Config) kubelets(minors string) string {
	return fmt.Sprintf(`group by (%s, node) (last_over_time(kube_node_info{%s, kubelet_version=~"v1[.](%s)[.].*"}[15m]))`, c.clusterLabel, c.kubeStateMetrics, minors)
}

// kubeletsEnded returns an expression: the nodes whose kubelet is of a minor that no
// longer gets patches. Minors end in their order.
func (c *Config) kubeletsEnded() (string, error) {
	past, later := c.runtimes.Kubernetes.ended(c.runtimes.Updated)
	if len(past) == 0 {
		return "", errors.New("runtimes.yaml: no minor of Kubernetes has ended")
	}
	newest, err := minor(past[0].Version)
	if err != nil {
		return "", err
	}
	all := []string{c.kubelets(minors(0, newest))}
	for _, r := range slices.Backward(later) {
		d, err := day(r.Ends)
		if err != nil {
			return "", err
		}
		all = append(all, fmt.Sprintf("%s\nand on ()\nvector(time()) >= %d * 86400", c.kubelets(strings.TrimPrefix(r.Version, "1.")), d+1))
	}
	return strings.Join(all, "\nor\n"), nil
}

// blocksNow returns an expression: nodes whose kubelet asks for more than their
// kernel has.
func (c *Config) blocksNow() (string, error) {
	future, err := c.runtimes.future()
	if err != nil {
		return "", err
	}
	return c.blocks(func(m int) string { return minors(m, future) })
}

// blocksNext returns an expression: nodes that the next two minors refuse.
func (c *Config) blocksNext() (string, error) {
	return c.blocks(func(m int) string { return minors(m-2, m-1) })
}

// blocks returns an expression: nodes whose kubelet is of the minors that belong to a
// minor, and that do not have what this minor asks for; with the labels minor and
// reason.
func (c *Config) blocks(of func(minor int) string) (string, error) {
	floors, err := c.runtimes.floors()
	if err != nil {
		return "", err
	}
	var all []string
	add := func(m int, reason, nodes string) {
		all = append(all, fmt.Sprintf(`label_replace(label_replace(
    count by (job, %s) (
      %s
      and on (%s, node)
      %s
    ),
  "minor", "1.%d", "", ""), "reason", "%s", "", "")`, c.clusterLabel, ofNodes(nodes), c.clusterLabel, c.kubelets(of(m)), m, reason))
	}
	for _, f := range floors {
		add(f.minor, "kernel", fmt.Sprintf("max by (%s) (last_over_time(kernel_version_code{%s}[15m])) < %s", c.node(), c.scraped(), versionCode(f.code)))
	}
	v2, err := c.runtimes.cgroupV2()
	if err != nil {
		return "", err
	}
	if v2 > 0 {
		add(v2, "cgroup_v1", fmt.Sprintf(`group by (%s) (last_over_time(kernel_cgroup_info{%s, hierarchy!="v2"}[15m]))`, c.node(), c.scraped()))
	}
	return strings.Join(all, "\nor\n"), nil
}

// runtimesEnded returns an expression: nodes whose container runtime no longer
// gets patches, with the label runtime.
func (c *Config) runtimesEnded() (string, error) {
	var past, later []string
	for _, l := range []struct {
		name      string
		lifecycle lifecycle
		before    string // the data's oldest
	}{
		{name: "containerd", lifecycle: c.runtimes.Containerd, before: "0[.][0-9]+"},
		{name: "cri-o", lifecycle: c.runtimes.Crio, before: "1[.](?:[0-9]|1[0-5])"},
		{name: "docker", lifecycle: c.runtimes.Docker, before: "1[.][0-9]+"},
	} {
		old, young := l.lifecycle.ended(c.runtimes.Updated)
		if v := runtimeVersions(l.name, old); v != "" {
			past = append(past, strings.Replace(v, ")[.]", "|"+l.before+")[.]", 1))
		}
		for i := range young {
			d, err := day(young[i].Ends)
			if err != nil {
				return "", err
			}
			later = append(later, fmt.Sprintf("%s\nand on ()\nvector(time()) >= %d * 86400", c.nodesWithRuntime(runtimeVersions(l.name, young[i:i+1])), d+1))
		}
	}
	return strings.Join(append([]string{c.nodesWithRuntime(strings.Join(past, "|"))}, later...), "\nor\n"), nil
}

// nodesWithRuntime returns an expression: the nodes whose runtime matches.
func (c *Config) nodesWithRuntime(versions string) string {
	return fmt.Sprintf(`group by (%s, node, container_runtime_version) (last_over_time(kube_node_info{%s, container_runtime_version=~"%s"}[15m]))`,
		c.clusterLabel, c.kubeStateMetrics, versions)
}
