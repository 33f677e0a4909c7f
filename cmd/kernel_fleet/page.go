package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"time"
)

//go:embed page.html
var pageText string

// page is what a person sees of the fleet: every node as a square, and the
// migration over time.
type page struct {
	Nodes              int
	Age, Span          int // of the migration, in days
	Speed              float64
	First, Cluster     string
	Count              map[string]int
	Clusters           []clusterRow
	Curves             []curve
	Now, Width, Height int
}

type clusterRow struct {
	Name    string
	Squares []square
}

type square struct {
	Node, Kernel string
	State        string // a class of the page
	Leaks        bool
}

// curve is an area of the graph, as points of SVG.
type curve struct{ Generation, Points string }

func (g generation) String() string {
	switch g {
	case old:
		return "old"
	case middle:
		return "middle"
	default:
		return "recent"
	}
}

// index draws the fleet at a time.
func (f *fleet) index(w http.ResponseWriter, t *template.Template, now time.Time) {
	since := now.Sub(f.plan.Begin)
	p := page{
		Nodes: len(f.nodes), Age: int(f.plan.age(since) / day), Span: int(span / day), Speed: f.plan.Speed,
		First: f.nodes[0].name, Cluster: f.nodes[0].cluster, Count: map[string]int{}, Width: 960, Height: 160,
	}
	p.Now = int(min(float64(f.plan.age(since))/float64(span), 1) * float64(p.Width))
	var s state
	for i := range f.nodes {
		n := &f.nodes[i]
		if i == 0 || f.nodes[i-1].cluster != n.cluster { // a cluster's nodes stand together
			p.Clusters = append(p.Clusters, clusterRow{Name: n.cluster})
		}
		b := s.observe(f.plan, n, now, f.symptoms)
		q := square{Node: n.name, Kernel: b.kube.release, State: b.generation.String(), Leaks: s.leaks > 0}
		if n.dark(since) {
			q.State, q.Leaks = "dark", false
		}
		p.Count[q.State]++
		if q.Leaks {
			p.Count["leaks"]++
		}
		row := &p.Clusters[len(p.Clusters)-1]
		row.Squares = append(row.Squares, q)
	}
	p.Curves = f.curves(p.Width, p.Height)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = t.Execute(w, p) // who asked has gone
}

// curves draws how many nodes are of each generation over the whole migration, one
// on top of the other. The newest lies at the bottom, and the oldest behind all.
func (f *fleet) curves(width, height int) []curve {
	const steps = 60
	all := []curve{{Generation: "old"}, {Generation: "middle"}, {Generation: "recent"}}
	for i := range all {
		all[i].Points = fmt.Sprintf("0,%d", height)
	}
	stride := max(1, len(f.nodes)/2000) // of a large fleet a part is enough
	for step := range steps + 1 {
		var count [3]int
		at := f.plan.since(span * time.Duration(step) / steps)
		for i := 0; i < len(f.nodes); i += stride {
			b, _ := f.nodes[i].at(at)
			count[b.generation]++
		}
		total := count[old] + count[middle] + count[recent]
		for i, n := range []int{total, count[middle] + count[recent], count[recent]} {
			all[i].Points += fmt.Sprintf(" %d,%d", width*step/steps, height-height*n/total)
		}
	}
	for i := range all {
		all[i].Points += fmt.Sprintf(" %d,%d", width, height)
	}
	return all
}
