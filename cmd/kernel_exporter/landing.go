package main

import (
	"net/http"
	"time"

	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// landing is what the landing page shows.
type landing struct {
	report
	Log           logReport
	Version       string
	TelemetryPath string
	Now           string
}

// logReport says how far the kernel log can be trusted, and what it told.
type logReport struct {
	Up       bool
	Source   string
	Err      error
	Complete bool
	Lost     uint64
	AtLeast  bool // a gap that has no size is counted as one record
	Leaks    int
	Events   []eventReport
}

type eventReport struct {
	Name     string
	Count    uint64
	LastSeen string
}

// landing returns the page that a person sees who opens the exporter's address
// in a browser. It shows the same judgement as the metrics do.
func (p *pages) landing(exporter *collector.Exporter, telemetryPath string, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		judgement := exporter.Judge(r.Context())
		p.write(w, "landing.html", landing{
			report:        newReport(judgement, policy.Critical),
			Log:           newLogReport(judgement.Log),
			Version:       versionText(),
			TelemetryPath: telemetryPath,
			Now:           now().UTC().Format("2006-01-02 15:04:05 UTC"),
		})
	})
}

func newLogReport(n kmsg.Snapshot) logReport {
	r := logReport{Up: n.Up, Source: n.Source, Err: n.Err, Complete: n.CompleteSinceBoot, Lost: n.LostBeforeStart + n.LostOverrun, AtLeast: n.Source == kmsg.SourceSyslog, Leaks: n.Leaks}
	for _, e := range event.All() {
		if count := n.Events[e]; count.Count > 0 {
			r.Events = append(r.Events, eventReport{string(e), count.Count, count.LastSeen.UTC().Format("2006-01-02 15:04:05 UTC")})
		}
	}
	return r
}
