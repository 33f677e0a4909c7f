package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kernel_exporter/collector/collectortest"
)

const testdata = "../../collector/testdata"

// recorded returns the bases as they are at the time of the golden files.
func recorded(t testing.TB) map[string]*base {
	t.Helper()
	bases, err := loadedOnce()
	if err != nil {
		t.Fatal(err)
	}
	return bases
}

// demoPlan is the fleet of most tests: small, and one in which a day is a
// minute.
func demoPlan() Plan {
	return Plan{Nodes: 200, Clusters: 4, Seed: 1, Begin: collectortest.Today(), Start: 30 * day, Speed: 1440}
}

// testFleet builds the fleet of demoPlan, with changes to the plan.
func testFleet(t testing.TB, change ...func(*Plan)) *fleet {
	t.Helper()
	p := demoPlan()
	for _, c := range change {
		c(&p)
	}
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	return newFleet(p, recorded(t))
}

// answer returns what the fleet's handler answers at a time of the clock.
func answer(f *fleet, path string, since time.Duration) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	now := f.plan.Begin.Add(since)
	f.handler(func() time.Time { return now }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

// TestDiscovery holds the shape that http_sd_configs of Prometheus want, and
// the labels that rules and dashboards rest on.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	r := answer(f, "/sd", 0)
	if got := r.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("content type is %q; Prometheus takes only application/json", got)
	}
	var groups []targetGroup
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&groups); err != nil {
		t.Fatal(err)
	}
	if len(groups) != f.plan.Nodes+f.plan.Clusters {
		t.Fatalf("%d targets, want %d nodes and %d clusters", len(groups), f.plan.Nodes, f.plan.Clusters)
	}
	kubernetes := map[string]int{} // nodes by cluster
	for _, g := range groups[f.plan.Nodes:] {
		if g.Labels["job"] != "kube-state-metrics" {
			t.Errorf("labels %v: want the job kube-state-metrics", g.Labels)
		}
		kubernetes[g.Labels["cluster"]] = strings.Count(answer(f, g.Labels["__metrics_path__"], 0).Body.String(), "\nkube_node_info{")
	}
	groups = groups[:f.plan.Nodes]
	names, clusters := map[string]bool{}, map[string]int{}
	for _, g := range groups {
		if len(g.Targets) != 1 || g.Targets[0] != "example.com" {
			t.Fatalf("targets %v, want the address that was asked", g.Targets)
		}
		if g.Labels["instance"] != g.Labels["node"] || names[g.Labels["node"]] {
			t.Errorf("labels %v: want an instance that is the node, and no node twice", g.Labels)
		}
		names[g.Labels["node"]] = true
		clusters[g.Labels["cluster"]]++
		if r := answer(f, g.Labels["__metrics_path__"], 0); r.Code != http.StatusOK && r.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", g.Labels["__metrics_path__"], r.Code)
		}
	}
	if len(clusters) != 4 || clusters["cluster-1"] != 50 || clusters["cluster-4"] != 50 {
		t.Errorf("nodes by cluster: %v, want 50 in each of 4", clusters)
	}
	if !maps.Equal(clusters, kubernetes) {
		t.Errorf("Kubernetes has the nodes %v, the exporters are on %v", kubernetes, clusters)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	dark := darkTime(t, f, &f.nodes[0])
	for _, test := range []struct {
		path   string
		since  time.Duration
		status int
		want   string
	}{
		{"/", 0, http.StatusOK, "fleet of 200 nodes"},
		{"/nodes/node-00001/metrics", dark - time.Second, http.StatusOK, "kernel_scrape_collector_success{"},
		{"/nodes/node-00001/metrics", dark, http.StatusServiceUnavailable, "dark"},
		{"/clusters/cluster-2/kube-state-metrics", 0, http.StatusOK, `kube_node_info{node="node-00051",kernel_version="`},
		{"/nodes/node-00201/metrics", 0, http.StatusNotFound, "no such node"},
		{"/nodes/node-00000/metrics", 0, http.StatusNotFound, "no such node"},
		{"/metrics", 0, http.StatusNotFound, ""},
	} {
		r := answer(f, test.path, test.since)
		if body := r.Body.String(); r.Code != test.status || !strings.Contains(body, test.want) {
			t.Errorf("GET %s after %s: %d, want %d with %q:\n%.200s", test.path, test.since, r.Code, test.status, test.want, body)
		}
	}
}

// darkTime returns the first second at which a node is dark.
func darkTime(t *testing.T, f *fleet, n *node) time.Duration {
	t.Helper()
	for since := time.Duration(0); since < 365*day; since += time.Minute {
		if n.dark(since) {
			for n.dark(since - time.Second) {
				since -= time.Second
			}
			return since
		}
	}
	t.Fatalf("%s of %d nodes is never dark", n.name, len(f.nodes))
	return 0
}

// TestConcurrentScrapes scrapes as Prometheus does, many nodes at a time, and
// each twice: what is shared between requests must not mix them up.
func TestConcurrentScrapes(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	server := httptest.NewServer(f.handler(collectortest.Today))
	t.Cleanup(server.Close)
	var wg sync.WaitGroup
	for i := range 2 * len(f.nodes) {
		wg.Go(func() {
			n := &f.nodes[i/2]
			if n.dark(0) {
				return
			}
			body, err := fetch(server.Client(), server.URL+"/nodes/"+n.name+"/metrics")
			if err != nil || body != text(f, n, 0) {
				t.Errorf("%s: %v, or not what it shows when asked alone", n.name, err)
			}
		})
	}
	wg.Wait()
}

func fetch(client *http.Client, url string) (string, error) {
	r, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, r.Status)
	}
	return string(b), err
}

// text returns what a node exposes.
func text(f *fleet, n *node, since time.Duration) string {
	var e exposition
	f.render(&e, n, f.plan.Begin.Add(since))
	return string(e.text)
}

// TestPageDrawsEveryNode: a square for each, with the state that its metrics have.
func TestPageDrawsEveryNode(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	now := f.plan.Begin.Add(time.Hour)
	recorder := httptest.NewRecorder()
	f.handler(func() time.Time { return now }).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	body := recorder.Body.String()
	if strings.Contains(body, "ZgotmplZ") || strings.Count(body, "<polygon") != 3 {
		t.Errorf("the page is not whole:\n%.2000s", body)
	}
	for i := range f.nodes {
		n := &f.nodes[i]
		b, _ := n.at(time.Hour)
		want := `class="` + b.generation.String()
		if n.dark(time.Hour) {
			want = `class="dark"`
		}
		if link := `<a href="/nodes/` + n.name + `/metrics" ` + want; strings.Count(body, link) != 1 {
			t.Errorf("%s is not drawn as %s", n.name, want)
		}
	}
}
