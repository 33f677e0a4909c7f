{{- define "ke.rules" -}}
{{- /* Made by `make golden` from alerts/rules.yaml. Not to be edited. */ -}}
groups:
  - name: kernel-recording
    rules:
      - record: cluster:kernel_exporter_targets:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      - record: cluster:kernel_exporter_up:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}) (max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      - record: cluster:kernel_nodes:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      # Nodes that violate a rule of severity critical.
      - record: instance:kernel_node_unfit:bool
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, severity="critical"}[5m])) == 1

      - record: cluster:kernel_nodes_unfit:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (instance:kernel_node_unfit:bool{job="{{ .Values.alerts.job }}"})
          or
          0 * cluster:kernel_nodes:count{job="{{ .Values.alerts.job }}"}

      # Nodes that are not known to be unfit and cannot be called fit either: they do not answer, or a rule of
      # severity critical could not be judged because a file or a permission is missing.
      - record: instance_reason:kernel_node_unknown:bool
        expr: |
          (
            label_replace(
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
              unless
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])),
              "reason", "silent", "", ""
            )
            or on (job, {{ .Values.alerts.cluster_label }}, instance)
            label_replace(
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_unknown{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, severity="critical", cause!="unknowable"}[5m])),
              "reason", "unreadable", "", ""
            )
          )
          unless on (job, {{ .Values.alerts.cluster_label }}, instance)
          instance:kernel_node_unfit:bool{job="{{ .Values.alerts.job }}"}

      - record: cluster:kernel_nodes_unknown:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}"})
          or
          0 * cluster:kernel_exporter_targets:count{job="{{ .Values.alerts.job }}"}

      # Every node, once, with its kernel: of two, that which was seen more often within 5 minutes. A node that does not
      # report its kernel has no release here.
      - record: instance_release:kernel_node:bool
        expr: |
          group by (job, {{ .Values.alerts.cluster_label }}, instance, release) (topk by (job, {{ .Values.alerts.cluster_label }}, instance) (1, max by (job, {{ .Values.alerts.cluster_label }}, instance, release) (count_over_time(kernel_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))))
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))

      - record: cluster_release:kernel_info:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, release) (instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}", release!=""})

      - record: cluster_rule_severity:kernel_policy_rule_violated:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule, severity) (max by (job, {{ .Values.alerts.cluster_label }}, instance, rule, severity) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      - record: cluster_rule:kernel_policy_rule_violated:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (cluster_rule_severity:kernel_policy_rule_violated:sum{job="{{ .Values.alerts.job }}"})

      # The same without what another rule implies: whoever mends a kernel that is too old for containers mends
      # what else is wrong with old kernels, and a vendor's kernel gets fixes for as long as its distribution.
      - record: cluster_rule_severity:kernel_policy_rule_unimplied:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, rule, severity) (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, rule, severity) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule!~"gke_minimum|kubernetes_minimum|docker_minimum|kubernetes_1_32|kubernetes_1_34|kubernetes_supported|cgroup_v2|overlayfs_tech_preview|netns_leak_fixed|container_escape_fixed|kernel_supported"}[5m])) == 1
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, rule, severity) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"gke_minimum|kubernetes_minimum|docker_minimum|kubernetes_1_32|kubernetes_1_34|kubernetes_supported|cgroup_v2|overlayfs_tech_preview|netns_leak_fixed|container_escape_fixed"}[5m])) == 1
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule="kernel_4"}[5m])) == 1
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, rule, severity) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule="kernel_supported"}[5m])) == 1
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule="os_supported"}[5m])) == 1
          )

      - record: cluster_rule_severity_cause:kernel_policy_rule_unknown:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule, severity, cause) (max by (job, {{ .Values.alerts.cluster_label }}, instance, rule, severity, cause) (last_over_time(kernel_policy_rule_unknown{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      - record: cluster_rule_cause:kernel_policy_rule_unknown:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule, cause) (cluster_rule_severity_cause:kernel_policy_rule_unknown:sum{job="{{ .Values.alerts.job }}"})

      - record: cluster_bug:kernel_known_bug:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, bug) (max by (job, {{ .Values.alerts.cluster_label }}, instance, bug) (last_over_time(kernel_known_bug{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

      - record: cluster:kernel_netdev_leaks:sum
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}) (max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leaks{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))

  - name: kernel-recording-nodes
    rules:
      # How far a node's clock is behind that of Prometheus, where it is wrong by more than half a minute.
      - record: instance:kernel_clock_skew:seconds
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (timestamp(kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}) - kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}) > 0.5 * 60
          or
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (timestamp(kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}) - kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}) < -0.5 * 60

      # How long ago the kernel last logged an event, where that is at most {{ include "ke.alerts.words" (include "ke.alerts.longest" .) }}: by the node's clock, where
      # that is known to be wrong, else by Prometheus's. In between, an event that goes on although Prometheus's clock
      # says otherwise: its time has moved twice within 7 minutes, so it is at most that old. (One move may be an exporter
      # that restarted and knows more messages than before; what that finds in an old log is as old as it was.)
      - record: instance_event:kernel_log_event_age:seconds
        expr: |
          (
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (max_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) - on (job, {{ .Values.alerts.cluster_label }}, instance) group_left () last_over_time(instance:kernel_clock_skew:seconds{job="{{ .Values.alerts.job }}"}[5m])
          ) > -2 * 60 < {{ include "ke.alerts.seconds" (include "ke.alerts.longest" .) }}
          or
          7 * 60 + 0 * max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (
            changes(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[7m]) >= 2
            and
            last_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) - min_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[7m]) > 10
            unless
            time() - last_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) > -2 * 60 < 9 * 60
          )
          or
          (
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (max_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m]))
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            last_over_time(instance:kernel_clock_skew:seconds{job="{{ .Values.alerts.job }}"}[5m])
          ) > -2 * 60 < {{ include "ke.alerts.seconds" (include "ke.alerts.longest" .) }}

      # Exporters that have not answered for 15 of the last 30 minutes and do not answer well now. The average is
      # of all series of a node, so that a new pod does not hide what the last one did. One that Prometheus has
      # known for less than 25 minutes has time to start.
      - record: instance:kernel_exporter_up:avg30m
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, instance) (sum_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[30m])) / sum by (job, {{ .Values.alerts.cluster_label }}, instance) (count_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[30m])) < 0.5
          and
          min by (job, {{ .Values.alerts.cluster_label }}, instance) (min_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) == 0
          and
          group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m] offset 25m))

      - record: cluster:kernel_exporters_down:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (instance:kernel_exporter_up:avg30m{job="{{ .Values.alerts.job }}"})
          or
          0 * cluster:kernel_exporter_targets:count{job="{{ .Values.alerts.job }}"}

      # When exporters of a cluster were last targets. It remembers itself, so that a cluster that has vanished
      # is not forgotten with the retention of its metrics.
      - record: cluster:kernel_exporter_targets:timestamp_seconds
        expr: |
          0 * cluster:kernel_exporter_targets:count{job="{{ .Values.alerts.job }}"} + time()
          or
          last_over_time(cluster:kernel_exporter_targets:timestamp_seconds{job="{{ .Values.alerts.job }}"}[1d])

      # Nodes that are sick, each at its worst: as the page of a node and its check say it (policy/sick.go).
      - record: instance_severity:kernel_node_sick:bool
        expr: |
          label_replace(
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leak_longest_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) >= bool {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.critical.thresholds.wait }} == 1
            or
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"soft_lockup|hard_lockup|oops|kernel_bug|panic|filesystem_readonly|xfs_corruption|xfs_shutdown|xfs_alloc_deadlock|zfs_error|raid_disk_failure|memory_failure"} < 30 * 60)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) / max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > bool {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.thresholds.share }} == 1,
            "severity", "critical", "", ""
          )
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          label_replace(
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leak_longest_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) >= bool {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.thresholds.wait }} == 1
            or
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"slub_alloc_failure|wrong_slab_cache|page_alloc_failure|oom_kill|bad_page|hung_task|workqueue_lockup|rcu_stall|kernel_corruption|conntrack_table_full|neighbour_overflow|tcp_memory|tcp_orphans|netdev_tx_timeout|nic_reset|ext4_error|xfs_metadata_io_error|btrfs_error|filesystem_error|block_io_error|buffer_io_error|storage_transport_error|remote_storage_unresponsive|verity_error|mce|hardware_error|pcie_error|iommu_fault|gpu_error|vmalloc_failure|swap_error|file_table_full|page_pool_stalled"} < 30 * 60)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"oops|filesystem_readonly|xfs_shutdown"}[5m])) > bool 0 == 1
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) / max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > bool {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.thresholds.share }} == 1,
            "severity", "warning", "", ""
          )

      - record: cluster:kernel_nodes_sick:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, severity) (instance_severity:kernel_node_sick:bool{job="{{ .Values.alerts.job }}"})
          or
          label_replace(0 * cluster:kernel_nodes:count{job="{{ .Values.alerts.job }}"}, "severity", "critical", "", "")
          or
          label_replace(0 * cluster:kernel_nodes:count{job="{{ .Values.alerts.job }}"}, "severity", "warning", "", "")

      - record: cluster_event:kernel_nodes_affected:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, event) (instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}"} < 1 * 3600)

  - name: kernel-recording-states
    interval: 1m
    rules:
      - record: instance_state:kernel_node:bool
        expr: |
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leaks{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) > 0),
            "state", "waits", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) / max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.thresholds.share }}
            ),
            "state", "slab", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"oops|kernel_bug"}[5m]) > 0),
            "state", "oopsed", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_reboot_pending{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) == 1),
            "state", "reboot_pending", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_severity:kernel_node_sick:bool{job="{{ .Values.alerts.job }}", severity="critical"}),
            "state", "sick_critical", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_severity:kernel_node_sick:bool{job="{{ .Values.alerts.job }}", severity="warning"}),
            "state", "sick_warning", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) == 0),
            "state", "log_unreadable", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_complete_since_boot{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) == 0),
            "state", "log_incomplete", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_scrape_collector_success{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) == 0),
            "state", "collector_failing", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (abs(instance:kernel_clock_skew:seconds{job="{{ .Values.alerts.job }}"}) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelClockSkew.thresholds.skew }}),
            "state", "clock_wrong", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}"}),
            "state", "fitness_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}),
            "state", "silent", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leaks{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            ),
            "state", "waits_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              (group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) and group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])))
            ),
            "state", "slab_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="oops"}[5m]))
            ),
            "state", "oopsed_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            ),
            "state", "log_unreported", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              (
                group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) == 1)
                and
                group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leak_longest_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
                and
                group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
              )
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_severity:kernel_node_sick:bool{job="{{ .Values.alerts.job }}"}
            ),
            "state", "sickness_unknown", "", ""
          )
          or
          label_replace(instance:kernel_node_unfit:bool{job="{{ .Values.alerts.job }}"}, "state", "unfit", "", "")
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34|cgroup_v2"}[5m]) == 1),
            "state", "blocks_kubernetes_from_1.35", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            unless
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34|cgroup_v2"}[5m]) == 1)
            unless
            count by (job, {{ .Values.alerts.cluster_label }}, instance) (group by (job, {{ .Values.alerts.cluster_label }}, instance, rule) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34|cgroup_v2"}[5m]))) == 2,
            "state", "kubernetes_from_1.35_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34"}[5m]) == 1),
            "state", "blocks_kubernetes_from_1.34", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            unless
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34"}[5m]) == 1)
            unless
            count by (job, {{ .Values.alerts.cluster_label }}, instance) (group by (job, {{ .Values.alerts.cluster_label }}, instance, rule) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule=~"kubernetes_1_34"}[5m]))) == 1,
            "state", "kubernetes_from_1.34_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_known_bugs{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, state="unknown"}[5m]) > 0),
            "state", "bugs_unknown", "", ""
          )
          or
          label_replace(
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_reason:kernel_node_unknown:bool{job="{{ .Values.alerts.job }}", reason="silent"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_reboot_pending{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            ),
            "state", "reboot_pending_unknown", "", ""
          )

      # The same as one number for each node, with its kernel, by which a list can be sorted, the gravest on top: 30 sick of
      # severity critical, 20 warning, 10 unknown whether it is sick; and to that 2 unfit, 1 unknown whether it is, 5 silent.
      - record: instance_release:kernel_node_state:code
        expr: |
          0 * instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
          + on (job, {{ .Values.alerts.cluster_label }}, instance) group_left ()
          sum by (job, {{ .Values.alerts.cluster_label }}, instance) (
            0 * instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
            or
            30 * instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="sick_critical"}
            or
            20 * instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="sick_warning"}
            or
            10 * instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="sickness_unknown"}
            or
            4 * instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="silent"}
            or
            2 * instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="unfit"}
            or
            instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state="fitness_unknown"}
          )

      # The same as numbers of nodes of each kernel. Those of all and leaking are not in there: of a leak, either kind will
      # do, and whether there is one is unknown where neither is seen and one of them is not known.
      - record: cluster_release_state:kernel_nodes:count
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, release, state) (
            instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}"}
            * on (job, {{ .Values.alerts.cluster_label }}, instance) group_left (release)
            topk by (job, {{ .Values.alerts.cluster_label }}, instance) (1, instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"})
          )
          or
          label_replace(
            count by (job, {{ .Values.alerts.cluster_label }}, release) (instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}),
            "state", "all", "", ""
          )
          or
          label_replace(
            count by (job, {{ .Values.alerts.cluster_label }}, release) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"} and on (job, {{ .Values.alerts.cluster_label }}, instance) instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state=~"waits|slab"}
            ),
            "state", "leaking", "", ""
          )
          or
          label_replace(
            count by (job, {{ .Values.alerts.cluster_label }}, release) (
              instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}"}
              and on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state=~"waits_unknown|slab_unknown"}
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              instance_state:kernel_node:bool{job="{{ .Values.alerts.job }}", state=~"waits|slab"}
            ),
            "state", "leaking_unknown", "", ""
          )

  - name: kernel-recording-slow
    interval: 2m
    rules:
      # Without the second half, an exporter that restarted and found less in the kernel's ring than it
      # had counted would show that rest as new events.
      - record: cluster_event:kernel_log_events:increase1h
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, event) (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (increase(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[1h]))
            and
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (max_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[1h])) < 1 * 3600
          )

      - record: instance:kernel_uptime:seconds
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))

      # When the standard support of a kernel ends, or else that of its distribution.
      - record: cluster_release:kernel_support_end_timestamp_seconds:min
        expr: |
          min by (job, {{ .Values.alerts.cluster_label }}, release) (
            instance_release:kernel_node:bool{job="{{ .Values.alerts.job }}", release!=""}
            * on (job, {{ .Values.alerts.cluster_label }}, instance) group_left ()
            (
              min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_support_end_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
              or
              min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_os_support_end_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            )
          )

      # By node, so that a leak can be followed through exporters that come and go.
      - record: instance:kernel_slab_unreclaimable_bytes:max
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))

  - name: kernel-symptoms-memory
    rules:
{{- if not .Values.alerts.alerts.KernelSlabAllocationFailing.disabled }}
      - alert: KernelSlabAllocationFailing
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"slub_alloc_failure|xfs_alloc_deadlock"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSlabAllocationFailing.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabAllocationFailing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabAllocationFailing.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel could not allocate memory for its own objects.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelSlabAllocationFailing.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSlabAllocationFailing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelSlabAllocationFailing.disabled .Values.alerts.alerts.KernelSlabAllocationFailing.critical.disabled) }}
      - alert: KernelSlabAllocationFailing
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"slub_alloc_failure|xfs_alloc_deadlock"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSlabAllocationFailing.critical.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabAllocationFailing.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabAllocationFailing.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel goes on failing to allocate memory for its own objects.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logs {{ `{{` }} $labels.event {{ `}}` }} again and again, at least every {{ include "ke.alerts.words" .Values.alerts.alerts.KernelSlabAllocationFailing.critical.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSlabAllocationFailing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPageAllocationFailing.disabled }}
      # A single failure is ordinary: a network card that asks for a large block in an interrupt tries again.
      - alert: KernelPageAllocationFailing
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}]) > 1)
            unless on (job, {{ .Values.alerts.cluster_label }}, instance, event)
            (
              max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (resets(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}])) == 0
              and on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}]) > 0)
            )
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[10m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m]) > 0)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"page_alloc_failure|vmalloc_failure"}[5m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.messages }}
            and on (job, {{ .Values.alerts.cluster_label }}, instance)
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}
          )
          and
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"page_alloc_failure|vmalloc_failure"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel fails to allocate memory pages.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.messages }} times within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelPageAllocationFailing.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPageAllocationFailing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelOutOfMemory.disabled }}
      - alert: KernelOutOfMemory
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="oom_kill"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelOutOfMemory.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOutOfMemory.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOutOfMemory.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A node ran out of memory, so the kernel killed processes.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} killed a process within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelOutOfMemory.thresholds.window }} because the node itself had no memory left, not because a container had reached its limit.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelOutOfMemory") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelSlabUnreclaimableHigh.disabled }}
      - alert: KernelSlabUnreclaimableHigh
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          /
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel holds a large part of the memory in slab that it cannot take back.
          description: Unreclaimable slab is {{ `{{` }} $value | humanizePercentage {{ `}}` }} of the memory of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }}, more than {{ include "ke.alerts.percent" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.thresholds.share }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSlabUnreclaimableHigh") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelSlabUnreclaimableHigh.disabled .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.disabled) }}
      - alert: KernelSlabUnreclaimableHigh
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_slab_unreclaimable_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          /
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel holds so much of the memory in slab that it cannot take back that little is left for pods.
          description: Unreclaimable slab is {{ `{{` }} $value | humanizePercentage {{ `}}` }} of the memory of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }}, more than {{ include "ke.alerts.percent" .Values.alerts.alerts.KernelSlabUnreclaimableHigh.critical.thresholds.share }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSlabUnreclaimableHigh") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.disabled }}
      # What fills up is the space of memory cgroup ids. From 4.8 on a dying cgroup has given back its id
      # (commit 73f576c04b94), so there only the live ones count, and where the dying ones could not be counted
      # nothing is known. Before 4.8 all count. (One with pages in swap keeps its id: with swap this is a lower bound.)
      - alert: KernelMemoryCgroupsNearLimit
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            -
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups_dying{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            and
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) >= 4 * 65536 + 8 * 256
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            and
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < 4 * 65536 + 8 * 256
          )
          /
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups_limit{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel is running out of memory cgroups.
          description: '{{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} uses {{ `{{` }} $value | humanizePercentage {{ `}}` }} of the memory cgroups that its kernel can have.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelMemoryCgroupsNearLimit") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.disabled .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.critical.disabled) }}
      - alert: KernelMemoryCgroupsNearLimit
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            -
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups_dying{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            and
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) >= 4 * 65536 + 8 * 256
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
            and
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < 4 * 65536 + 8 * 256
          )
          /
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups_limit{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]))
          > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.critical.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsNearLimit.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel has almost no memory cgroup left, so containers will soon fail to start.
          description: '{{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} uses {{ `{{` }} $value | humanizePercentage {{ `}}` }} of the memory cgroups that its kernel can have.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelMemoryCgroupsNearLimit") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelMemoryCgroupsDying.disabled }}
      - alert: KernelMemoryCgroupsDying
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_cgroups_dying{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsDying.thresholds.cgroups }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsDying.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelMemoryCgroupsDying.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Removed memory cgroups pile up in the kernel.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} still holds {{ `{{` }} $value {{ `}}` }} memory cgroups that were removed.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelMemoryCgroupsDying") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-symptoms-slow
    interval: 5m
    rules:
{{- if not .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.disabled }}
      # A leak goes on: six hours, or three at least, say where it leads, and the last hour that it has not
      # stopped. With `for` longer than that hour, one step up is no leak. After a boot the caches fill, so
      # uptime counts.
      - alert: KernelSlabUnreclaimableGrowing
        expr: |
          predict_linear(instance:kernel_slab_unreclaimable_bytes:max{job="{{ .Values.alerts.job }}"}[6h], {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.thresholds.ahead }})
          >
          {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.thresholds.share }} * max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_memory_total_bytes{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m]))
          and
          deriv(instance:kernel_slab_unreclaimable_bytes:max{job="{{ .Values.alerts.job }}"}[1h]) > 0
          and
          last_over_time(instance:kernel_slab_unreclaimable_bytes:max{job="{{ .Values.alerts.job }}"}[10m]) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.thresholds.bytes }}
          and
          last_over_time(instance:kernel_slab_unreclaimable_bytes:max{job="{{ .Values.alerts.job }}"}[10m] offset 3h)
          and
          time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m])) > 6 * 3600
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Slab that the kernel cannot take back grows and will fill the memory.
          description: Unreclaimable slab of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} grows such that it will hold {{ `{{` }} $value | humanize1024 {{ `}}` }}B in {{ include "ke.alerts.words" .Values.alerts.alerts.KernelSlabUnreclaimableGrowing.thresholds.ahead }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSlabUnreclaimableGrowing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-symptoms-processor
    rules:
{{- if not .Values.alerts.alerts.KernelOops.disabled }}
      # The kernel's own count stands in where the log says nothing of an oops: unreadable, or overwritten.
      - alert: KernelOops
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"oops|kernel_bug|panic"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelOops.thresholds.window }}
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          label_replace(
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_oops_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) - min_over_time(kernel_oops_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelOops.thresholds.window }}])) > 0,
            "event", "oops", "", ""
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOops.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOops.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel hit a bug in itself and runs on in an undefined state.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reported {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelOops.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelOops") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelOops.disabled .Values.alerts.alerts.KernelOops.survived.disabled) }}
      # What an oops leaves behind stays until the reboot: locks that nobody holds, memory that nobody frees.
      # TAINT_DIE is 1 << 7 (include/linux/panic.h). It must have been so 5 minutes ago, when the alert above was not
      # yet told of what is new.
      - alert: KernelOops
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="oops"}[5m])) > bool 0 == 1
            and
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="oops"}[5m] offset 5m)) > 0
            or
            floor(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_tainted{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) / 128) % 2 == 1
            and
            floor(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_tainted{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m] offset 5m)) / 128) % 2 == 1
          )
          unless on (job, {{ .Values.alerts.cluster_label }}, instance)
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"oops|kernel_bug|panic"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelOops.survived.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOops.survived.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOops.survived.severity }}
          kind: symptom
          reason: stays
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A node runs on after an oops of its kernel.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has had an oops since it booted. What that left behind stays until the next reboot.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelOops") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelCorruption.disabled }}
      - alert: KernelCorruption
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"kernel_corruption|bad_page|wrong_slab_cache"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelCorruption.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelCorruption.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelCorruption.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel found its own memory inconsistent.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reported {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelCorruption.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelCorruption") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelLockup.disabled }}
      - alert: KernelLockup
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"soft_lockup|hard_lockup|workqueue_lockup|rcu_stall"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelLockup.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLockup.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLockup.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A processor was stuck in the kernel.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reported {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelLockup.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLockup") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelLockup.disabled .Values.alerts.alerts.KernelLockup.critical.disabled) }}
      - alert: KernelLockup
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"soft_lockup|hard_lockup|workqueue_lockup|rcu_stall"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelLockup.critical.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLockup.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLockup.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A processor stays stuck in the kernel.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reports {{ `{{` }} $labels.event {{ `}}` }} again and again, at least every {{ include "ke.alerts.words" .Values.alerts.alerts.KernelLockup.critical.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLockup") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelHungTasks.disabled }}
      # The kernel stops to log hung tasks after kernel.hung_task_warnings of them (10 by default), but goes
      # on counting where it has the count.
      - alert: KernelHungTasks
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="hung_task"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelHungTasks.thresholds.window }}
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          label_replace(
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_hung_tasks_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) - min_over_time(kernel_hung_tasks_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelHungTasks.thresholds.window }}])) > 0,
            "event", "hung_task", "", ""
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHungTasks.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHungTasks.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Processes hang in the kernel and cannot be killed.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reported within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelHungTasks.thresholds.window }} a task that was blocked for minutes.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelHungTasks") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelRebootLoop.disabled }}
      # A boot is where the uptime falls, by the node's own clock: whoever sets it moves the time and that of the boot
      # alike. Where that clock is not known, who asks every 5 minutes finds a node up for less than that at most once
      # after each boot.
      - alert: KernelRebootLoop
        expr: |
          resets(instance:kernel_uptime:seconds{job="{{ .Values.alerts.job }}"}[1h]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootLoop.thresholds.boots }}
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          (
            count_over_time((
              time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) >= 0 < 5 * 60
            )[1h:5m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootLoop.thresholds.boots }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            last_over_time(instance:kernel_uptime:seconds{job="{{ .Values.alerts.job }}"}[1h])
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootLoop.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootLoop.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A node reboots again and again.
          description: '{{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} booted at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootLoop.thresholds.boots }} times within an hour.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelRebootLoop") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelRebootPending.disabled }}
      - alert: KernelRebootPending
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_reboot_pending{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) == 1
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootPending.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelRebootPending.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A newer kernel is installed on a node than the one that runs.
          description: '{{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has waited for a reboot for a day or longer: the fixes of the newer kernel are not in effect.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelRebootPending") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-symptoms-network
    rules:
{{- if not .Values.alerts.alerts.KernelNetdevLeak.disabled }}
      # One wait of more than two minutes, or waits that come again and again: a kernel says every 10 seconds
      # (net.core.netdev_unregister_timeout_secs) that it waits.
      - alert: KernelNetdevLeak
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leak_longest_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.thresholds.wait }}
          or
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (
            (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}]) > 1)
            unless on (job, {{ .Values.alerts.cluster_label }}, instance, event)
            (
              max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (resets(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}])) == 0
              and on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}]) > 0)
            )
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[10m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m]) > 0)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"netdev_leak"}[5m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.messages }}
            and on (job, {{ .Values.alerts.cluster_label }}, instance)
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}
          )
          and
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"netdev_leak"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }}
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.for }}
        keep_firing_for: 20m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel waits for network devices that it cannot remove.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has waited for a network device to become free for more than {{ include "ke.alerts.words" .Values.alerts.alerts.KernelNetdevLeak.thresholds.wait }}, or said at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.thresholds.messages }} times within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelNetdevLeak.thresholds.window }} that it waits.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelNetdevLeak") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelNetdevLeak.disabled .Values.alerts.alerts.KernelNetdevLeak.critical.disabled) }}
      - alert: KernelNetdevLeak
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_leak_longest_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevLeak.critical.thresholds.wait }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevLeak.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel has been waiting for a network device for so long that it will not get it back.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has waited for a network device to become free for more than {{ include "ke.alerts.words" .Values.alerts.alerts.KernelNetdevLeak.critical.thresholds.wait }}. Pods may no longer start or stop there.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelNetdevLeak") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelConntrackTableFull.disabled }}
      - alert: KernelConntrackTableFull
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="conntrack_table_full"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelConntrackTableFull.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConntrackTableFull.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConntrackTableFull.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The connection tracking table was full, so packets were dropped.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} dropped packets within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelConntrackTableFull.thresholds.window }} because its connection tracking table was full.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelConntrackTableFull") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelConntrackTableFull.disabled .Values.alerts.alerts.KernelConntrackTableFull.critical.disabled) }}
      - alert: KernelConntrackTableFull
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="conntrack_table_full"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelConntrackTableFull.critical.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConntrackTableFull.critical.for }}
        keep_firing_for: 15m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConntrackTableFull.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The connection tracking table stays full, so new connections fail.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} drops packets again and again, at least every {{ include "ke.alerts.words" .Values.alerts.alerts.KernelConntrackTableFull.critical.thresholds.window }}, because its connection tracking table is full.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelConntrackTableFull") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelNeighbourTableOverflow.disabled }}
      - alert: KernelNeighbourTableOverflow
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="neighbour_overflow"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNeighbourTableOverflow.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNeighbourTableOverflow.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNeighbourTableOverflow.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The neighbour (ARP or NDISC) table was full, so peers could not be reached.
          description: The neighbour table of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} overflowed within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelNeighbourTableOverflow.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelNeighbourTableOverflow") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelTCPMemoryExhausted.disabled }}
      - alert: KernelTCPMemoryExhausted
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}]) > 1)
            unless on (job, {{ .Values.alerts.cluster_label }}, instance, event)
            (
              max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (resets(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}])) == 0
              and on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}]) > 0)
            )
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[10m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m]) > 0)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"tcp_memory|tcp_orphans"}[5m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.messages }}
            and on (job, {{ .Values.alerts.cluster_label }}, instance)
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}
          )
          and
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"tcp_memory|tcp_orphans"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel ran out of memory for TCP or of orphaned sockets.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.messages }} times within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelTCPMemoryExhausted.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelTCPMemoryExhausted") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelNetdevTxTimeout.disabled }}
      # Most kernels log only the first time-out of a boot, but count them all by device.
      - alert: KernelNetdevTxTimeout
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"netdev_tx_timeout|nic_reset"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelNetdevTxTimeout.thresholds.window }}
          or on (job, {{ .Values.alerts.cluster_label }}, instance)
          label_replace(
            max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_netdev_tx_timeouts_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m]) - min_over_time(kernel_netdev_tx_timeouts_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevTxTimeout.thresholds.window }}])) > 0,
            "event", "netdev_tx_timeout", "", ""
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevTxTimeout.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelNetdevTxTimeout.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A network card stopped sending, or was reset.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} reported {{ `{{` }} $labels.event {{ `}}` }} of a network device within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelNetdevTxTimeout.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelNetdevTxTimeout") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelLimitHit.disabled }}
      - alert: KernelLimitHit
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="file_table_full"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelLimitHit.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLimitHit.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLimitHit.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel reached the limit of open files of the whole node.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelLimitHit.thresholds.window }}. Whatever opens a file or a socket there fails.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLimitHit") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelLimitHit.disabled .Values.alerts.alerts.KernelLimitHit.audit.disabled) }}
      - alert: KernelLimitHit
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="audit_lost"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelLimitHit.audit.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLimitHit.audit.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLimitHit.audit.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel lost audit records.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelLimitHit.audit.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLimitHit") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPidsLimitHit.disabled }}
      # Like a container at its memory limit: its owner's business, unless the cgroup is the node's own.
      - alert: KernelPidsLimitHit
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="pids_fork_rejected"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelPidsLimitHit.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPidsLimitHit.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPidsLimitHit.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A cgroup reached its limit of processes.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} refused a fork within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelPidsLimitHit.thresholds.window }} because a cgroup had reached pids.max.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPidsLimitHit") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-symptoms-storage
    rules:
{{- if not .Values.alerts.alerts.KernelFilesystemError.disabled }}
      - alert: KernelFilesystemError
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"ext4_error|xfs_corruption|xfs_metadata_io_error|btrfs_error|zfs_error|filesystem_error|verity_error"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelFilesystemError.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A file system found an error in itself.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelFilesystemError.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelFilesystemError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelFilesystemError.disabled .Values.alerts.alerts.KernelFilesystemError.critical.disabled) }}
      - alert: KernelFilesystemError
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="xfs_shutdown"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelFilesystemError.critical.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.critical.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.critical.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A file system has shut itself down.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelFilesystemError.critical.thresholds.window }}. Every access to that file system fails.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelFilesystemError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelFilesystemError.disabled .Values.alerts.alerts.KernelFilesystemError.stays.disabled) }}
      # It stays shut down until it is unmounted or the node boots.
      - alert: KernelFilesystemError
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="xfs_shutdown"}[5m])) > 0
          and
          max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="xfs_shutdown"}[5m] offset 5m)) > 0
          unless
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="xfs_shutdown"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelFilesystemError.stays.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.stays.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemError.stays.severity }}
          kind: symptom
          reason: stays
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A file system has been shut down since before now, and nobody is known to have mended it.
          description: A file system of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has shut itself down since the node booted.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelFilesystemError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelFilesystemReadOnly.disabled }}
      - alert: KernelFilesystemReadOnly
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="filesystem_readonly"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelFilesystemReadOnly.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemReadOnly.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemReadOnly.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel made a file system read-only after an error.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} remounted a file system read-only within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelFilesystemReadOnly.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelFilesystemReadOnly") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelFilesystemReadOnly.disabled .Values.alerts.alerts.KernelFilesystemReadOnly.stays.disabled) }}
      - alert: KernelFilesystemReadOnly
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="filesystem_readonly"}[5m])) > 0
          and
          max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="filesystem_readonly"}[5m] offset 5m)) > 0
          unless
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event="filesystem_readonly"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelFilesystemReadOnly.stays.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemReadOnly.stays.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelFilesystemReadOnly.stays.severity }}
          kind: symptom
          reason: stays
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A file system was made read-only, and nobody is known to have mended it.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} has remounted a file system read-only since the node booted.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelFilesystemReadOnly") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelIOError.disabled }}
      # A few errors are no news: an empty drive that is probed at boot, a volume detached before it was unmounted.
      - alert: KernelIOError
        expr: |
          (
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.window }}])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.window }}]) > 1)
            unless on (job, {{ .Values.alerts.cluster_label }}, instance, event)
            (
              max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (resets(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.window }}])) == 0
              and on (job, {{ .Values.alerts.cluster_label }}, instance)
              group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.window }}]) > 0)
            )
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[5m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[10m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.messages }}
            unless on (job, {{ .Values.alerts.cluster_label }}, instance)
            group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m]) > 0)
            or
            max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event=~"block_io_error|buffer_io_error|swap_error"}[5m])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.messages }}
            and on (job, {{ .Values.alerts.cluster_label }}, instance)
            time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_boot_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelIOError.thresholds.window }}
          )
          and
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"block_io_error|buffer_io_error|swap_error"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelIOError.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.for }}
        keep_firing_for: 5m
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Reads or writes of a disk fail.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelIOError.thresholds.messages }} times within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelIOError.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelIOError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelStorageError.disabled }}
      - alert: KernelStorageError
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"storage_transport_error|raid_disk_failure|remote_storage_unresponsive"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelStorageError.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelStorageError.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelStorageError.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A disk, a path to one, or a server of remote storage failed.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelStorageError.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelStorageError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelHardwareError.disabled }}
      # What hardware could not correct.
      - alert: KernelHardwareError
        expr: |
          instance_event:kernel_log_event_age:seconds{job="{{ .Values.alerts.job }}", event=~"mce|edac|hardware_error|memory_failure|pcie_error|iommu_fault"} < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelHardwareError.thresholds.window }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareError.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareError.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The hardware reported an error that it could not correct.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged {{ `{{` }} $labels.event {{ `}}` }} within the last {{ include "ke.alerts.words" .Values.alerts.alerts.KernelHardwareError.thresholds.window }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelHardwareError") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-symptoms-hardware
    interval: 5m
    rules:
{{- if not .Values.alerts.alerts.KernelHardwareErrorCorrected.disabled }}
      # Corrected errors are ordinary, many of them announce one that cannot be corrected.
      - alert: KernelHardwareErrorCorrected
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (last_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="hardware_error_corrected"}[10m]) - min_over_time(kernel_log_events_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="hardware_error_corrected"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.within }}])) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.messages }}
          and
          time() - max by (job, {{ .Values.alerts.cluster_label }}, instance, event) (max_over_time(kernel_log_event_last_seen_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, event="hardware_error_corrected"}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.within }}])) < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.within }}
          unless on (job, {{ .Values.alerts.cluster_label }}, instance)
          group by (job, {{ .Values.alerts.cluster_label }}, instance) (changes(process_start_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[{{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.within }}]) > 0)
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.severity }}
          kind: symptom
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The hardware of a node corrects errors again and again.
          description: The kernel of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} logged at least {{ include "ke.alerts.value" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.messages }} corrected errors of the hardware within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelHardwareErrorCorrected.thresholds.within }}.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelHardwareErrorCorrected") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-policy
    rules:
{{- if not .Values.alerts.alerts.KernelTooOld.disabled }}
      - alert: KernelTooOld
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule=~"kernel_4|kubernetes_minimum|docker_minimum|gke_minimum", severity!="info"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTooOld.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelTooOld.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kernel that is too old for containers.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run a kernel older than the rule {{ `{{` }} $labels.rule {{ `}}` }} asks for: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelTooOld") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelBlocksKubernetes.disabled }}
      - alert: KernelBlocksKubernetes
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule=~"kubernetes_supported|cgroup_v2", severity!="info"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kernel or a cgroup hierarchy that the supported versions of Kubernetes refuse.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}. Those that violate kernel_4 are not counted.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelBlocksKubernetes") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelOverlayfsTechPreview.disabled }}
      - alert: KernelOverlayfsTechPreview
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="overlayfs_tech_preview"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOverlayfsTechPreview.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOverlayfsTechPreview.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Containers run on an overlayfs that the kernel's vendor calls a technology preview.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}. Those that violate kernel_4 are not counted.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelOverlayfsTechPreview") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelOverlayfsWithoutDtype.disabled }}
      - alert: KernelOverlayfsWithoutDtype
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="overlayfs_d_type"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOverlayfsWithoutDtype.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelOverlayfsWithoutDtype.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Container stores lie on a file system without d_type, on which overlayfs does not work.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelOverlayfsWithoutDtype") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelKmemAccountingUnstable.disabled }}
      - alert: KernelKmemAccountingUnstable
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="kmem_accounting_stable"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelKmemAccountingUnstable.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelKmemAccountingUnstable.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Kernel memory accounting is active on kernels where it is experimental and leaks.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelKmemAccountingUnstable") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelUnsupported.disabled }}
      - alert: KernelUnsupported
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="kernel_supported"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelUnsupported.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelUnsupported.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kernel that no longer gets fixes.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run a kernel past the end of its support: {{ `{{` }} $value {{ `}}` }}. Those whose operating system is past its own are not counted.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelUnsupported") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.OSUnsupported.disabled }}
      - alert: OSUnsupported
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="os_supported"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.OSUnsupported.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.OSUnsupported.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run an operating system that no longer gets fixes.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run an operating system past the end of its support: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "OSUnsupported") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelSupportEndsSoon.disabled }}
      # Most vendors' kernels are supported for as long as their distribution is, so a node is counted once.
      - alert: KernelSupportEndsSoon
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (
            (
              min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_support_end_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) - time() < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSupportEndsSoon.thresholds.ahead }}
              unless
              min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_os_support_end_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) - time() < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSupportEndsSoon.thresholds.ahead }}
            ) > 0
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSupportEndsSoon.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSupportEndsSoon.severity }}
          kind: policy
          lifecycle: kernel
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The support of a kernel line ends soon.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run a kernel line whose support ends within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelSupportEndsSoon.thresholds.ahead }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSupportEndsSoon") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelSupportEndsSoon.disabled .Values.alerts.alerts.KernelSupportEndsSoon.os.disabled) }}
      - alert: KernelSupportEndsSoon
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (
            (
              min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_os_support_end_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) - time() < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelSupportEndsSoon.os.thresholds.ahead }}
            ) > 0
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSupportEndsSoon.os.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelSupportEndsSoon.os.severity }}
          kind: policy
          lifecycle: os
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The support of an operating system ends soon, and with it that of its kernel.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run an operating system whose support ends within {{ include "ke.alerts.words" .Values.alerts.alerts.KernelSupportEndsSoon.os.thresholds.ahead }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelSupportEndsSoon") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelConfigMissing.disabled }}
      - alert: KernelConfigMissing
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", rule="kernel_config"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConfigMissing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelConfigMissing.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kernel that was built without an option that Kubernetes requires.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelConfigMissing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelKnownBug.disabled }}
      - alert: KernelKnownBug
        expr: |
          label_replace(
            count by (job, {{ .Values.alerts.cluster_label }}, severity) (
              max by (job, {{ .Values.alerts.cluster_label }}, instance, severity) (last_over_time(kernel_known_bug{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, severity=~"critical|warning"}[5m])) == 1
              unless on (job, {{ .Values.alerts.cluster_label }}, instance)
              max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_rule_violated{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, rule="kernel_4"}[5m])) == 1
            ),
            "bug_severity", "$1", "severity", "(.+)"
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelKnownBug.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelKnownBug.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kernel that is known to have a bug that matters to containers.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run a kernel with a known bug of severity {{ `{{` }} $labels.bug_severity {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}. Those that violate kernel_4 are not counted.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelKnownBug") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPolicyRuleViolated.disabled }}
      # Whatever has no alert of its own above, among it the rules that a fleet adds to the policy.
      # netns_leak_fixed and container_escape_fixed rest on known bugs alone.
      - alert: KernelPolicyRuleViolated
        expr: |
          label_replace(
            last_over_time(cluster_rule_severity:kernel_policy_rule_unimplied:count{job="{{ .Values.alerts.job }}", severity=~"critical|warning", rule!~"kernel_4|kubernetes_minimum|docker_minimum|gke_minimum|kubernetes_supported|cgroup_v2|overlayfs_tech_preview|overlayfs_d_type|kmem_accounting_stable|kernel_supported|os_supported|kernel_config|netns_leak_fixed|container_escape_fixed"}[15m]) > 0,
            "rule_severity", "$1", "severity", "(.+)"
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyRuleViolated.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyRuleViolated.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes violate a rule of the policy.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that violate the rule {{ `{{` }} $labels.rule {{ `}}` }}, whose severity is {{ `{{` }} $labels.rule_severity {{ `}}` }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPolicyRuleViolated") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-trust
    rules:
{{- if not .Values.alerts.alerts.KernelExporterDown.disabled }}
      # Up to two nodes of a cluster one by one; more are one alert with their number. Those that go down together
      # are noticed one scrape after the other, hence the wait.
      - alert: KernelExporterDown
        expr: |
          instance:kernel_exporter_up:avg30m{job="{{ .Values.alerts.job }}"}{{- if not (or .Values.alerts.alerts.KernelExporterDown.disabled .Values.alerts.alerts.KernelExporterDown.many.disabled) }}
          unless on (job, {{ .Values.alerts.cluster_label }})
          last_over_time(cluster:kernel_exporters_down:count{job="{{ .Values.alerts.job }}"}[10m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.many.thresholds.nodes }}{{- end }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A node's kernel_exporter does not answer.
          description: Prometheus could not scrape kernel_exporter on {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} for more than half of the last 30 minutes, so little or nothing is known of its kernel.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterDown") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelExporterDown.disabled .Values.alerts.alerts.KernelExporterDown.many.disabled) }}
      - alert: KernelExporterDown
        expr: |
          last_over_time(cluster:kernel_exporters_down:count{job="{{ .Values.alerts.job }}"}[10m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.many.thresholds.nodes }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.many.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterDown.many.severity }}
          kind: trust
          reason: many
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Several kernel_exporters of a cluster do not answer.
          description: 'kernel_exporters{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that did not answer for more than half of the last 30 minutes: {{ `{{` }} $value {{ `}}` }}. Little or nothing is known of the kernels of those nodes.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterDown") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelExporterFleetDown.disabled }}
      # Nodes that are down one after the other, as in a rolling reboot, are no fleet: each must have been down
      # for 15 minutes.
      - alert: KernelExporterFleetDown
        expr: |
          (last_over_time(cluster:kernel_exporters_down:count{job="{{ .Values.alerts.job }}"}[10m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.thresholds.nodes }})
          /
          last_over_time(cluster:kernel_exporter_targets:count{job="{{ .Values.alerts.job }}"}[10m]) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.severity }}
          kind: trust
          reason: down
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A large part of a cluster's kernel_exporters does not answer.
          description: '{{ `{{` }} $value | humanizePercentage {{ `}}` }} of the kernel_exporters{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} have been down for 15 minutes: kernel alerts of those nodes are silent.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterFleetDown") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelExporterFleetDown.disabled .Values.alerts.alerts.KernelExporterFleetDown.vanished.disabled) }}
      # A target without a label cluster may have got one, so only clusters with a name vanish.
      - alert: KernelExporterFleetDown
        expr: |
          time() - last_over_time(cluster:kernel_exporter_targets:timestamp_seconds{job="{{ .Values.alerts.job }}", {{ .Values.alerts.cluster_label }}!=""}[15m]) > 5 * 60 < {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelExporterFleetDown.vanished.thresholds.remembered }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.vanished.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterFleetDown.vanished.severity }}
          kind: trust
          reason: vanished
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: All kernel_exporters of a cluster have vanished from Prometheus.
          description: Prometheus has no target any more with job {{ .Values.alerts.job }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }}, and had some {{ `{{` }} $value | humanizeDuration {{ `}}` }} ago.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterFleetDown") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelExporterAbsent.disabled }}
      - alert: KernelExporterAbsent
        expr: |
          absent_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterAbsent.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterAbsent.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Prometheus knows of no kernel_exporter at all.
          description: 'There is no target with job {{ .Values.alerts.job }}: no kernel alert can fire.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterAbsent") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelLogUnreadable.disabled }}
      - alert: KernelLogUnreadable
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, instance) (sum_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[30m])) / sum by (job, {{ .Values.alerts.cluster_label }}, instance) (count_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[30m])) < {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLogUnreadable.thresholds.share }}
          and
          min by (job, {{ .Values.alerts.cluster_label }}, instance) (min_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])) == 0
          and
          group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_log_up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[10m] offset 25m))
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLogUnreadable.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLogUnreadable.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: kernel_exporter cannot read a node's kernel log.
          description: 'The kernel log of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} could not be read for most of the last 30 minutes: alerts that rest on it are silent.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLogUnreadable") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelLogLosingRecords.disabled }}
      # With `for` as long as the window, one loss does not fire: losses that go on do.
      - alert: KernelLogLosingRecords
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (
            last_over_time(kernel_log_lost_records_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, reason="overrun"}[5m])
            -
            min_over_time(kernel_log_lost_records_total{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, reason="overrun"}[15m])
          ) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLogLosingRecords.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelLogLosingRecords.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The kernel writes its log faster than it can be read.
          description: Records of the kernel log of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} are overwritten before they can be read, again and again.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelLogLosingRecords") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelCollectorFailing.disabled }}
      # The collector log is left to KernelLogUnreadable.
      - alert: KernelCollectorFailing
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, collector) (
            sum by (job, {{ .Values.alerts.cluster_label }}, instance, collector) (sum_over_time(kernel_scrape_collector_success{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, collector!="log"}[30m])) / sum by (job, {{ .Values.alerts.cluster_label }}, instance, collector) (count_over_time(kernel_scrape_collector_success{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, collector!="log"}[30m])) < {{ include "ke.alerts.value" .Values.alerts.alerts.KernelCollectorFailing.thresholds.share }}
            and
            min by (job, {{ .Values.alerts.cluster_label }}, instance, collector) (min_over_time(kernel_scrape_collector_success{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, collector!="log"}[5m])) == 0
            and
            group by (job, {{ .Values.alerts.cluster_label }}, instance, collector) (last_over_time(kernel_scrape_collector_success{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, collector!="log"}[10m] offset 25m))
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelCollectorFailing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelCollectorFailing.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A collector of kernel_exporter fails, so some of its metrics are missing.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} on which the collector {{ `{{` }} $labels.collector {{ `}}` }} failed again and again within the last 30 minutes: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelCollectorFailing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPolicyUnknown.disabled }}
      - alert: KernelPolicyUnknown
        expr: |
          sum by (job, {{ .Values.alerts.cluster_label }}, rule) (last_over_time(cluster_rule_cause:kernel_policy_rule_unknown:sum{job="{{ .Values.alerts.job }}", cause!="unknowable"}[15m])) > 0
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyUnknown.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyUnknown.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A rule of the policy cannot be judged because a file or a permission is missing.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} on which the rule {{ `{{` }} $labels.rule {{ `}}` }} cannot be judged: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPolicyUnknown") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPolicyDataOld.disabled }}
      - alert: KernelPolicyDataOld
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (time() - min by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_policy_data_timestamp_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelPolicyDataOld.thresholds.age }})
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyDataOld.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyDataOld.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The lifecycle and bug data that kernels are judged by is old.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that judge by data older than {{ include "ke.alerts.words" .Values.alerts.alerts.KernelPolicyDataOld.thresholds.age }}: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPolicyDataOld") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelClockSkew.disabled }}
      - alert: KernelClockSkew
        expr: |
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(instance:kernel_clock_skew:seconds{job="{{ .Values.alerts.job }}"}[5m])) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelClockSkew.thresholds.skew }}
          or
          max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(instance:kernel_clock_skew:seconds{job="{{ .Values.alerts.job }}"}[5m])) < -1 * {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelClockSkew.thresholds.skew }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelClockSkew.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelClockSkew.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The clock of a node is wrong.
          description: The clock of {{ `{{` }} $labels.instance {{ `}}` }}{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} is off by {{ `{{` }} $value | humanizeDuration {{ `}}` }} from that of Prometheus (behind it, if that is positive), so the times of its events are wrong.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelClockSkew") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-node?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}&var-instance={{ `{{` }} $labels.instance {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelReportOld.disabled }}
      # For the textfile collector of node_exporter, which goes on to show a file that nobody writes any more. (Of a
      # node that is scraped it is a clock that is wrong by as much.)
      - alert: KernelReportOld
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (time() - max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_time_seconds{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) > {{ include "ke.alerts.seconds" .Values.alerts.alerts.KernelReportOld.thresholds.age }})
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelReportOld.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelReportOld.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: What is known of the kernel of nodes is old.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} whose kernel was last looked at more than {{ include "ke.alerts.words" .Values.alerts.alerts.KernelReportOld.thresholds.age }} ago: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelReportOld") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelAlertsWatchdog.disabled }}
      # It fires for as long as all is well: these rules are evaluated and see what an exporter reports. Route it
      # to something that raises the alarm when it stops to arrive.
      - alert: KernelAlertsWatchdog
        expr: |
          group by (job) (group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])))
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelAlertsWatchdog.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelAlertsWatchdog.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The alerts of kernel_exporter are evaluated and have data.
          description: This alert always fires. If it stops, no kernel alert can be relied on.
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelAlertsWatchdog") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-fleet
    rules:
{{- if not .Values.alerts.alerts.KernelVersionsTooMany.disabled }}
      # By vendor: node pools of different distributions are no disorder. A rollout makes it two, a slow
      # one three. EL and Debian put the machine's architecture into the release.
      - alert: KernelVersionsTooMany
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}, vendor) (
            group by (job, {{ .Values.alerts.cluster_label }}, vendor, release) (
              label_replace(
                group by (job, {{ .Values.alerts.cluster_label }}, instance, vendor, release) (last_over_time(kernel_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[1h])),
                "release", "$1$3", "release", "(.+)[.-](x86_64|aarch64|ppc64le|s390x|amd64|arm64|ppc64el)(.*)"
              )
            )
          ) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelVersionsTooMany.thresholds.releases }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelVersionsTooMany.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelVersionsTooMany.severity }}
          kind: fleet
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A cluster runs too many different kernels of one vendor for too long.
          description: '{{ `{{` }} $value {{ `}}` }} different releases of{{ `{{` }} with $labels.vendor {{ `}}` }} {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} kernels run{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} in cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }}, for days.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelVersionsTooMany") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelPolicyMixed.disabled }}
      - alert: KernelPolicyMixed
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (
            group by (job, {{ .Values.alerts.cluster_label }}, policy, version, sha256) (
              group by (job, {{ .Values.alerts.cluster_label }}, instance, policy, version, sha256) (last_over_time(kernel_policy_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[1h]))
            )
          ) > 1
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyMixed.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelPolicyMixed.severity }}
          kind: fleet
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: The nodes of a cluster are judged by different policies.
          description: '{{ `{{` }} $value {{ `}}` }} different policies are in use{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} in cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }}, for longer than a rollout takes.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelPolicyMixed") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-kubernetes-nodes
    rules:
      - record: cluster:kernel_kubernetes_nodes:count
        expr: |
          label_replace(
            count by ({{ .Values.alerts.cluster_label }}) (group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))),
            "job", "{{ .Values.alerts.job }}", "", ""
          )

      # Nodes that Kubernetes has had for 15 minutes and of which no exporter has answered since. Targets are found by
      # the name of their node or its address.
      - record: cluster_node:kernel_exporter_missing:bool
        expr: |
          label_replace(
            group by ({{ .Values.alerts.cluster_label }}, node) (
              group by ({{ .Values.alerts.cluster_label }}, node, internal_ip) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))
              unless on ({{ .Values.alerts.cluster_label }}, node)
              label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (max_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) == 1, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
              unless on ({{ .Values.alerts.cluster_label }}, internal_ip)
              label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (max_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) == 1, "internal_ip", "$1", "instance", "([^:]+)(:[0-9]+)?")
            )
            and
            group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[10m] offset 15m)),
            "job", "{{ .Values.alerts.job }}", "", ""
          )

      # Where no node at all is found among the targets, those are named by something else, or none are wanted here:
      # there nothing is missing.
      - record: cluster:kernel_nodes_missing:count
        expr: |
          (
            count by (job, {{ .Values.alerts.cluster_label }}) (cluster_node:kernel_exporter_missing:bool{job="{{ .Values.alerts.job }}"})
            or
            0 * cluster:kernel_kubernetes_nodes:count{job="{{ .Values.alerts.job }}"}
          )
          and on ({{ .Values.alerts.cluster_label }})
          group by ({{ .Values.alerts.cluster_label }}) (
            group by ({{ .Values.alerts.cluster_label }}, node, internal_ip) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))
            and on ({{ .Values.alerts.cluster_label }}, node)
            label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (max_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) == 1, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
            or
            group by ({{ .Values.alerts.cluster_label }}, node, internal_ip) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))
            and on ({{ .Values.alerts.cluster_label }}, internal_ip)
            label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (max_over_time(up{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) == 1, "internal_ip", "$1", "instance", "([^:]+)(:[0-9]+)?")
          )

