package main

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/policy"
)

// landing is what the landing page shows.
type landing struct {
	page
	report
	nodeReport
	Hours template.HTML // the events of the last day
	Slab  template.HTML // over the exporter's life
	Now   string
}

// landing returns the page that a person sees who opens the exporter's address
// in a browser. It shows the same judgement as the metrics do.
func (p *pages) landing(exporter *collector.Exporter, slab *history, telemetryPath string, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		judgement, at := exporter.Judge(r.Context()), now()
		head := p.page(".")
		head.Metrics = strings.TrimPrefix(telemetryPath, "/")
		p.write(w, "landing.html", landing{
			page:       head,
			report:     newReport(judgement, policy.Critical, p.node, at),
			nodeReport: newNodeReport(judgement, at),
			Hours:      drawHours(judgement.Log, at),
			Slab:       slab.draw(),
			Now:        at.UTC().Format("2006-01-02 15:04:05 UTC"),
		})
	})
}

// VerdictClass is the verdict as a class of the style sheet. Green is only what is
// fit and has nothing of weight unknown.
func (l landing) VerdictClass() string {
	switch l.Verdict {
	case policy.Unfit:
		return "critical"
	case policy.Fit:
		return "good"
	default:
		return "warning"
	}
}

// HealthClass is the same of the node's health.
func (l landing) HealthClass() string {
	switch {
	case l.Sick.Health == policy.Sick:
		return string(l.Sick.Symptoms[0].Severity)
	case l.Sick.Health == policy.Well && l.Sick.Missing == "":
		return "good"
	default:
		return "warning"
	}
}
