package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/alerts"
	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/policy"
)

// TestServesTheRunbooksWhereTheAlertsPoint follows every runbook_url, and every
// link on the way.
func TestServesTheRunbooksWhereTheAlertsPoint(t *testing.T) {
	t.Parallel()
	rules, err := alerts.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, "--path.rootfs="+filepath.Join(testdata, "debian-12-6.1"))
	urls := regexp.MustCompile(`runbook_url: http://[^/]*(/runbooks/(\w+))\n`).FindAllSubmatch(rules, -1)
	if len(urls) != bytes.Count(rules, []byte("- alert:")) {
		t.Fatalf("%d alerts have %d runbooks", bytes.Count(rules, []byte("- alert:")), len(urls))
	}
	for _, u := range urls {
		page, header := get(t, url+string(u[1]))
		if !strings.Contains(page, "<h1>"+string(u[2])+"</h1>") || !strings.Contains(page, "<h2>Mitigation</h2>") {
			t.Errorf("%s is not the runbook", u[1])
		}
		if !strings.HasPrefix(header.Get("Content-Type"), "text/html") || header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s is served as %v", u[1], header)
		}
	}

	for _, at := range []string{"/runbooks", "/runbooks/"} {
		index, _ := get(t, url+at)
		for _, name := range alerts.Names() {
			if !strings.Contains(index, `<a href="`+name+`">`) {
				t.Errorf("%s does not list %s", at, name)
			}
		}
	}
	if landing, _ := get(t, url+"/"); !strings.Contains(landing, `<a href="./runbooks/">`) {
		t.Error("the landing page does not link to the runbooks")
	}
	for _, at := range []string{"/runbooks/KernelNothing", "/runbooks/..%2f..%2fkernel", "/runbooks/KernelOops.md", "/runbooks/KernelOops/x"} {
		if status, _, _ := fetch(t, url+at); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", at, status)
		}
	}
}

// Every event and symptom names a runbook that there is.
func TestMeaningsHaveRunbooks(t *testing.T) {
	t.Parallel()
	names := alerts.Names()
	for _, e := range event.All() {
		if name := policy.MeaningOf(e).Runbook; name != "" && !slices.Contains(names, name) {
			t.Errorf("the event %s names the runbook %s, and there is none", e, name)
		}
	}
	if !slices.Contains(names, "KernelMemoryCgroupsNearLimit") {
		t.Error("KernelMemoryCgroupsNearLimit is no runbook")
	}
}
