{{/* What the rules call: the same functions as in alerts/render.go. */}}

{{/* Where the runbook of an alert is: of the base and the alert's name. */}}
{{- define "ke.alerts.runbook" -}}
{{- $base := index . 0 -}}{{- $alert := index . 1 -}}
{{- if contains "{alert}" $base -}}{{ replace "{alert}" $alert $base }}{{- else -}}{{ $base }}/{{ $alert }}{{- end -}}
{{- end -}}

{{/* A value as it is written: whole numbers without an exponent. */}}
{{- define "ke.alerts.value" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* The seconds of a duration such as 1h30m. */}}
{{- define "ke.alerts.total" -}}
{{- $total := 0 -}}
{{- $units := dict "y" 31536000 "w" 604800 "d" 86400 "h" 3600 "m" 60 -}}
{{- range regexFindAll "[0-9]+[ywdhm]" . -1 -}}
{{- $total = add $total (mul (regexFind "[0-9]+" .) (get $units (regexFind "[ywdhm]" .))) -}}
{{- end -}}
{{- $total -}}
{{- end -}}

{{/* A duration as a product that PromQL reads: 15m is 15 * 60. */}}
{{- define "ke.alerts.seconds" -}}
{{- $total := int (include "ke.alerts.total" .) -}}
{{- if and (eq (mod $total 86400) 0) (ne $total 86400) -}}{{ div $total 86400 }} * 86400
{{- else if eq (mod $total 3600) 0 -}}{{ div $total 3600 }} * 3600
{{- else -}}{{ div $total 60 }} * 60
{{- end -}}
{{- end -}}

{{/* A duration as a person says it: 15 minutes. */}}
{{- define "ke.alerts.words" -}}
{{- $total := int (include "ke.alerts.total" .) -}}
{{- if and (eq (mod $total 86400) 0) (ne $total 86400) -}}{{ div $total 86400 }} days
{{- else if eq $total 3600 -}}an hour
{{- else if eq (mod $total 3600) 0 -}}{{ div $total 3600 }} hours
{{- else if eq $total 60 -}}a minute
{{- else -}}{{ div $total 60 }} minutes
{{- end -}}
{{- end -}}

{{/* A share as a person says it: 0.2 is 20%. */}}
{{- define "ke.alerts.percent" -}}
{{ mulf . 100 }}%
{{- end -}}

{{/* The longest threshold named window of all alerts, at least an hour. */}}
{{- define "ke.alerts.longest" -}}
{{- $longest := "1h" -}}
{{- range $name, $alert := .Values.alerts.alerts -}}
{{- $rules := list $alert -}}
{{- range $alert -}}{{- if kindIs "map" . -}}{{- $rules = append $rules . -}}{{- end -}}{{- end -}}
{{- range $rules -}}
{{- with (dig "thresholds" "window" "" .) -}}
{{- if gt (int (include "ke.alerts.total" .)) (int (include "ke.alerts.total" $longest)) -}}{{- $longest = . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $longest -}}
{{- end -}}
