package main

import (
	"math"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

const (
	// window is how often a node's dice decide whether a symptom begins.
	window = 12 * time.Hour
	// settling is how long after a boot nothing goes wrong.
	settling = 2 * time.Minute
	// leakPeriod is how often the kernel says that it waits for a network device.
	leakPeriod = 10 * time.Second
	// leakPatience is for how long the exporter takes silence for waiting.
	leakPatience = 3 * leakPeriod
)

// windowOf returns the number of the window that a time is in.
func windowOf(since time.Duration) int {
	return int(math.Floor(float64(since) / float64(window)))
}

// Levels of the kernel's records that symptoms use.
const (
	levelEmerg   record.Level = 0
	levelAlert   record.Level = 1
	levelCrit    record.Level = 2
	levelErr     record.Level = 3
	levelWarning record.Level = 4
	levelInfo    record.Level = 6
)

// generation is how old a kernel is: what it suffers from depends on that.
type generation int

const (
	old    generation = iota // before 4.0
	middle                   // before 6.0
	recent
	generations
)

// symptom is a kind of event that comes in episodes: an event at the begin, and
// more of them as long as the episode lasts.
type symptom struct {
	event   event.Event
	level   record.Level         // of its records
	lines   float64              // records that a report has
	chances [generations]float64 // that an episode begins in a window
	longest time.Duration        // 0 for one event
	every   time.Duration
	kmem    bool // only with the memory accounting of 3.x
}

// symptoms are about as common as they are in a fleet that is looked after;
// what ends with 3.10 is rare or absent after it.
func symptoms() []symptom {
	return []symptom{
		{event.NetdevLeak, levelEmerg, 1, [...]float64{.30, .004, 0}, 10 * time.Hour, leakPeriod, false},
		{"slub_alloc_failure", levelWarning, 4, [...]float64{.08, 0, 0}, 2 * time.Hour, time.Minute, true},
		{"xfs_alloc_deadlock", levelErr, 1, [...]float64{.01, 0, 0}, 4 * time.Minute, 2 * time.Second, true},
		{"memcg_oom_kill", levelErr, 25, [...]float64{.20, .20, .20}, 4 * time.Hour, 5 * time.Minute, false},
		{"pids_fork_rejected", levelInfo, 1, [...]float64{0, .01, .01}, 0, 0, false},
		{"hung_task", levelErr, 20, [...]float64{.03, .006, .002}, 18 * time.Minute, 2 * time.Minute, false},
		{"soft_lockup", levelEmerg, 30, [...]float64{.015, .002, .001}, 5 * time.Minute, 22 * time.Second, false},
		{"page_alloc_failure", levelWarning, 35, [...]float64{.02, .006, .003}, 20 * time.Minute, 30 * time.Second, false},
		{"conntrack_table_full", levelWarning, 1, [...]float64{.006, .006, .006}, 30 * time.Minute, 5 * time.Second, false},
		{"ext4_error", levelCrit, 1, [...]float64{.003, .003, .003}, time.Hour, 5 * time.Minute, false},
		{"block_io_error", levelErr, 1, [...]float64{.004, .004, .004}, time.Hour, 20 * time.Second, false},
		{"oops", levelAlert, 40, [...]float64{.003, .001, .0005}, 0, 0, false},
		{"mce", levelEmerg, 5, [...]float64{.004, .004, .004}, 0, 0, false},
	}
}

// affects returns the chance that a window of a node like b begins an episode.
func (s *symptom) affects(b *base) float64 {
	if s.kmem && !b.leaky {
		return 0
	}
	return s.chances[b.generation]
}

// tally is what a node's log says of an event since its boot.
type tally struct {
	count float64
	last  time.Duration // when last, since [Plan.Begin]
}

// add counts more of the same event.
func (t *tally) add(more tally) {
	if t.count == 0 || more.last > t.last {
		t.last = more.last
	}
	t.count += more.count
}

// topic returns the first of the three topics of a symptom. It depends on the
// event's name alone, so that another event changes no node's fate.
func (s *symptom) topic() topic {
	h := uint64(topicsSymptoms)
	for _, c := range []byte(s.event) {
		h = mix(h + uint64(c))
	}
	return topic(h)
}

// episodes calls each with the begin and the tally of every episode of a symptom
// on a node since its boot, oldest first. What is wrong with a node is wrong
// after a boot too: an episode that had begun before goes on.
func (s *symptom) episodes(d dice, chance float64, boot, now time.Duration, each func(begin time.Duration, t tally)) {
	if chance == 0 {
		return
	}
	about := s.topic()
	earliest := boot + settling
	for w := windowOf(earliest - s.longest); ; w++ {
		opens := time.Duration(w) * window
		if opens > now {
			return
		}
		if d.roll(about, w) >= chance {
			continue
		}
		length := d.roll(about+1, w)
		begin := opens + time.Duration(d.roll(about+2, w)*float64(window))
		end := begin + time.Duration(length*length*float64(s.longest)) // the short ones are more
		begin = max(begin, earliest)
		if begin > end || begin > now {
			continue
		}
		t := tally{1, begin}
		if s.every > 0 {
			lasted := min(now, end) - begin
			t = tally{1 + float64(lasted/s.every), begin + lasted.Truncate(s.every)}
		}
		each(begin, t)
	}
}