{{- if not .Values.alerts.alerts.KernelExporterMissing.disabled }}
      - alert: KernelExporterMissing
        expr: |
          (last_over_time(cluster:kernel_nodes_missing:count{job="{{ .Values.alerts.job }}"}[10m]) > 0){{- if not (or .Values.alerts.alerts.KernelExporterMissing.disabled .Values.alerts.alerts.KernelExporterMissing.critical.disabled) }}
          unless
          (last_over_time(cluster:kernel_nodes_missing:count{job="{{ .Values.alerts.job }}"}[10m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.thresholds.nodes }}) / last_over_time(cluster:kernel_kubernetes_nodes:count{job="{{ .Values.alerts.job }}"}[10m]) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.thresholds.share }}{{- end }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes of a cluster have no kernel_exporter that answers.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that Kubernetes has and of which no kernel_exporter answers: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterMissing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelExporterMissing.disabled .Values.alerts.alerts.KernelExporterMissing.critical.disabled) }}
      # A small cluster with a node or two in repair pages nobody.
      - alert: KernelExporterMissing
        expr: |
          (last_over_time(cluster:kernel_nodes_missing:count{job="{{ .Values.alerts.job }}"}[10m]) >= {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.thresholds.nodes }}) / last_over_time(cluster:kernel_kubernetes_nodes:count{job="{{ .Values.alerts.job }}"}[10m]) > {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.thresholds.share }}
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelExporterMissing.critical.severity }}
          kind: trust
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: A large part of a cluster's nodes has no kernel_exporter that answers.
          description: 'Of {{ `{{` }} $value | humanizePercentage {{ `}}` }} of the nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that Kubernetes has, no kernel_exporter answers: kernel alerts of those nodes are silent.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelExporterMissing") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

  - name: kernel-kubernetes
    interval: 5m
    rules:
      - record: cluster_minor:kernel_kubelets:count
        expr: |
          label_replace(
            count by ({{ .Values.alerts.cluster_label }}, minor) (
              label_replace(group by ({{ .Values.alerts.cluster_label }}, node, kubelet_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m])), "minor", "$1", "kubelet_version", "v(1[.][0-9]+)[.].*")
            ),
            "job", "{{ .Values.alerts.job }}", "", ""
          )

      # Nodes that block the upgrade to one of the next two minors of Kubernetes.
      - record: cluster_minor_reason:kernel_nodes_blocking:count
        expr: |
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 3 * 65536 + 10 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](18|19)[.].*"}[15m]))
              ),
            "minor", "1.20", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 4 * 65536 + 19 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](30|31)[.].*"}[15m]))
              ),
            "minor", "1.32", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 5 * 65536 + 4 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](32|33)[.].*"}[15m]))
              ),
            "minor", "1.34", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_cgroup_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, hierarchy!="v2"}[15m])), "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](33|34)[.].*"}[15m]))
              ),
            "minor", "1.35", "", ""), "reason", "cgroup_v1", "", "")

