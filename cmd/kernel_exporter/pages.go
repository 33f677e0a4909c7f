package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

//go:embed *.html
var pagesHTML embed.FS

// pages are the pages that are made for people with a browser.
type pages struct {
	templates *template.Template
	logger    log.Logger
}

func newPages(logger log.Logger) (*pages, error) {
	t, err := template.ParseFS(pagesHTML, "*.html")
	if err != nil {
		return nil, err
	}
	return &pages{t, logger}, nil
}

// write answers with a page, which needs nothing from anywhere else and is
// never out of date.
func (p *pages) write(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		_ = level.Error(p.logger).Log("msg", "cannot render a page", "page", name, "err", err)
		http.Error(w, "cannot render the page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // a client that is gone is no fault of ours
}
