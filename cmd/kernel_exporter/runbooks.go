package main

import (
	"html/template"
	"io/fs"
	"net/http"

	"kernel_exporter/alerts"
)

// runbook is what the page of a runbook shows.
type runbook struct {
	Name string
	Text template.HTML
}

// runbooks serves the runbooks of the alerts: where the alerts' runbook_url
// points to, unless the user has them elsewhere.
func (p *pages) runbooks(mux *http.ServeMux) {
	index := func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, "runbooks.html", alerts.Names())
	}
	mux.HandleFunc("GET /runbooks", index)
	mux.HandleFunc("GET /runbooks/{$}", index)
	mux.HandleFunc("GET /runbooks/{alert}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("alert")
		page, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			http.Error(w, "There is no such alert. All runbooks are at /runbooks/.", http.StatusNotFound)
			return
		}
		p.write(w, "runbook.html", runbook{name, renderMarkdown(string(page))})
	})
}
