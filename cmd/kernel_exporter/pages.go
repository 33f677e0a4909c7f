package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

//go:embed *.html
var pagesHTML embed.FS

// pages are the pages that are made for people with a browser.
type pages struct {
	templates func() (*template.Template, error) // parsed when the first page is asked for: most nodes show none
	logger    log.Logger
	node      string // the node's name; empty if it is not known
}

// page is what every page shows.
type page struct {
	Name    string // the node's name
	Version string
	Metrics string // the path of the metrics below Root; empty for no link
	Root    string // the path of the landing page, relative: the exporter may be below another path of a proxy
}

func newPages(logger log.Logger, node string) *pages {
	return &pages{sync.OnceValues(parsePages), logger, node}
}

func parsePages() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"breakable": breakable, "camel": camel, "prose": prose}).ParseFS(pagesHTML, "*.html")
}

func (p *pages) page(root string) page { return page{p.node, versionText(), "", root} }

// breakable lets a name be broken after its underscores, slashes and the like, and
// nowhere else.
func breakable(name any) template.HTML {
	text := template.HTMLEscapeString(fmt.Sprint(name))
	return template.HTML(strings.NewReplacer("_", "_<wbr>", "/", "/<wbr>", "-", "-<wbr>", ".", ".<wbr>").Replace(text)) //nolint:gosec // escaped
}

// write answers with a page, which needs nothing from anywhere else and is
// never out of date.
func (p *pages) write(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	t, err := p.templates()
	if err == nil {
		err = t.ExecuteTemplate(&b, name, data)
	}
	if err != nil {
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

// camel lets a name such as KernelNetdevLeak be broken before its capitals.
func camel(name string) template.HTML {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteString("<wbr>")
		}
		b.WriteString(template.HTMLEscapeString(string(r)))
	}
	return template.HTML(b.String()) //nolint:gosec // escaped
}

// prose keeps the dates of a text in one piece, which a browser would break at
// their hyphens.
func prose(text string) template.HTML {
	dates := regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)
	return template.HTML(dates.ReplaceAllString(template.HTMLEscapeString(text), `<span class="nobreak">$0</span>`)) //nolint:gosec // escaped
}
