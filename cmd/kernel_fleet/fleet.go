package main

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// fleet serves the nodes.
type fleet struct {
	plan     Plan
	nodes    []node
	byName   map[string]*node
	symptoms []symptom
	scratch  sync.Pool // of *exposition
}

// exposition is what it takes to render one.
type exposition struct {
	state state
	text  []byte
}

func newFleet(p Plan, bases map[string]*base) *fleet {
	f := &fleet{
		plan: p, symptoms: symptoms(),
		nodes: make([]node, p.Nodes), byName: make(map[string]*node, p.Nodes),
		scratch: sync.Pool{New: func() any { return new(exposition) }},
	}
	for i := range f.nodes {
		f.nodes[i] = newNode(p, i, bases)
		f.byName[f.nodes[i].name] = &f.nodes[i]
	}
	return f
}

// handler serves the metrics of every node, and the list of them for
// Prometheus's HTTP service discovery.
func (f *fleet) handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	drawn := template.Must(template.New("page").Parse(pageText)) // a test draws it
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { f.index(w, drawn, now()) })
	mux.HandleFunc("GET /sd", f.discovery)
	mux.HandleFunc("GET /nodes/{node}/metrics", func(w http.ResponseWriter, r *http.Request) {
		f.metrics(w, r, now())
	})
	mux.HandleFunc("GET /clusters/{cluster}/kube-state-metrics", func(w http.ResponseWriter, r *http.Request) {
		f.kubernetes(w, r.PathValue("cluster"), now())
	})
	return mux
}

// targetGroup is an entry of a service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discovery lists the nodes at the address by which it was asked, and a
// kube-state-metrics for each cluster. That has a job of its own: what a discovery
// says of the label wins over the scrape configuration.
func (f *fleet) discovery(w http.ResponseWriter, r *http.Request) {
	groups := make([]targetGroup, 0, len(f.nodes)+f.plan.Clusters)
	for _, n := range f.nodes {
		groups = append(groups, targetGroup{
			Targets: []string{r.Host},
			Labels: map[string]string{
				"__metrics_path__": "/nodes/" + n.name + "/metrics",
				"cluster":          n.cluster,
				"instance":         n.name, // as in a cluster, where relabeling names a target by its node
				"node":             n.name,
			},
		})
	}
	for i, n := range f.nodes { // a cluster's nodes stand together
		if i > 0 && f.nodes[i-1].cluster == n.cluster {
			continue
		}
		groups = append(groups, targetGroup{
			Targets: []string{r.Host},
			Labels: map[string]string{
				"__metrics_path__": "/clusters/" + n.cluster + "/kube-state-metrics",
				"cluster":          n.cluster,
				"job":              "kube-state-metrics",
				"instance":         "kube-state-metrics",
			},
		})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups) // who asked has gone
}

// metrics serves the exposition of a node, unless that is dark. It is not
// compressed, whatever the client accepts: on a loopback interface that would
// cost more than it saves.
func (f *fleet) metrics(w http.ResponseWriter, r *http.Request, now time.Time) {
	n := f.byName[r.PathValue("node")]
	switch {
	case n == nil:
		http.Error(w, "no such node", http.StatusNotFound)
		return
	case n.dark(now.Sub(f.plan.Begin)):
		http.Error(w, "this node is dark", http.StatusServiceUnavailable)
		return
	}
	e, ok := f.scratch.Get().(*exposition)
	if !ok {
		e = new(exposition)
	}
	f.render(e, n, now)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(e.text)))
	_, _ = w.Write(e.text) // who asked has gone
	f.scratch.Put(e)
}

// render renders what a node exposes at a time.
func (f *fleet) render(e *exposition, n *node, now time.Time) {
	b := e.state.observe(f.plan, n, now, f.symptoms)
	e.text = b.render(e.text[:0], &e.state)
}
