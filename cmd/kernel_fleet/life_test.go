package main

import (
	"math"
	"testing"
	"time"

	"kernel_exporter/collector/kmsg/event"
)

// census counts the nodes by the first number of their kernel's release.
func census(f *fleet, since time.Duration) map[int]int {
	nodes := map[int]int{}
	for i := range f.nodes {
		b, _ := f.nodes[i].at(since)
		nodes[int(b.version)>>16]++
	}
	return nodes
}

// TestMigration follows the fleet from before its migration to after it.
func TestMigration(t *testing.T) {
	t.Parallel()
	f := testFleet(t, func(p *Plan) { p.Nodes, p.Start, p.Speed = 2000, 0, 1 })
	begin, middle, end := census(f, 0), census(f, span/2), census(f, span)
	if share := begin[3]; share < 1400 || begin[6] > 0 {
		t.Errorf("before the migration, nodes by kernel are %v, want mostly 3.x and no 6.x", begin)
	}
	if middle[4] < 50 || middle[5] < 300 || middle[6] < 300 || middle[3] >= begin[3] {
		t.Errorf("in the middle, nodes by kernel are %v, want every generation from 3 to 6", middle)
	}
	if stragglers := end[3]; stragglers == 0 || stragglers > 300 || end[6]+end[7] < 1600 {
		t.Errorf("at the end, nodes by kernel are %v, want stragglers and else 6.x and newer", end)
	}
	for i := range f.nodes {
		for stage, b := range f.nodes[i].bases[1:] {
			if b.version <= f.nodes[i].bases[stage].version {
				t.Errorf("%s migrates to a kernel that is no newer", f.nodes[i].name)
			}
		}
	}
	// One cluster comes after the other.
	moved := map[string]int{}
	for i := range f.nodes {
		if b, _ := f.nodes[i].at(span / 5); b != f.nodes[i].bases[0] {
			moved[f.nodes[i].cluster]++
		}
	}
	if moved["cluster-1"] <= moved["cluster-2"] || moved["cluster-2"] <= moved["cluster-4"] {
		t.Errorf("nodes migrated by cluster after a fifth of the time: %v", moved)
	}
}

// TestSpeed: the migration goes Speed times as fast, and reboots do not.
func TestSpeed(t *testing.T) {
	t.Parallel()
	slow := testFleet(t, func(p *Plan) { p.Speed = 1 })
	fast := testFleet(t, func(p *Plan) { p.Speed = 1440 })
	for i := range slow.nodes {
		a, aBoot := slow.nodes[i].at(0)
		b, bBoot := fast.nodes[i].at(0)
		if a != b || aBoot != bBoot {
			t.Fatalf("%s has another past at another speed", slow.nodes[i].name)
		}
		a, _ = slow.nodes[i].at(day)
		b, _ = fast.nodes[i].at(time.Minute)
		if a != b {
			t.Fatalf("%s is not after a fast minute what it is after a day", slow.nodes[i].name)
		}
	}
}

// TestClocks: the two clocks are each other's reverse, at every speed, and
// nothing overflows.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, speed := range []float64{1e-6, 0.5, 1, 1440, maxSpeed} {
		p := demoPlan()
		p.Speed = speed
		for _, age := range []time.Duration{-day, 0, p.Start, p.Start + 1, p.Start + day, span} {
			got := p.age(p.since(age))
			if difference := math.Abs(float64(got - age)); difference > 1e6+speed && p.since(age) < maxAge {
				t.Errorf("speed %g: age %s is %s after there and back", speed, age, got)
			}
		}
		if age := p.age(maxAge); age < p.Start || age > maxAge {
			t.Errorf("speed %g: the age after a hundred years is %s", speed, age)
		}
	}
}

// TestReboots: nodes boot again without an upgrade, at the clock's pace and not
// too often, whatever the speed.
func TestReboots(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	for i := range f.nodes {
		n := &f.nodes[i]
		boots := map[time.Duration]bool{}
		for since := 200 * day; since < 300*day; since += time.Hour {
			_, boot := n.at(since)
			boots[boot] = true
		}
		if len(boots) < 2 || len(boots) > 8 {
			t.Errorf("%s booted %d times in 100 days, want 2 to 8", n.name, len(boots))
		}
	}
}

