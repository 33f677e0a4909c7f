package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An expectation says what a metric has to be.
type expectation struct {
	metric string
	way    string // how the kernel is asked
	want   func(witness) spans
}

// notCompared are metrics of which no kernel knows anything, with the reason.
func notCompared() map[string]string {
	return map[string]string{
		"kernel_os_support_end_timestamp_seconds": "the policy's data",
		"kernel_support_end_timestamp_seconds":    "the policy's data",
		"kernel_policy_data_timestamp_seconds":    "the policy's data",
		"kernel_policy_minimum_version_code":      "the policy",
		"kernel_exporter_build_info":              "the exporter itself",
		"kernel_exporter_log_lines_dropped_total": "the exporter itself",
	}
}

func expectations() (all []expectation) {
	all = append(all, ofKernel()...)
	all = append(all, ofMemory()...)
	all = append(all, ofLog()...)
	all = append(all, ofVerdict()...)
	return append(all, ofKnowledge()...)
}

func ofKernel() []expectation {
	number := func(i int) func(witness) spans {
		return func(w witness) spans { return single(exactly(float64(w.numbers()[i]))) }
	}
	return []expectation{
		{metric: "kernel_info", way: "uname(2); the package's version", want: func(w witness) spans {
			upstream, _, _ := strings.Cut(w.kernel.Version, "-")
			s := w.after
			return spans{fmt.Sprintf("machine=%s,release=%s,upstream=%s,vendor=debian,version=%s", s.Machine, s.Release, upstream, s.Version): exactly(1)}
		}},
		{metric: "kernel_version_major", way: "uname(2)", want: number(0)},
		{metric: "kernel_version_minor", way: "uname(2)", want: number(1)},
		{metric: "kernel_version_patch", way: "uname(2)", want: number(2)},
		{metric: "kernel_version_code", way: "uname(2)", want: func(w witness) spans {
			n := w.numbers()
			return single(exactly(float64(n[0]<<16 + n[1]<<8 + min(n[2], 255))))
		}},
		{metric: "kernel_build_timestamp_seconds", way: "the day in uname(2)'s version", want: func(w witness) spans {
			version := w.after.Version
			day, err := time.Parse("(2006-01-02)", version[strings.LastIndexByte(version, ' ')+1:])
			if err != nil {
				return nil
			}
			return single(span{low: float64(day.Unix()), high: float64(day.Unix() + 86400)})
		}},
		{metric: "kernel_reboot_pending", way: "the guest has modules of no other kernel", want: always(0)},
		{metric: "kernel_livepatch_info", way: "the guest loads no live patch", want: never},
		{metric: "kernel_boot_time_seconds", way: "clock_gettime(2): real time minus time since boot", want: func(w witness) spans {
			return single(span{low: w.before.Boot - 1.5, high: w.before.Boot + 1.5})
		}},
		{metric: "kernel_time_seconds", way: "clock_gettime(2) before and after", want: func(w witness) spans {
			return single(span{low: w.before.Now, high: w.after.Now})
		}},
		{metric: "kernel_tainted", way: "/proc/sys/kernel/tainted", want: inFile("/proc/sys/kernel/tainted")},
		{metric: "kernel_oops_total", way: "/sys/kernel/oops_count", want: inFile("/sys/kernel/oops_count")},
		{metric: "kernel_warnings_total", way: "/sys/kernel/warn_count", want: inFile("/sys/kernel/warn_count")},
		{metric: "kernel_hung_tasks_total", way: "/proc/sys/kernel/hung_task_detect_count", want: inFile("/proc/sys/kernel/hung_task_detect_count")},
		{metric: "kernel_os_info", way: "/etc/os-release", want: func(w witness) spans {
			return spans{fmt.Sprintf("id=debian,name=Debian GNU/Linux,version_id=%s", debian(w.kernel.Suite)): exactly(1)}
		}},
		{metric: "kernel_overlayfs_supported", way: "/proc/filesystems", want: func(w witness) spans {
			text, _, _ := w.file("/proc/filesystems")
			return single(boolean(strings.Contains(text, "\toverlay\n")))
		}},
		{metric: "kernel_overlayfs_mounts", way: "/proc/self/mounts", want: func(w witness) spans {
			return single(exactly(float64(w.before.Overlays)))
		}},
		{metric: "kernel_overlayfs_tech_preview", way: "only RHEL 7 has the notion", want: always(0)},
		{metric: "kernel_overlayfs_dtype_supported", way: "the store is on a tmpfs, which has d_type", want: func(witness) spans {
			return spans{"path=/var/lib/containerd": exactly(1)}
		}},
		{metric: "kernel_netdev_tx_timeouts_total", way: "the guest has no network card", want: never},
	}
}

