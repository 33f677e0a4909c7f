package main

import (
	"math"
	"time"

	"kernel_exporter/collector/kmsg/event"
	"kernel_exporter/collector/kmsg/record"
)

// state is all that varies of a node at one time. Its times are since begin.
type state struct {
	begin     time.Time
	now, boot time.Duration
	dice      dice

	tallies     map[event.Event]tally
	records     [record.NumLevels]float64 // of the symptoms
	leaks       float64
	longestLeak time.Duration

	memory  float64 // bytes
	scale   float64 // of the node's memory to the recorded node's, and of its load
	leaked  float64 // bytes of slab that will never come back
	removed float64 // memory cgroups that are gone and still counted
	pods    float64
}

// observe sets how a node is at a time, and returns which base it is.
func (s *state) observe(p Plan, n *node, now time.Time, all []symptom) *base {
	since := now.Sub(p.Begin)
	b, boot := n.at(since)
	clear(s.tallies)
	if s.tallies == nil {
		s.tallies = make(map[event.Event]tally)
	}
	*s = state{tallies: s.tallies, begin: p.Begin, now: since, boot: boot, dice: n.dice, memory: math.Floor(n.memory)}
	for _, e := range b.boot {
		s.tallies[e.event] = tally{e.count, min(boot+e.after, since)}
	}
	for i := range all {
		m := &all[i]
		m.episodes(n.dice, m.affects(b), boot, since, func(begin time.Duration, t tally) {
			sum := s.tallies[m.event]
			sum.add(t)
			s.tallies[m.event] = sum
			s.records[m.level] += t.count * m.lines
			if m.event == event.NetdevLeak && since-t.last <= leakPatience {
				s.leaks++
				s.longestLeak = max(s.longestLeak, since-begin+leakPeriod)
			}
		})
	}
	s.grow(n, b, (p.age(since)-p.age(boot)).Hours()/24)
	return b
}

// grow sets what grows as a node gets older, and with its pods.
func (s *state) grow(n *node, b *base, days float64) {
	life := int(s.boot / time.Second) // another one after each boot
	load := 0.6 + 0.8*n.dice.roll(topicLoad, 0)
	s.scale = n.memory / b.memory * load * s.wobble()
	s.pods = math.Floor((20 + 90*n.dice.roll(topicPods, life)) * s.wobble())

	rate := 0.0002 + 0.0005*n.dice.roll(topicGrowth, life) // of the memory in a day
	if b.leaky && n.dice.roll(topicLeaky, life) < .12 {
		rate = 0.004 + 0.015*n.dice.roll(topicGrowth, life)
	}
	const most = 0.6 // of the memory is slab: a node with more would be dead
	s.leaked = n.memory * max(0, min(rate*days, most-b.slab/b.memory*load))

	s.removed = days * (5 + 30*n.dice.roll(topicChurn, life))
	if n.dice.roll(topicHeavyChurn, life) < .02 {
		s.removed = 700 * days
	}
	s.removed = math.Floor(min(s.removed, 50000))
}

// wobble is a factor around 1 that goes up and down within minutes, as the load
// of a node does.
func (s *state) wobble() float64 {
	const every, height = 10 * time.Minute, 0.2
	knot := math.Floor(float64(s.now) / float64(every))
	part := float64(s.now)/float64(every) - knot
	from, to := s.dice.roll(topicWobble, int(knot)), s.dice.roll(topicWobble, int(knot)+1)
	return 1 + height*(from+(to-from)*part-0.5)
}

// uptime returns how long the node has been up.
func (s *state) uptime() time.Duration { return s.now - s.boot }