// TestLeaksBeginAndEnd: some nodes wait for a network device; no wait lasts for
// ever; its count of messages fits its length; new kernels have none.
func TestLeaksBeginAndEnd(t *testing.T) {
	t.Parallel()
	f := testFleet(t, func(p *Plan) { p.Speed = 1e-6 }) // nobody is migrated meanwhile
	var s state
	began, ended := 0, 0
	for i := range f.nodes {
		n := &f.nodes[i]
		leaking := false
		for since := time.Duration(0); since < 3*day; since += time.Minute {
			b := s.observe(f.plan, n, f.plan.Begin.Add(since), f.symptoms)
			if s.leaks > 0 && b.generation == recent {
				t.Fatalf("%s leaks on a kernel without the fault", n.name)
			}
			if messages := s.tallies[event.NetdevLeak].count; s.leaks == 1 && messages < math.Floor(s.longestLeak.Seconds()/10)-3 {
				t.Fatalf("%s has waited for %s and said so only %g times", n.name, s.longestLeak, messages)
			}
			if s.longestLeak > 11*time.Hour {
				t.Fatalf("%s has waited for %s", n.name, s.longestLeak)
			}
			switch {
			case s.leaks > 0 && !leaking:
				began++
			case s.leaks == 0 && leaking:
				ended++
			}
			leaking = s.leaks > 0
		}
	}
	if began < 20 || ended < 20 {
		t.Errorf("in 3 days %d waits began and %d ended, want at least 20 of each", began, ended)
	}
}

// TestEpisodesOnlyGrow: what has been counted stays counted, whether episodes
// are short or overlap, and nothing is counted from before the boot.
func TestEpisodesOnlyGrow(t *testing.T) {
	t.Parallel()
	m := symptom{event: "hung_task", longest: 30 * time.Hour, every: time.Minute}
	d := newDice(1, 1)
	const boot = -20 * day
	total := func(now time.Duration) (events float64) {
		m.episodes(d, 0.3, boot, now, func(begin time.Duration, e tally) {
			if begin < boot+settling || e.last < begin || e.last > now || e.count != 1+float64((e.last-begin)/m.every) {
				t.Errorf("at %s the episode from %s has the tally %v", now, begin, e)
			}
			events += e.count
		})
		return events
	}
	before := 0.0
	for now := boot; now < 10*day; now += time.Hour {
		events := total(now)
		if events < before || events > before+3*60+3 {
			t.Errorf("at %s there are %g events, an hour before %g", now, events, before)
		}
		before = events
	}
	if before < 1000 {
		t.Errorf("only %g events in 30 days", before)
	}
	m.episodes(d, 0, boot, 10*day, func(time.Duration, tally) { t.Error("an episode without a chance") })
}

// TestDarkNodes: now and then a node does not answer, never many of them.
func TestDarkNodes(t *testing.T) {
	t.Parallel()
	f := testFleet(t, func(p *Plan) { p.Nodes = 2000 })
	seen := 0
	for since := time.Duration(0); since < 10*day; since += 3 * time.Hour {
		dark := 0
		for i := range f.nodes {
			if f.nodes[i].dark(since) {
				dark++
			}
		}
		seen += dark
		if dark > 60 {
			t.Errorf("after %s %d of 2000 nodes are dark", since, dark)
		}
	}
	if seen == 0 {
		t.Error("no node was ever dark")
	}
}

// TestNodesDiffer: two nodes of one kind are not two copies.
func TestNodesDiffer(t *testing.T) {
	t.Parallel()
	f := testFleet(t)
	boots, memory, slab := map[time.Duration]bool{}, map[float64]bool{}, map[float64]bool{}
	var s state
	for i := range f.nodes {
		s.observe(f.plan, &f.nodes[i], f.plan.Begin, f.symptoms)
		boots[s.boot], memory[s.memory], slab[s.leaked] = true, true, true
	}
	if len(boots) < 190 || len(memory) != 4 || len(slab) < 150 {
		t.Errorf("of 200 nodes there are %d boots, %d sizes, %d leaks", len(boots), len(memory), len(slab))
	}
}