func ofMemory() []expectation {
	return []expectation{
		{metric: "kernel_kmem_accounting_enabled", way: "its memory controller is on and nokmem is not set", want: always(1)},
		{metric: "kernel_kmem_usage_bytes", way: "memory.kmem.usage_in_bytes, or kernel of memory.stat", want: kmemUsage},
		{metric: "kernel_cgroup_info", way: "statfs(2) of the mount", want: func(w witness) spans {
			if w.after.Cgroup2 {
				return spans{"hierarchy=v2": exactly(1)}
			}
			return spans{"hierarchy=v1": exactly(1)}
		}},
		{metric: "kernel_memory_cgroups", way: "directories, and dying ones beside them", want: func(w witness) spans {
			dying := samples(w.families["kernel_memory_cgroups_dying"])[""]
			return single(exactly(float64(w.after.Cgroups) + dying))
		}},
		{metric: "kernel_memory_cgroups_dying", way: "at most as many as were removed with pages charged", want: func(w witness) spans {
			return single(span{high: float64(w.after.Dying)})
		}},
		{metric: "kernel_memory_cgroups_limit", way: "MEM_CGROUP_ID_MAX of the kernel's source", want: always(65535)},
		{metric: "kernel_memory_total_bytes", way: "sysinfo(2)", want: func(w witness) spans { return single(exactly(w.after.TotalMemory)) }},
		{metric: "kernel_slab_reclaimable_bytes", way: "/proc/meminfo before and after", want: meminfo("SReclaimable")},
		{metric: "kernel_slab_unreclaimable_bytes", way: "/proc/meminfo before and after", want: meminfo("SUnreclaim")},
		{metric: "kernel_slab_cache_bytes", way: "/proc/slabinfo before and after: pages of slabs", want: slabs(func(f []float64) float64 { return f[13] * f[4] * 4096 })},
		{metric: "kernel_slab_cache_objects", way: "/proc/slabinfo before and after: active objects", want: slabs(func(f []float64) float64 { return f[0] })},
	}
}

func ofLog() []expectation {
	return []expectation{
		{metric: "kernel_log_events_total", way: "no report is in this log: each is 0", want: func(w witness) spans {
			want := spans{}
			for labels := range samples(w.families["kernel_log_events_total"]) {
				want[labels] = exactly(0)
			}
			for _, labels := range ofSlowMachines() {
				want[labels] = span{high: 1000}
			}
			return want
		}},
		{metric: "kernel_log_event_last_seen_timestamp_seconds", way: "no report is in this log", want: func(w witness) spans {
			seen, want := samples(w.families["kernel_log_event_last_seen_timestamp_seconds"]), spans{}
			for _, labels := range ofSlowMachines() {
				if _, ok := seen[labels]; ok {
					want[labels] = span{low: w.before.Boot - 1.5, high: w.after.Now}
				}
			}
			return want
		}},
		{metric: "kernel_log_records_total", way: "records of /dev/kmsg by level, facility 0", want: func(w witness) spans {
			return w.byLevel(w.counted(w.families))
		}},
		{metric: "kernel_log_untrusted_records_total", way: "records of another facility", want: func(w witness) spans {
			n, end := 0.0, w.counted(w.families)
			for _, l := range w.log {
				if l.facility != 0 && l.seq < end {
					n++
				}
			}
			return single(exactly(n))
		}},
		{metric: "kernel_log_lost_records_total", way: "the log has every number from 0 on", want: func(w witness) spans {
			lost := 0.0
			if n := len(w.log); n > 0 {
				lost = float64(w.log[n-1].seq + 1 - n)
			}
			return spans{"reason=before_start": exactly(lost), "reason=overrun": exactly(0)}
		}},
		{metric: "kernel_log_suppressed_total", way: "`callbacks suppressed` in the log", want: func(w witness) spans {
			n := strings.Count(string(w.files["kmsg"]), " callbacks suppressed")
			return single(span{low: float64(n), high: float64(n) * 1e6})
		}},
		{metric: "kernel_log_up", way: "the log can be read", want: always(1)},
		{metric: "kernel_log_source_info", way: "/dev/kmsg is there", want: func(witness) spans { return spans{"source=kmsg": exactly(1)} }},
		{metric: "kernel_log_complete_since_boot", way: "the log has every number from 0 on", want: always(1)},
		{metric: "kernel_netdev_leaks", way: "no device is waited for", want: always(0)},
		{metric: "kernel_netdev_leak_longest_seconds", way: "no device is waited for", want: always(0)},
	}
}

// ofSlowMachines are reports that an emulated processor may cause that gets little
// time.
func ofSlowMachines() []string {
	return []string{"event=clocksource_unstable", "event=rcu_stall", "event=soft_lockup", "event=hung_task", "event=workqueue_hogged"}
}

