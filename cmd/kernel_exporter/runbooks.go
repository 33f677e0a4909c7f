package main

import (
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-kit/log/level"
	"go.yaml.in/yaml/v3"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/policy"
)

// runbook is what the page of a runbook shows.
type runbook struct {
	page
	Alert string
	Text  template.HTML
}

// runbookIndex is what the list of the runbooks shows.
type runbookIndex struct {
	page
	Groups []runbookGroup
}

// runbookGroup is the runbooks of the alerts of a severity.
type runbookGroup struct {
	Severity policy.Severity
	Entries  []runbookEntry
}

type runbookEntry struct{ Alert, Meaning string }

// runbooks serves the runbooks of the alerts: where the alerts' runbook_url
// points to, unless the user has them elsewhere.
func (p *pages) runbooks(mux *http.ServeMux) {
	mux.HandleFunc("GET /runbooks", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "runbooks/") // relative, which http.Redirect does not keep
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	mux.HandleFunc("GET /runbooks/{$}", func(w http.ResponseWriter, _ *http.Request) {
		groups, err := runbookGroups()
		if err != nil {
			_ = level.Error(p.logger).Log("msg", "cannot list the runbooks", "err", err)
			http.Error(w, "The runbooks cannot be listed.", http.StatusInternalServerError)
			return
		}
		p.write(w, "runbooks.html", runbookIndex{p.page(".."), groups})
	})
	mux.HandleFunc("GET /runbooks/{alert}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("alert")
		text, err := fs.ReadFile(alerts.Runbooks(), name+".md")
		if err != nil {
			http.Error(w, "There is no such alert. All runbooks are at /runbooks/.", http.StatusNotFound)
			return
		}
		p.write(w, "runbook.html", runbook{p.page(".."), name, renderMarkdown(string(text))})
	})
}

// runbookGroups returns all runbooks by the worst severity of their alert.
func runbookGroups() ([]runbookGroup, error) {
	severities, err := alertSeverities()
	if err != nil {
		return nil, err
	}
	groups := make([]runbookGroup, 0, len(policy.Severities()))
	for _, severity := range policy.Severities() {
		g := runbookGroup{Severity: severity}
		for _, name := range alerts.Names() {
			if severities[name] != severity {
				continue
			}
			text, err := fs.ReadFile(alerts.Runbooks(), name+".md")
			if err != nil {
				return nil, err
			}
			g.Entries = append(g.Entries, runbookEntry{name, firstSentence(string(text))})
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// alertSeverities returns the worst severity of each alert.
func alertSeverities() (map[string]policy.Severity, error) {
	text, err := alerts.DefaultRules()
	if err != nil {
		return nil, err
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert  string
				Labels map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("the built-in rules: %w", err)
	}
	worst := map[string]policy.Severity{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			severity := policy.Severity(r.Labels["severity"])
			if old, ok := worst[r.Alert]; r.Alert != "" && (!ok || rank(severity) < rank(old)) {
				worst[r.Alert] = severity
			}
		}
	}
	return worst, nil
}

// firstSentence returns what a runbook says first of what its alert means.
func firstSentence(text string) string {
	_, meaning, _ := strings.Cut(text, "## Meaning\n")
	meaning = strings.TrimSpace(meaning)
	if end := regexp.MustCompile(`[.:](\s|$)`).FindStringIndex(meaning); end != nil {
		meaning = meaning[:end[0]]
	}
	return strings.NewReplacer("`", "", "**", "", "\n", " ").Replace(meaning) + "."
}
