package facts

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// spill is for how long the reads of a scrape wait for one of them before they go
// on beside it.
const spill = 10 * time.Millisecond

// A quick fact is read at each scrape.
type quick interface {
	// member is the fact's own place in a Set.
	member() Set
	// gather reads it, unless an earlier read still hangs.
	gather(g *gathering)
	// giveUp makes it unknown in a snapshot that waits for it no longer.
	giveUp(s *Snapshot)
}

type quickFact[T any] struct {
	place
	set   Set
	file  string // what is read, named where it is missing
	field func(*Snapshot) *Fact[T]
	read  func() Fact[T]
}

func newQuick[T any](set Set, file string, field func(*Snapshot) *Fact[T], read func() Fact[T]) quick {
	return &quickFact[T]{place: newPlace(), set: set, file: file, field: field, read: read}
}

func (q *quickFact[T]) member() Set { return q.set }

func (q *quickFact[T]) gather(g *gathering) {
	start := time.Now()
	f := NotInTime[T](q.file)
	if q.enter(g.ctx) {
		f = guarded(q.read)
		q.leave()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		*q.field(g.snapshot) = f
		g.arrived(q.set, time.Since(start))
	}
}

func (q *quickFact[T]) giveUp(s *Snapshot) {
	q.abandon()
	*q.field(s) = NotInTime[T](q.file)
}

// A gathering is the reading of one scrape's facts.
type gathering struct {
	ctx  context.Context //nolint:containedctx // it lives as long as one scrape
	todo []quick
	next atomic.Int32 // of todo, which is not yet begun
	done chan struct{}

	mu       sync.Mutex // never held over a read
	snapshot *Snapshot
	awaited  Set  // what has not arrived
	closed   bool // nothing is put into the snapshot any more
}

// arrived is called with the lock held.
func (g *gathering) arrived(set Set, took time.Duration) {
	g.snapshot.took[bits.TrailingZeros32(uint32(set))] = took
	if g.awaited &^= set; g.awaited == 0 {
		close(g.done)
	}
}

// work reads what nobody else has begun to read.
func (g *gathering) work() {
	for {
		i := int(g.next.Add(1)) - 1
		if i >= len(g.todo) {
			return
		}
		g.todo[i].gather(g)
	}
}

// run reads all in one goroutine, because each read takes microseconds. When one
// takes longer, another goroutine goes on with the rest.
func (g *gathering) run() {
	if len(g.todo) == 0 {
		return
	}
	start := time.Now()
	go g.work()
	more := time.NewTimer(spill)
	defer more.Stop()
	for {
		select {
		case <-g.done:
			return
		case <-more.C:
			if int(g.next.Load()) < len(g.todo) {
				go g.work()
				more.Reset(spill)
			}
		case <-g.ctx.Done():
			g.close(time.Since(start))
			return
		}
	}
}

// close gives up what has not arrived.
func (g *gathering) close(took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, q := range g.todo {
		if g.awaited&q.member() != 0 {
			q.giveUp(g.snapshot)
			g.snapshot.took[bits.TrailingZeros32(uint32(q.member()))] = took
		}
	}
}