{{- if not (or .Values.alerts.alerts.KernelBlocksKubernetes.disabled .Values.alerts.alerts.KernelBlocksKubernetes.running.disabled) }}
      - alert: KernelBlocksKubernetes
        expr: |
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 3 * 65536 + 10 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](20|21|22|23|24|25|26|27|28|29|30|31|32|33|34|35|36|37|38|39|40|41|42|43|44|45|46)[.].*"}[15m]))
              ),
            "minor", "1.20", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 4 * 65536 + 19 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](32|33|34|35|36|37|38|39|40|41|42|43|44|45|46)[.].*"}[15m]))
              ),
            "minor", "1.32", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(max by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_version_code{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[15m])) < 5 * 65536 + 4 * 256, "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](34|35|36|37|38|39|40|41|42|43|44|45|46)[.].*"}[15m]))
              ),
            "minor", "1.34", "", ""), "reason", "kernel", "", "")
          or
          label_replace(label_replace(
              count by (job, {{ .Values.alerts.cluster_label }}) (
                label_replace(group by (job, {{ .Values.alerts.cluster_label }}, instance) (last_over_time(kernel_cgroup_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}, hierarchy!="v2"}[15m])), "node", "$1", "instance", "([^:]+)(:[0-9]+)?")
                and on ({{ .Values.alerts.cluster_label }}, node)
                group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](35|36|37|38|39|40|41|42|43|44|45|46)[.].*"}[15m]))
              ),
            "minor", "1.35", "", ""), "reason", "cgroup_v1", "", "")
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.running.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.running.severity }}
          kind: policy
          blocks: running
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kubelet on a kernel, or a cgroup hierarchy, that its version of Kubernetes refuses.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} whose kubelet is of Kubernetes {{ `{{` }} $labels.minor {{ `}}` }} or newer and that do not have what this asks for ({{ `{{` }} $labels.reason {{ `}}` }}): {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelBlocksKubernetes") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not (or .Values.alerts.alerts.KernelBlocksKubernetes.disabled .Values.alerts.alerts.KernelBlocksKubernetes.next.disabled) }}
      - alert: KernelBlocksKubernetes
        expr: |
          last_over_time(cluster_minor_reason:kernel_nodes_blocking:count{job="{{ .Values.alerts.job }}"}[15m])
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.next.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelBlocksKubernetes.next.severity }}
          kind: policy
          blocks: next
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes block the upgrade of a cluster to one of the next versions of Kubernetes.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that a kubelet of Kubernetes {{ `{{` }} $labels.minor {{ `}}` }} refuses ({{ `{{` }} $labels.reason {{ `}}` }}): {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelBlocksKubernetes") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KubeletUnsupported.disabled }}
      - alert: KubeletUnsupported
        expr: |
          count by ({{ .Values.alerts.cluster_label }}) (
            group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](0|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25|26|27|28|29|30|31|32|33)[.].*"}[15m]))
          or
          group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](34)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20754 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](35)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20878 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, kubelet_version=~"v1[.](36)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20998 * 86400
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KubeletUnsupported.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KubeletUnsupported.severity }}
          kind: policy
          job: {{ .Values.alerts.job }}
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a kubelet that no longer gets patches.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} whose kubelet is of a version of Kubernetes that no longer gets patches: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KubeletUnsupported") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.ContainerRuntimeUnsupported.disabled }}
      - alert: ContainerRuntimeUnsupported
        expr: |
          count by ({{ .Values.alerts.cluster_label }}, runtime) (
            label_replace(
              group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"containerd://v?(2[.]1|1[.]6|1[.]5|1[.]4|1[.]3|1[.]2|1[.]1|1[.]0|0[.][0-9]+)[.].*|cri-o://v?(1[.]33|1[.]32|1[.]31|1[.]30|1[.]29|1[.]28|1[.]27|1[.]26|1[.]25|1[.]24|1[.]23|1[.]22|1[.]21|1[.]20|1[.]19|1[.]18|1[.]17|1[.]16|1[.](?:[0-9]|1[0-5]))[.].*|docker://v?(28|27|26[.]1|26[.]0|24[.]0|23[.]0|20[.]10|19[.]03|18[.]09|18[.]06|18[.]05|18[.]04|18[.]03|18[.]02|18[.]01|17[.]12|17[.]11|17[.]10|17[.]09|17[.]07|17[.]06|17[.]05|17[.]04|17[.]03|1[.][0-9]+)[.].*"}[15m]))
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"containerd://v?(2[.]3)[.].*"}[15m]))
          and on ()
          vector(time()) >= 21305 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"containerd://v?(2[.]2)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20764 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"containerd://v?(2[.]0)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20879 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"containerd://v?(1[.]7)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20698 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"cri-o://v?(1[.]36)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20998 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"cri-o://v?(1[.]35)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20878 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"cri-o://v?(1[.]34)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20754 * 86400
          or
          group by ({{ .Values.alerts.cluster_label }}, node, container_runtime_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}, container_runtime_version=~"docker://v?(25[.]0)[.].*"}[15m]))
          and on ()
          vector(time()) >= 20792 * 86400,
              "runtime", "$1 $2", "container_runtime_version", "([a-z-]+)://v?([0-9]+[.][0-9]+).*"
            )
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.ContainerRuntimeUnsupported.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.ContainerRuntimeUnsupported.severity }}
          kind: policy
          job: {{ .Values.alerts.job }}
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run a container runtime that no longer gets patches.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} that run {{ `{{` }} $labels.runtime {{ `}}` }}, which no longer gets patches: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "ContainerRuntimeUnsupported") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}

