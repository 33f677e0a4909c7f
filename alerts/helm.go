package alerts

import (
	"fmt"
	"regexp"
	"strings"
)

// HelmRules returns the groups of rules as a template of Helm, which is configured by
// .Values.alerts: a mapping with the keys of what [DefaultConfig] prints. The chart has
// what it calls in templates/_alerts.tpl. A rule of an alert is left out where the alert
// is disabled, or the rule.
func HelmRules() ([]byte, error) {
	c, err := defaults()
	if err != nil {
		return nil, err
	}
	c.deferred = true
	c.job, c.selector = mark("job"), mark("selector")
	c.clusterLabel, c.kubeStateMetrics = mark("cluster_label"), mark("kube_state_metrics")
	c.runbookBase, c.grafanaBase = mark("runbook_base"), mark("grafana_base")
	c.labels, c.annotations = []pair{{mark("labels"), ""}}, []pair{{mark("annotations"), ""}}
	for id, s := range c.settings {
		s.severity, s.wait = mark("rule "+id+" severity"), mark("rule "+id+" for")
		for i := range s.thresholds {
			s.thresholds[i].value = mark("rule " + id + " thresholds." + s.thresholds[i].name)
		}
	}
	rules, err := Rules(c)
	if err != nil {
		return nil, err
	}
	_, groups, _ := strings.Cut(string(rules), "\ngroups:\n")
	return []byte(helmHead + helm("groups:\n"+groups)), nil
}

const helmHead = "{{- /* Made by `make golden` from alerts/rules.yaml. Not to be edited. */ -}}\n"

// What is only known when Helm renders is written between two brackets that no rule has.
const (
	markBegin = "⟦"
	markEnd   = "⟧"
)

// mark returns what stands for a value that is not known yet.
func mark(what string) string { return markBegin + what + markEnd }

// marked returns what stands for the result of a function of a value, if that is not
// known yet.
func marked(function, value string) (string, bool) {
	what, ok := strings.CutPrefix(value, markBegin)
	if !ok {
		return "", false
	}
	return mark(function + " " + strings.TrimSuffix(what, markEnd)), true
}

// helm turns marks into actions of Helm. What looks like one and is Prometheus's own
// is kept from Helm.
func helm(text string) string {
	text = strings.NewReplacer("{{", "{{ `{{` }}", "}}", "{{ `}}` }}").Replace(text)
	replace := func(pattern, by string) { text = regexp.MustCompile(pattern).ReplaceAllString(text, by) }
	rule := func(id string) string { return `.Values.alerts.alerts.` + strings.ReplaceAll(id, "/", ".") }

	replace(`, ⟦selector⟧`, `{{ with .Values.alerts.selector }}, {{ . }}{{ end }}`)
	replace(`(?m)^ *⟦(labels|annotations)⟧: .*\n`, "{{- with .Values.alerts.$1 }}\n{{ toYaml . | indent 10 }}\n{{- end }}\n")
	replace(`(?m)^( *dashboard_url: .*\n)`, "{{- if .Values.alerts.grafana_base }}\n$1{{- end }}\n")
	replace(`⟦runbook_base⟧/(\w+)`, `{{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "$1") }}`)
	replace(`⟦longest⟧`, `{{ include "ke.alerts.longest" . }}`)
	replace(`⟦(\w+) longest⟧`, `{{ include "ke.alerts.$1" (include "ke.alerts.longest" .) }}`)
	text = regexp.MustCompile(`⟦(?:(seconds|words|percent) )?rule (\S+) ([^\s⟧]+)⟧`).ReplaceAllStringFunc(text, func(m string) string {
		p := regexp.MustCompile(`⟦(?:(\w+) )?rule (\S+) ([^\s⟧]+)⟧`).FindStringSubmatch(m)
		function := p[1]
		if function == "" {
			function = "value"
		}
		return fmt.Sprintf(`{{ include "ke.alerts.%s" %s.%s }}`, function, rule(p[2]), p[3])
	})
	text = regexp.MustCompile(`⟦if ([^\s⟧]+)⟧`).ReplaceAllStringFunc(text, func(m string) string {
		id := strings.TrimSuffix(strings.TrimPrefix(m, markBegin+"if "), markEnd)
		alert, _, further := strings.Cut(id, "/")
		if further {
			return fmt.Sprintf(`{{- if not (or %s.disabled %s.disabled) }}`, rule(alert), rule(id))
		}
		return fmt.Sprintf(`{{- if not %s.disabled }}`, rule(id))
	})
	replace(`⟦end⟧`, `{{- end }}`)
	replace(`\{⟦(\w+)⟧`, `{{ printf "{%s" .Values.alerts.$1 }}`) // three braces in a row are none of Helm's
	replace(`⟦(\w+)⟧`, `{{ .Values.alerts.$1 }}`)
	return text
}
