package source

import (
	"context"
	"time"
)

const (
	// maxGap is how long after new lines the log is asked again at the latest.
	maxGap = time.Second
	// minGap is how long it is left alone at least.
	minGap = 10 * time.Millisecond
	// An answer costs as much as the log is long. Asking may take a part of a
	// processor's time: a quarter while the log wraps fast, a twentieth while wakes
	// bring no news, and a 20,000th where nothing but an answer shows whether there
	// are any.
	floodShare = 3
	wakeShare  = 20
	quietShare = 20_000
	// maxQuiet is how long the log is left alone at most.
	maxQuiet = 8 * time.Second
)

// A pace says how often the log is asked for.
type pace struct {
	size  int           // of the kernel's buffer
	last  time.Time     // when it was asked last
	fresh int           // how many bytes were new then
	cost  time.Duration // how long that took
	gap   time.Duration // for how long it is left alone after that
	quiet time.Duration // for how long, if there is no other way to know of new lines
}

// asked notes that the log was asked and how many bytes were new. As long as there
// are any it is asked so often that a quarter of the kernel's buffer is new each
// time, which leaves time for those that come faster; and soon at first, as nobody
// knows how many will come.
func (p *pace) asked(start time.Time, fresh int) {
	now := time.Now()
	since := min(start.Sub(p.last), maxQuiet)
	p.last, p.cost, p.fresh = start, now.Sub(start), fresh
	if fresh == 0 {
		p.gap = min(max(wakeShare*p.cost, minGap), maxQuiet)
		p.quiet = min(max(2*p.quiet, minGap), max(quietShare*p.cost, maxGap), maxQuiet)
		return
	}
	quarters := float64(fresh) / float64(p.size) * 4 // of the kernel's buffer that were new
	p.gap = max(min(time.Duration(float64(since)/quarters), 2*p.gap, maxGap), floodShare*p.cost, minGap)
	p.quiet = p.gap
}

// pause waits, unless the context is done before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
