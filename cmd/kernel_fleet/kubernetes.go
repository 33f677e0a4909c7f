package main

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// kubeInfo is what the API server was told of a node like a base.
type kubeInfo struct{ release, osImage, kubelet, runtime string }

// newKubeInfo takes what a root's scrape says, and versions of kubelet and runtime
// that such nodes have: the oldest kernels run what was current when they were.
func newKubeInfo(families []*dto.MetricFamily, g generation) kubeInfo {
	k := kubeInfo{release: labelOf(families, "kernel_info", "release"), osImage: labelOf(families, "kernel_os_info", "name")}
	switch g {
	case old:
		k.kubelet, k.runtime = "v1.19.16", "docker://19.3.15"
	case middle:
		k.kubelet, k.runtime = "v1.33.5", "containerd://1.7.28"
	default:
		k.kubelet, k.runtime = "v1.35.2", "containerd://2.3.1"
	}
	return k
}

// labelOf returns a label of the first series of a metric.
func labelOf(families []*dto.MetricFamily, metric, label string) string {
	for _, f := range families {
		if f.GetName() != metric || len(f.GetMetric()) == 0 {
			continue
		}
		for _, l := range f.GetMetric()[0].GetLabel() {
			if l.GetName() == label {
				return l.GetValue()
			}
		}
	}
	return ""
}

// kubernetes serves what kube-state-metrics would of a cluster's nodes.
func (f *fleet) kubernetes(w http.ResponseWriter, cluster string, now time.Time) {
	var b strings.Builder
	b.WriteString("# HELP kube_node_info Information about a cluster node.\n# TYPE kube_node_info gauge\n")
	for i := range f.nodes {
		n := &f.nodes[i]
		if n.cluster != cluster {
			continue
		}
		base, _ := n.at(now.Sub(f.plan.Begin))
		k := base.kube
		fmt.Fprintf(&b, "kube_node_info{node=%q,kernel_version=%q,os_image=%q,container_runtime_version=%q,kubelet_version=%q,kubeproxy_version=%q,provider_id=\"\",pod_cidr=\"\",system_uuid=\"\",internal_ip=%q} 1\n",
			n.name, k.release, k.osImage, k.runtime, k.kubelet, k.kubelet, address(n.name))
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write([]byte(b.String())) // who asked has gone
}

// address returns an address for a node, which nothing answers.
func address(node string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(node)) // never fails
	sum := h.Sum32()
	return fmt.Sprintf("10.%d.%d.%d", byte(sum>>16), byte(sum>>8), byte(sum))
}
