package node_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kernel_exporter/collector/testkit"
)

// discovered has a Prometheus find the pod through the API server, with the relabelling
// of the chart's PodMonitor after that which the Prometheus Operator always puts before
// it (generatePodMonitorConfig of its pkg/prometheus/promcfg.go).
func discovered(t *testing.T, n *node) {
	t.Helper()
	if *prometheus == "" {
		t.Fatal("no Prometheus: see -prometheus")
	}
	n.upgrade(t)
	config := n.prometheusConfig(t)
	base := n.start(t, *prometheus, "--config.file="+testkit.File(t, "prometheus.yml", config), "--storage.tsdb.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0")

	name := strings.TrimSpace(n.kubectl(t, "get", "pods", "--output", "jsonpath={.items[0].spec.nodeName}"))
	want := map[string]string{"__name__": "up", "job": "kernel_exporter", "instance": name, "node": name, "namespace": namespace, "cluster": "prod"}
	found := func() string {
		all := n.query(t, base, "up")
		if len(all) != 1 || all[0].Value[1] != "1" || !maps.Equal(all[0].Metric, want) {
			return fmt.Sprintf("up is %v, want one of %v", all, want)
		}
		return ""
	}
	testkit.Eventually(t, patience, found)
	before := n.kubectl(t, "get", "pods", "--output", "jsonpath={.items[0].status.podIP}")
	n.kubectl(t, "rollout", "restart", "daemonset/kernel-exporter")
	n.rolledOut(t)
	if after := n.kubectl(t, "get", "pods", "--output", "jsonpath={.items[0].status.podIP}"); after == before {
		t.Errorf("the pod still has the address %s", after)
	}
	testkit.Eventually(t, patience, func() string {
		if p := found(); p != "" {
			return p
		}
		// A rollout starts no new series, and resets no counter.
		for query, want := range map[string]string{
			"count(count_over_time(up[10m]))":                         "1",
			"count(count_over_time(kernel_info[10m]))":                "1",
			"max(resets(kernel_log_records_total[10m]))":              "0",
			"max(changes(process_start_time_seconds[10m])) >= bool 1": "1",
		} {
			if all := n.query(t, base, query); len(all) != 1 || all[0].Value[1] != want {
				return fmt.Sprintf("%s is %v, want %s", query, all, want)
			}
		}
		return ""
	})
}

type result struct {
	Metric map[string]string
	Value  [2]any
}

func (n *node) query(t *testing.T, base, promql string) []result {
	t.Helper()
	out, err := n.try("curl", "-fsS", base+"/api/v1/query?query="+url.QueryEscape(promql))
	if err != nil {
		return nil // it may not be ready
	}
	var answer struct{ Data struct{ Result []result } }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Result
}

// prometheusConfig makes of the chart's PodMonitor what the operator makes of it.
func (n *node) prometheusConfig(t *testing.T) string {
	t.Helper()
	var monitor struct {
		Spec struct {
			Selector struct {
				MatchLabels map[string]string `yaml:"matchLabels"`
			}
			Endpoints []struct {
				Port        string
				Relabelings []map[string]any
			} `yaml:"podMetricsEndpoints"`
		}
	}
	rendered := n.helm(t, "template", "--set", "podMonitor.enabled=true,podMonitor.cluster=prod", "--show-only", "templates/podmonitor.yaml")
	if err := yaml.Unmarshal([]byte(rendered), &monitor); err != nil {
		t.Fatal(err)
	}
	endpoint := monitor.Spec.Endpoints[0]
	var relabel []map[string]any
	keep := func(source, value string) {
		relabel = append(relabel, map[string]any{"action": "keep", "source_labels": []string{source}, "regex": value})
	}
	copyTo := func(target, source string) {
		relabel = append(relabel, map[string]any{"source_labels": []string{source}, "target_label": target})
	}
	labels := monitor.Spec.Selector.MatchLabels
	if len(labels) == 0 {
		t.Fatalf("no selector in\n%s", rendered)
	}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		keep("__meta_kubernetes_pod_label_"+strings.NewReplacer(".", "_", "/", "_", "-", "_").Replace(label), labels[label])
	}
	keep("__meta_kubernetes_pod_container_port_name", endpoint.Port)
	copyTo("namespace", "__meta_kubernetes_namespace")
	copyTo("container", "__meta_kubernetes_pod_container_name")
	copyTo("pod", "__meta_kubernetes_pod_name")
	relabel = append(relabel, map[string]any{"target_label": "job", "replacement": namespace + "/kernel-exporter"},
		map[string]any{"target_label": "endpoint", "replacement": endpoint.Port})
	inPrometheus := map[string]string{"sourceLabels": "source_labels", "targetLabel": "target_label"}
	for _, r := range endpoint.Relabelings {
		ours := map[string]any{}
		for key, value := range r {
			ours[cmp.Or(inPrometheus[key], key)] = value
		}
		relabel = append(relabel, ours)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	n.run(t, "sh", "-c", "umask 077; kubectl config view --raw --minify --flatten >"+kubeconfig)
	config, err := yaml.Marshal(map[string]any{
		"global": map[string]any{"scrape_interval": "1s", "scrape_timeout": "1s"},
		"scrape_configs": []any{map[string]any{
			"job_name":              "podMonitor/kernel-exporter",
			"kubernetes_sd_configs": []any{map[string]any{"role": "pod", "kubeconfig_file": kubeconfig, "namespaces": map[string]any{"names": []string{namespace}}}},
			"relabel_configs":       relabel,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(config)
}
