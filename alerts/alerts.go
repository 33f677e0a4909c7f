// Package alerts carries the project's recording rules and alerts for
// Prometheus, and a runbook for each alert. They are built into the program, so
// that the rules always fit the metrics that it serves.
//
// The source is rules.yaml, which has the defaults of all that can be
// configured. kernel.yaml is what [Rules] makes of it by default; promtool and
// people read that as it is.
package alerts

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed runbooks/*.md
var runbooks embed.FS

// Runbooks returns the runbooks: a file <alert>.md for each alert, in Markdown.
func Runbooks() fs.FS {
	pages, err := fs.Sub(runbooks, "runbooks")
	if err != nil {
		return runbooks // not reached: the directory is embedded
	}
	return pages
}

// Names returns the names of all alerts, sorted, each once.
func Names() []string {
	pages, err := fs.Glob(Runbooks(), "*.md")
	if err != nil {
		return nil // not reached: the pattern is well-formed
	}
	for i, page := range pages {
		pages[i] = page[:len(page)-len(".md")]
	}
	slices.Sort(pages)
	return pages
}
