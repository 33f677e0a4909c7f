package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"kernel_exporter/collector"
	"kernel_exporter/collector/kmsg"
	"kernel_exporter/collector/policy"
)

//go:embed landing.html
var landingHTML string

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
	Leaks    int
	Events   []eventReport
}

type eventReport struct {
	Name     string
	Count    uint64
	LastSeen string
}

// newLandingPage returns the page that a person sees who opens the exporter's
// address in a browser. It shows the same judgement as the metrics do.
func newLandingPage(exporter *collector.Exporter, telemetryPath string, now func() time.Time, logger log.Logger) (http.Handler, error) {
	page, err := template.New("landing").Parse(landingHTML)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		err := page.Execute(&b, landing{
			report:        newReport(exporter.Judge(), policy.Critical),
			Log:           newLogReport(exporter.Log()),
			Version:       versionText(),
			TelemetryPath: telemetryPath,
			Now:           now().UTC().Format("2006-01-02 15:04:05 UTC"),
		})
		if err != nil {
			_ = level.Error(logger).Log("msg", "cannot render the landing page", "err", err)
			http.Error(w, "cannot render the page", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(b.Bytes()) // a client that is gone is no fault of ours
	}), nil
}

func newLogReport(n kmsg.Snapshot) logReport {
	r := logReport{Up: n.Up, Source: n.Source, Err: n.Err, Complete: n.CompleteSinceBoot, Lost: n.LostBeforeStart + n.LostOverrun, Leaks: n.Leaks}
	for e, count := range n.Events {
		if count.Count > 0 {
			r.Events = append(r.Events, eventReport{kmsg.Event(e).String(), count.Count, count.LastSeen.UTC().Format("2006-01-02 15:04:05 UTC")})
		}
	}
	return r
}
