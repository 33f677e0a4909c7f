package main

import (
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed landing.html
var landingHTML string

// landingPage returns the page that a person sees who opens the exporter's
// address in a browser.
func landingPage(telemetryPath string) (http.Handler, error) {
	page, err := template.New("landing").Parse(landingHTML)
	if err != nil {
		return nil, err
	}
	data := struct{ Version, TelemetryPath string }{versionText(), telemetryPath}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		h.Set("X-Content-Type-Options", "nosniff")
		_ = page.Execute(w, data) // a client that is gone is no fault of ours
	}), nil
}