{{- if not .Values.alerts.alerts.KernelDiffersFromNode.disabled }}
      # A node that was rebooted into another kernel while its kubelet was not running, or targets whose instance is
      # not the name of their node.
      - alert: KernelDiffersFromNode
        expr: |
          count by (job, {{ .Values.alerts.cluster_label }}) (
            label_replace(label_replace(group by (job, {{ .Values.alerts.cluster_label }}, instance, release) (last_over_time(kernel_info{job="{{ .Values.alerts.job }}"{{ with .Values.alerts.selector }}, {{ . }}{{ end }}}[5m])), "node", "$1", "instance", "([^:]+)(:[0-9]+)?"), "kernel_version", "$1", "release", "(.+)")
            and on ({{ .Values.alerts.cluster_label }}, node)
            group by ({{ .Values.alerts.cluster_label }}, node) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))
            unless on ({{ .Values.alerts.cluster_label }}, node, kernel_version)
            group by ({{ .Values.alerts.cluster_label }}, node, kernel_version) (last_over_time(kube_node_info{{ printf "{%s" .Values.alerts.kube_state_metrics }}}[5m]))
          )
        for: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelDiffersFromNode.for }}
        labels:
          severity: {{ include "ke.alerts.value" .Values.alerts.alerts.KernelDiffersFromNode.severity }}
          kind: policy
{{- with .Values.alerts.labels }}
{{ toYaml . | indent 10 }}
{{- end }}
        annotations:
          summary: Nodes run another kernel than Kubernetes was told.
          description: 'Nodes{{ `{{` }} with $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }} of cluster {{ `{{` }} . {{ `}}` }}{{ `{{` }} end {{ `}}` }} whose kernel_exporter reports another kernel than the API server has of them: {{ `{{` }} $value {{ `}}` }}.'
          runbook_url: {{ include "ke.alerts.runbook" (list .Values.alerts.runbook_base "KernelDiffersFromNode") }}
{{- if .Values.alerts.grafana_base }}
          dashboard_url: {{ .Values.alerts.grafana_base }}/d/kernel-exporter-fleet?var-job={{ `{{` }} $labels.job {{ `}}` }}&var-cluster={{ `{{` }} $labels.{{ .Values.alerts.cluster_label }} {{ `}}` }}
{{- end }}
{{- with .Values.alerts.annotations }}
{{ toYaml . | indent 10 }}
{{- end }}
{{- end }}
{{- end -}}
