package main

import (
	"math"
	"strings"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

const (
	bootMetric     = "kernel_boot_time_seconds"
	eventsMetric   = "kernel_log_events_total"
	lastSeenMetric = "kernel_log_event_last_seen_timestamp_seconds"
	dyingMetric    = "kernel_memory_cgroups_dying"
	durationMetric = "kernel_scrape_collector_duration_seconds"

	// taintDie is the mask of TAINT_DIE, which an oops sets (include/linux/panic.h).
	taintDie = 1 << 7
)

// variation returns the value of a series of a metric, for its only label, if it
// has one, and the value that the recorded node had.
type variation func(label string, recorded float64) func(*state) float64

// variations returns what varies of a root, by metric. All else stays as it was
// recorded: what the kernel is, and all that the policy says of it. A root of
// which not even the boot is known varies in nothing but the time that its
// scrape takes.
func variations(recorded facts) map[string]variation {
	all := map[string]variation{durationMetric: duration}
	if recorded[bootMetric] == 0 {
		return all
	}
	addKernel(all)
	addLog(all)
	addMemory(all, recorded)
	return all
}

func addKernel(to map[string]variation) {
	// The kernel tells it in whole seconds.
	to[bootMetric] = always(func(s *state) float64 { return float64(s.begin.Add(s.boot).Unix()) })
	to["kernel_tainted"] = func(_ string, mask float64) func(*state) float64 {
		return func(s *state) float64 {
			if s.tallies["oops"].count > 0 {
				return float64(uint64(mask) | taintDie)
			}
			return mask
		}
	}
	to["kernel_time_seconds"] = always(func(s *state) float64 { return seconds(s.begin.Add(s.now)) })
	to["kernel_oops_total"] = always(func(s *state) float64 { return s.tallies["oops"].count })
	to["kernel_hung_tasks_total"] = always(func(s *state) float64 { return s.tallies["hung_task"].count })
}

func addLog(to map[string]variation) {
	to[eventsMetric] = func(name string, _ float64) func(*state) float64 {
		return func(s *state) float64 { return s.tallies[event.Event(name)].count }
	}
	to["kernel_log_records_total"] = func(name string, boot float64) func(*state) float64 {
		perHour := map[string]float64{"info": 3, "notice": 0.5, "warning": 0.2}[name]
		level := record.Level(0)
		for level.String() != name && level < record.NumLevels {
			level++
		}
		return func(s *state) float64 { return boot + s.records[level] + math.Floor(perHour*s.uptime().Hours()) }
	}
	to["kernel_netdev_leaks"] = always(func(s *state) float64 { return s.leaks })
	to["kernel_netdev_leak_longest_seconds"] = always(func(s *state) float64 { return s.longestLeak.Seconds() })
}

func addMemory(to map[string]variation, recorded facts) {
	to["kernel_memory_total_bytes"] = always(func(s *state) float64 { return s.memory })
	to["kernel_slab_reclaimable_bytes"] = grows(0)
	to["kernel_slab_unreclaimable_bytes"] = grows(1)
	to["kernel_kmem_usage_bytes"] = grows(1)

	leaking := leakingCache(recorded)
	to["kernel_slab_cache_bytes"] = func(cache string, bytes float64) func(*state) float64 {
		if cache == leaking {
			return grows(1)(cache, bytes)
		}
		return grows(0)(cache, bytes)
	}
	to["kernel_slab_cache_objects"] = func(cache string, objects float64) func(*state) float64 {
		if cache == leaking {
			return grows(objects/recorded[`kernel_slab_cache_bytes{cache="`+cache+`"}`])(cache, objects)
		}
		return grows(0)(cache, objects)
	}

	to["kernel_overlayfs_mounts"] = func(_ string, mounts float64) func(*state) float64 {
		if mounts == 0 {
			return func(*state) float64 { return 0 } // the verdict on overlayfs rests on it
		}
		return func(s *state) float64 { return mounts + s.pods }
	}
	to["kernel_memory_cgroups"] = func(_ string, cgroups float64) func(*state) float64 {
		if dying, counted := recorded[dyingMetric]; counted {
			return func(s *state) float64 { return cgroups - dying + 3*s.pods + s.removed }
		}
		return func(s *state) float64 { return cgroups + 3*s.pods }
	}
	to[dyingMetric] = always(func(s *state) float64 { return s.removed })
}

// duration is how long a collector takes: around half a millisecond.
func duration(collector string, _ float64) func(*state) float64 {
	about := topicDuration
	for _, c := range []byte(collector) {
		about = about<<8 + topic(c)
	}
	return func(s *state) float64 { return 1e-4 + 1e-3*s.dice.roll(about, int(s.now/time.Second)) }
}

// always is a variation that does not depend on what was recorded.
func always(value func(*state) float64) variation {
	return func(string, float64) func(*state) float64 { return value }
}

// grows is what is larger on a larger node, and by a multiple of what has leaked
// where there was anything.
func grows(leaked float64) variation {
	return func(_ string, recorded float64) func(*state) float64 {
		if recorded == 0 {
			return func(*state) float64 { return 0 }
		}
		return func(s *state) float64 { return math.Floor(recorded*s.scale + leaked*s.leaked) }
	}
}

// leakingCache returns the slab cache that holds what leaks: the largest that is
// of no use but one, or all others.
func leakingCache(recorded facts) string {
	const prefix, suffix = `kernel_slab_cache_bytes{cache="`, `"}`
	largest, found := 0.0, "other"
	for series, bytes := range recorded {
		name, ok := strings.CutPrefix(strings.TrimSuffix(series, suffix), prefix)
		if ok && strings.HasPrefix(name, "kmalloc-") && (bytes > largest || bytes == largest && name < found) {
			largest, found = bytes, name
		}
	}
	return found
}
