package alerts_test

import (
	"bytes"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kernel_exporter/alerts"
)

// configured returns a configuration.
func configured(t *testing.T, content string) *alerts.Config {
	t.Helper()
	c, err := alerts.NewConfig([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rendered returns the rules of a configuration.
func rendered(t *testing.T, content string) []byte {
	t.Helper()
	rules, err := alerts.Rules(configured(t, content))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestKernelYAMLIsCurrent: UPDATE_GOLDEN=1 writes it.
func TestKernelYAMLIsCurrent(t *testing.T) {
	t.Parallel()
	want := rendered(t, "")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("kernel.yaml", want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("kernel.yaml"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("kernel.yaml is not what rules.yaml makes (%v); write it by UPDATE_GOLDEN=1 go test ./alerts -run KernelYAML", err)
	}
}

func TestRunbooksAreWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		alerts.RunbookBase:                   alerts.RunbookBase + "/KernelOops",
		"https://wiki.example/kernel":        "https://wiki.example/kernel/KernelOops",
		"https://wiki.example/":              "https://wiki.example/KernelOops",
		"http://[::1]:10044/a b/{{x}}":       "http://[::1]:10044/a%20b/%7B%7Bx%7D%7D/KernelOops",
		"https://forge.example/k/{alert}.md": "https://forge.example/k/KernelOops.md",
		"https://wiki.example/k-{alert}/":    "https://wiki.example/k-KernelOops",
		"https://wiki.example/{alert}/{{x}}": "https://wiki.example/KernelOops/%7B%7Bx%7D%7D",
	} {
		c := configured(t, "")
		if err := c.SetRunbookBase(base); err != nil {
			t.Errorf("base %q: %v", base, err)
			continue
		}
		got, err := alerts.Rules(c)
		if err != nil {
			t.Fatal(err)
		}
		all := bytes.Count(got, []byte("- alert: "))
		if n := bytes.Count(got, []byte("runbook_url: "+strings.SplitN(want, "KernelOops", 2)[0])); n != all || n == 0 {
			t.Errorf("base %q: %d of %d runbooks are there", base, n, all)
		}
		if !bytes.Contains(got, []byte("runbook_url: "+want+"\n")) {
			t.Errorf("base %q: no runbook is at %s", base, want)
		}
	}
}

func TestWhatIsNoBaseIsRefused(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "runbooks", "/runbooks", "ftp://wiki.example", "http://", "https:wiki", "http://wiki/?page=", "http://wiki?", "http://wiki/#", "http://wiki/#a", "http://wi ki/", "http://wiki\n/", "{alert}", "http://wiki/{alert}?a", "http://{alert}/", "http://wiki{alert}", "http://wiki/{alert}\n"} {
		c := configured(t, "")
		for _, set := range []func(string) error{c.SetRunbookBase, c.SetGrafanaBase} {
			if err := set(base); err == nil {
				t.Errorf("base %q: no error", base)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("base %q: the error is not one line: %v", base, err)
			}
		}
	}
}

func TestPrometheusRuleHasTheRulesAsItsSpec(t *testing.T) {
	t.Parallel()
	var resource struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct {
			Name, Namespace string
			Labels          map[string]string
		}
		Spec map[string]any
	}
	content, err := alerts.PrometheusRule(configured(t, ""), alerts.Resource{Name: "kernels", Namespace: "monitoring", Labels: map[string]string{"release": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	decode(t, content, &resource)
	m := resource.Metadata
	if resource.APIVersion != "monitoring.coreos.com/v1" || resource.Kind != "PrometheusRule" || m.Name != "kernels" || m.Namespace != "monitoring" ||
		!reflect.DeepEqual(m.Labels, map[string]string{"app.kubernetes.io/name": "kernel-exporter", "release": "true"}) {
		t.Errorf("the resource is %s %s %+v", resource.APIVersion, resource.Kind, m)
	}
	var want map[string]any
	decode(t, rendered(t, ""), &want)
	if !reflect.DeepEqual(resource.Spec, want) {
		t.Error("the spec is not what the rule file says")
	}
	for _, r := range []alerts.Resource{{Name: "a_b"}, {Name: "a", Namespace: "A"}, {Name: "a\nb"}} {
		if _, err := alerts.PrometheusRule(configured(t, ""), r); err == nil {
			t.Errorf("%+v is no error", r)
		}
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
