{{/* One DaemonSet. Takes root, cgroup (auto, v1, none), suffix and affinity. */}}
{{- define "ke.daemonset" -}}
{{- $root := .root -}}
{{- with $root -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ include "ke.fullname" . }}{{ $.suffix }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "ke.labels" . | nindent 4 }}
  {{- with .Values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "ke.selector" . | nindent 6 }}
      app.kubernetes.io/component: node{{ $.suffix }}
  updateStrategy:
    {{- toYaml .Values.updateStrategy | nindent 4 }}
  template:
    metadata:
      labels:
        {{- include "ke.labels" . | nindent 8 }}
        app.kubernetes.io/component: node{{ $.suffix }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: kernel-exporter
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "ke.serviceAccount" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      hostNetwork: false
      hostPID: false
      hostIPC: false
      terminationGracePeriodSeconds: 15
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with merge (dict) $.nodeSelector .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with default .Values.affinity $.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsUser: 0
        runAsGroup: 0
        seccompProfile:
          {{- toYaml .Values.seccompProfile | nindent 10 }}
        {{- with .Values.seLinuxOptions }}
        seLinuxOptions:
          {{- toYaml . | nindent 10 }}
        {{- end }}
      containers:
        - name: kernel-exporter
          image: {{ include "ke.image" . | quote }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args:
            - serve
            - --path.rootfs=/host
            - --web.listen-address=:{{ .Values.port }}
            {{- if not .Values.log.device }}
            - --kmsg.source=syslog
            {{- end }}
            {{- if .Values.state.enabled }}
            - --state.file=/state/state
            {{- end }}
            {{- if .Values.policy }}
            - --policy.dir=/etc/kernel_exporter/policy
            {{- end }}
            {{- if .Values.web.existingSecret }}
            - --web.config.file=/etc/kernel_exporter/web/web.yml
            {{- end }}
            {{- range .Values.hostPaths.stores }}
            - --collector.dtype-paths={{ . }}
            {{- end }}
            {{- with .Values.extraArgs }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          env:
            # What pages and check call the node.
            - name: NODE_NAME
              valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
          ports:
            - {name: metrics, containerPort: {{ .Values.port }}, protocol: TCP}
          # A connection is what all three ask for: with TLS or basic authentication the kubelet could not ask for a page.
          startupProbe:
            tcpSocket: {port: metrics}
            initialDelaySeconds: 2
            periodSeconds: 1
            failureThreshold: 30
          readinessProbe:
            tcpSocket: {port: metrics}
            periodSeconds: 30
          livenessProbe:
            tcpSocket: {port: metrics}
            periodSeconds: 30
            failureThreshold: 6
          securityContext:
            {{- if .Values.log.device }}
            privileged: true
            {{- else }}
            privileged: false
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL], add: [SYSLOG]}
            {{- end }}
            readOnlyRootFilesystem: true
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            # Of /proc only this is the host's own. The rest, and /sys/kernel, the pod's own /proc and /sys show too.
            - {name: mounts, mountPath: /host/proc/1/mountinfo, readOnly: true}
            {{- if .Values.hostPaths.osRelease }}
            - {name: os-release, mountPath: /host/etc/os-release, readOnly: true}
            {{- end }}
            {{- if .Values.hostPaths.boot }}
            - {name: boot, mountPath: /host/boot, {{ include "ke.alone" . }}}
            {{- end }}
            {{- if .Values.hostPaths.modules }}
            - {name: modules, mountPath: /host/lib/modules, {{ include "ke.alone" . }}}
            {{- end }}
            {{- if .Values.hostPaths.network }}
            - {name: class-net, mountPath: /host/sys/class/net, {{ include "ke.alone" . }}}
            - {name: devices, mountPath: /host/sys/devices, {{ include "ke.alone" . }}}
            {{- end }}
            {{- if eq $.cgroup "auto" }}
            - {name: cgroup, mountPath: /host/sys/fs/cgroup, {{ include "ke.alone" . }}}
            {{- else if eq $.cgroup "v1" }}
            - {name: cgroup, mountPath: /host/sys/fs/cgroup/memory, {{ include "ke.alone" . }}}
            {{- end }}
            {{- range $i, $path := .Values.hostPaths.stores }}
            - {name: store-{{ $i }}, mountPath: {{ printf "/host%s" $path | quote }}, {{ include "ke.alone" $ }}}
            {{- end }}
            {{- if .Values.log.device }}
            - {name: kmsg, mountPath: /host/dev/kmsg, readOnly: true}
            {{- end }}
            {{- if .Values.state.enabled }}
            - {name: state, mountPath: /state}
            {{- end }}
            {{- if .Values.policy }}
            - {name: policy, mountPath: /etc/kernel_exporter/policy, readOnly: true}
            {{- end }}
            {{- if .Values.web.existingSecret }}
            - {name: web, mountPath: /etc/kernel_exporter/web, readOnly: true}
            {{- end }}
      volumes:
        - {name: mounts, hostPath: {path: /proc/1/mountinfo, type: File}}
        {{- if .Values.hostPaths.osRelease }}
        - {name: os-release, hostPath: {path: /etc/os-release, type: File}}
        {{- end }}
        {{- if .Values.hostPaths.boot }}
        - {name: boot, hostPath: {path: /boot, type: DirectoryOrCreate}}
        {{- end }}
        {{- if .Values.hostPaths.modules }}
        - {name: modules, hostPath: {path: /lib/modules, type: DirectoryOrCreate}}
        {{- end }}
        {{- if .Values.hostPaths.network }}
        - {name: class-net, hostPath: {path: /sys/class/net, type: Directory}}
        - {name: devices, hostPath: {path: /sys/devices, type: Directory}}
        {{- end }}
        {{- if eq $.cgroup "auto" }}
        - {name: cgroup, hostPath: {path: /sys/fs/cgroup, type: Directory}}
        {{- else if eq $.cgroup "v1" }}
        - {name: cgroup, hostPath: {path: /sys/fs/cgroup/memory, type: Directory}}
        {{- end }}
        {{- range $i, $path := .Values.hostPaths.stores }}
        - {name: store-{{ $i }}, hostPath: {path: {{ $path | quote }}, type: Directory}}
        {{- end }}
        {{- if .Values.log.device }}
        - {name: kmsg, hostPath: {path: /dev/kmsg, type: CharDevice}}
        {{- end }}
        {{- if .Values.state.enabled }}
        - {name: state, hostPath: {path: {{ .Values.state.hostPath | quote }}, type: DirectoryOrCreate}}
        {{- end }}
        {{- if .Values.policy }}
        - name: policy
          configMap:
            name: {{ include "ke.fullname" . }}-policy
            items:
              {{- range $name, $_ := .Values.policy }}
              - {key: {{ $name | quote }}, path: {{ regexReplaceAll "^([a-z0-9-]+\\.d)\\." $name "${1}/" | quote }}}
              {{- end }}
        {{- end }}
        {{- if .Values.web.existingSecret }}
        - {name: web, secret: {secretName: {{ .Values.web.existingSecret }}}}
        {{- end }}
{{- end -}}
{{- end -}}
