package main

import (
	"fmt"
	"time"
)

const (
	maxNodes    = 20000
	maxClusters = 100
	maxSpeed    = 1e6
)

const day = 24 * time.Hour

// span is how long the migration takes.
const span = 120 * day

// maxAge keeps every age a [time.Duration].
const maxAge = 100 * 365 * day

// Plan says which fleet to simulate.
//
// Two clocks rule it. On the clock of the wall, counted from Begin, nodes boot,
// kernels log and nodes go dark, since alerts measure these in minutes. On the
// other, the age of the fleet, nodes are migrated and memory leaks: it is Start
// at Begin and runs Speed times as fast from there on. Before Begin both ran at
// the same pace, so that a fleet has a past when it is first seen.
type Plan struct {
	Nodes, Clusters int
	Seed            uint64
	Begin           time.Time
	Start           time.Duration
	Speed           float64
}

func (p Plan) check() error {
	switch {
	case p.Nodes < 1 || p.Nodes > maxNodes:
		return fmt.Errorf("--nodes: %d is not between 1 and %d", p.Nodes, maxNodes)
	case p.Clusters < 1 || p.Clusters > maxClusters:
		return fmt.Errorf("--clusters: %d is not between 1 and %d", p.Clusters, maxClusters)
	case p.Start < 0 || p.Start > maxAge:
		return fmt.Errorf("--start: %s is not between 0s and %s", p.Start, maxAge)
	case !(p.Speed > 0 && p.Speed <= maxSpeed): // not a number is neither
		return fmt.Errorf("--speed: %g is not above 0 and at most %g", p.Speed, float64(maxSpeed))
	}
	return nil
}

// age returns how old the fleet is at a time since Begin. Its migration began
// at 0.
func (p Plan) age(since time.Duration) time.Duration {
	if since <= 0 {
		return p.Start + since
	}
	return time.Duration(min(float64(p.Start)+float64(since)*p.Speed, float64(maxAge)))
}

// since returns when, counted from Begin, the fleet has an age.
func (p Plan) since(age time.Duration) time.Duration {
	if age <= p.Start {
		return age - p.Start
	}
	return time.Duration(min(float64(age-p.Start)/p.Speed, float64(maxAge)))
}
