package alerts_test

import (
	"bytes"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/alerts"
)

func TestRulesPutsTheBaseOfTheRunbooksInEveryAlert(t *testing.T) {
	t.Parallel()
	original, err := alerts.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	urls := bytes.Count(original, []byte("runbook_url: "+alerts.RunbookBase+"/"))
	if n := bytes.Count(original, []byte("- alert: ")); n == 0 || n != urls {
		t.Fatalf("%d alerts, %d runbook URLs", n, urls)
	}

	for base, want := range map[string]string{
		alerts.RunbookBase:             alerts.RunbookBase,
		"https://wiki.example/kernel":  "https://wiki.example/kernel",
		"https://wiki.example/":        "https://wiki.example",
		"http://[::1]:10044/a b/{{x}}": "http://[::1]:10044/a%20b/%7B%7Bx%7D%7D",
	} {
		got, err := alerts.Rules(base)
		if err != nil {
			t.Errorf("base %q: %v", base, err)
			continue
		}
		if n := bytes.Count(got, []byte("runbook_url: "+want+"/Kernel")) + bytes.Count(got, []byte("runbook_url: "+want+"/OS")); n != urls {
			t.Errorf("base %q: %d of %d runbooks are at %s", base, n, urls, want)
		}
		if want != alerts.RunbookBase && bytes.Contains(got, []byte(alerts.RunbookBase)) {
			t.Errorf("base %q: %s is still there", base, alerts.RunbookBase)
		}
	}
}

func TestRulesRefusesWhatIsNoBase(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"runbooks", "/runbooks", "ftp://wiki.example", "http://", "https:wiki", "http://wiki/?page=", "http://wiki?", "http://wiki/#", "http://wiki/#a", "http://wi ki/", "http://wiki\n/"} {
		if got, err := alerts.Rules(base); err == nil {
			t.Errorf("base %q: no error, %d bytes", base, len(got))
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("base %q: the error is not one line: %v", base, err)
		}
	}
}

func TestPrometheusRuleHasTheRulesAsItsSpec(t *testing.T) {
	t.Parallel()
	var resource struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct {
			Name   string
			Labels map[string]string
		}
		Spec map[string]any
	}
	content, err := alerts.PrometheusRule("https://wiki.example")
	if err != nil {
		t.Fatal(err)
	}
	decode(t, content, &resource)
	if resource.APIVersion != "monitoring.coreos.com/v1" || resource.Kind != "PrometheusRule" || resource.Metadata.Name != "kernel-exporter" {
		t.Errorf("the resource is a %s %s named %q", resource.APIVersion, resource.Kind, resource.Metadata.Name)
	}
	var want map[string]any
	rules, err := alerts.Rules("https://wiki.example")
	if err != nil {
		t.Fatal(err)
	}
	decode(t, rules, &want)
	if !reflect.DeepEqual(resource.Spec, want) {
		t.Error("the spec is not what the rule file says")
	}
	if _, err := alerts.PrometheusRule("wiki"); err == nil {
		t.Error("a base that is none is no error")
	}
}

func TestRulesReturnsACopy(t *testing.T) {
	t.Parallel()
	first, err := alerts.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	clear(first)
	second, err := alerts.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(second, []byte{0}) {
		t.Error("what one caller does to the rules, the next one gets")
	}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	t.Parallel()
	var want []string
	for _, r := range kernelRules(t) {
		if r.Alert != "" {
			want = append(want, r.Alert)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if got := alerts.Names(); !slices.Equal(got, want) {
		t.Errorf("runbooks are of\n%v\nalerts are\n%v", got, want)
	}
	for _, name := range alerts.Names() {
		if page, err := fs.ReadFile(alerts.Runbooks(), name+".md"); err != nil || len(page) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(page), err)
		}
	}
}
