{{/* One DaemonSet. Takes root, cgroup (none, v1, v2), suffix and affinity. */}}
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
            - name: proc
              mountPath: /host/proc
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- if .Values.hostPaths.osRelease }}
            - {name: etc-os-release, mountPath: /host/etc/os-release, readOnly: true}
            - {name: usr-lib-os-release, mountPath: /host/usr/lib/os-release, readOnly: true}
            {{- end }}
            {{- if .Values.hostPaths.boot }}
            - name: boot
              mountPath: /host/boot
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- end }}
            {{- if .Values.hostPaths.modules }}
            - name: modules
              mountPath: /host/lib/modules
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- end }}
            {{- if .Values.hostPaths.network }}
            - name: class-net
              mountPath: /host/sys/class/net
              {{- include "ke.readOnly" . | nindent 14 }}
            - name: devices
              mountPath: /host/sys/devices
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- end }}
            {{- if .Values.hostPaths.sysKernel }}
            - name: sys-kernel
              mountPath: /host/sys/kernel
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- end }}
            {{- if eq $.cgroup "v2" }}
            - name: cgroup
              mountPath: /host/sys/fs/cgroup
              {{- include "ke.readOnly" . | nindent 14 }}
            - {name: cgroup-is-v2, mountPath: /guard/cgroup.controllers, readOnly: true}
            {{- else if eq $.cgroup "v1" }}
            - name: cgroup
              mountPath: /host/sys/fs/cgroup/memory
              {{- include "ke.readOnly" . | nindent 14 }}
            {{- end }}
            {{- range $i, $path := .Values.hostPaths.stores }}
            # HostToContainer, so that no mount below the store is kept alive by this pod.
            - {name: store-{{ $i }}, mountPath: {{ printf "/host%s" $path | quote }}, readOnly: true, mountPropagation: HostToContainer}
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
        - {name: proc, hostPath: {path: /proc, type: Directory}}
        {{- if .Values.hostPaths.osRelease }}
        - {name: etc-os-release, hostPath: {path: /etc/os-release, type: File}}
        - {name: usr-lib-os-release, hostPath: {path: /usr/lib/os-release, type: File}}
        {{- end }}
        {{- if .Values.hostPaths.boot }}
        - {name: boot, hostPath: {path: /boot, type: Directory}}
        {{- end }}
        {{- if .Values.hostPaths.modules }}
        - {name: modules, hostPath: {path: /lib/modules, type: Directory}}
        {{- end }}
        {{- if .Values.hostPaths.network }}
        - {name: class-net, hostPath: {path: /sys/class/net, type: Directory}}
        - {name: devices, hostPath: {path: /sys/devices, type: Directory}}
        {{- end }}
        {{- if .Values.hostPaths.sysKernel }}
        - {name: sys-kernel, hostPath: {path: /sys/kernel, type: Directory}}
        {{- end }}
        {{- if eq $.cgroup "v2" }}
        - {name: cgroup, hostPath: {path: /sys/fs/cgroup, type: Directory}}
        - {name: cgroup-is-v2, hostPath: {path: /sys/fs/cgroup/cgroup.controllers, type: File}}
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