func ofVerdict() []expectation {
	return []expectation{
		{metric: "kernel_policy_info", way: "check", want: func(w witness) spans {
			p := w.verdict.Policy
			return spans{fmt.Sprintf("policy=%s,sha256=%s,version=%s", p.Name, p.SHA256, p.Version): exactly(1)}
		}},
		{metric: "kernel_policy_rule_violated", way: "check", want: func(w witness) spans {
			want := spans{}
			for _, r := range w.verdict.Rules {
				if r.Outcome != "unknown" {
					want["rule="+r.Name+",severity="+r.Severity] = boolean(r.Outcome == "violated")
				}
			}
			return want
		}},
		{metric: "kernel_policy_rule_unknown", way: "check", want: func(w witness) spans {
			want := spans{}
			for _, r := range w.verdict.Rules {
				if r.Outcome == "unknown" {
					want["cause="+r.Cause+",rule="+r.Name+",severity="+r.Severity] = exactly(1)
				}
			}
			return want
		}},
		{metric: "kernel_scrape_collector_success", way: "all files can be read", want: eachCollector(exactly(1))},
		{metric: "kernel_scrape_collector_duration_seconds", way: "below the timeout", want: eachCollector(span{low: 0, high: 5})},
	}
}

func ofKnowledge() []expectation {
	return []expectation{
		{metric: "kernel_feature_supported", way: "check", want: func(w witness) spans {
			want := spans{}
			for _, f := range w.verdict.Features {
				if f.Supported != "unknown" {
					want["feature="+f.Name] = boolean(f.Supported == "yes")
				}
			}
			return want
		}},
		{metric: "kernel_known_bug", way: "check", want: func(w witness) spans {
			want := spans{}
			for _, b := range w.verdict.Bugs {
				if b.State == "affected" {
					want["bug="+b.Name+",severity="+b.Severity] = exactly(1)
				}
			}
			return want
		}},
		{metric: "kernel_known_bugs", way: "check", want: func(w witness) spans {
			n := map[string]float64{}
			for _, b := range w.verdict.Bugs {
				n[b.State]++
			}
			return spans{"state=affected": exactly(n["affected"]), "state=clear": exactly(n["clear"]), "state=unknown": exactly(n["unknown"])}
		}},
	}
}

func always(v float64) func(witness) spans { return func(witness) spans { return single(exactly(v)) } }

func never(witness) spans { return nil }

func boolean(b bool) span {
	if b {
		return exactly(1)
	}
	return exactly(0)
}

// inFile expects the number in a file, where the kernel has the file.
func inFile(path string) func(witness) spans {
	return func(w witness) spans {
		before, after, ok := w.file(path)
		if !ok {
			return nil
		}
		return single(span{low: number(before), high: number(after)})
	}
}

func number(text string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return -1 // no metric is
	}
	return v
}

// numbers are the first three of the release.
func (w witness) numbers() (n [3]int) {
	_, _ = fmt.Sscanf(w.after.Release, "%d.%d.%d", &n[0], &n[1], &n[2]) // what is missing is 0
	return n
}

func kmemUsage(w witness) spans {
	if before, after, ok := w.file("/cgroup/memory.kmem.usage_in_bytes"); ok {
		return single(between(number(before), number(after)))
	}
	before, after, _ := w.file("/cgroup/memory.stat")
	b, ok := field(before, "kernel")
	if !ok {
		return nil
	}
	a, _ := field(after, "kernel")
	return single(between(b, a))
}

// field is the number after a name at the start of a line.
func field(text, name string) (float64, bool) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && strings.TrimSuffix(f[0], ":") == name {
			return number(f[1]), true
		}
	}
	return 0, false
}

func meminfo(name string) func(witness) spans {
	return func(w witness) spans {
		before, after, _ := w.file("/proc/meminfo")
		b, _ := field(before, name)
		a, _ := field(after, name)
		return single(between(b*1024, a*1024))
	}
}

// slabs expects the caches that the exporter shows, and the rest as other. value
// gets the numbers of a line: active_objs num_objs objsize objperslab
// pagesperslab ... active_slabs num_slabs sharedavail.
func slabs(value func([]float64) float64) func(witness) spans {
	sum := func(text string) map[string]float64 {
		caches := map[string]float64{}
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			if len(f) < 16 || strings.HasPrefix(line, "#") {
				continue
			}
			n := make([]float64, len(f)-1)
			for i, text := range f[1:] {
				n[i], _ = strconv.ParseFloat(text, 64) // words are between them
			}
			caches[f[0]] += value(n)
		}
		return caches
	}
	return func(w witness) spans {
		text, text2, ok := w.file("/proc/slabinfo")
		if !ok {
			return nil
		}
		before, after := sum(text), sum(text2)
		want := spans{}
		restBefore, restAfter := 0.0, 0.0
		for _, v := range before {
			restBefore += v
		}
		for _, v := range after {
			restAfter += v
		}
		for labels := range samples(w.families["kernel_slab_cache_bytes"]) {
			name := strings.TrimPrefix(labels, "cache=")
			if _, ok := before[name]; !ok {
				continue
			}
			want[labels] = between(before[name], after[name])
			restBefore -= before[name]
			restAfter -= after[name]
		}
		want["cache=other"] = between(restBefore, restAfter)
		return want
	}
}

func eachCollector(s span) func(witness) spans {
	return func(w witness) spans {
		want := spans{}
		for labels := range samples(w.families["kernel_scrape_collector_duration_seconds"]) {
			want[labels] = s
		}
		return want
	}
}
