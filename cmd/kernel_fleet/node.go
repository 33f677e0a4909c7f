package main

import (
	"fmt"
	"time"
)

// node is what stays the same of a node. Its times are since [Plan.Begin].
type node struct {
	name, cluster string
	dice          dice
	bases         []*base         // from the oldest kernel to the newest
	upgrades      []time.Duration // when each base but the first is booted
	period, phase time.Duration   // of its other reboots
	memory        float64         // bytes
}

// newNode builds the node with a number, counted from 0.
func newNode(p Plan, number int, bases map[string]*base) node {
	cluster := number * p.Clusters / p.Nodes
	n := node{
		name:    fmt.Sprintf("node-%05d", number+1),
		cluster: fmt.Sprintf("cluster-%d", cluster+1),
		dice:    newDice(p.Seed, uint64(number)),
	}
	all := stages()
	if n.dice.roll(topicStraggler, 0) < stragglerShare {
		all = all[:1]
	}
	if n.dice.roll(topicBroken, 0) < brokenShare {
		all = [][]share{{{brokenRoot, 1}}}
	}
	// One cluster after the other is migrated, each stage over a third of the span.
	upgrade := time.Duration(0.3 * float64(span) * float64(cluster) / float64(p.Clusters))
	for i, stage := range all {
		b := bases[pick(stage, n.dice.roll(topicRoot, i))]
		if i > 0 {
			upgrade += time.Duration(0.35 * float64(span) * n.dice.roll(topicUpgrade, i))
			if b.version <= n.bases[len(n.bases)-1].version {
				continue // nobody migrates to an older kernel
			}
			n.upgrades = append(n.upgrades, p.since(upgrade))
		}
		n.bases = append(n.bases, b)
	}
	n.period = 15*day + time.Duration(n.dice.roll(topicPeriod, 0)*float64(45*day))
	n.phase = time.Duration(n.dice.roll(topicPhase, 0) * float64(n.period))
	n.memory = 0.98 * float64(uint64(16<<30)<<int(4*n.dice.roll(topicMemory, 0)))
	return n
}

// at returns what a node is at a time, and when it booted that.
func (n *node) at(since time.Duration) (b *base, boot time.Duration) {
	up := (since + n.phase) % n.period
	if up < 0 {
		up += n.period
	}
	b, boot = n.bases[0], since-up
	for i, upgrade := range n.upgrades {
		if upgrade <= since {
			b, boot = n.bases[i+1], max(boot, upgrade)
		}
	}
	return b, boot
}

// dark says whether the node does not answer.
func (n *node) dark(since time.Duration) bool {
	const share, longest = .04, 4 * time.Hour
	w := windowOf(since)
	if n.dice.roll(topicDark, w) >= share {
		return false
	}
	from := time.Duration(w)*window + time.Duration(n.dice.roll(topicDarkFrom, w)*float64(window))
	return since >= from && since-from < time.Duration(n.dice.roll(topicDarkFor, w)*float64(longest))
}
